//! The Merkle tree over the lines of a log (RFC 6962 §2.1): its root, built line by line, and proofs about it.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a leaf or of a part of the tree.
pub(super) type Hash = [u8; 32];

/// The hash of a line, without its line feed.
pub(super) fn leaf(line: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(line)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// What must be known of a tree to go on building it: the roots of its complete subtrees, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// Nothing if a tree of this size has another number of complete subtrees.
    pub(super) fn new(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn roots(&self) -> &[Hash] {
        &self.roots
    }

    pub(super) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.roots.pop() {
                hash = node(&left, &hash);
            }
            size >>= 1;
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The hash of the whole tree; that of no bytes for an empty one.
    pub(super) fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else {
            return Sha256::digest([]).into();
        };
        roots.fold(*last, |right, left| node(left, &right))
    }

    /// The complete subtrees with the leaves they cover.
    fn subtrees(&self) -> impl Iterator<Item = (Span, Hash)> {
        let mut start = 0;
        let mut rest = self.size;
        self.roots.iter().map(move |root| {
            let length = 1 << rest.ilog2();
            rest -= length;
            start += length;
            ((start - length, start), *root)
        })
    }
}

/// Leaves from the first up to before the second.
type Span = (u64, u64);

/// The largest power of two below `size`, which is where a tree divides.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The parts of a tree whose hashes prove that the leaf `index` is in it, from the leaf upwards (RFC 6962 §2.1.1).
pub(super) fn inclusion_path(index: u64, size: u64) -> Vec<Span> {
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push((middle, end));
            end = middle;
        } else {
            path.push((start, middle));
            start = middle;
        }
    }
    path.reverse();
    path
}

/// The parts of a tree whose hashes prove that its first `old` leaves are the tree of that size (RFC 6962 §2.1.2).
pub(super) fn consistency_path(old: u64, size: u64) -> Vec<Span> {
    let mut path = Vec::new();
    if old == 0 || old == size {
        return path;
    }
    let (mut start, mut end) = (0, size);
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push((middle, end));
            end = middle;
        } else {
            path.push((start, middle));
            start = middle;
        }
    }
    if start > 0 {
        path.push((start, end));
    }
    path.reverse();
    path
}

/// Computes the hashes of the parts of a path while the leaves pass by, in memory that does not grow with their number.
pub(super) struct Path {
    parts: Vec<(Span, Frontier)>,
}

impl Path {
    /// `known` covers the leaves that will not pass by. Nothing if they cannot be divided as the path needs it.
    pub(super) fn new(spans: &[Span], known: &Frontier) -> Option<Self> {
        let parts = spans.iter().map(|&(start, end)| {
            let mut part = Frontier::default();
            for ((first, behind), root) in known.subtrees() {
                if behind <= start || first >= end {
                    continue;
                }
                // A part of the path is never smaller than a known subtree that touches it, unless its leaves are gone.
                if first < start || behind > end {
                    return None;
                }
                part.size += behind - first;
                part.roots.push(root);
            }
            Some(((start, end), part))
        });
        Some(Self {
            parts: parts.collect::<Option<_>>()?,
        })
    }

    pub(super) fn leaf(&mut self, index: u64, leaf: Hash) {
        for ((start, end), part) in &mut self.parts {
            if (*start..*end).contains(&index) {
                part.push(leaf);
            }
        }
    }

    /// Nothing if leaves are missing.
    pub(super) fn finish(self) -> Option<Vec<Hash>> {
        self.parts
            .into_iter()
            .map(|((start, end), part)| (part.size == end - start).then(|| part.root()))
            .collect()
    }
}

/// The root that follows from a leaf and its path (RFC 9162 §2.1.3.2); nothing if the path has another length.
pub(super) fn root_of_inclusion(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let spans = inclusion_path(index, size);
    (spans.len() == path.len()).then(|| {
        spans
            .iter()
            .zip(path)
            .fold(leaf, |hash, (&(start, _), other)| {
                if start > index {
                    node(&hash, other)
                } else {
                    node(other, &hash)
                }
            })
    })
}

/// Whether a path proves that the tree of `size` leaves begins with the one of `old` (RFC 9162 §2.1.4.2).
pub(super) fn is_consistent(
    old: u64,
    old_root: Hash,
    size: u64,
    root: Hash,
    path: &[Hash],
) -> bool {
    if old > size {
        return false;
    }
    if old == 0 || old == size {
        return path.is_empty() && (old == 0 || old_root == root);
    }
    let spans = consistency_path(old, size);
    if spans.len() != path.len() {
        return false;
    }
    // A tree of a power of two is itself the first part and is not repeated in the path.
    let (mut old_hash, mut hash, rest) = if old.is_power_of_two() {
        (old_root, old_root, 0)
    } else {
        (path[0], path[0], 1)
    };
    for (&(start, _), other) in spans.iter().zip(path).skip(rest) {
        if start < old {
            old_hash = node(other, &old_hash);
            hash = node(other, &hash);
        } else {
            hash = node(&hash, other);
        }
    }
    old_hash == old_root && hash == root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Straight from the definition in RFC 6962 §2.1.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            _ => {
                let (left, right) =
                    leaves.split_at(usize::try_from(split(leaves.len() as u64)).unwrap());
                node(&defined(left), &defined(right))
            }
        }
    }

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|n| leaf(&[n])).collect()
    }

    fn tree(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        for leaf in leaves {
            frontier.push(*leaf);
        }
        frontier
    }

    fn hashes(spans: &[Span], known: u64, leaves: &[Hash]) -> Vec<Hash> {
        let known = usize::try_from(known).unwrap();
        let mut path = Path::new(spans, &tree(&leaves[..known])).unwrap();
        for (index, leaf) in (0..).zip(leaves).skip(known) {
            path.leaf(index, *leaf);
        }
        path.finish().unwrap()
    }

    /// Roots published with the test data of Certificate Transparency for its eight well-known leaves.
    #[test]
    fn published_roots_come_out() {
        let leaves: Vec<Hash> = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        .map(|hex| leaf(&base16ct::lower::decode_vec(hex).unwrap()))
        .to_vec();
        for (size, root) in [
            (
                0,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                1,
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                8,
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
            ),
        ] {
            assert_eq!(
                base16ct::lower::encode_string(&tree(&leaves[..size]).root()),
                root
            );
        }
    }

    #[test]
    fn every_root_is_the_defined_one() {
        for count in 0..70 {
            let leaves = leaves(count);
            assert_eq!(tree(&leaves).root(), defined(&leaves));
        }
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven_and_no_other_is() {
        for size in 1..40_u8 {
            let leaves = leaves(size);
            let root = tree(&leaves).root();
            for index in 0..u64::from(size) {
                let spans = inclusion_path(index, size.into());
                for known in 0..=index {
                    let path = hashes(&spans, known, &leaves);
                    let leaf = leaves[usize::try_from(index).unwrap()];
                    assert_eq!(
                        root_of_inclusion(index, size.into(), leaf, &path),
                        Some(root)
                    );
                    let other = root_of_inclusion(index, size.into(), [0; 32], &path);
                    assert_ne!(other, Some(root));
                }
            }
            assert_eq!(
                root_of_inclusion(size.into(), size.into(), leaves[0], &[]),
                None
            );
        }
    }

    #[test]
    fn every_earlier_tree_is_proven_and_no_other_is() {
        for size in 1..40_u8 {
            let leaves = leaves(size);
            let root = tree(&leaves).root();
            for old in 0..=size {
                let old_root = tree(&leaves[..old.into()]).root();
                let path = hashes(&consistency_path(old.into(), size.into()), 0, &leaves);
                let (old, size) = (u64::from(old), u64::from(size));
                assert!(
                    is_consistent(old, old_root, size, root, &path),
                    "{old} of {size}"
                );
                if old > 0 {
                    assert!(!is_consistent(old, [1; 32], size, root, &path));
                    assert!(!is_consistent(old, old_root, size, [1; 32], &path));
                }
            }
        }
    }
}
