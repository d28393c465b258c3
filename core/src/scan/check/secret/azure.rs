//! Identifiable keys of Azure services: a signature, and a Marvin32 checksum in the last four bytes.
//!
//! Source: <https://github.com/microsoft/security-utilities>, which makes and checks these keys.

use super::{Verdict, base64};

/// The kinds of keys, whose names are the seeds of their checksums.
const KINDS: [&[u8; 8]; 27] = [
    b"Default0",
    b"Access00",
    b"Query000",
    b"PAdmin00",
    b"Master00",
    b"System00",
    b"Functi00",
    b"Send0000",
    b"Listen00",
    b"Manage00",
    b"Unknown0",
    b"AbAcct00",
    b"MastRO00",
    b"MastRW00",
    b"SystRO00",
    b"SystRW00",
    b"SysAll00",
    b"Resour00",
    b"Encryp00",
    b"Classic0",
    b"ACRDflt0",
    b"UsrPwd00",
    b"IoTHub00",
    b"DpsKey00",
    b"Device00",
    b"Tenant00",
    b"Gatewy00",
];

/// Whether the last four bytes are the checksum of the rest, for a kind of key.
pub(super) fn is_identifiable(value: &str) -> bool {
    let Some(bytes) = base64(value) else {
        return false;
    };
    let Some((rest, sum)) = bytes.split_last_chunk::<4>() else {
        return false;
    };
    let sum = u32::from_le_bytes(*sum);
    KINDS
        .iter()
        .any(|kind| marvin32(rest, u64::from_be_bytes(**kind)) == sum)
}

/// The verdict on a common annotated security key, whose checksum is the first three or all four bytes of the same sum.
pub(super) fn annotated(value: &str) -> Verdict {
    let seed = u64::from_be_bytes(*KINDS[0]);
    let confirmed = base64(value).is_some_and(|bytes| {
        [3, 4].into_iter().any(|width| {
            let (rest, sum) = bytes.split_at(bytes.len().saturating_sub(width));
            marvin32(rest, seed).to_le_bytes().starts_with(sum)
        })
    });
    if confirmed {
        Verdict::Valid
    } else {
        Verdict::Plausible
    }
}

/// Marvin32: two halves of 32 bits, mixed with the bytes four at a time (US patent 8 555 073, in .NET's `String`).
fn marvin32(bytes: &[u8], seed: u64) -> u32 {
    let word = |bytes: [u8; 4]| u32::from_le_bytes(bytes);
    let seed = seed.to_le_bytes();
    let (halves, _) = seed.as_chunks::<4>();
    let mut state = (word(halves[0]), word(halves[1]));
    let (blocks, tail) = bytes.as_chunks::<4>();
    for block in blocks {
        state = mixed((state.0.wrapping_add(word(*block)), state.1));
    }
    let mut last = [0; 4];
    last[..tail.len()].copy_from_slice(tail);
    last[tail.len()] = 0x80;
    let (low, high) = mixed(mixed((state.0.wrapping_add(word(last)), state.1)));
    low ^ high
}

fn mixed((mut low, mut high): (u32, u32)) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marvin_is_that_of_dot_net() {
        // The 64 bits that .NET's own tests give for no bytes and this seed, folded.
        assert_eq!(
            marvin32(b"", 0x004f_b61a_001b_dbcc),
            0x30ed_35c1 ^ 0x00cd_3c7d
        );
    }

    #[test]
    fn an_annotated_key_is_confirmed_by_its_checksum_and_plausible_without() {
        use base64::Engine;
        let mut bytes: Vec<u8> = (0..60).collect();
        let sum = marvin32(&bytes, u64::from_be_bytes(*KINDS[0])).to_le_bytes();
        bytes.extend(&sum[..3]);
        let key = base64::engine::general_purpose::STANDARD.encode(&bytes);
        assert_eq!(annotated(&key), Verdict::Valid);
        assert_eq!(annotated(&key.replacen('A', "B", 1)), Verdict::Plausible);
    }

    #[test]
    fn keys_of_three_services_pass_and_a_changed_character_breaks_them() {
        for key in [
            "OLTmUuRNp/I3DZ4mDicTZVCko6bQf1wMMy+LEiQIP9IrkC+JEegYGPjJnV1dmDGVdQTZDpRd4uj1+ASt1Jm1aw==",
            "2FCZCVqjABZaZwNvm1QNa48L4hEkF5w92AzCa8QC744=",
            "JkqtbLbdIQ+vlKzTz5LBkCN8sR9dEIzyWTAmOTizcKAzSe+eyqvL",
        ] {
            assert!(is_identifiable(key), "{key}");
            assert!(!is_identifiable(&key.replacen(&key[..1], "Z", 1)), "{key}");
        }
    }
}
