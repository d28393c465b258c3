//! Whether memory is overwritten before it is given back, and the allocator that does it for Rust programs.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroize as _;

static WIPING: AtomicBool = AtomicBool::new(true);
/// Whether a [`WipingAllocator`] has given memory.
static IN_USE: AtomicBool = AtomicBool::new(false);

/// Overwrites memory with zeros before it is given back. For programs in Rust:
///
/// ```
/// # use cloister_core::isolation::WipingAllocator;
/// #[global_allocator]
/// static ALLOCATOR: WipingAllocator = WipingAllocator;
/// ```
///
/// The shared library and the wheel need it not: in them every `free` is replaced when they are linked, llama.cpp's included.
/// llama.cpp's memory is its own affair in a Rust program. On other systems than Linux both have this allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct WipingAllocator;

// SAFETY: every call goes to `System` with the arguments of the caller's; before memory is given back, exactly its own bytes
// are overwritten.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Not written each time: all threads share it.
        if !IN_USE.load(Ordering::Relaxed) {
            IN_USE.store(true, Ordering::Relaxed);
        }
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if is_wiping() {
            // SAFETY: the caller gives back `layout.size()` bytes that are its own.
            unsafe { std::slice::from_raw_parts_mut(pointer, layout.size()) }.zeroize();
        }
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) };
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Not by `System`, which may move the bytes and leave a copy behind.
        // SAFETY: the caller promises that `size` with this alignment is a layout.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the size is not zero, by the caller's promise.
        let moved = unsafe { self.alloc(wanted) };
        if !moved.is_null() {
            // SAFETY: both have at least the smaller number of bytes, and a new block does not overlap the old one.
            unsafe { ptr::copy_nonoverlapping(pointer, moved, layout.size().min(size)) };
            // SAFETY: the caller's block, which it gives up.
            unsafe { self.dealloc(pointer, layout) };
        }
        moved
    }
}

/// Switches the overwriting of memory off or on, for the whole process: what the library frees, and the model's context,
/// which is otherwise given up when no conversation is in progress. On from the start. For measuring; records say so while it is
/// off.
pub fn set_wiping(on: bool) {
    WIPING.store(on, Ordering::Relaxed);
    #[cfg(all(feature = "llama", target_os = "linux"))]
    linked::set(on);
}

/// Whether it is switched on.
pub fn is_wiping() -> bool {
    WIPING.load(Ordering::Relaxed)
}

/// Whether what this code itself frees is covered, by a [`WipingAllocator`].
pub(super) fn covers_rust() -> bool {
    IN_USE.load(Ordering::Relaxed)
}

/// Whether this code is in a shared library whose `free` is replaced, so that llama.cpp's memory is covered as well.
pub fn covers_llama() -> bool {
    #[cfg(all(feature = "llama", target_os = "linux"))]
    return linked::is_linked();
    #[cfg(not(all(feature = "llama", target_os = "linux")))]
    false
}

#[cfg(all(feature = "llama", target_os = "linux"))]
mod linked {
    use std::ffi::c_int;

    unsafe extern "C" {
        /// Stores a number atomically.
        safe fn cloister_wiping_set(on: c_int);
        /// Compares two addresses.
        safe fn cloister_wiping_is_linked() -> c_int;
    }

    pub(super) fn set(on: bool) {
        cloister_wiping_set(c_int::from(on));
    }

    pub(super) fn is_linked() -> bool {
        cloister_wiping_is_linked() != 0
    }
}
