//! Lines that wait, one behind the other in memory that is used again.

/// More memory than this is given back when it is empty.
const KEPT: usize = 1 << 20;

/// Lines in the order in which they came.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Batch {
    pub(super) fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.ends.push(self.bytes.len());
    }

    /// How many lines.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all lines.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.bytes[start..*end])
    }

    pub(super) fn extend<'l>(&mut self, lines: impl Iterator<Item = &'l [u8]>) {
        lines.for_each(|line| self.push(line));
    }

    /// The same memory without lines.
    pub(super) fn emptied(mut self) -> Self {
        if self.bytes.capacity() > KEPT {
            return Self::default();
        }
        self.bytes.clear();
        self.ends.clear();
        self
    }
}
