//! Keccak-256 with the padding of its submission to NIST, which Ethereum and Monero kept, not that of FIPS 202.

/// Bytes that are taken in before each permutation.
const RATE: usize = 136;
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The hash of `bytes`, which no secret is made of: time depends on their length alone.
pub(super) fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    let mut state = [0_u64; 25];
    let mut padded = bytes.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    for block in padded.chunks_exact(RATE) {
        for (lane, part) in state.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= part
                .iter()
                .rev()
                .fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        }
        permute(&mut state);
    }
    let mut hash = [0; 32];
    for (part, lane) in hash.chunks_exact_mut(8).zip(state) {
        part.copy_from_slice(&lane.to_le_bytes());
    }
    hash
}

/// Keccak-f[1600]; the lane at column `x` and row `y` is `state[x + 5 * y]`.
fn permute(state: &mut [u64; 25]) {
    for round in ROUNDS {
        let mut parity = [0; 5];
        for x in 0..5 {
            parity[x] = (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]);
        }
        for x in 0..5 {
            let mixed = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                state[x + 5 * y] ^= mixed;
            }
        }
        let (mut x, mut y, mut moved) = (1, 0, state[1]);
        for step in 1..=24_u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let kept = state[x + 5 * y];
            state[x + 5 * y] = moved.rotate_left(step * (step + 1) / 2 % 64);
            moved = kept;
        }
        for row in state.chunks_exact_mut(5) {
            let old = [row[0], row[1], row[2], row[3], row[4]];
            for x in 0..5 {
                row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5]);
            }
        }
        state[0] ^= round;
    }
}

#[cfg(test)]
mod tests {
    use super::keccak_256;

    #[test]
    fn the_hashes_of_nothing_and_of_more_than_one_block_are_known() {
        let hex = |hash: [u8; 32]| base16ct::lower::encode_string(&hash);
        assert_eq!(
            hex(keccak_256(b"")),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
        );
        assert_eq!(
            hex(keccak_256(b"abc")),
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
        );
        assert_ne!(keccak_256(&[b'a'; 136]), keccak_256(&[b'a'; 137]));
    }
}
