//! Memory for keys and for the values of vaults: never swapped out, and on Linux not part of a core dump, and empty in a forked
//! child.
//!
//! Blocks are cut from chunks of a few pages. A chunk is given back to the system when its last block is gone; it was wiped by
//! then, block by block.

mod pages;

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Kind, Result};

/// Bytes of a chunk, unless one block needs more. The limit of what a process may lock (`RLIMIT_MEMLOCK`) is a few MiB.
const CHUNK: usize = 16 << 10;
/// Each block begins at a multiple of this, and so does what stands in front of the first one.
const ALIGNMENT: usize = 64;

static CURRENT: Mutex<Option<Arc<Chunk>>> = Mutex::new(None);
static LOCKED: AtomicUsize = AtomicUsize::new(0);
static UNLOCKED: AtomicUsize = AtomicUsize::new(0);

/// Bytes of this memory that the system keeps out of the swap now, and those that it would not.
pub(crate) fn locked_bytes() -> (usize, usize) {
    (
        LOCKED.load(Ordering::Relaxed),
        UNLOCKED.load(Ordering::Relaxed),
    )
}

/// Whether the system keeps such memory out of the swap, as far as its limits go: one chunk is tried.
#[cfg(not(target_os = "linux"))]
pub(crate) fn can_be_locked() -> bool {
    Chunk::new(1).locked
}

/// Pages of their own.
struct Chunk {
    start: NonNull<u8>,
    size: usize,
    used: AtomicUsize,
    locked: bool,
}

// SAFETY: the pages belong to the chunk alone; each block has a part of them to itself, and `used` is changed under the lock of
// `CURRENT`.
unsafe impl Send for Chunk {}
// SAFETY: as above.
unsafe impl Sync for Chunk {}

impl Chunk {
    /// Room for `size` bytes behind the mark.
    fn new(size: usize) -> Self {
        let size = (ALIGNMENT + size).next_multiple_of(CHUNK);
        let (start, locked) = pages::take(size);
        let count = if locked { &LOCKED } else { &UNLOCKED };
        count.fetch_add(size, Ordering::Relaxed);
        // SAFETY: the pages are there and belong to this chunk. The mark is what a forked child finds gone.
        unsafe { start.write(1) };
        Self {
            start,
            size,
            used: AtomicUsize::new(ALIGNMENT),
            locked,
        }
    }

    /// Whether this is a forked child, for which the kernel has emptied the pages.
    fn is_lost(&self) -> bool {
        // SAFETY: the first byte of pages that belong to this chunk; nobody writes to it after `new`.
        unsafe { self.start.as_ptr().read_volatile() == 0 }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let count = if self.locked { &LOCKED } else { &UNLOCKED };
        count.fetch_sub(self.size, Ordering::Relaxed);
        pages::give_back(self.start, self.size);
    }
}

/// The chunk that blocks are cut from. Whoever does not get it takes pages of its own: a forked child may have inherited the lock
/// from a thread that it does not have.
fn current() -> Option<MutexGuard<'static, Option<Arc<Chunk>>>> {
    const TRIES: usize = 1000;
    (0..TRIES).find_map(|_| {
        let current = CURRENT.try_lock();
        if current.is_none() {
            std::thread::yield_now();
        }
        current
    })
}

/// Some bytes of a chunk. Wiped when they are dropped.
pub(crate) struct Block {
    chunk: Arc<Chunk>,
    range: Range<usize>,
}

impl Block {
    /// `length` zeros.
    pub(crate) fn zeroed(length: usize) -> Self {
        let wanted = length.max(1).next_multiple_of(ALIGNMENT);
        let mut current = current();
        let chunk = current.as_deref().and_then(Option::as_ref);
        if let Some(chunk) = chunk.filter(|it| !it.is_lost()) {
            // Nobody else has blocks in it: it begins anew.
            if Arc::strong_count(chunk) == 1 {
                chunk.used.store(ALIGNMENT, Ordering::Relaxed);
            }
            let start = chunk.used.load(Ordering::Relaxed);
            if start + wanted <= chunk.size {
                chunk.used.store(start + wanted, Ordering::Relaxed);
                return Self {
                    chunk: Arc::clone(chunk),
                    range: start..start + length,
                };
            }
        }
        let chunk = Arc::new(Chunk::new(wanted));
        chunk.used.store(ALIGNMENT + wanted, Ordering::Relaxed);
        if let Some(current) = &mut current {
            **current = Some(Arc::clone(&chunk));
        }
        Self {
            chunk,
            range: ALIGNMENT..ALIGNMENT + length,
        }
    }

    /// The bytes, unless this is a forked child of the process that wrote them.
    ///
    /// # Errors
    /// [`Kind::Unsupported`] there.
    pub(crate) fn get(&self) -> Result<&[u8]> {
        if self.is_lost() {
            return Err(Error::new(
                Kind::Unsupported,
                "keys and vaults stay with the process that made them, and this is a forked child of it; hint: make them in \
                 the process that uses them",
            ));
        }
        // SAFETY: the range lies in the chunk and belongs to this block alone, which is borrowed.
        Ok(unsafe {
            std::slice::from_raw_parts(
                self.chunk.start.as_ptr().add(self.range.start),
                self.range.len(),
            )
        })
    }

    /// The bytes, to be filled.
    pub(crate) fn get_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `get`, and borrowed by one alone.
        unsafe {
            std::slice::from_raw_parts_mut(
                self.chunk.start.as_ptr().add(self.range.start),
                self.range.len(),
            )
        }
    }

    /// Whether the bytes are gone, because this is a forked child.
    pub(crate) fn is_lost(&self) -> bool {
        self.chunk.is_lost()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.get_mut().zeroize();
    }
}

/// A text in such memory.
pub(crate) struct LockedText(Block);

impl LockedText {
    /// A copy of `text`.
    pub(crate) fn new(text: &str) -> Self {
        let mut block = Block::zeroed(text.len());
        block.get_mut().copy_from_slice(text.as_bytes());
        Self(block)
    }

    /// The text; nothing in a forked child.
    pub(crate) fn as_str(&self) -> &str {
        self.0
            .get()
            .ok()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// Whether it is gone, because this is a forked child.
    pub(crate) fn is_lost(&self) -> bool {
        self.0.is_lost()
    }
}

/// A value in such memory. Its own destructor runs, and then its bytes are wiped.
pub(crate) struct Locked<T> {
    block: Block,
    value: std::marker::PhantomData<T>,
}

impl<T> Locked<T> {
    /// Puts what `make` gives into a block; what was on the stack meanwhile is wiped.
    pub(crate) fn new(make: impl FnOnce() -> T) -> Self {
        const {
            assert!(
                align_of::<T>() <= ALIGNMENT,
                "a block is aligned to 64 bytes"
            );
        };
        let mut block = Block::zeroed(size_of::<T>());
        with_clean_stack(|| {
            let place = block.get_mut().as_mut_ptr().cast::<T>();
            // SAFETY: the block is as large and as aligned as a `T`, and nothing is there yet.
            unsafe { place.write(make()) };
        });
        Self {
            block,
            value: std::marker::PhantomData,
        }
    }

    /// The value, unless this is a forked child.
    ///
    /// # Errors
    /// As [`Block::get`].
    pub(crate) fn get(&self) -> Result<&T> {
        let bytes = self.block.get()?;
        // SAFETY: `new` has put a `T` there, which stays until this is dropped.
        Ok(unsafe { &*bytes.as_ptr().cast::<T>() })
    }

    /// The value, to be changed, unless this is a forked child.
    ///
    /// # Errors
    /// As [`Block::get`].
    pub(crate) fn get_mut(&mut self) -> Result<&mut T> {
        self.block.get()?;
        // SAFETY: as above, and borrowed by one alone.
        Ok(unsafe { &mut *self.block.get_mut().as_mut_ptr().cast::<T>() })
    }
}

impl<T> fmt::Debug for Locked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl<T> Drop for Locked<T> {
    fn drop(&mut self) {
        // In a forked child there is nothing to destroy.
        if !self.block.is_lost() {
            // SAFETY: `new` has put a `T` there, and it is not used again.
            unsafe {
                self.block
                    .get_mut()
                    .as_mut_ptr()
                    .cast::<T>()
                    .drop_in_place();
            };
        }
    }
}

// SAFETY: a `Locked<T>` owns a `T` like a box does.
unsafe impl<T: Send> Send for Locked<T> {}
// SAFETY: as above; `get` gives shared references only.
unsafe impl<T: Sync> Sync for Locked<T> {}

/// Runs `work` and wipes the part of the stack that it has used, or 16 KiB of it: enough for what handles keys.
pub(crate) fn with_clean_stack<T>(work: impl FnOnce() -> T) -> T {
    and_wipe::<T, { 16 << 6 }>(work)
}

/// As [`with_clean_stack`], for what handles a conversation's text: 64 KiB.
pub(crate) fn with_clean_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    and_wipe::<T, { 64 << 6 }>(work)
}

/// Runs `work` and wipes so many words of sixteen bytes of the stack below the caller.
fn and_wipe<T, const WORDS: usize>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn run<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(never)]
    fn clean<const WORDS: usize>() {
        // Each element is wiped by a store of its own, so that wide ones take a sixteenth of the time of bytes.
        drop(std::hint::black_box(Zeroizing::new([0_u128; WORDS])));
    }
    let result = run(work);
    clean::<WORDS>();
    result
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// One of these holds a lock that the other needs, to have its blocks beside each other.
    static ALONE: Mutex<()> = Mutex::new(());

    /// The flags of the mapping that holds an address, from `/proc/self/smaps`.
    fn flags_of(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").expect("smaps");
        let mut inside = false;
        for line in maps.lines() {
            if let Some((range, _)) = line.split_once(' ')
                && let Some((start, end)) = range.split_once('-')
                && let (Ok(start), Ok(end)) = (
                    usize::from_str_radix(start, 16),
                    usize::from_str_radix(end, 16),
                )
            {
                inside = (start..end).contains(&address);
            }
            if inside && let Some(flags) = line.strip_prefix("VmFlags:") {
                return flags.to_owned();
            }
        }
        String::new()
    }

    #[test]
    fn a_block_is_locked_not_dumped_and_not_inherited() {
        let text = LockedText::new("123-45-6789");
        assert_eq!(text.as_str(), "123-45-6789");
        let flags = flags_of(text.as_str().as_ptr() as usize);
        // lo: locked; dd: not dumped; wf: wiped on fork.
        for flag in [" lo", " dd", " wf"] {
            assert!(flags.contains(flag), "{flag} is not among{flags}");
        }
        assert!(locked_bytes().0 > 0);
    }

    #[test]
    fn a_forked_child_finds_nothing_and_is_told() {
        let text = LockedText::new("123-45-6789");
        let mut key = Locked::new(|| [7_u8; 32]);
        // SAFETY: the child makes no call but those below, which allocate nothing, and ends by itself.
        let status = unsafe {
            let child = libc::fork();
            if child == 0 {
                let gone = text.is_lost() && text.as_str().is_empty() && key.block.is_lost();
                libc::_exit(i32::from(!gone));
            }
            let mut status = -1;
            libc::waitpid(child, &raw mut status, 0);
            status
        };
        assert_eq!(status, 0);
        key.get_mut().expect("the parent keeps it")[0] = 8;
        assert_eq!(key.get().expect("and changes it")[..2], [8, 7]);
        assert_eq!(format!("{key:?}"), "[REDACTED]");
    }

    #[test]
    fn nobody_waits_for_a_lock_that_is_never_released() {
        let _alone = ALONE.lock();
        let held = CURRENT.lock();
        let mut block = Block::zeroed(64);
        block.get_mut().fill(7);
        assert_eq!(block.get().expect("it is there"), [7; 64]);
        drop(held);
    }

    #[test]
    fn a_block_that_is_dropped_is_wiped_and_used_again() {
        let _alone = ALONE.lock();
        let blocks: Vec<_> = (0..200)
            .map(|index| LockedText::new(&format!("value {index:060}")))
            .collect();
        assert!(
            blocks
                .iter()
                .enumerate()
                .all(|(at, it)| it.as_str() == format!("value {at:060}"))
        );
        let kept = Block::zeroed(64);
        let mut gone = Block::zeroed(64);
        gone.get_mut().fill(9);
        let place = gone.get_mut().as_mut_ptr();
        drop(gone);
        // SAFETY: `kept` keeps the chunk, and with it the pages.
        assert_eq!(unsafe { place.read_volatile() }, 0);
        drop((blocks, kept));
    }
}
