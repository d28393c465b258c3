//! Where other guards are known to fail, and what a report may show.

use cloister_core::secrets::Detector;

const KEY: &str = "sk_live_51HxJ1234567890abcdefghijklm";
const PEM: &str = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq5Yd3mVwN0xk9rX1Zcq8J2sLkQ\nAoIBAQC7bq5Yd3mVwN0xk9rX1Zcq8J2sLkQwErTyUiOp\nq8J2sLkQ==\n-----END RSA PRIVATE KEY-----";

fn kinds(text: &str) -> Vec<String> {
    Detector::new()
        .detect(text)
        .iter()
        .map(|secret| secret.kind().to_owned())
        .collect()
}

#[test]
fn the_second_occurrence_of_a_key_is_redacted_too() {
    let (redacted, secrets) = Detector::new().redact(&format!("a {KEY} b {KEY}, c"));
    assert_eq!(redacted, "a [STRIPE_KEY] b [STRIPE_KEY], c");
    assert_eq!(secrets.len(), 2);
}

#[test]
fn a_private_key_is_redacted_with_its_body() {
    let (redacted, _) = Detector::new().redact(&format!("before\n{PEM}\nafter"));
    assert_eq!(redacted, "before\n[RSA_PRIVATE_KEY]\nafter");
}

#[test]
fn a_private_key_without_its_end_is_redacted_up_to_the_prose() {
    let cut = PEM.split("\n-----END").next().unwrap_or_default();
    let (redacted, _) = Detector::new().redact(&format!("{cut}\nThat was the key."));
    assert_eq!(redacted, "[RSA_PRIVATE_KEY]\nThat was the key.");
    let escaped = PEM.replace('\n', "\\n");
    let (redacted, _) =
        Detector::new().redact(&format!("{{\"private_key\": \"{escaped}\\n\", \"x\": 1}}"));
    assert_eq!(
        redacted,
        "{\"private_key\": \"[RSA_PRIVATE_KEY]\\n\", \"x\": 1}"
    );
}

#[test]
fn a_snippet_shows_no_secret_of_its_line() {
    let text = format!("first\nuser = x; key = {KEY}; password = \"hunter2\" # two\nlast");
    let secrets = Detector::new().max_context_chars(200).detect(&text);
    assert_eq!(secrets.len(), 2);
    for secret in &secrets {
        assert_eq!(
            secret.snippet,
            "user = x; key = [REDACTED]; password = \"[REDACTED]\" # two"
        );
    }
    assert_eq!((secrets[0].start.line, secrets[0].start.column), (2, 16));
    assert_eq!(secrets[0].end.column, 16 + KEY.len());
}

#[test]
fn a_snippet_is_no_longer_than_asked_for() {
    let text = format!("{} {KEY} {}", "before ".repeat(50), "after ".repeat(50));
    for chars in [0, 4, 10, 30, 50] {
        let secrets = Detector::new().max_context_chars(chars).detect(&text);
        let shown = secrets[0].snippet.trim_matches('.');
        assert!(shown.chars().count() <= chars, "{shown:?}");
        assert!(chars < 10 || shown.contains("[REDACTED]"));
    }
}

#[test]
fn a_key_in_a_sentence_is_found_whatever_follows_it() {
    for after in [
        ". Can you help?",
        ", please",
        ")",
        "]",
        "*",
        "|",
        "<",
        "?",
        "&x=1",
        "；",
        "。",
        "”",
        "’",
        "和",
        "`",
        "!",
        ";",
        ":",
        "\\n",
        "\u{200b}",
    ] {
        for key in [
            KEY,
            "AKIA1234567890ABCDEF",
            "ghp_abcdefghijABCDEFGHIJ0123456789abcdef",
        ] {
            let text = format!("Here is my key {key}{after}");
            let secrets = Detector::new().detect(&text);
            assert_eq!(secrets.len(), 1, "{text:?}");
            assert_eq!(&text[secrets[0].finding.span()], key);
        }
    }
}

#[test]
fn passwords_are_found_in_every_customary_writing() {
    for text in [
        "password = \"hunter2x\"",
        "password: hunter2x",
        "PASSWORD=hunter2x",
        "export DB_PASSWORD=hunter2x",
        "{\"password\": \"hunter2x\"}",
        "{\\\"password\\\": \\\"hunter2x\\\"}",
        "config['password'] = 'hunter2x'",
        "password => 'hunter2x',",
        "dbPassword: 'hunter2x'",
        "<password>hunter2x</password>",
        "my password is hunter2x",
        "Password: hunter2x.",
        "**Password:** hunter2x",
        "mysql_pwd=hunter2x;",
        "?user=a&password=hunter2x",
        "let passwd = b\"hunter2x\";",
    ] {
        let secrets = Detector::new().detect(text);
        let found: Vec<&str> = secrets
            .iter()
            .map(|secret| &text[secret.finding.span()])
            .collect();
        assert_eq!(found, ["hunter2x"], "{text}");
    }
}

#[test]
fn what_only_stands_for_a_password_is_none() {
    for text in [
        "password = os.environ[\"DB_PASSWORD\"]",
        "password = \"${DB_PASSWORD}\"",
        "password: {{ vault_password }}",
        "password = \"********\"",
        "password = None",
        "def login(user: str, password: str) -> None:",
        "password_min_length = 12345",
        "if password == other.password:",
        "Please reset your password: it has expired.",
        "the password is required",
        "password = input(\"Password: \")",
        "forgot password? click here",
    ] {
        assert_eq!(kinds(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn nothing_that_can_be_printed_holds_a_value() {
    let secrets = Detector::new().detect(&format!("key {KEY}"));
    let shown = format!("{:?} {:?}", secrets, secrets[0].finding);
    assert!(!shown.contains("51HxJ"), "{shown}");
}
