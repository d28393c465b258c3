//! Values that stand where a credential belongs and are none: `my_secret`, `YOUR_PASSWORD`, `testsecret`, `/run/secrets/db`.

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
    "todo",
];
/// Words that stand with them.
const OTHERS: &[&str] = &[
    "consumer", "default", "private", "public", "access", "client", "insert", "server", "value",
    "reset", "login", "admin", "super", "fake", "here", "real", "test", "this", "user", "your",
    "auth", "base", "goes", "some", "the", "key", "new", "old", "env", "not", "aws", "api", "my",
    "no", "db",
];
/// So few letters beside them are no secret.
const FEW: usize = 2;

/// Whether `value` is made of words for a credential, is a path, a symbol or a caption.
///
/// A value with a mark in it (`Password123!`) is none of these: people do choose such passwords.
pub(super) fn is_dummy(value: &str) -> bool {
    let number = value.strip_prefix("0x").is_some_and(|rest| rest.len() <= 8);
    number || is_reference(value) || is_caption(value) || is_worded(value)
}

/// `CLIENT_SECRET`, `testsecret`, `myAuthPassword2`.
fn is_worded(value: &str) -> bool {
    if value.contains(['!', '@', '#', '$', '%', '^', '&', '*', '?', '+', '=']) {
        return false;
    }
    let mut rest = value.to_ascii_lowercase();
    if !NOUNS.iter().any(|noun| rest.contains(noun)) {
        return false;
    }
    for word in NOUNS.iter().chain(OTHERS) {
        rest = rest.replace(word, " ");
    }
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    let constant = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    letters <= FEW || constant
}

/// A path, a symbol, a template.
fn is_reference(value: &str) -> bool {
    value.starts_with(['/', ':', '~', '_'])
        || value.starts_with("./")
        || (value.starts_with("##") && value.ends_with("##"))
}

/// Words of another script without any digit: the caption of a field.
fn is_caption(value: &str) -> bool {
    !value.is_ascii() && !value.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_dummy;

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
        ];
        for real in real {
            assert!(!is_dummy(real), "{real}");
        }
    }
}
