//! Pages from the operating system that are kept out of the swap and of core dumps, where it can do that.

use std::ptr::NonNull;

/// What a forked child finds in the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fork {
    /// Zeros.
    Emptied,
    /// A copy, which is neither dumped; the kernel passes on no lock, so the child's may be swapped out.
    Kept,
}

/// Pages of zeros, and whether they are locked.
#[cfg(target_os = "linux")]
pub(super) fn take(size: usize, fork: Fork) -> (NonNull<u8>, bool) {
    use std::alloc::{Layout, handle_alloc_error};
    use std::ptr;

    let rights = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping without an address asks for nothing that exists.
    let start = unsafe { libc::mmap(ptr::null_mut(), size, rights, kind, -1, 0) };
    let failed = start == libc::MAP_FAILED;
    let Some(pages) = NonNull::new(start.cast::<u8>()).filter(|_| !failed) else {
        handle_alloc_error(Layout::from_size_align(size, 1).unwrap_or(Layout::new::<u8>()));
    };
    // SAFETY: the pages were just made and belong to the caller. What the kernel does not know, it refuses.
    let locked = unsafe {
        libc::madvise(start, size, libc::MADV_DONTDUMP);
        if fork == Fork::Emptied {
            libc::madvise(start, size, libc::MADV_WIPEONFORK);
        }
        libc::mlock(start, size) == 0
    };
    (pages, locked)
}

/// Ends the mapping, and with it its lock.
#[cfg(target_os = "linux")]
pub(super) fn give_back(start: NonNull<u8>, size: usize) {
    // SAFETY: made by `take` with this size, and not used again.
    unsafe { libc::munmap(start.as_ptr().cast(), size) };
}

/// As much as blocks are aligned to.
#[cfg(not(target_os = "linux"))]
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; super::ALIGNMENT],
}

#[cfg(not(target_os = "linux"))]
const LINE: Line = Line {
    _bytes: [0; super::ALIGNMENT],
};

/// Ordinary memory: nothing here locks it.
#[cfg(not(target_os = "linux"))]
pub(super) fn take(size: usize, _: Fork) -> (NonNull<u8>, bool) {
    let lines = vec![LINE; size / super::ALIGNMENT];
    (NonNull::from(Vec::leak(lines)).cast(), false)
}

/// Back to the allocator.
#[cfg(not(target_os = "linux"))]
pub(super) fn give_back(start: NonNull<u8>, size: usize) {
    let lines = size / super::ALIGNMENT;
    // SAFETY: leaked by `take` with this length and capacity, and not used again.
    drop(unsafe { Vec::from_raw_parts(start.cast::<Line>().as_ptr(), lines, lines) });
}
