//! What a name, a scope and a permission look like.

/// Most characters in the name of a role or permission, and in each part of a scope.
const MAX_NAME_LEN: usize = 64;
/// Most parts of a scope.
const MAX_SCOPE_PARTS: usize = 8;

/// Which bytes names consist of. A table, because every decision looks at every byte.
const OF_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut character = 0_u8;
    while character < 128 {
        table[character as usize] =
            character.is_ascii_alphanumeric() || matches!(character, b'_' | b'.' | b':' | b'-');
        character += 1;
    }
    table
};

pub(super) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&name.len()) && name.bytes().all(|byte| OF_NAMES[usize::from(byte)])
}

/// Whether `scope` has the form of one.
pub(super) fn is_scope(scope: &str) -> bool {
    let mut parts = 1;
    let mut length = 0;
    for byte in scope.bytes() {
        if byte == b'/' {
            if length == 0 {
                return false;
            }
            parts += 1;
            length = 0;
        } else {
            length += 1;
            if length > MAX_NAME_LEN || !OF_NAMES[usize::from(byte)] {
                return false;
            }
        }
    }
    length > 0 && parts <= MAX_SCOPE_PARTS
}

/// A permission and the scope that it is given within or asked for.
#[derive(Clone, Copy)]
pub(super) struct Permission<'a> {
    pub(super) name: &'a str,
    pub(super) scope: Option<&'a str>,
}

impl<'a> Permission<'a> {
    /// Nothing if it is malformed.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (name, scope) = match text.bytes().position(|byte| byte == b'@') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        (is_name(name) && scope.is_none_or(is_scope)).then_some(Self { name, scope })
    }
}

/// Whether `scope` is `within` or lies below it.
pub(super) fn lies_within(scope: &str, within: &str) -> bool {
    let (scope, within) = (scope.as_bytes(), within.as_bytes());
    scope.starts_with(within) && matches!(scope.get(within.len()), None | Some(b'/'))
}
