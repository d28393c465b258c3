//! Pages by `VirtualAlloc` and `VirtualLock`.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr::{self, NonNull};

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree, VirtualLock,
};

/// Pages of zeros, and whether they are locked: as many as the smallest working set of the process has room for.
pub(in super::super) fn take(size: usize) -> (NonNull<u8>, bool) {
    // SAFETY: new pages without an address ask for nothing that exists.
    let start =
        unsafe { VirtualAlloc(ptr::null(), size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) };
    let Some(pages) = NonNull::new(start.cast::<u8>()) else {
        handle_alloc_error(Layout::from_size_align(size, 1).unwrap_or(Layout::new::<u8>()));
    };
    // SAFETY: the pages were just made and belong to the caller.
    let locked = unsafe { VirtualLock(start, size) } != 0;
    (pages, locked)
}

/// Releases the pages, and with them their lock.
pub(in super::super) fn give_back(start: NonNull<u8>, _size: usize) {
    // SAFETY: made by `take`, not used again, and released as a whole, for which the size must be zero.
    unsafe { VirtualFree(start.as_ptr().cast(), 0, MEM_RELEASE) };
}
