//! What is known of a word: given name, family name, ordinary word, place, and what it does beside a name.
//!
//! The table is part of the library and read where it lies, so that it costs nothing at start-up. It is built by
//! `core/data/gazetteer/build.py`, which says how it is laid out and from what.

#![allow(
    clippy::cast_possible_truncation,
    reason = "halves of a hash, and places in a table of less than 2^20 bytes"
)]

mod fold;

pub(super) use fold::Key;

static TABLE: &[u8] = include_bytes!("../../../data/gazetteer/table.bin");
/// Bytes before the cells.
const HEAD: usize = 4;
/// Bytes of a cell.
const CELL: usize = 3;
/// Bits of a cell that say what is known; those above are the fingerprint.
const KNOWN_BITS: u32 = 13;
/// Cells in each third of the table.
const THIRD: u64 = {
    let third = u32::from_le_bytes([TABLE[0], TABLE[1], TABLE[2], TABLE[3]]);
    assert!(TABLE.len() == HEAD + 3 * CELL * third as usize);
    third as u64
};

/// What a word does beside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    None,
    /// `Herr`
    Title,
    /// `said`
    Speech,
    /// `brother`
    Relation,
    /// `syndrome`: bears a person's name and is none.
    Thing,
    /// `Avenue`
    Street,
    /// `Hospital`
    Facility,
    /// `University`
    Institution,
    /// `GmbH`
    Company,
    /// `County`
    Area,
    /// `Mercy`: stands for a whole house in the names of hospitals.
    Patron,
    /// `Tuesday`
    Calendar,
    /// `Foley`: a thing is called after a person, or called like one.
    Eponym,
    /// `French`
    People,
    /// `lives`: what persons do.
    Deed,
}

impl Role {
    const ALL: [Self; 15] = [
        Self::None,
        Self::Title,
        Self::Speech,
        Self::Relation,
        Self::Thing,
        Self::Street,
        Self::Facility,
        Self::Institution,
        Self::Company,
        Self::Area,
        Self::Patron,
        Self::Calendar,
        Self::Eponym,
        Self::People,
        Self::Deed,
    ];
}

/// What is known of a word. Nothing is known of most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry(u16);

impl Entry {
    /// What is known of the folded `key`. One in 2048 of the words of which nothing is known is taken for another.
    pub(super) fn of(key: Key) -> Self {
        let value = key.hash();
        let cell = cell_at(value, 0) ^ cell_at(value >> 16, 1) ^ cell_at(value >> 32, 2);
        let fingerprint = u64::from(cell >> KNOWN_BITS);
        if fingerprint == value & 0x7ff {
            Self((cell & ((1 << KNOWN_BITS) - 1)) as u16)
        } else {
            Self(0)
        }
    }

    /// What is known of `word`.
    pub(super) fn of_word(word: &str) -> Self {
        Key::of(word).map_or(Self(0), Self::of)
    }

    /// How common it is as a given name: 0 not at all, 3 very.
    pub(super) fn given(self) -> u16 {
        self.0 & 3
    }

    /// How common it is as a family name: 0 not at all, 3 very.
    pub(super) fn family(self) -> u16 {
        self.0 >> 2 & 3
    }

    /// How common it is as a word of English: 0 not at all, 3 very.
    pub(super) fn ordinary(self) -> u16 {
        self.0 >> 4 & 3
    }

    /// 0 no place, 1 a town, 2 a city of more than 100,000, 3 a country or one of its regions.
    pub(super) fn place(self) -> u16 {
        self.0 >> 6 & 3
    }

    /// Whether it is the first word of a place of several.
    pub(super) fn begins_place(self) -> bool {
        self.0 >> 8 & 1 == 1
    }

    /// What it does beside a name.
    pub(super) fn role(self) -> Role {
        let role = usize::from(self.0 >> 9);
        Role::ALL.get(role).copied().unwrap_or(Role::None)
    }

    /// Whether nothing is known of it.
    pub(super) fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// The same, and a family name by its form, if hardly a common one.
    pub(super) fn as_family(self) -> Self {
        Self(self.0 | u16::from(self.family() == 0) << 2)
    }

    /// What is known of two words joined by a hyphen.
    pub(super) fn joined(self, other: Self) -> Self {
        let least = |of: fn(Self) -> u16| of(self).min(of(other));
        let most = |of: fn(Self) -> u16| of(self).max(of(other));
        // `Hill-Sachs` is called after what `Sachs` is.
        let eponym = [self, other].iter().any(|word| word.role() == Role::Eponym);
        let role = if eponym { Role::Eponym } else { Role::None } as u16;
        Self(least(Self::given) | most(Self::family) << 2 | most(Self::ordinary) << 4 | role << 9)
    }
}

/// The cell in one third of the table, by the lower half of `bits`.
fn cell_at(bits: u64, third: usize) -> u32 {
    let part = u64::from(bits as u32);
    let place = ((part * THIRD) >> 32) as usize + third * THIRD as usize;
    let at = HEAD + CELL * place;
    let cell = &TABLE[at..at + CELL];
    u32::from_le_bytes([cell[0], cell[1], cell[2], 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_as_what_they_are() {
        let renee = Entry::of_word("Renée");
        assert_eq!((renee.given(), renee.ordinary()), (3, 0));
        assert_eq!(Entry::of_word("GARCIA").family(), 3);
        assert_eq!(Entry::of_word("O\u{2019}Brien").family(), 3);
        assert!(Entry::of_word("Vestergaard").family() > 0);
        let mark = Entry::of_word("mark");
        assert_eq!((mark.given(), mark.ordinary()), (3, 3));
    }

    #[test]
    fn words_of_no_list_are_unknown() {
        for word in ["Qqzx", "Wrblfx", "", "Иванов", "张伟"] {
            assert!(Entry::of_word(word).is_unknown(), "{word}");
        }
    }

    #[test]
    fn a_place_of_several_words_is_known_whole() {
        let mut key = Key::of("San").expect("letters");
        assert!(Entry::of(key).begins_place());
        key.push_space();
        key.push("Francisco");
        assert_eq!(Entry::of(key).place(), 2);
        assert_eq!(Entry::of_word("France").place(), 3);
    }

    #[test]
    fn words_beside_names_have_a_role() {
        assert_eq!(Entry::of_word("syndrome").role(), Role::Thing);
        assert_eq!(Entry::of_word("Foley").role(), Role::Eponym);
        assert_eq!(Entry::of_word("said").role(), Role::Speech);
        assert_eq!(Entry::of_word("lives").role(), Role::Deed);
    }
}
