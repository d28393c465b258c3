//! Values that stand where a credential belongs and are none: `my_secret`, `YOUR_PASSWORD`, `testsecret`, `/run/secrets/db`.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use once_cell::sync::Lazy;

use crate::scan::characters::Characters;
use crate::scan::wording::randomness;

/// Words for a credential.
const NOUNS: &[&str] = &[
    "credential",
    "placeholder",
    "password",
    "passwort",
    "redacted",
    "changeit",
    "example",
    "apikey",
    "passwd",
    "secret",
    "foobar",
    "sample",
    "token",
    "dummy",
    "fake",
    "todo",
];
/// Words that stand with them.
const OTHERS: &[&str] = &[
    "consumer", "default", "private", "public", "access", "client", "insert", "server", "value",
    "caching", "sha256", "bcrypt", "reset", "login", "admin", "super", "sha1", "sha2", "md5",
    "here", "real", "test", "this", "user", "your", "auth", "base", "goes", "some", "the", "key",
    "new", "old", "env", "not", "aws", "api", "my", "no", "db",
];
/// Finds any of [`NOUNS`], in any case.
static HAS_NOUN: Lazy<AhoCorasick> = Lazy::new(|| {
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(NOUNS)
        .expect("a few short words make a small automaton")
});
/// A bit for each pair of letters, whatever their case, with which one of [`NOUNS`] begins, and for each of its second and third.
static PAIRS: [[u32; 32]; 2] = {
    let mut pairs = [[0; 32]; 2];
    let mut place = 0;
    while place < NOUNS.len() {
        let noun = NOUNS[place].as_bytes();
        pairs[0][(noun[0] & 31) as usize] |= 1 << (noun[1] & 31);
        pairs[1][(noun[1] & 31) as usize] |= 1 << (noun[2] & 31);
        place += 1;
    }
    pairs
};
/// So few letters beside them are no secret.
const FEW: usize = 2;

/// From so many bits on a value is random, whatever it begins with.
const RANDOM: f32 = 15.0;
/// Below so many bits what stands with them is a word too.
const WORDS: f32 = 3.0;

/// Whether `value` is made of words for a credential, is a path, a symbol or a caption.
///
/// A value with a mark in it (`Password123!`) is none of these: people do choose such passwords.
pub(super) fn is_dummy(value: &str) -> bool {
    let number = ["0x", "0b"]
        .iter()
        .filter_map(|prefix| value.strip_prefix(prefix))
        .any(|rest| rest.len() <= 8);
    let characters = Characters::of(value);
    number
        || is_pattern(value, characters)
        || is_reference(value, characters)
        || is_caption(value, characters)
        || is_count(value)
        || is_uniform(value)
        || is_algorithm(value, characters)
        || characters.has_uppercase() && value.contains("EXAMPLE")
        || is_worded(value, characters)
}

/// Whether a value names an algorithm or a suite of them: `AES-256-GCM`, `ChaCha20-Poly1305`, `RSA/ECB/PKCS1Padding`.
fn is_algorithm(value: &str, characters: Characters) -> bool {
    const FAMILIES: [&str; 16] = [
        "3des",
        "aes",
        "aria",
        "blowfish",
        "camellia",
        "chacha20",
        "des",
        "ecdsa",
        "hmac",
        "pbe",
        "pbes2",
        "rsa",
        "salsa20",
        "sm4",
        "xchacha20",
        "xsalsa20",
    ];
    if !characters.has_uppercase() || !characters.any(b"-_/") && !value.starts_with("PBE") {
        return false;
    }
    let first = value.split(['-', '_', '/']).next().unwrap_or_default();
    let word = first.split("With").next().unwrap_or_default();
    let word = word.strip_suffix("Wrap").unwrap_or(word);
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'+');
    // `Aria` and `Des` begin names too.
    let written = word.len() >= 8 || !word.bytes().any(|byte| byte.is_ascii_lowercase());
    word.len() < value.len()
        && written
        && FAMILIES
            .iter()
            .any(|family| family.eq_ignore_ascii_case(word))
        && value.bytes().all(plain)
        && randomness(value) < RANDOM
}

/// Whether one character in a row makes half of a value: `flp_0000000000`.
fn is_uniform(value: &str) -> bool {
    const SHORTEST: usize = 10;
    if !may_have_run(value.as_bytes(), SHORTEST) {
        return false;
    }
    // `A` in a row is of zeros in base64.
    let runs = value.as_bytes().chunk_by(|a, b| a == b && *a != b'A');
    let longest = runs.map(<[u8]>::len).max().unwrap_or(0);
    longest >= SHORTEST && longest >= value.len() / 2
}

/// Whether one character can stand so many times in a row: then it does next to one of the places that are this far apart.
fn may_have_run(value: &[u8], length: usize) -> bool {
    let places = value.windows(2).step_by(length - 1);
    places.into_iter().any(|pair| pair[0] == pair[1])
}

/// Whether a token shows where one belongs: `ghp_xxxxxxxxxxxx`, `xoxb-your-token-here`, `sk-0000000000000000`. Letters
/// in a row but `x` do not count: masking is tried out on such tokens.
pub(in crate::scan) fn is_stand_in(token: &str) -> bool {
    const BLANKS: usize = 8;
    const WORDS: [&str; 6] = [
        "your",
        "here",
        "placeholder",
        "redacted",
        "changeme",
        "replace",
    ];
    let blank = |run: &[u8]| {
        run.len() >= BLANKS && matches!(run[0], b'x' | b'*' | b'.')
            || run.len() >= 2 * BLANKS && run[0].is_ascii_digit()
    };
    let blanks = || token.as_bytes().chunk_by(|a, b| a == b).any(blank);
    may_have_run(token.as_bytes(), BLANKS) && blanks()
        || token
            .split(['-', '_', '.'])
            .any(|part| WORDS.iter().any(|word| word.eq_ignore_ascii_case(part)))
}

/// Keys of a keyboard in a row, and the figures and letters in order.
const ROWS: [&str; 8] = [
    "0123456789012",
    "9876543210987",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// For each character, of which the low bits count, a bit for each that stands behind it in a row, and for itself.
static NEIGHBOURS: [u32; 32] = {
    let mut neighbours = [0; 32];
    let mut row = 0;
    while row < ROWS.len() {
        let keys = ROWS[row].as_bytes();
        let mut at = 1;
        while at < keys.len() {
            neighbours[(keys[at - 1] & 31) as usize] |= 1 << (keys[at] & 31);
            at += 1;
        }
        row += 1;
    }
    let mut key = 0;
    while key < neighbours.len() {
        neighbours[key] |= 1 << key;
        key += 1;
    }
    neighbours
};

/// Whether `value` is a walk over the keyboard or a count: `12345678`, `abc123`, `qwerty`, `asdf1234`, `aaaa`.
///
/// Such a password protects nothing; people who write it as an example mean no credential.
pub(crate) fn is_walk(value: &str) -> bool {
    const SHORTEST: usize = 3;
    let steps = |pair: &[u8]| {
        let [a, b] = [pair[0] & 31, pair[1] & 31];
        NEIGHBOURS[usize::from(a)] >> b & 1 != 0
    };
    // Most values are none at first sight.
    if value.len() > 1 && !value.as_bytes().windows(2).take(1).all(steps) {
        return false;
    }
    let lower = value.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &lower[lower.floor_char_boundary(at)..];
        let repeated = rest.bytes().take_while(|byte| *byte == bytes[at]).count();
        let row = ROWS
            .iter()
            .map(|row| {
                let from = row.find(char::from(bytes[at])).unwrap_or(row.len());
                row[from..]
                    .bytes()
                    .zip(rest.bytes())
                    .take_while(|(a, b)| a == b)
                    .count()
            })
            .max();
        let length = repeated.max(row.unwrap_or(0));
        if length < SHORTEST && length < bytes.len() - at {
            return false;
        }
        at += length;
    }
    true
}

/// Whether `count` characters follow each other as in the alphabet.
pub(super) fn is_in_order(run: &[u8], count: usize) -> bool {
    let follows = |pair: &[u8]| pair[0].checked_add(1) == Some(pair[1]);
    // Then one does at one of the places that are this far apart.
    if !run.windows(2).step_by(count - 1).any(follows) {
        return false;
    }
    let mut length = 1;
    run.windows(2).any(|pair| {
        length = if follows(pair) { length + 1 } else { 1 };
        length >= count
    })
}

/// Whether the hexadecimal digits of `value` count its bytes: `000102030405…`, as in the vectors of standards.
fn is_count(value: &str) -> bool {
    const SHORTEST: usize = 8;
    let pair = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let (pairs, _) = value.as_bytes().as_chunks();
    let follows = |two: &[[u8; 2]]| {
        let next = pair(&two[0]).and_then(|byte| byte.checked_add(1));
        next.is_some() && next == pair(&two[1])
    };
    pairs.len() >= SHORTEST && pairs.windows(2).take(SHORTEST - 1).all(follows)
}

/// Whether a person may have chosen `value` for a password, and has not written a word, a count or a stand-in.
pub(in crate::scan) fn is_chosen(value: &str) -> bool {
    let letters = value
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-'));
    !is_dummy(value) && !is_walk(value) && (!letters || randomness(value) >= WORDS)
}

/// `CLIENT_SECRET`, `testsecret`, `myAuthPassword2`.
fn is_worded(value: &str, characters: Characters) -> bool {
    if characters.any(b"!@#$%^&*?+=") {
        return false;
    }
    let has = |pairs: &[u32; 32], a: u8, b: u8| pairs[usize::from(a & 31)] >> (b & 31) & 1 != 0;
    let begins = |run: &[u8]| has(&PAIRS[0], run[0], run[1]) && has(&PAIRS[1], run[1], run[2]);
    if !value.as_bytes().windows(3).any(begins) || !HAS_NOUN.is_match(value) {
        return false;
    }
    let mut rest = value.to_ascii_lowercase();
    for word in NOUNS.iter().chain(OTHERS) {
        rest = rest.replace(word, " ");
    }
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    let constant = characters.any(b"_") && !characters.has_lowercase();
    let plain = !rest.bytes().any(|byte| byte.is_ascii_digit());
    if is_numbered(value) {
        rest.retain(|c| !c.is_ascii_digit());
    }
    let words = (plain || is_numbered(value)) && randomness(&rest) < WORDS;
    letters <= FEW || constant || words
}

/// Whether the figures of a value stand apart from its words: `expected_token_2`.
fn is_numbered(value: &str) -> bool {
    let part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.iter().all(u8::is_ascii_alphabetic) || bytes.iter().all(u8::is_ascii_digit)
    };
    value.split(['_', '-', '.']).all(part)
}

/// A regular expression: `[^"]+`, `\S+`.
fn is_pattern(value: &str, characters: Characters) -> bool {
    characters.any(b"[(\\.")
        && value.as_bytes().windows(2).any(|mark| {
            matches!(
                mark,
                b"[^" | b"(?" | b"\\s" | b"\\S" | b"\\w" | b"\\d" | b".*" | b".+"
            )
        })
}

/// A path, a symbol, a template, a mail address.
fn is_reference(value: &str, characters: Characters) -> bool {
    if !characters.any(b"/:_[#.~") {
        return false;
    }
    (value.starts_with(['/', ':', '~', '_']) && randomness(value) < RANDOM)
        || is_selector(value)
        || (value.starts_with('[') && value.ends_with(']'))
        || value.starts_with("###")
        || (value.ends_with("_t") && randomness(value) < RANDOM)
        || value.starts_with("./")
        || [".com", ".org", ".net", ".local"]
            .iter()
            .any(|end| value.ends_with(end) && randomness(value) < RANDOM)
        || (value.starts_with("##") && value.ends_with("##"))
}

/// The identifier of an element of a page: `#change-password`.
fn is_selector(value: &str) -> bool {
    value.strip_prefix('#').is_some_and(|name| {
        name.contains('-')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && randomness(name) < WORDS
    })
}

/// Words of another script without any digit: the caption of a field.
fn is_caption(value: &str, characters: Characters) -> bool {
    !characters.is_ascii() && !characters.has_digit() && randomness(value) < WORDS
}

#[cfg(test)]
mod tests {
    use super::{is_dummy, is_stand_in, is_walk};

    #[test]
    fn words_for_a_credential_are_none_and_passwords_with_marks_are() {
        let dummies = [
            "my_secret",
            "YOUR_AWS_SECRET",
            "VEGADNS_SECRET",
            "testsecret",
            "Base32SecretKey",
            "/run/db",
            ":unset",
            "密码",
            "0x04",
            "000102030405060708090a0b0c0d0e0f",
            "F8F9FAFBFCFDFEFF",
            "#change-password",
            "AES-192-CBC",
            "PBEWithMD5AndTripleDES",
            "K7xEXAMPLEw2Lq9",
            "afakekey",
        ];
        for dummy in dummies {
            assert!(is_dummy(dummy), "{dummy}");
        }
        let real = [
            "Password123!",
            "S3cr3t!pass",
            "hunter2",
            "hunter2secret",
            "correct-horse",
            "gÖ7xk2",
            "#k7Xw2-pQz",
            "desk-lamp-77",
            "AES-k7Xw2pQzR9vT4mLs8Bn1",
            "Des-Moines-1846",
        ];
        for real in real {
            assert!(!is_dummy(real), "{real}");
        }
    }

    #[test]
    fn a_token_of_one_letter_or_with_a_word_to_the_reader_stands_in_for_one() {
        for blank in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-77777777777777777777",
            "xoxb-your-bot-token-here",
        ] {
            assert!(is_stand_in(blank), "{blank}");
        }
        for token in [
            "ghp_a0XxXxXxX9xYourHereQ2",
            "ghp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "sk_live_hereford81yours",
        ] {
            assert!(!is_stand_in(token), "{token}");
        }
    }

    #[test]
    fn a_walk_over_the_keyboard_is_no_choice() {
        for walk in [
            "12345678", "abc123", "qwerty", "asdf1234", "aaaa", "xxxxxxxx", "1q2w3e4r",
        ] {
            assert!(is_walk(walk), "{walk}");
        }
        for chosen in ["hunter2", "tiger99", "a1b2c3d4", "Tr0ub4dor&3", "é123"] {
            assert!(!is_walk(chosen), "{chosen}");
        }
    }
}
