//! Keys as people paste them: of many kinds, in many writings, made from a seed.

/// A small generator of reproducible digits (Steele, Lea and Flood 2014, `SplitMix64`).
pub(crate) struct Digits(pub(crate) u64);

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
                char::from(alphabet[usize::try_from(place).unwrap_or_default()])
            })
            .collect()
    }

    /// A template with `<alphabet length>` in the place of random parts.
    fn fill(&mut self, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, part)) = rest.split_once('<') {
            out.push_str(before);
            let (part, behind) = part.split_once('>').unwrap_or((part, ""));
            let (alphabet, length) = part.split_once(' ').unwrap_or((part, "0"));
            let alphabet = ALPHABETS
                .iter()
                .find(|(name, _)| *name == alphabet)
                .map_or("", |(_, alphabet)| alphabet);
            out.push_str(&self.of(alphabet, length.parse().unwrap_or(0)));
            rest = behind;
        }
        out + rest
    }
}

const ALPHABETS: [(&str, &str); 8] = [
    (
        "alnum",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    ),
    (
        "url",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    (
        "b64",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    ),
    ("low", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("up", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    ("hex", "0123456789abcdef"),
    ("b32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("dec", "123456789"),
];

/// A kind of key, and how it is written: what stands between `«` and `»` is secret, all of it where there are none.
const KINDS: [(&str, &str); 36] = [
    ("AWS access key id", "AKIA<b32 16>"),
    (
        "AWS secret key",
        "aws_secret_access_key = «wJal<alnum 18>/<alnum 17>»",
    ),
    ("GitHub token", "ghp_<alnum 36>"),
    (
        "GitHub fine-grained token",
        "github_pat_<alnum 22>_<alnum 59>",
    ),
    ("GitLab token", "glpat-<url 19>x"),
    ("OpenAI key", "sk-<alnum 20>T3BlbkFJ<alnum 20>"),
    ("OpenAI project key", "sk-proj-<url 74>T3BlbkFJ<url 73>x"),
    ("Anthropic key", "sk-ant-api03-<url 93>AA"),
    ("Stripe key", "sk_live_<alnum 24>"),
    ("Slack token", "xoxb-<dec 12>-<dec 12>-<alnum 24>"),
    (
        "Slack webhook",
        "https://hooks.slack.com/services/T<up 8>/B<up 8>/<alnum 24>",
    ),
    ("Google API key", "AIza<url 34>x"),
    ("Google OAuth secret", "GOCSPX-<url 27>x"),
    ("SendGrid key", "SG.<url 22>.<url 42>x"),
    ("npm token", "npm_<alnum 36>"),
    ("PyPI token", "pypi-AgEIcHlwaS5vcmc<url 69>x"),
    ("Hugging Face token", "hf_<alnum 34>"),
    ("DigitalOcean token", "dop_v1_<hex 64>"),
    ("Twilio key", "SK<hex 32>"),
    ("Grafana token", "glsa_<alnum 32>_<hex 8>"),
    ("Vault token", "hvs.<alnum 95>"),
    ("Databricks token", "dapi<hex 32>"),
    ("Shopify token", "shpat_<hex 32>"),
    ("Groq key", "gsk_<alnum 52>"),
    ("Docker Hub token", "dckr_pat_<alnum 27>"),
    (
        "JSON Web Token",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.<url 42>x",
    ),
    (
        "database URL",
        "postgres://app:<alnum 16>@db.example.com:5432/main",
    ),
    (
        "URL with credentials",
        "https://bob:<alnum 14>@git.example.com/app.git",
    ),
    (
        "private key",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC<b64 32>\n<b64 64>\n<b64 30>==\n-----END PRIVATE KEY-----",
    ),
    (
        "UUID-shaped key",
        "api_key=«<hex 8>-<hex 4>-4<hex 3>-a<hex 3>-<hex 12>»",
    ),
    ("JSON Web Key", "{\"kty\":\"oct\",\"k\":\"«<alnum 43>»\"}"),
    (
        "basic header",
        "Authorization: Basic «YWRtaW46aHVudGVyMnNlY3JldA==»",
    ),
    ("bearer header", "Authorization: Bearer «<alnum 40>»"),
    ("command line", "mysql -u root -p«k7<alnum 10>» -h db app"),
    ("password option", "deploy --password «k7<alnum 10>» --yes"),
    ("password in prose", "the password is «k7X<alnum 9>»"),
];

/// The writings; `X` stands for the key.
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

/// A text with a key in it.
pub(crate) struct Writing {
    /// The kind of the key.
    pub(crate) kind: &'static str,
    /// The writing, with `X` for the key.
    pub(crate) context: &'static str,
    pub(crate) text: String,
    /// What is secret of it; it may stand in the text more than once.
    pub(crate) secret: String,
}

/// One text for each kind of key in each writing.
pub(crate) fn writings(digits: &mut Digits) -> Vec<Writing> {
    let mut out = Vec::new();
    for (kind, template) in KINDS {
        let marked = digits.fill(template);
        let secret = marked
            .split_once('«')
            .and_then(|(_, rest)| rest.split_once('»'))
            .map_or(marked.clone(), |(secret, _)| secret.to_owned());
        let pasted = marked.replace(['«', '»'], "");
        for context in CONTEXTS {
            out.push(Writing {
                kind,
                context,
                text: context.replace('X', &pasted),
                secret: secret.clone(),
            });
        }
    }
    out
}
