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
fn what_its_surroundings_gave_away_is_redacted_everywhere() {
    let redact = |text: &str| Detector::new().redact(text).0;
    assert_eq!(
        redact("try k7Xw2pQz!\nThe password is k7Xw2pQz.\nssh bob@host # (k7Xw2pQz), k7Xw2pQzz"),
        "try [PASSWORD]!\nThe password is [PASSWORD].\nssh bob@host # ([PASSWORD]), k7Xw2pQzz"
    );
    assert_eq!(
        redact("redis://:zR8kq2Lm@cache:6379/0 and again: zR8kq2Lm"),
        "[DATABASE_URL] and again: [DATABASE_URL]"
    );
    let word = "password = \"tiger\"; a tiger is a cat";
    assert_eq!(redact(word), "password = \"[PASSWORD]\"; a tiger is a cat");
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
fn a_documented_example_is_less_sure_than_a_key() {
    let sure = |text: &str| Detector::new().detect(text)[0].finding.confidence();
    assert!(sure("AKIAIOSFODNN7EXAMPLE") < 0.7);
    assert!(sure("AKIAIOSFODNN7EXAMPLF") > 0.9);
    assert!(sure("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") < 0.7);
}

#[test]
fn a_header_that_does_not_decode_is_reported_with_less_confidence() {
    let found = |text: &str| {
        let secrets = Detector::new().detect(text);
        (secrets.len(), secrets[0].finding.confidence())
    };
    let (count, sure) = found("Authorization: Basic YWRtaW46aHVudGVyMnNlY3JldA==");
    assert!(count == 1 && sure > 0.9);
    let (count, doubtful) = found("Authorization: Basic Fv1cSeZtaf3kQ9==");
    assert!(count == 1 && doubtful < 0.7);
}

#[test]
fn nothing_that_can_be_printed_holds_a_value() {
    let secrets = Detector::new().detect(&format!("key {KEY}"));
    let shown = format!("{:?} {:?}", secrets, secrets[0].finding);
    assert!(!shown.contains("51HxJ"), "{shown}");
}

#[test]
fn what_is_not_worth_an_alert_is_redacted_all_the_same() {
    let detector = Detector::new().alert_from(0.7).expect("a threshold");
    let text = format!("password = \"tiger\"; key = {KEY}");
    let alerts = detector.detect(&text);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].kind(), "stripe_key");
    assert!(
        !alerts[0].snippet.contains("tiger"),
        "{}",
        alerts[0].snippet
    );
    let (redacted, secrets) = detector.redact(&text);
    assert_eq!(redacted, "password = \"[PASSWORD]\"; key = [STRIPE_KEY]");
    assert_eq!(secrets.len(), 2);
    let (redacted, _) = detector
        .redact_from(0.7)
        .expect("a threshold")
        .redact(&text);
    assert!(redacted.contains("tiger"));
    assert!(Detector::new().alert_from(1.5).is_err());
}

#[test]
fn a_scan_leaves_no_file_behind() {
    // Every file that this process creates from here on would be in the empty folder that is its temporary one.
    let folder = tempfile::tempdir().expect("a folder");
    let status = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "the_second_occurrence_of_a_key_is_redacted_too"])
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .status()
        .expect("a second process");
    assert!(status.success());
    let left = std::fs::read_dir(folder.path())
        .expect("the folder")
        .count();
    assert_eq!(left, 0);
}

#[test]
fn passwords_are_found_in_configurations_and_code_of_every_kind() {
    for text in [
        "--password k7Xw2pQz",
        "-Password k7Xw2pQz -Force",
        "deploy --db-password=k7Xw2pQz",
        "define('DB_PASSWORD', 'k7Xw2pQz');",
        "'password' => env('DB_PASSWORD', 'k7Xw2pQz'),",
        "os.environ.get('DB_PASSWORD', 'k7Xw2pQz')",
        "const pass = process.env.DB_PASSWORD || 'k7Xw2pQz'",
        "String password = new String(\"k7Xw2pQz\");",
        "password: str = \"k7Xw2pQz\"",
        "var password string = \"k7Xw2pQz\"",
        "char password[] = \"k7Xw2pQz\";",
        "NSString *password = @\"k7Xw2pQz\";",
        "<add key=\"DbPassword\" value=\"k7Xw2pQz\" />",
        "<entry key=\"password\">k7Xw2pQz</entry>",
        "{\"name\": \"DB_PASSWORD\", \"value\": \"k7Xw2pQz\"}",
        "  - name: DB_PASSWORD\n    value: k7Xw2pQz",
        "machine example.com login bob password k7Xw2pQz",
        "DB_PASSWORD=${DB_PASSWORD:-k7Xw2pQz}",
        "&quot;password&quot;: &quot;k7Xw2pQz&quot;",
        "密码：k7Xw2pQz。",
        "密码是k7Xw2pQz，谢谢",
        "password = \u{201c}k7Xw2pQz\u{201d}",
        "CREATE USER app IDENTIFIED BY k7Xw2pQz;",
        "if (user.password != \"k7Xw2pQz\")",
        "client.setPassword(\"k7Xw2pQz\")",
    ] {
        let secrets = Detector::new().detect(text);
        let found: Vec<&str> = secrets
            .iter()
            .map(|secret| &text[secret.finding.span()])
            .collect();
        assert_eq!(found, ["k7Xw2pQz"], "{text}");
    }
}

#[test]
fn names_of_credentials_with_ordinary_values_are_none() {
    for text in [
        "password = request.form[\"password\"]",
        "token = self.get_token(\"identifier\")",
        "password: Optional[str] = None",
        "const tokenType = \"Bearer\";",
        "public_key = \"3f0237fce8ed44d72e56065a9d9364a59602b8bf\"",
        "primary_key = \"customer_identifier\"",
        "key: \"settings.page.title\"",
        "\"password\": \"Mot de passe\"",
        "password_hint = \"Enter the password\"",
        "token = \"${TOKEN}\"",
        "secret = \"<your-secret>\"",
        "api_key = \"xxxxxxxxxxxxxxxxxxxx\"",
        "integrity = \"sha512-3f0237fce8ed44d72e56065a9d9364a59602b8bf\"",
        "password = \"12345678\"",
        "[\"username\", \"password\", \"email\"]",
    ] {
        assert_eq!(kinds(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_text_may_end_anywhere_in_an_assignment() {
    let detector = Detector::new();
    for text in [
        "public string Password { get; set; } = \"k7Xw2pQz\";",
        "<key>password</key>\n<string>k7Xw2pQz</string>",
        "<setting name=\"password\" serializeAs=\"String\">\n<value>k7Xw2pQz</value>",
        "<password type=\"string\"><![CDATA[k7Xw2pQz]]></password>",
        "variable \"password\" {\n  default = \"k7Xw2pQz\"\n}",
        "password: |-\n  k7Xw2pQz",
        "password: &anchor k7Xw2pQz",
        "os.environ.get(\"PASSWORD\", default=\"k7Xw2pQz\") or \"k7Xw2pQz\"",
        "| password | k7Xw2pQz |",
        "password = getenv(\"NAME\", \"k7Xw2pQz\")",
        "'password' => env('NAME', 'k7Xw2pQz'),",
        "password = cfg[\"x\"] || \"k7Xw2pQz\"",
        "--password=k7Xw2pQz --yes",
        "public string Password {get;set;}=\"k7Xw2pQz\"",
        "#define PASSWORD (\"k7Xw2pQz\")",
        "strcpy(password, \"k7Xw2pQz\");",
        "std::env::var(\"PASSWORD\").unwrap_or(\"k7Xw2pQz\")",
        "mot de passe : « k7Xw2pQz »",
        "密码是k7Xw2pQz。",
        "getenv('PASSWORD') ?: 'k7Xw2pQz'",
        "gh secret set PASSWORD --body \"k7Xw2pQz\"",
    ] {
        for (end, _) in text.char_indices() {
            let _ = detector.detect(&text[..end]);
        }
        let found = detector.detect(text);
        assert!(!found.is_empty(), "{text}");
        assert_eq!(&text[found[0].finding.span()], "k7Xw2pQz", "{text}");
    }
}
