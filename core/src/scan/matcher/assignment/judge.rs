//! Whether a value that is assigned to the name of a credential is one.

use std::ops::Range;

use super::name::{Meaning, words};
use super::sign::{Joint, Sign};
use super::value::Found;
use crate::scan::characters::Characters;
use crate::scan::check::{Check, Verdict, entropy};
use crate::scan::matcher::dummy::{is_dummy, is_in_order, is_walk};
use crate::scan::matcher::public::is_public;
use crate::scan::rule::Rule;
use crate::scan::wording::randomness;

/// The shortest password, in bytes.
const MIN_PASSWORD: usize = 4;
/// The longest; a longer one is data.
const MAX_PASSWORD: usize = 256;
/// The shortest key.
const MIN_KEY: usize = 8;
/// The most `=` in a key, more than base64 ends in, and the most `:`, of which a fingerprint of 256 bits has 31.
const MAX_EQUALS: usize = 8;
const MAX_COLONS: usize = 32;
/// The shortest key that is not random, and its entropy in bits per byte.
const MIN_MADE_UP: usize = 16;
const MADE_UP: f64 = 3.0;
/// The most spaces of a password, and what its words have to outweigh those of a caption by, in bits each.
const MAX_SPACES: u8 = 8;
const RANDOM_WORD: f32 = 6.0;
/// So many characters in order are the digits of an encoding.
const MAX_IN_ORDER: usize = 12;
/// From so many bits on a password is no word.
const NO_WORD: f32 = 3.0;
/// The shortest word between quotes that a sentence calls a password.
const LONG_WORD: usize = 6;
/// From so many bits on a value is random, whatever it looks like besides.
const RANDOM: f32 = 15.0;
/// What doubt has to be outweighed by, in bits.
const DOUBT: f32 = 4.0;

/// `Plausible` for a credential, `Invalid` for a word that may be one, `None` for what is none.
pub(super) fn verdict(
    rule: &Rule,
    text: &str,
    name: &Range<usize>,
    keyword: &Range<usize>,
    (sign, found): (&Sign, &Found),
    meaning: Meaning,
) -> Option<Verdict> {
    let value = text.get(found.span.clone())?;
    let chosen = rule.spec.min_randomness.is_none();
    // What costs least and refuses most comes first.
    let fits = if chosen {
        (MIN_PASSWORD..=MAX_PASSWORD).contains(&value.len()) && (found.quoted || !is_entry(value))
    } else {
        value.len() >= MIN_KEY && !is_list(value) && is_key(value, found.quoted)
    };
    if !fits || is_data(value) || !is_phrase(value, found, meaning, rule) {
        return None;
    }
    if is_cut(text, found, chosen) || is_rest_of_code(text, value, found) {
        return None;
    }
    // A mark of a query is in no key that nothing but its name tells.
    if rule.spec.min_randomness >= Some(RANDOM) && value.contains('?') {
        return None;
    }
    if !found.quoted && !stands_alone(text, &found.span, sign.joint) {
        return None;
    }
    // `the token has been refused`, in whatever language.
    let letters = || value.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !chosen && sign.joint == Joint::Prose && value.len() < MIN_MADE_UP && letters() {
        return None;
    }
    let doubts = [
        meaning == Meaning::Doubtful,
        matches!(sign.joint, Joint::Pair | Joint::Call),
        chosen && sign.joint == Joint::Pair,
        found.called,
        found.called && chosen,
        !found.quoted
            && !matches!(sign.joint, Joint::Prose | Joint::Member)
            && is_followed(text, name, &found.span),
    ];
    let doubt =
        DOUBT * f32::from(u8::try_from(doubts.iter().filter(|&&doubt| doubt).count()).unwrap_or(0));
    let verdict = match rule.spec.min_randomness {
        Some(least) => key(value, least + doubt)
            .filter(|verdict| sign.joint != Joint::Member || *verdict == Verdict::Plausible),
        None => password(text, name, sign.joint, found, doubt),
    }?;
    let known = Check::Credential.of(value) == Verdict::Invalid
        || value.eq_ignore_ascii_case(&text[name.clone()])
        || chosen && is_identifier(value, &text[keyword.clone()])
        || Rule::lists_have(&rule.lists.except, value)
        || is_dummy(value);
    (!known).then_some(verdict)
}

/// Whether dots stand for the rest of a key without quotes: `token=ops_eyJzaWdu...`. A sentence goes on behind such dots.
fn is_cut(text: &str, found: &Found, chosen: bool) -> bool {
    let rest = &text[found.span.end..];
    if chosen || found.quoted || !(rest.starts_with("..") || rest.starts_with('…')) {
        return false;
    }
    let behind = rest.trim_start_matches(['.', '…']);
    behind.is_empty() || behind.starts_with(['\n', '\r', '"', '\'', '[', '<'])
}

/// Whether the quotes around a value close and open two other strings, or hold fields that a program fills in:
/// `'password = '.$p['x']`, `f"prefix_{name}"`.
fn is_rest_of_code(text: &str, value: &str, found: &Found) -> bool {
    if !found.quoted {
        return false;
    }
    let between = value.starts_with([',', ')', ';']) || value.starts_with(".$");
    let prefix = found.span.start.checked_sub(2);
    let filled = prefix.is_some_and(|at| text.as_bytes()[at] == b'f') && value.contains('{');
    filled || between && randomness(value) < RANDOM
}

/// Whether a value is random, whatever stands beside it.
pub(super) fn is_random(value: &str) -> bool {
    randomness(value) >= RANDOM
}

/// Whether a value is an identifier with the keyword of its name among its words: `PSK_WITH_RC4 "PSK-RC4-SHA"`.
fn is_identifier(value: &str, keyword: &str) -> bool {
    let named = |value: &str| words(value).any(|word| word.eq_ignore_ascii_case(keyword));
    value.len() > keyword.len()
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && named(value)
        && randomness(value) < RANDOM
}

/// The verdict on a value that a machine has made.
fn key(value: &str, least: f32) -> Option<Verdict> {
    if randomness(value) >= least {
        return Some(Verdict::Plausible);
    }
    // `abcdef0123456789abcdef01`: no words, and made up.
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=');
    let varied = value.len() >= MIN_MADE_UP
        && value.bytes().all(plain)
        && entropy(value) >= MADE_UP
        && Check::Mixed.of(value) == Verdict::Plausible;
    varied.then_some(Verdict::Invalid)
}

/// The verdict on a value that a person has chosen.
fn password(
    text: &str,
    name: &Range<usize>,
    joint: Joint,
    found: &Found,
    doubt: f32,
) -> Option<Verdict> {
    let value = &text[found.span.clone()];
    let bits = randomness(value);
    if joint != Joint::Prose && is_walk(value) {
        return None;
    }
    let counted = || value.bytes().all(|byte| byte.is_ascii_digit()) && is_counted(text, name);
    let rest = &text[found.span.end..];
    // `passwort = Kennwort eingeben`
    let captioned = !found.quoted
        && joint == Joint::Assigned
        && bits < RANDOM
        && value.bytes().all(|byte| byte.is_ascii_alphabetic())
        && rest
            .strip_prefix(' ')
            .is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    if captioned || counted() {
        return None;
    }
    if doubt > 0.0 {
        return (bits >= NO_WORD + doubt - DOUBT).then_some(Verdict::Plausible);
    }
    let worded = value
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-'));
    if !worded || bits >= NO_WORD {
        return Some(Verdict::Plausible);
    }
    let symbol = value.contains(['_', '.']);
    let config = rest.is_empty() || rest.starts_with(['\n', '\r', '<', '&', '}', '\\']);
    let meant = match joint {
        Joint::Prose => found.quoted && value.len() >= LONG_WORD || is_passphrase(value),
        Joint::Option | Joint::Pair | Joint::Call | Joint::Member => false,
        Joint::Compared => found.quoted,
        Joint::Element => config && !symbol && !is_shown(rest),
        Joint::Assigned => found.quoted || (config && !symbol && !is_counted(text, name)),
    };
    meant.then_some(Verdict::Invalid)
}

/// Whether a value is made of words as a passphrase is: `correct-horse-battery-staple`.
fn is_passphrase(value: &str) -> bool {
    const WORDS: usize = 4;
    const LETTERS: usize = 4;
    let words = value.split('-');
    words.clone().count() >= WORDS
        && words
            .into_iter()
            .all(|word| word.len() >= LETTERS && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Whether the element that ends with `rest` is one that a page shows: its text is a caption.
fn is_shown(rest: &str) -> bool {
    const TAGS: [&str; 18] = [
        "td", "dd", "a", "b", "button", "dt", "em", "h1", "h2", "h3", "label", "legend", "li",
        "option", "p", "span", "strong", "th",
    ];
    let tag = rest.trim_start().strip_prefix("</");
    let tag = tag.and_then(|tag| tag.split_once('>'));
    tag.is_some_and(|(tag, _)| TAGS.contains(&tag))
}

/// Whether a name is the end of a sentence, or one of several that are assigned to at once: `all tests pass: done`,
/// `user, password = split`.
fn is_counted(text: &str, name: &Range<usize>) -> bool {
    if text[..name.start].ends_with(", ") {
        return true;
    }
    let in_prose = text[..name.start]
        .strip_suffix(' ')
        .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_lowercase()));
    in_prose && text[name.end..].starts_with(':')
}

/// Whether a value is one word, or a random phrase that a person has put between quotes: captions have words of any language.
fn is_phrase(value: &str, found: &Found, meaning: Meaning, rule: &Rule) -> bool {
    let spaces = memchr::memchr_iter(b' ', value.as_bytes()).count();
    if spaces == 0 {
        return true;
    }
    let caption = value.starts_with(|c: char| c.is_ascii_uppercase()) || !value.is_ascii();
    let meant = found.quoted
        && !found.called
        && !caption
        && meaning == Meaning::Plain
        && rule.spec.min_randomness.is_none();
    let words = u8::try_from(spaces).unwrap_or(u8::MAX);
    let random = || randomness(value) >= RANDOM_WORD * f32::from(words + 1);
    meant && words <= MAX_SPACES && (value.split(' ').any(is_disguised) || random())
}

/// Whether figures or marks stand for letters within a word: `p@ss`, `w0rd`.
fn is_disguised(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 4
        && bytes.windows(3).any(|three| {
            three[0].is_ascii_alphabetic()
                && matches!(three[1], b'0'..=b'9' | b'@' | b'$' | b'!')
                && three[2].is_ascii_alphabetic()
        })
}

/// Whether a value is a path, an address, a picture or a public key, which are long and no credentials.
fn is_data(value: &str) -> bool {
    let escaped = value.starts_with("\\u") || value.starts_with("\\x");
    escaped
        || value.starts_with("arn:")
        || value.starts_with("urn:")
        || value.starts_with("exec:")
        || is_ciphertext(value)
        || is_dotted_number(value)
        || is_release(value)
        || is_duration(value)
        || is_moment(value)
        || is_validation(value)
        || (memchr::memchr(b':', value.as_bytes()).is_some() && value.contains("://"))
        || is_public(value)
}

/// Whether a value is the rest of an entry whose fields colons part: `passwd:x:0:0:root:/root:/bin/sh`.
fn is_entry(value: &str) -> bool {
    const COLONS: usize = 3;
    memchr::memchr_iter(b':', value.as_bytes())
        .nth(COLONS - 1)
        .is_some()
        && randomness(value) < RANDOM
}

/// A version, an address or an object identifier.
fn is_dotted_number(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && value.contains('.')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a value says that it is encrypted: by Jasypt, Vault, OpenSSL or Spring Cloud, or as the verifier of SCRAM.
fn is_ciphertext(value: &str) -> bool {
    const MARKS: [&str; 5] = ["ENC(", "vault:v", "U2FsdGVkX1", "{cipher}", "SCRAM-SHA-"];
    MARKS.iter().any(|mark| value.starts_with(mark))
}

/// Whether a value is the name of something with its version: `jackson-core-2.11.2`, `jwt-signing-v2`.
fn is_release(value: &str) -> bool {
    let Some((name, version)) = value.rsplit_once('-') else {
        return false;
    };
    let word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let edition = version.strip_prefix('v').is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    (edition || version.contains('.') && is_dotted_number(version)) && name.split('-').all(word)
}

/// Whether a value is a time that something took: `0.32s`.
fn is_duration(value: &str) -> bool {
    let figures = value.trim_end_matches(|c: char| c.is_ascii_lowercase());
    matches!(&value[figures.len()..], "s" | "ms" | "us" | "ns" | "min") && is_dotted_number(figures)
}

/// Whether a value begins with a day (RFC 3339): `2024-05-01T00:00:00Z`.
fn is_moment(value: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00";
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == *form,
    };
    value.len() >= FORM.len() && value.bytes().zip(FORM).all(fits)
}

/// Whether a value is a list of conditions for one: `required|string|min:8`.
fn is_validation(value: &str) -> bool {
    let condition = |part: &str| {
        let (name, rest) = part.split_once(':').unwrap_or((part, "0"));
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        !name.is_empty() && name.bytes().all(word) && !rest.is_empty()
    };
    memchr::memchr(b'|', value.as_bytes()).is_some() && value.split('|').all(condition)
}

/// Whether a value without quotes is the member of an object: `self.n_ctx`.
fn is_member(value: &str) -> bool {
    let named = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && !part.bytes().any(|byte| byte.is_ascii_digit())
    };
    value.contains('.') && value.split('.').all(named)
}

/// Whether a value has more signs of assignment than any key: it is a list of names and values, each to be judged by itself.
fn is_list(value: &str) -> bool {
    let more = |sign: u8, most: usize| {
        value.len() > most
            && memchr::memchr_iter(sign, value.as_bytes())
                .nth(most)
                .is_some()
    };
    more(b'=', MAX_EQUALS) || more(b':', MAX_COLONS)
}

/// Whether a value consists of what keys consist of. Brackets are of code, unless all between the quotes is random.
fn is_key(value: &str, quoted: bool) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic())
        && (!Characters::of(value).any(b"([<,") || quoted && randomness(value) >= 2.0 * RANDOM)
        && !is_in_order(value.as_bytes(), MAX_IN_ORDER)
}

/// Whether what follows a value without quotes makes it look like an argument of code: `f(password: pass1, host)`.
fn is_followed(text: &str, name: &Range<usize>, span: &Range<usize>) -> bool {
    let bracketed = text[..name.start]
        .strip_suffix('(')
        .is_some_and(|before| before.is_empty() || before.ends_with([' ', '\n']));
    match text.as_bytes().get(span.end) {
        Some(b',' | b';') => true,
        Some(b')') => !bracketed,
        _ => false,
    }
}

/// Whether a value without quotes is meant as one and not as code or prose.
fn stands_alone(text: &str, span: &Range<usize>, joint: Joint) -> bool {
    let value = &text[span.clone()];
    let rest = &text[span.end..];
    // A call, a subscript, a type parameter, a template, another name.
    let subscript = rest.starts_with(['(', '[', '{', '<']) && !rest.starts_with("</");
    let code = (value.contains("::")
        || value.starts_with(['/', '@', '-', '=', '!', '~', '?'])
        || is_member(value))
        && randomness(value) < RANDOM;
    match joint {
        Joint::Element => {
            let rest = rest.trim_start();
            rest.starts_with("</") || rest.starts_with("]]>")
        }
        Joint::Compared => false,
        _ => !subscript && !code,
    }
}
