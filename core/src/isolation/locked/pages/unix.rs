//! Pages by `mmap` and `mlock`.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr::{self, NonNull};

/// Pages of zeros, and whether they are locked.
pub(in super::super) fn take(size: usize) -> (NonNull<u8>, bool) {
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: a new mapping without an address asks for nothing that exists.
    let start = unsafe { libc::mmap(ptr::null_mut(), size, rights, kind, -1, 0) };
    let failed = start == libc::MAP_FAILED;
    let Some(pages) = NonNull::new(start.cast::<u8>()).filter(|_| !failed) else {
        handle_alloc_error(Layout::from_size_align(size, 1).unwrap_or(Layout::new::<u8>()));
    };
    hide(pages, size);
    // SAFETY: the pages were just made and belong to the caller.
    let locked = unsafe { libc::mlock(start, size) == 0 };
    (pages, locked)
}

/// Keeps pages out of core dumps and forked children. What the kernel does not know, it refuses.
#[cfg(target_os = "linux")]
fn hide(pages: NonNull<u8>, size: usize) {
    let start = pages.as_ptr().cast();
    // SAFETY: the pages belong to the caller and hold nothing yet.
    unsafe {
        libc::madvise(start, size, libc::MADV_DONTDUMP);
        libc::madvise(start, size, libc::MADV_WIPEONFORK);
    }
}

/// Other systems have no such calls.
#[cfg(not(target_os = "linux"))]
fn hide(_pages: NonNull<u8>, _size: usize) {}

/// Ends the mapping, and with it its lock.
pub(in super::super) fn give_back(start: NonNull<u8>, size: usize) {
    // SAFETY: made by `take` with this size, and not used again.
    unsafe { libc::munmap(start.as_ptr().cast(), size) };
}
