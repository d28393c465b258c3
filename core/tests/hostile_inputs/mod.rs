//! Texts that are made to cost a scanner more than their length.

/// What is repeated, under the name of the way to be hostile.
const REPEATED: &[(&str, &str)] = &[
    ("a.a.a.", "a."),
    ("@", "@"),
    ("a@", "a@"),
    ("a@b.co", "a@b.co "),
    ("eyJ-", "eyJ-"),
    ("eyJ.eyJ.", "eyJ.eyJ."),
    ("digits", "4"),
    ("digits and spaces", "4 "),
    ("digits and hyphens", "411-"),
    ("(555)", "(555)"),
    ("colons", ":"),
    ("a:", "a:"),
    ("1::", "1::"),
    ("BEGIN", "-----BEGIN"),
    ("BEGIN lines", "-----BEGIN RSA PRIVATE KEY-----"),
    (
        "BEGIN and headers",
        "-----BEGIN RSA PRIVATE KEY-----Version: ",
    ),
    ("key=", "key="),
    ("password=", "password="),
    ("password=${", "password=${"),
    ("token: \"", "token: \""),
    ("api_key_", "api_key_"),
    ("https://a:", "https://a:"),
    ("://a:b", "://a:b"),
    ("quotes", "\""),
    ("quoted", "\"aB3"),
    ("Patient A", "Patient A"),
    ("Patient:", "Patient: "),
    ("Dr. Aa Aa", "Dr. Aa Aa "),
    ("Aa, MD", "Aa, MD"),
    ("12 Main", "12 Main "),
    ("server=", "server="),
    ("sk-", "sk-"),
    ("bearer ", "bearer "),
    ("spaces", " "),
    ("newlines", "\n"),
    ("NUL", "\0"),
    ("one letter", "a"),
    ("e acute", "\u{e9}"),
    ("percent", "%41"),
    ("references", "&#65;"),
    ("references of references", "&amp;#65;"),
    ("quoted-printable", "=41"),
    ("soft line breaks", "a=\n"),
    ("backslashes", "\\"),
    ("escapes", "\\u0041"),
    ("escapes of all kinds", "&#65;%41\\u0041=41 "),
    ("base64 of base64", "VTFOT0lERXlNeTAwTlMwMk56ZzUg"),
    ("percent in base64", "JTQxJTQx"),
    ("base64 in parts", "aBcdefghijklmnop7 "),
    ("signs that begin nothing", "&a=b%c\\"),
    ("password before its name", "a1 is the password"),
    ("confusables", "\u{43e}a"),
    ("words that are not confusable", "\u{43e}\u{436}"),
    ("full-width", "\u{ff11}a"),
];

/// A name and a text of about `bytes` bytes for each way to be hostile.
pub(crate) fn hostile_inputs(bytes: usize) -> Vec<(&'static str, String)> {
    REPEATED
        .iter()
        .map(|(name, _)| *name)
        .chain(["base64", "base64 after token=", "names", "mixed"])
        .map(|name| (name, hostile_text(name, bytes)))
        .collect()
}

/// One of them. `mixed` is a stretch of each that is repeated, one after the other.
pub(crate) fn hostile_text(name: &str, bytes: usize) -> String {
    match name {
        "base64" => base64_like(bytes),
        "base64 after token=" => format!("token={}", base64_like(bytes)),
        "names" => names(bytes),
        "mixed" => {
            let part = bytes / REPEATED.len();
            REPEATED
                .iter()
                .map(|(_, unit)| unit.repeat(part / unit.len()))
                .collect()
        }
        _ => {
            let (_, unit) = REPEATED
                .iter()
                .find(|(known, _)| *known == name)
                .expect("the name of a hostile text");
            unit.repeat(bytes / unit.len())
        }
    }
}

/// The letters of base64 in a fixed random order (xorshift64).
fn base64_like(bytes: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(LETTERS[usize::try_from(state % 64).unwrap_or(0)])
        })
        .collect()
}

/// Many different names, each behind a title.
fn names(bytes: usize) -> String {
    let letters = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu"];
    (0..bytes / 16)
        .map(|n| {
            let part = |place: u32| letters[n / 10_usize.pow(place) % 10];
            ["Dr. T", part(0), part(1), part(2), part(3), " ok "].concat()
        })
        .collect()
}
