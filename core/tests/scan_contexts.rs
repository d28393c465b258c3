//! Keys as people paste them: 16 kinds in 25 writing contexts, the whole key covered.

use cloister_core::scan::Scanner;

/// A small generator of reproducible digits (Steele, Lea and Flood 2014, `SplitMix64`).
struct Digits(u64);

impl Digits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn of(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length)
            .map(|_| {
                let place = self.next() % alphabet.len() as u64;
                char::from(alphabet[usize::try_from(place).expect("an alphabet is short")])
            })
            .collect()
    }
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &str = "0123456789abcdef";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// One key of each kind.
fn keys(digits: &mut Digits) -> [(&'static str, String); 16] {
    [
        ("aws", format!("AKIA{}", digits.of(BASE32, 16))),
        ("github", format!("ghp_{}", digits.of(ALNUM, 36))),
        (
            "github fine-grained",
            format!(
                "github_pat_{}_{}",
                digits.of(ALNUM, 22),
                digits.of(ALNUM, 59)
            ),
        ),
        ("gitlab", format!("glpat-{}", digits.of(URL_SAFE, 20))),
        (
            "openai",
            format!(
                "sk-{}T3BlbkFJ{}",
                digits.of(ALNUM, 20),
                digits.of(ALNUM, 20)
            ),
        ),
        (
            "openai project",
            format!(
                "sk-proj-{}T3BlbkFJ{}",
                digits.of(URL_SAFE, 74),
                digits.of(URL_SAFE, 74)
            ),
        ),
        (
            "anthropic",
            format!("sk-ant-api03-{}AA", digits.of(URL_SAFE, 93)),
        ),
        ("stripe", format!("sk_live_{}", digits.of(ALNUM, 24))),
        (
            "slack",
            format!(
                "xoxb-{}-{}-{}",
                digits.of("123456789", 12),
                digits.of("123456789", 12),
                digits.of(ALNUM, 24)
            ),
        ),
        ("google", format!("AIza{}", digits.of(URL_SAFE, 35))),
        (
            "sendgrid",
            format!("SG.{}.{}", digits.of(URL_SAFE, 22), digits.of(URL_SAFE, 43)),
        ),
        ("npm", format!("npm_{}", digits.of(ALNUM, 36))),
        ("hugging face", format!("hf_{}", digits.of(ALNUM, 34))),
        ("digitalocean", format!("dop_v1_{}", digits.of(HEX, 64))),
        (
            "jwt",
            format!(
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{}",
                digits.of(URL_SAFE, 43)
            ),
        ),
        (
            "postgres",
            format!(
                "postgres://app:{}@db.example.com:5432/main",
                digits.of(ALNUM, 16)
            ),
        ),
    ]
}

const CONTEXTS: [&str; 25] = [
    "API_KEY=X\n",
    "{\"key\": \"X\", \"n\": 1}",
    "key: X\nnext: 1",
    "export K='X'",
    "Here is my key X. Can you see what is wrong?",
    "I used X, and it failed",
    "Is it X?",
    "(X)",
    "[X]",
    "the key [see](X) is old",
    "**X**",
    "`X`",
    "| name | X | note |",
    "|X|",
    "<key>X</key>",
    "\u{201c}X\u{201d}",
    "\u{2018}X\u{2019}",
    "密钥是X。谢谢",
    "使用X，谢谢",
    "Schlüssel „X“!",
    "key=X;other=1",
    "first X\nsecond X",
    "\"line one\\nX\\nline two\"",
    "it is X... I think",
    "X\u{a0}– revoked?",
];

#[test]
fn keys_in_all_writings_are_covered_from_the_first_to_the_last_character() {
    const ROUNDS: usize = 8;
    let scanner = Scanner::secrets();
    let mut digits = Digits(2026);
    let (mut cases, mut failures) = (0_u32, Vec::new());
    for _ in 0..ROUNDS {
        for (kind, key) in keys(&mut digits) {
            for context in CONTEXTS {
                let text = context.replace('X', &key);
                let found = scanner.scan(&text);
                for (start, _) in text.match_indices(&key) {
                    cases += 1;
                    let whole = found.iter().any(|finding| {
                        finding.span().start <= start && finding.span().end >= start + key.len()
                    });
                    // Nor may a finding take in what follows the key.
                    let tidy = found.iter().all(|finding| {
                        let span = finding.span();
                        span.end <= start
                            || span.start >= start + key.len()
                            || span.end == start + key.len()
                    });
                    if !whole || !tidy {
                        failures.push(format!("{kind} in {context:?}"));
                    }
                }
            }
        }
    }
    failures.sort();
    failures.dedup();
    assert!(cases >= 16 * 25, "{cases} cases");
    assert!(
        failures.is_empty(),
        "of {cases} cases:\n{}",
        failures.join("\n")
    );
}
