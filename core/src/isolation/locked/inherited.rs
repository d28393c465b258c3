//! A secret that forked children go on with.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use zeroize::Zeroize as _;

use super::pages::Fork;
use super::{ALIGNMENT, Chunk, with_clean_stack};

/// Bytes of a page, and the least that a value costs.
const PAGE: usize = 4 << 10;

/// A value in pages of its own, which are neither swapped out nor dumped. A forked child has a copy, so that what it belongs
/// to works on there; its copy may be swapped out. The value's own destructor runs, and then its bytes are wiped.
pub(crate) struct Inherited<T> {
    chunk: Chunk,
    value: PhantomData<T>,
}

impl<T> Inherited<T> {
    /// Puts what `make` gives into its pages; what was on the stack meanwhile is wiped.
    pub(crate) fn new(make: impl FnOnce() -> T) -> Self {
        const {
            assert!(
                align_of::<T>() <= ALIGNMENT,
                "the value is aligned to 64 bytes at most"
            );
        };
        let chunk = Chunk::new(size_of::<T>(), PAGE, Fork::Kept);
        let place = place::<T>(&chunk);
        // SAFETY: the pages have room for a `T` behind the mark, aligned to 64 bytes, and nothing is there yet. There is no
        // `Self` whose destructor would run before the value is there.
        with_clean_stack(|| unsafe { place.write(make()) });
        Self {
            chunk,
            value: PhantomData,
        }
    }

    fn place(&self) -> *mut T {
        place(&self.chunk)
    }
}

/// Where the value stands in its pages.
fn place<T>(chunk: &Chunk) -> *mut T {
    // SAFETY: a chunk is longer than its mark.
    unsafe { chunk.start.as_ptr().add(ALIGNMENT).cast() }
}

impl<T> Deref for Inherited<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `new` has put a `T` there, which stays until this is dropped.
        unsafe { &*self.place() }
    }
}

impl<T> DerefMut for Inherited<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and borrowed by one alone.
        unsafe { &mut *self.place() }
    }
}

impl<T: Clone> Clone for Inherited<T> {
    fn clone(&self) -> Self {
        Self::new(|| T::clone(self))
    }
}

impl<T> Drop for Inherited<T> {
    fn drop(&mut self) {
        // SAFETY: `new` has put a `T` there, and it is not used again.
        unsafe { self.place().drop_in_place() };
        // SAFETY: the bytes of the value, which belong to this alone.
        unsafe { std::slice::from_raw_parts_mut(self.place().cast::<u8>(), size_of::<T>()) }
            .zeroize();
    }
}

// SAFETY: an `Inherited<T>` owns a `T` like a box does.
unsafe impl<T: Send> Send for Inherited<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Inherited<T> {}

impl<T> fmt::Debug for Inherited<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}
