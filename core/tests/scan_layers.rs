//! Values that are not written as they read: found, and reported where they are written.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloister_core::pii::Scrubber;
use cloister_core::scan::{Entry, Layer, Scanner, ScannerBuilder};
use proptest::prelude::*;

/// What is found in `text`: the kind, what is written there, and the layers over it.
fn found(text: &str) -> Vec<(String, &str, Vec<Layer>)> {
    let found = Scanner::all().scan(text);
    found
        .iter()
        .map(|finding| {
            let layers = finding.evidence().layers;
            assert_eq!(layers, finding.layers());
            (
                finding.kind().to_owned(),
                &text[finding.span()],
                layers.iter().collect(),
            )
        })
        .collect()
}

fn assert_found(text: &str, kind: &str, written: &str, layers: &[Layer]) {
    assert_eq!(
        found(text),
        [(kind.to_owned(), written, layers.to_vec())],
        "in {text:?}"
    );
}

#[test]
fn look_alikes_and_invisible_characters_are_read_as_ascii() {
    for (text, kind, written) in [
        ("SSN 123–45–6789.", "ssn", "123–45–6789"),
        (
            "SSN １２３－４５－６７８９.",
            "ssn",
            "１２３－４５－６７８９",
        ),
        (
            "call 555\u{A0}123\u{2009}4567 now",
            "phone",
            "555\u{A0}123\u{2009}4567",
        ),
        ("call 555•123•4567 now", "phone", "555•123•4567"),
        (
            "to j\u{43E}hn＠ex\u{430}mple．c\u{43E}m now",
            "email",
            "j\u{43E}hn＠ex\u{430}mple．c\u{43E}m",
        ),
        ("to 𝗷𝗼𝗵𝗻@𝘦𝘹𝘢𝘮𝘱𝘭𝘦.𝚌𝚘𝚖 now", "email", "𝗷𝗼𝗵𝗻@𝘦𝘹𝘢𝘮𝘱𝘭𝘦.𝚌𝚘𝚖"),
        (
            "is 1\u{336}2\u{336}3\u{336}-45-6789 it",
            "ssn",
            "1\u{336}2\u{336}3\u{336}-45-6789",
        ),
    ] {
        assert_found(text, kind, written, &[Layer::Unicode]);
    }
    let tags: String = "SSN 123-45-6789"
        .chars()
        .filter_map(|c| char::from_u32(0xE0000 + u32::from(c)))
        .collect();
    let text = format!("Hello!{tags}");
    let hidden = found(&text);
    assert_eq!(hidden.len(), 1);
    assert_eq!(hidden[0].1.chars().count(), 11);
}

#[test]
fn words_of_other_scripts_stay_what_they_are() {
    for text in [
        "Иванов Пётр, пациент № 7, оса и хор",
        "Ωμέγα και άλφα",
        "The α-blocker and 5 мг of β-carotene",
    ] {
        assert!(found(text).is_empty(), "{text}");
    }
}

#[test]
fn what_is_spelt_out_in_ascii_is_read() {
    use Layer::{Backslash, Html, Percent, QuotedPrintable};
    for (text, kind, written, layer) in [
        (
            "<td>123&#45;45&#x2D;6789</td>",
            "ssn",
            "123&#45;45&#x2D;6789",
            Html,
        ),
        (
            "john&commat;example&period;com",
            "email",
            "john&commat;example&period;com",
            Html,
        ),
        (
            "call 555&#32;123&#32;4567",
            "phone",
            "555&#32;123&#32;4567",
            Html,
        ),
        (
            "?u=john%40example.com&x=1",
            "email",
            "john%40example.com",
            Percent,
        ),
        (
            "ssn%3A%20123%2D45%2d6789",
            "ssn",
            "123%2D45%2d6789",
            Percent,
        ),
        (
            "SSN: 123=2D45=2D6789\n",
            "ssn",
            "123=2D45=2D6789",
            QuotedPrintable,
        ),
        (
            "write to john=\r\n@example.com",
            "email",
            "john=\r\n@example.com",
            QuotedPrintable,
        ),
        (
            r#"{"to":"john\u0040example.com"}"#,
            "email",
            r"john\u0040example.com",
            Backslash,
        ),
        (
            r#"{"dob":"01\/15\/1980"}"#,
            "dob",
            r"01\/15\/1980",
            Backslash,
        ),
        (
            r"ssn \x31\x32\x33-45-6789 ",
            "ssn",
            r"\x31\x32\x33-45-6789",
            Backslash,
        ),
    ] {
        assert_found(text, kind, written, &[layer]);
    }
}

#[test]
fn base64_is_covered_by_whole_groups_so_that_nothing_of_the_value_can_be_decoded() {
    for (engine, around) in [(&STANDARD, "data: X"), (&URL_SAFE_NO_PAD, "{\"d\": \"X\"}")] {
        for before in ["", "a", "ab", "abc"] {
            let note = format!("{before} SSN 123-45-6789 ok??>>");
            let text = around.replace('X', &engine.encode(&note));
            let scrubbed = Scrubber::new().scrub(&text);
            assert_eq!(scrubbed.findings.len(), 1, "{text}");
            let span = scrubbed.findings[0].span();
            assert!(scrubbed.findings[0].layers().has(Layer::Base64));
            let covered = STANDARD.decode(text[span.clone()].replace('-', "+").replace('_', "/"));
            let covered = String::from_utf8(covered.expect("whole groups")).expect("text");
            assert!(covered.contains("123-45-6789"), "{covered}");
            assert!(span.len() <= 20, "{covered}");
        }
    }
    assert_found(
        "x=MTIzLTQ1LTY3ODk=",
        "ssn",
        "MTIzLTQ1LTY3ODk=",
        &[Layer::Base64],
    );
}

#[test]
fn a_value_that_reads_as_it_is_written_has_no_layers_whatever_its_label_is_written_in() {
    for text in [
        "“\u{41C}RN”: “987654”",
        "MRN&#58;&nbsp;987654",
        "m%72n%3D987654",
        "MRN =3D 987654\n",
        r"mrn\u0020987654",
    ] {
        assert_found(text, "mrn", "987654", &[]);
    }
}

#[test]
fn layers_lie_over_each_other() {
    let twice = STANDARD.encode(STANDARD.encode("the SSN is 123-45-6789, thanks"));
    let [(kind, written, layers)] = &found(&twice)[..] else {
        panic!("one finding was expected");
    };
    assert_eq!(
        (kind.as_str(), layers.as_slice()),
        ("ssn", &[Layer::Base64][..])
    );
    let once = STANDARD.decode(written).expect("whole groups");
    assert!(String::from_utf8_lossy(&once).len() < 32);

    let percent = STANDARD.encode("email=john%40example.com&go");
    assert_eq!(found(&percent)[0].2, [Layer::Percent, Layer::Base64]);
    let in_url = format!(
        "?d={}",
        STANDARD
            .encode("email john@example.com?>?>")
            .replace('/', "%2F")
            .replace('+', "%2B")
    );
    assert!(in_url.contains('%'));
    assert_eq!(found(&in_url)[0].2, [Layer::Percent, Layer::Base64]);
    assert_found(
        "123&amp;#45;45&amp;#45;6789",
        "ssn",
        "123&amp;#45;45&amp;#45;6789",
        &[Layer::Html],
    );
    assert_found(
        "ＳＳＮ%20123%2D45%2D6789",
        "ssn",
        "123%2D45%2D6789",
        &[Layer::Percent],
    );
}

#[test]
fn what_stands_in_the_text_as_it_reads_has_no_layers_whatever_is_around_it() {
    let text = "R&D at 98%: SSN 123-45-6789, john&#64;example.com, MRN: 987654, a\u{A0}b";
    let found = found(text);
    let kinds: Vec<_> = found
        .iter()
        .map(|(kind, _, layers)| (kind.as_str(), layers.len()))
        .collect();
    assert_eq!(kinds, [("ssn", 0), ("email", 1), ("mrn", 0)]);
}

#[test]
fn lists_compare_values_as_they_read() {
    let scanner = Scanner::builder()
        .identifiers()
        .allow("help@example.org")
        .deny("project", Entry::Exact("Project Ｈeron"))
        .and_then(ScannerBuilder::build)
        .expect("a scanner");
    assert!(scanner.scan("help%40example.org").is_empty());
    assert_eq!(scanner.scan("Project&nbsp;Heron").len(), 1);
    assert_eq!(scanner.scan("Project \u{FF28}eron").len(), 1);
}

#[test]
fn pictures_hashes_and_paths_decode_to_nothing() {
    for text in [
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "/usr/share/doc/libreoffice/getting-started-with-writer.html",
        "https://example.org/a?x=%7B%22page%22%3A1%7D&amp;y=2",
    ] {
        assert!(Scanner::identifiers().scan(text).is_empty(), "{text}");
    }
}

fn spelt(text: &str, escape: impl Fn(u8) -> String) -> String {
    let escapes: Vec<String> = text.bytes().map(escape).collect();
    escapes.concat()
}

#[test]
fn a_long_encoded_text_is_read_to_its_end() {
    let notes = "All was well. ".repeat(20_000) + "SSN 123-45-6789";
    for text in [
        STANDARD.encode(&notes),
        spelt(&notes, |byte| format!("%{byte:02X}")),
        spelt(&notes, |byte| format!("&#{byte};")),
    ] {
        let found = Scanner::all().scan(&text);
        assert_eq!(found.len(), 1);
        assert!(found[0].span().end + 4 >= text.len());
    }
}

/// Pieces of encoded text, whole and cut.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "123-45-6789",
            "SSN ",
            "%31",
            "%E2%80",
            "%",
            "&#49;",
            "&#x32",
            "&amp;",
            "=33",
            "=",
            "=\n",
            "\\u0034",
            "\\uD83D",
            "\\",
            "MTIzLTQ1LTY3ODk=",
            "U1NOIDEyMy00NS02Nzg5",
            "VTFOT0lERXlNeTAwTlMwMk56ZzU",
            "\n",
            "\u{200B}",
            "\u{2013}",
            "\u{430}b",
            "１２３",
            "é",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn findings_under_layers_ascend_and_lie_between_characters(
        pieces in prop::collection::vec(piece(), 0..24)
    ) {
        let text = pieces.concat();
        let mut end = 0;
        for finding in Scanner::all().scan(&text) {
            let (span, context) = (finding.span(), finding.context());
            prop_assert!(span.start >= end && span.start < span.end);
            prop_assert!(text.get(span.clone()).is_some() && text.get(context.clone()).is_some());
            prop_assert!(context.start <= span.start && span.end <= context.end);
            end = span.end;
        }
    }
}
