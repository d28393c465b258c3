//! How a placeholder may be written, after a model has had it: `[NAME_1]`, `\[Name\_1\]`, `【name 1】`, `NAME_1`.

/// The most bytes between two brackets that are looked at: no token with its number comes near it, escaped or not.
const MAX_BODY: usize = 96;
/// The most bytes of a placeholder without brackets.
pub(super) const MAX_BARE: usize = 64;

/// What a model, a markup language or a translator makes of `[`. The longer of two that begin alike stands first.
const OPENING: [&str; 18] = [
    "[", "\\[", "\\u005b", "［", "【", "〔", "⟦", "&lsqb;", "&lbrack;", "&#91;", "&#x5b;", "%5b",
    "{{", "{", "&lt;", "<", "⟨", "〈",
];
/// The same for `]`.
const CLOSING: [&str; 18] = [
    "]", "\\]", "\\u005d", "］", "】", "〕", "⟧", "&rsqb;", "&rbrack;", "&#93;", "&#x5d;", "%5d",
    "}}", "}", "&gt;", ">", "⟩", "〉",
];
/// What becomes of `_` between the words of a placeholder, and the separators that models write instead.
const JOINING: [&str; 13] = [
    "_", " ", "-", "\\_", "\\-", "\u{a0}", "\u{2010}", "\u{2011}", "\u{2013}", "＿", "&#95;",
    "&lowbar;", "%5f",
];
/// Emphasis inside the brackets, which says nothing.
const SILENT: [&str; 5] = ["*", "`", "#", "\u{200b}", "\u{feff}"];

/// What stands at a place in a text.
pub(super) enum Reading {
    /// A placeholder's shape in brackets, up to `end`; `name` is its canonical text without them.
    Whole { name: String, end: usize },
    /// The text ends before it is decided.
    Incomplete,
    /// Not a placeholder in brackets; its first `len` bytes are an opening bracket, if more than zero.
    None { len: usize },
}

/// Whether a bracket may begin with this byte.
pub(super) fn may_open(byte: u8) -> bool {
    matches!(
        byte,
        b'[' | b'\\' | b'&' | b'%' | b'{' | b'<' | 0xe2 | 0xe3 | 0xef
    )
}

/// Reads a placeholder in brackets at `start`. `last` says that nothing follows the text.
pub(super) fn bracketed(text: &str, start: usize, last: bool) -> Reading {
    let bytes = text.as_bytes();
    let found = one_of(&OPENING, &bytes[start..]);
    if found.cut && !last {
        return Reading::Incomplete;
    }
    let Some(opening) = found.whole else {
        return Reading::None { len: 0 };
    };
    let none = Reading::None { len: opening };
    let body = start + opening;
    let mut at = body;
    let mut name = String::with_capacity(16);
    while at - body <= MAX_BODY {
        let rest = &bytes[at..];
        let Some(&byte) = rest.first() else {
            return if last { none } else { Reading::Incomplete };
        };
        if byte.is_ascii_alphanumeric() {
            name.push(byte.to_ascii_uppercase() as char);
            at += 1;
            continue;
        }
        let (closing, joining, silent) = (
            one_of(&CLOSING, rest),
            one_of(&JOINING, rest),
            one_of(&SILENT, rest),
        );
        if (closing.cut || joining.cut || silent.cut) && !last {
            return Reading::Incomplete;
        }
        if let Some(len) = closing.whole {
            name.truncate(name.trim_end_matches('_').len());
            let named = name.starts_with(|c: char| c.is_ascii_uppercase());
            return if named {
                Reading::Whole {
                    name,
                    end: at + len,
                }
            } else {
                none
            };
        }
        if let Some(len) = joining.whole {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            at += len;
        } else if let Some(len) = silent.whole {
            at += len;
        } else if let Some((letter, len)) = full_width(text, at) {
            name.push(letter);
            at += len;
        } else {
            return none;
        }
    }
    none
}

/// A run of letters, figures, underscores and escaped underscores.
pub(super) struct Run {
    pub(super) end: usize,
    /// Whether it ends in a backslash that the end of the text cuts off from what it escapes.
    pub(super) cut: bool,
}

/// The run at `start`, however long.
pub(super) fn run(text: &str, start: usize) -> Run {
    let bytes = text.as_bytes();
    let mut end = start;
    loop {
        match bytes.get(end) {
            Some(b'_') => end += 1,
            Some(byte) if byte.is_ascii_alphanumeric() => end += 1,
            Some(b'\\') if bytes.get(end + 1) == Some(&b'_') => end += 2,
            Some(b'\\') if end + 1 == bytes.len() => return Run { end, cut: true },
            _ => return Run { end, cut: false },
        }
    }
}

/// A run taken apart: emphasis around it, the placeholder's text, and a plural or genitive `s` behind capitals.
pub(super) struct Bare<'a> {
    /// Underscores before the text, and as many behind it.
    pub(super) emphasis: &'a str,
    /// Canonical: capitals, without escapes.
    pub(super) name: String,
    /// As it is written, all letters are capitals but for the `s` at the end.
    pub(super) capitals: bool,
    /// `s` or nothing.
    pub(super) suffix: &'a str,
}

/// Reads a run as a placeholder without brackets; `None` where it has not the shape of one.
pub(super) fn bare(run: &str) -> Option<Bare<'_>> {
    if run.len() > MAX_BARE || !run.contains('_') {
        return None;
    }
    let inner = run.trim_start_matches('_');
    let text = inner.trim_end_matches('_');
    let (leading, trailing) = (run.len() - inner.len(), inner.len() - text.len());
    if leading != trailing || text.ends_with('\\') {
        return None;
    }
    let small = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
    let (core, suffix) = match text.strip_suffix('s') {
        Some(core) if !small(core) && core.ends_with(|c: char| c.is_ascii_digit()) => (core, "s"),
        _ => (text, ""),
    };
    let name = core.replace('\\', "").to_ascii_uppercase();
    let shaped = name.contains('_') && name.starts_with(|c: char| c.is_ascii_uppercase());
    shaped.then_some(Bare {
        emphasis: &run[..leading],
        capitals: !small(core),
        name,
        suffix,
    })
}

/// Whether a name is a token and a number, `NAME_1`, and so may be given out by counting.
pub(super) fn is_counted(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(token, number)| {
        !token.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `NAME_1` of `NAME1`: the other name that a text in brackets may mean.
pub(super) fn rejoined(name: &str) -> Option<String> {
    let token = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let fits = token.len() < name.len() && !token.is_empty() && !token.ends_with('_');
    fits.then(|| format!("{token}_{}", &name[token.len()..]))
}

/// What a text has in common with a list of literals.
struct Literal {
    /// The length of the one that it begins with.
    whole: Option<usize>,
    /// It ends inside one, which may be longer than `whole`.
    cut: bool,
}

/// Which of `literals` the bytes begin with, in any case.
fn one_of(literals: &[&str], bytes: &[u8]) -> Literal {
    let mut found = Literal {
        whole: None,
        cut: false,
    };
    for literal in literals {
        let literal = literal.as_bytes();
        let shared = literal.len().min(bytes.len());
        if literal[..shared].eq_ignore_ascii_case(&bytes[..shared]) {
            if shared == literal.len() {
                found.whole = Some(shared);
                break;
            }
            found.cut = true;
        }
    }
    found
}

/// A letter or figure of twice the width, as the ASCII capital that it looks like, and its length in bytes.
fn full_width(text: &str, at: usize) -> Option<(char, usize)> {
    let c = text.get(at..)?.chars().next()?;
    let code = u32::from(c).checked_sub(0xfee0)?;
    let plain = char::from(u8::try_from(code).ok()?);
    plain
        .is_ascii_alphanumeric()
        .then(|| (plain.to_ascii_uppercase(), c.len_utf8()))
}
