//! Values that stand beside their names: arguments, options, and what follows a verb.

use std::ops::Range;

use super::{Joint, Sign, blanks, field, opens_string, typed};
use crate::scan::boundary::{is_word, run_end, run_start};
use crate::scan::wording::randomness;

/// The longest name that may be a verb.
const SHORT_NAME: usize = 4;
/// The longest word that is a value, in bytes.
const MAX_WORD: usize = 128;
/// The longest name of a function, in bytes.
const MAX_FUNCTION: usize = 32;

/// The argument behind the comma at `at`: `define('DB_PASSWORD', 'x')`, `("--password", default="x")`.
pub(super) fn argument(text: &str, name: &Range<usize>, at: usize) -> Option<Sign> {
    const NAMED: [&[u8]; 6] = [
        b"default=",
        b"default: ",
        b"default => ",
        b"value=",
        b"value: ",
        b"with: ",
    ];
    let bytes = text.as_bytes();
    let end = blanks(bytes, at + 1);
    let named = NAMED.iter().find(|named| bytes[end..].starts_with(named));
    if let Some(named) = named {
        return Some(Sign::at(end + named.len(), Joint::Assigned));
    }
    let stored = bytes[name.start] == b'-' || is_stored(bytes, name.start);
    let joint = if stored { Joint::Assigned } else { Joint::Pair };
    Some(Sign::at(end, joint)).filter(|sign| opens_string(bytes, sign.end))
}

/// Whether the function whose first argument begins at `at` reads or writes a setting.
fn is_stored(bytes: &[u8], at: usize) -> bool {
    const FUNCTIONS: [&str; 12] = [
        "set", "put", "define", "env", "fetch", "get", "add", "property", "const", "config",
        "default", "store",
    ];
    let opened = run_start(bytes, at, 3, |byte| {
        matches!(byte, b'"' | b'\'' | b'@' | b' ')
    });
    let Some(end) = opened.checked_sub(1).filter(|&end| bytes[end] == b'(') else {
        return false;
    };
    let start = run_start(bytes, end, MAX_FUNCTION, is_word);
    let function = bytes[start..end].to_ascii_lowercase();
    FUNCTIONS
        .iter()
        .any(|word| memchr::memmem::find(&function, word.as_bytes()).is_some())
}

/// The second of two in braces, or of what is copied to the first: `{password, "x"}` (Erlang), `strcpy(password, "x")`.
pub(super) fn of_tuple(text: &str, name: &Range<usize>, at: usize) -> Option<Sign> {
    let bytes = text.as_bytes();
    let before = &bytes[..name.start];
    let braced = before.ends_with(b"{")
        || before.ends_with(b"{:")
        || before.ends_with(b"cpy(")
        || before.ends_with(b"cat(");
    let compared = [
        &b"cmp("[..],
        b"compare_digest(",
        b"hash_equals(",
        b"Equal(",
        b"Equals(",
    ]
    .iter()
    .any(|function| before.ends_with(function));
    let joint = if compared {
        Joint::Pair
    } else {
        Joint::Assigned
    };
    Some(Sign::at(blanks(bytes, at + 1), joint))
        .filter(|sign| (braced || compared) && opens_string(bytes, sign.end))
}

/// Behind the bar between two cells of a table: `| password | x |`.
pub(super) fn cell(text: &str, name: &Range<usize>, at: usize) -> Option<Sign> {
    const MAX_CELL: usize = 200;
    let bytes = text.as_bytes();
    let begins = text[..name.start].trim_end_matches([' ', '`', '*']);
    let end = blanks(bytes, at + 1);
    let rest = run_end(bytes, end, MAX_CELL, |byte| {
        !matches!(byte, b' ' | b'|' | b'\n')
    });
    let closed = bytes.get(blanks(bytes, rest)) == Some(&b'|');
    let spaced = bytes.get(at + 1) == Some(&b' ');
    Some(Sign::at(end, Joint::Pair)).filter(|_| spaced && closed && begins.ends_with('|'))
}

/// Behind a particle or a verb that is written without a space before it.
pub(super) fn particle(text: &str, at: usize) -> Option<Sign> {
    const PARTICLES: [&str; 12] = [
        "是", "为", "為", "は", "는 ", "은 ", "가 ", "이 ", "→ ", "⇒ ", "– ", "— ",
    ];
    let particle = PARTICLES
        .iter()
        .find(|particle| text.as_bytes()[at..].starts_with(particle.as_bytes()))?;
    Some(Sign::at(at + particle.len(), Joint::Prose))
}

/// Behind the verb that an apostrophe joins to a name: `the password's x`.
pub(super) fn contracted(bytes: &[u8], at: usize) -> Option<usize> {
    const VERBS: [&str; 2] = ["'s ", "\u{2019}s "];
    let verb = VERBS
        .iter()
        .find(|verb| bytes[at..].starts_with(verb.as_bytes()))?;
    Some(at + verb.len())
}

/// Behind the word or sign for what holds where there is nothing else: `ENV['TOKEN'] or 'x'`.
pub(super) fn alternative(bytes: &[u8], at: usize) -> Option<Sign> {
    const OR: &[u8] = b"or ";
    bytes[at..].starts_with(OR).then_some(())?;
    Some(Sign::at(at + OR.len(), Joint::Assigned)).filter(|sign| opens_string(bytes, sign.end))
}

/// A word that assigns, the blank behind an option, or a type.
pub(super) fn word(text: &str, name: &Range<usize>, at: usize) -> Option<Sign> {
    // In English, German, French, Spanish, Italian and Portuguese, the Nordic languages, Polish and Dutch.
    const WORDS: [&str; 21] = [
        "used to be ",
        "is now ",
        "was changed to ",
        "has been changed to ",
        "changed to ",
        "is set to ",
        "was set to ",
        "set to ",
        "is: ",
        "is ",
        "was ",
        "ist ",
        "lautet ",
        "est ",
        "es ",
        "è ",
        "é ",
        "är ",
        "er ",
        "jest ",
        "to ",
    ];
    // Of tools that take a name and its value apart.
    const OPTIONS: [&[u8]; 5] = [b"--value ", b"--value=", b"--body ", b"--body=", b"-b "];
    let bytes = text.as_bytes();
    // `#define SECRET @"x"` (Objective-C)
    let at = at + usize::from(bytes[at..].starts_with(b"@\""));
    let rest = &bytes[at..];
    // `pass to` is a verb.
    let words = &WORDS[..WORDS.len() - usize::from(name.len() <= SHORT_NAME)];
    if let Some(word) = words.iter().find(|word| rest.starts_with(word.as_bytes())) {
        return Some(Sign::at(at + word.len(), Joint::Prose));
    }
    if let Some(end) = typed(bytes, at) {
        return Some(Sign::at(end, Joint::Assigned));
    }
    let option = OPTIONS.iter().find(|option| rest.starts_with(option));
    if let Some(option) = option {
        return Some(Sign::at(at + option.len(), Joint::Assigned));
    }
    if let Some(end) = described(bytes, at).filter(|_| name.len() > SHORT_NAME) {
        return Some(Sign::at(end, Joint::Prose));
    }
    // `<password value="x"/>`
    if text[..name.start].ends_with('<') && rest.starts_with(b"value=") {
        return Some(Sign::at(at + b"value=".len(), Joint::Assigned))
            .filter(|sign| opens_string(bytes, sign.end));
    }
    if let Some(sign) = alternative(bytes, at).or_else(|| field::attributed(text, name.start, at)) {
        return Some(sign);
    }
    let before = &text[..name.start];
    let macro_name = before.ends_with("#define ");
    if macro_name && bytes.get(at) == Some(&b'(') {
        return Some(Sign::at(at + 1, Joint::Assigned))
            .filter(|sign| opens_string(bytes, sign.end));
    }
    let defined = bytes[name.start] == b'-' || is_defined(before);
    if opens_string(bytes, at) {
        let joint = if defined || macro_name {
            Joint::Assigned
        } else {
            Joint::Pair
        };
        return Some(Sign::at(at, joint));
    }
    let option = at == name.end + 1
        && (defined
            || behind_login(text, name.start)
            || is_line(text, name, at)
            || is_told(text, name, at)
            || is_random(text, at));
    option.then_some(Sign {
        end: at,
        joint: Joint::Option,
    })
}

/// Whether the word before a name says that its value follows: `ENV` in a `Dockerfile`, `setenv`.
fn is_defined(before: &str) -> bool {
    const WORDS: [&str; 15] = [
        "ENV",
        "\\set",
        "\nset",
        "> set",
        "setx",
        "setenv",
        "SetEnv",
        "config set",
        "configure set",
        "set -x",
        "set -gx",
        "--global",
        " with",
        " using",
        " and",
    ];
    let before = before
        .strip_suffix(' ')
        .unwrap_or(before)
        .trim_end_matches(['.', '-']);
    WORDS.iter().any(|word| before.ends_with(word))
}

/// Behind the sign that follows a few words about a name: `password for the wiki: x`, `token we use is x`.
fn described(bytes: &[u8], at: usize) -> Option<usize> {
    const BEGIN: [&[u8]; 12] = [
        b"for ", b"of ", b"to ", b"on ", b"in ", b"at ", b"we ", b"you ", b"I ", b"i ", b"they ",
        b"that ",
    ];
    const IS: &[u8] = b" is ";
    const LONGEST: usize = 48;
    BEGIN.iter().find(|word| bytes[at..].starts_with(word))?;
    let end = run_end(bytes, at, LONGEST, |byte| {
        is_word(byte) || matches!(byte, b' ' | b'-' | b'.' | b'@' | b'\'')
    });
    if bytes[end..].starts_with(b": ") {
        return Some(end + 2);
    }
    memchr::memmem::find(&bytes[at..end], IS).map(|place| at + place + IS.len())
}

/// Whether the word at `at` is a random one, as no word of a sentence is: `use the API key x for it`.
fn is_random(text: &str, at: usize) -> bool {
    const SHORTEST: usize = 16;
    const SHORTEST_MIXED: usize = 8;
    const RANDOM: f32 = 20.0;
    let bytes = text.as_bytes();
    let end = run_end(bytes, at, MAX_WORD, |byte| {
        is_word(byte) || matches!(byte, b'-' | b'+' | b'/' | b'=')
    });
    let has = |class: fn(&u8) -> bool| bytes[at..end].iter().any(class);
    let mixed = || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    (end >= at + SHORTEST || end >= at + SHORTEST_MIXED && mixed())
        && has(u8::is_ascii_digit)
        && randomness(&text[at..end]) >= RANDOM
}

/// Whether a sentence ends with a name and one word: `Log in with the password x.`
fn is_told(text: &str, name: &Range<usize>, at: usize) -> bool {
    const RANDOM: f32 = 12.0;
    const WORDS: [&str; 5] = [" with the ", " using the ", "use the ", "Use the ", " / "];
    let bytes = text.as_bytes();
    let end = run_end(bytes, at, MAX_WORD, |byte| !byte.is_ascii_whitespace());
    let last = matches!(bytes.get(end), None | Some(b'\n' | b'\r'));
    let closed = bytes[at..end].ends_with(b".") || bytes[at..end].ends_with(b",");
    let before = &text[..name.start];
    let bracketed = before.ends_with(" (") && bytes[at..end].ends_with(b")");
    let word = &text[at..text.floor_char_boundary(end)];
    let random = || word.bytes().any(|byte| byte.is_ascii_digit()) && randomness(word) >= RANDOM;
    bracketed || WORDS.iter().any(|word| before.ends_with(word)) && (last || closed || random())
}

/// Whether a name and one word are a whole line: `requirepass x`.
fn is_line(text: &str, name: &Range<usize>, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = text[..name.start].trim_end_matches([' ', '\t']);
    let end = run_end(bytes, at, MAX_WORD, |byte| !byte.is_ascii_whitespace());
    let closed = matches!(bytes.get(end), None | Some(b'\n' | b'\r'));
    closed && (before.is_empty() || before.ends_with('\n'))
}

/// Whether `login` and a name stand before `at`, as in `.netrc`.
fn behind_login(text: &str, at: usize) -> bool {
    const REACH: usize = 80;
    const WORDS: [&str; 3] = ["login", "user", "username"];
    let before = &text[text.floor_char_boundary(at.saturating_sub(REACH))..at];
    before
        .split_whitespace()
        .rev()
        .nth(1)
        .is_some_and(|word| WORDS.contains(&word))
}
