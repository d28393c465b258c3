//! Which process this is, for those who ask at every call: a forked child must be told from its parent.

#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// The id of this process, from memory that the kernel empties in a forked child (Linux 4.14, `MADV_WIPEONFORK`); elsewhere
/// from the system at each call. Any thread may ask.
#[cfg(target_os = "linux")]
pub(crate) fn process_id() -> u32 {
    static PAGE: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());

    let mut page = PAGE.load(Ordering::Acquire);
    if page.is_null() {
        let Some(made) = page_of_this_process() else {
            return std::process::id();
        };
        // Where another thread was faster, its page holds, and this one is never used: 4 KiB, once.
        page = match PAGE.compare_exchange(page, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(first) => first,
        };
    }
    // SAFETY: such a page is never given back, begins with a number that is aligned to the page, and is changed only by atomic
    // operations, but for the kernel, which empties the copy of a child before that runs.
    let known = unsafe { &*page };
    match known.load(Ordering::Relaxed) {
        0 => {
            let id = std::process::id();
            known.store(id, Ordering::Relaxed);
            id
        }
        id => id,
    }
}

/// A page of zeros that a forked child finds empty; nothing where the kernel cannot do that.
#[cfg(target_os = "linux")]
fn page_of_this_process() -> Option<*mut AtomicU32> {
    use std::ptr;

    /// The least that can be mapped.
    const SIZE: usize = 4 << 10;
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping without an address asks for nothing that exists.
    let page = unsafe { libc::mmap(ptr::null_mut(), SIZE, rights, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the page was just made and belongs to this function.
    let emptied = unsafe { libc::madvise(page, SIZE, libc::MADV_WIPEONFORK) } == 0;
    if !emptied {
        // SAFETY: made above with this size, and known to nobody.
        unsafe { libc::munmap(page, SIZE) };
        return None;
    }
    Some(page.cast())
}

/// The id of this process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn process_id() -> u32 {
    std::process::id()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_forked_child_is_another_process() {
        let parent = process_id();
        assert_eq!(parent, std::process::id());
        // SAFETY: the child only compares numbers and ends at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let told = process_id() != parent && process_id() == std::process::id();
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(i32::from(!told)) };
        }
        let mut status = -1;
        // SAFETY: the child that was just made, and a number of this function.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        assert_eq!(process_id(), parent);
    }
}
