//! What a name, a scope and a permission look like.

/// Most characters in the name of a role or permission, and in each part of a scope.
const MAX_NAME_LEN: usize = 64;
/// Most parts of a scope.
const MAX_SCOPE_PARTS: usize = 8;

pub(super) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
}

fn is_scope(scope: &str) -> bool {
    scope.split('/').count() <= MAX_SCOPE_PARTS && scope.split('/').all(is_name)
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
        let (name, scope) = match text.split_once('@') {
            Some((name, scope)) => (name, Some(scope)),
            None => (text, None),
        };
        (is_name(name) && scope.is_none_or(is_scope)).then_some(Self { name, scope })
    }
}

/// Whether `scope` is `within` or lies below it.
pub(super) fn lies_within(scope: &str, within: &str) -> bool {
    scope
        .strip_prefix(within)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
