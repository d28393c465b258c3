//! The same rules in TOML, YAML and JSON: the same scanner, the same refusals.

use cloister_core::scan::{Format, Scanner, ScannerBuilder};
use cloister_core::{Kind, Result};

const TOML: &str = r#"
[words]
test_badges = ["BDG-0000"]

[[rule]]
id = "badge"
kind = "badge"
token = "BADGE"
what = "staff badge"
country = "no"
labels = ["badge"]
pattern = '(?P<value>BDG-[0-9]{4})'
confidence = 0.9
except = ["test_badges"]
"#;

const YAML: &str = r"
# Badges of the staff.
words:
  test_badges: [BDG-0000]
rule:
  - id: badge
    kind: badge
    token: BADGE
    what: staff badge
    country: no
    labels:
      - badge
    pattern: '(?P<value>BDG-[0-9]{4})'
    confidence: 0.9
    except: [test_badges]
";

const JSON: &str = r#"{
  "words": {"test_badges": ["BDG-0000"]},
  "rule": [{
    "id": "badge",
    "kind": "badge",
    "token": "BADGE",
    "what": "staff badge",
    "country": "no",
    "labels": ["badge"],
    "pattern": "(?P<value>BDG-[0-9]{4})",
    "confidence": 0.9,
    "except": ["test_badges"]
  }]
}"#;

const ALL: [(Format, &str); 3] = [
    (Format::Toml, TOML),
    (Format::Yaml, YAML),
    (Format::Json, JSON),
];

fn scanner(format: Format, rules: &str) -> Result<Scanner> {
    Scanner::builder()
        .rules_in(format, rules)
        .and_then(ScannerBuilder::build)
}

fn refusal(format: Format, rules: &str) -> String {
    let error = scanner(format, rules).expect_err("the rules are refused");
    assert_eq!(error.kind(), Kind::InvalidArgument);
    assert!(!error.message().contains('\n'), "{error}");
    error.message().to_owned()
}

#[test]
fn a_rule_finds_the_same_whatever_it_is_written_in() {
    let text = "badge BDG-1234, badge: BDG-0000";
    for (format, rules) in ALL {
        let scanner = scanner(format, rules).expect("a scanner");
        let found = scanner.scan(text);
        assert_eq!(found.len(), 1, "{format:?}");
        assert_eq!(&text[found[0].span()], "BDG-1234");
        assert_eq!(scanner.rules()[0].country(), Some("no"));
    }
}

#[test]
fn a_refusal_names_the_format_and_the_line_or_the_rule_and_the_reason() {
    for (format, rules) in ALL {
        for (from, to, reason) in [
            (
                "[0-9]{4}",
                "[0-9{4}",
                "rule `badge`: the pattern is not valid: unclosed character class",
            ),
            (
                "[0-9]{4}",
                "[0-9]{4}{900}{900}",
                "rule `badge`: the pattern compiles to more than 256 KiB",
            ),
            ("what", "wat", "rule `badge`: unknown field `wat`"),
            (
                "0.9",
                "2.5",
                "rule `badge`: a confidence is above 0 and at most 1",
            ),
            (
                "0.9",
                "[1]",
                "rule `badge`: a field has a value of the wrong type",
            ),
        ] {
            let changed = rules.replace(from, to);
            assert_ne!(changed, rules);
            let told = refusal(format, &changed);
            assert!(told.starts_with(reason), "{format:?}: {told}");
        }
    }
    for (format, rules, told) in [
        (
            Format::Toml,
            TOML.replace("0.9", ""),
            "the rules are not a TOML pack: line 13; hint: ",
        ),
        (
            Format::Yaml,
            YAML.replace("token: BADGE", "token: 'Doe"),
            "the rules are not a YAML pack: line ",
        ),
        (
            Format::Json,
            JSON.replace("0.9", "Doe"),
            "the rules are not a JSON pack: line 11; hint: ",
        ),
        (
            Format::Json,
            String::new(),
            "the rules are not a JSON pack: line 1; hint: ",
        ),
        (
            Format::Yaml,
            "- Doe".to_owned(),
            "the rules are not a YAML pack: line 1; hint: ",
        ),
    ] {
        let refusal = refusal(format, &rules);
        assert!(refusal.starts_with(told), "{refusal}");
        assert!(!refusal.contains("Doe"), "{refusal}");
    }
}

#[test]
fn yaml_that_grows_when_it_is_read_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let list = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.extend([format!("a{n}: &a{n} [{list}]\n")]);
    }
    assert!(refusal(Format::Yaml, &bomb).contains("not a YAML pack"));
    let deep = "[".repeat(100_000);
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        refusal(format, &deep);
    }
    let two = format!("{YAML}\n---\n{YAML}");
    refusal(Format::Yaml, &two);
}

#[test]
fn a_format_is_known_by_its_name() {
    for (name, format) in [
        ("toml", Some(Format::Toml)),
        ("yaml", Some(Format::Yaml)),
        ("json", Some(Format::Json)),
        ("xml", None),
    ] {
        assert_eq!(Format::named(name), format);
    }
}
