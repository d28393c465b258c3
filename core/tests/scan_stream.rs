//! A text that comes in chunks is scanned like a whole one, in memory that does not grow with it.

use std::ops::Range;

use cloister_core::Kind;
use cloister_core::pii::{Scrubber, Style, Vault, VaultOptions};
use cloister_core::scan::{Category, Finding, Located, Origin, Scanner, ScannerBuilder, positions};
use proptest::prelude::*;

mod hostile_inputs;
mod writings;

use hostile_inputs::hostile_inputs;
use writings::{Digits, writings};

/// What [`Scanner::stream`] says that it holds back.
const HELD: usize = 16 << 10;
const MOST_HELD: usize = 256 << 10;
/// A chunk is taken in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// Rule, value and context of each finding.
type Found = Vec<(String, Range<usize>, Range<usize>)>;

fn every_rule() -> Scanner {
    Scanner::builder()
        .profile("all")
        .and_then(|builder| builder.secrets().build())
        .expect("there is a profile of all rules")
}

/// What stands for the rule where a credential is found again.
const REUSED: &str = "credential-repeat";

fn parts(finding: &Finding) -> (String, Range<usize>, Range<usize>) {
    let again = finding.evidence().origin == Origin::Repeat;
    let rule = match finding.category() {
        Category::Secret if again => REUSED,
        _ => finding.rule().id(),
    };
    (rule.to_owned(), finding.span(), finding.context())
}

fn whole(scanner: &Scanner, text: &str) -> Found {
    scanner.scan(text).iter().map(parts).collect()
}

fn found(located: &[Located]) -> Found {
    located.iter().map(|one| parts(&one.finding)).collect()
}

fn streamed<'a>(scanner: &Scanner, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Located> {
    let mut stream = scanner.stream();
    let mut located = Vec::new();
    for chunk in chunks {
        located.extend(stream.push(chunk).expect("it is UTF-8"));
        assert!(stream.held() <= MOST_HELD + PIECE, "{stream:?}");
    }
    located.extend(stream.finish().expect("it ends with a code point"));
    located
}

/// Chunks of the lengths of `cuts`, over and over.
fn chunks<'a>(text: &'a str, cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = text.as_bytes();
    let mut chunks = Vec::new();
    for &cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, behind) = rest.split_at(cut.clamp(1, rest.len()));
        chunks.push(chunk);
        rest = behind;
    }
    chunks
}

fn without_repeats(mut found: Found) -> Found {
    found.retain(|(rule, _, _)| rule != "name-repeat" && rule != REUSED);
    found
}

fn assert_same(scanner: &Scanner, text: &str, cuts: &[usize]) {
    let located = streamed(scanner, chunks(text, cuts));
    assert_eq!(
        without_repeats(found(&located)),
        without_repeats(whole(scanner, text)),
        "cut into {cuts:?}"
    );
    for one in &located {
        let span = one.finding.span();
        let places = positions(text, &[span.start, span.end]);
        assert_eq!((one.start, one.end), (places[0], places[1]));
    }
}

/// The examples of all rules, in an order that `seed` decides, with prose between them.
fn examples(scanner: &Scanner, seed: u64, bytes: usize) -> String {
    const PROSE: [&str; 5] = [
        "The patient was seen in clinic and was doing well on the present medication.\n",
        "Größe und Gewicht sind unauffällig; 血压正常，继续服药。 ",
        "fn main() { let total = items.iter().map(|item| item.price).sum::<u64>(); }\n",
        "\n\n",
        "Lungs are clear to auscultation bilaterally, and the abdomen is soft. ",
    ];
    let examples: Vec<String> = scanner
        .rules()
        .iter()
        .flat_map(|rule| rule.examples().iter().chain(rule.counter_examples()))
        .map(|example| example.replace(['«', '»'], ""))
        .collect();
    let mut state = seed | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap_or(0)
    };
    let mut text = String::new();
    while text.len() < bytes {
        text.push_str(&examples[next(examples.len())]);
        text.push_str([" ", "\n", ". ", ", "][next(4)]);
        text.push_str(PROSE[next(PROSE.len())]);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn chunks_give_the_findings_of_the_whole(
        seed in any::<u64>(),
        bytes in 1usize..120_000,
        cuts in prop::collection::vec(1usize..20_000, 1..8),
    ) {
        let scanner = every_rule();
        assert_same(&scanner, &examples(&scanner, seed, bytes), &cuts);
    }

    #[test]
    fn the_cuts_make_no_difference(
        seed in any::<u64>(),
        cuts in prop::collection::vec(1usize..9_000, 1..8),
        others in prop::collection::vec(1usize..90_000, 1..4),
    ) {
        let scanner = Scanner::all();
        let text = examples(&scanner, seed, 100_000);
        prop_assert_eq!(
            found(&streamed(&scanner, chunks(&text, &cuts))),
            found(&streamed(&scanner, chunks(&text, &others)))
        );
    }
}

#[test]
fn pasted_keys_are_the_same_however_the_text_is_cut() {
    let scanner = Scanner::secrets();
    let mut digits = Digits(7);
    let lines: Vec<String> = writings(&mut digits)
        .iter()
        .map(|writing| {
            assert!(writing.text.contains(&writing.secret));
            format!(
                "# {} in {:?}\n{}\n",
                writing.kind, writing.context, writing.text
            )
        })
        .collect();
    let text = lines.concat();
    for cuts in [&[1][..], &[7, 64], &[4096, 13], &[50_000, 1, 2, 3]] {
        assert_same(&scanner, &text, cuts);
    }
}

#[test]
fn a_text_is_scrubbed_in_chunks_as_the_whole_is() {
    let scanner = Scanner::builder()
        .identifiers()
        .secrets()
        .without("name-repeat")
        .and_then(ScannerBuilder::build)
        .expect("there is a rule of that name");
    for style in [Style::Redact, Style::Mask] {
        let scrubber = Scrubber::with_scanner(scanner.clone(), style);
        let text = examples(&scanner, 11, 200_000);
        let mut stream = scrubber.stream();
        let mut joined = String::new();
        for chunk in chunks(&text, &[1, 5_000, 70_000, 13]) {
            joined.push_str(&stream.push(chunk).expect("it is UTF-8").text);
        }
        assert!(stream.held() > 0);
        joined.push_str(&stream.finish().expect("it ends with a code point").text);
        assert_eq!(stream.held(), 0);
        assert!(joined == scrubber.scrub(&text).text);
    }
}

#[test]
fn one_byte_at_a_time_is_enough() {
    let scanner = Scanner::all();
    assert_same(&scanner, &examples(&scanner, 7, 60_000), &[1]);
}

/// The bytes that findings cover, as stretches that do not touch: a value that is too long to be waited for comes in pieces.
fn covered(found: Found) -> Vec<std::ops::Range<usize>> {
    let mut joined: Vec<std::ops::Range<usize>> = Vec::new();
    for (_, span, _) in without_repeats(found) {
        match joined.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => joined.push(span),
        }
    }
    joined
}

#[test]
fn in_hostile_text_nothing_is_missed_that_the_whole_shows() {
    let scanner = every_rule();
    for (name, text) in hostile_inputs(200_000) {
        let located = streamed(&scanner, chunks(&text, &[1000, 30_000, 3]));
        let covered = covered(found(&located));
        for (_, span, _) in without_repeats(whole(&scanner, &text)) {
            let next = covered.partition_point(|known| known.end < span.end);
            let inside = covered
                .get(next)
                .is_some_and(|known| known.start <= span.start);
            assert!(inside, "{name}: {span:?}");
        }
    }
}

#[test]
fn the_work_grows_with_the_length_of_the_stream_and_no_faster() {
    const SMALL: usize = 128 << 10;
    const FACTOR: usize = 3;
    let scanner = every_rule();
    let cost = |text: &str| {
        let mut stream = scanner.stream();
        for chunk in text.as_bytes().chunks(4096) {
            stream.push(chunk).expect("it is UTF-8");
        }
        stream.finish().expect("it ends with a code point");
        stream.effort().bytes
    };
    let large = hostile_inputs(SMALL * FACTOR);
    for ((name, small), (_, large)) in hostile_inputs(SMALL).iter().zip(&large) {
        let (little, much) = (cost(small), cost(large));
        let allowed = FACTOR * (little + SMALL) * 5 / 4;
        assert!(
            much <= allowed,
            "{name}: {little} bytes looked at, then {much}"
        );
    }
}

#[test]
fn ordinary_text_is_held_back_for_a_few_kilobytes() {
    let scanner = Scanner::all();
    let text = examples(&scanner, 3, 1 << 20).replace("-----", "");
    let mut stream = scanner.stream();
    let mut most = 0;
    for chunk in text.as_bytes().chunks(100) {
        stream.push(chunk).expect("it is UTF-8");
        most = most.max(stream.held());
    }
    assert!(most <= HELD, "{most} bytes were held");
}

#[test]
fn a_value_that_is_too_long_to_be_waited_for_is_found_in_pieces() {
    let scanner = Scanner::secrets();
    let value = format!("sk_live_{}", "4eC39HqLyjWDarjtT1zdp7dc".repeat(40_000));
    let text = format!("key {value} and more");
    let located = streamed(&scanner, chunks(&text, &[5000]));
    assert!(located.len() > 1);
    let covered = covered(found(&located));
    assert_eq!((covered.len(), &text[covered[0].clone()]), (1, &*value));
}

#[test]
fn a_name_is_found_again_behind_the_place_where_it_was_found_first() {
    let scanner = Scanner::identifiers();
    let filler = "The patient was seen in clinic and was doing well.\n".repeat(2_000);
    let text = format!("Alvarez. {filler}Dr. Maria Alvarez, {filler}ALVAREZ and Alvarezzo.");
    let located = streamed(&scanner, chunks(&text, &[777]));
    let values: Vec<&str> = located
        .iter()
        .map(|one| &text[one.finding.span()])
        .collect();
    assert_eq!(values, ["Maria Alvarez", "ALVAREZ"]);
}

#[test]
fn a_credential_is_found_again_behind_the_place_where_it_was_found_first() {
    let scanner = Scanner::secrets();
    let filler = "nothing to see in this line of the log\n".repeat(2_000);
    let text = format!("k7Xw2pQz {filler}password: k7Xw2pQz\n{filler}login k7Xw2pQz, k7Xw2pQzz");
    let expected = [
        text.find(": k7Xw2pQz").map(|at| at + 2),
        text.rfind("k7Xw2pQz,"),
    ];
    for cuts in [777, 8_192, 100_000] {
        let located = streamed(&scanner, chunks(&text, &[cuts]));
        let starts: Vec<_> = located
            .iter()
            .map(|one| Some(one.finding.span().start))
            .collect();
        assert_eq!(starts, expected);
    }
    assert_eq!(whole(&scanner, &text).len(), 3);
}

#[test]
fn only_so_many_credentials_are_remembered() {
    let password = |n: usize| format!("x{}y{}z{}", n * 7919 % 997, n * 31 % 89, n);
    let mut text = String::new();
    for n in 0..300 {
        text.extend(["password = \"", &password(n), "\"\n"]);
    }
    text.extend(["then ", &password(3), " and ", &password(290), " again"]);
    let scanner = Scanner::secrets();
    let again = |found: Found| -> Vec<String> {
        let again = found.into_iter().filter(|(rule, ..)| rule == REUSED);
        again.map(|(_, span, _)| text[span].to_owned()).collect()
    };
    assert_eq!(again(whole(&scanner, &text)), [password(3), password(290)]);
    let located = streamed(&scanner, [text.as_bytes()]);
    assert_eq!(again(found(&located)), [password(290)]);
}

#[test]
fn only_so_many_names_are_remembered() {
    let scanner = Scanner::identifiers();
    let mut text = String::from("Dr. Alvarez ok ");
    let letters = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu"];
    for n in 0..300 {
        let name = ["T", letters[n % 10], letters[n / 10 % 10], letters[n / 100]].concat();
        text.extend(["Dr. ", &name, " ok "]);
    }
    text.push_str("then Alvarez and Tnununu and Tnunudi.");
    let repeated = |found: Found| -> Vec<String> {
        let again = found
            .into_iter()
            .filter(|(rule, _, _)| rule == "name-repeat");
        again.map(|(_, span, _)| text[span].to_owned()).collect()
    };
    let located = streamed(&scanner, [text.as_bytes()]);
    assert_eq!(repeated(whole(&scanner, &text)), ["Alvarez", "Tnunudi"]);
    assert_eq!(repeated(found(&located)), ["Tnunudi"]);
}

#[test]
fn what_is_not_utf8_is_refused_and_the_stream_goes_on() {
    let scanner = Scanner::identifiers();
    let mut stream = scanner.stream();
    stream.push("SSN \u{e9}").expect("it is UTF-8");
    stream.push(b"\xc3").expect("a code point may be cut");
    let error = stream
        .push(b"\xff123-45-6789")
        .expect_err("no code point goes on so");
    assert_eq!(error.kind(), Kind::InvalidUtf8);
    assert!(
        error.message().starts_with("byte 6 is not UTF-8; hint: "),
        "{error}"
    );
    stream
        .push(b"\xa9 123-45-6789")
        .expect("the code point is whole");
    assert_eq!(stream.finish().expect("it is whole").len(), 1);
    assert_eq!(
        stream.push("x").expect_err("it is finished").kind(),
        Kind::Closed
    );
    assert_eq!(
        stream.finish().expect_err("it is finished").kind(),
        Kind::Closed
    );
}

#[test]
fn a_text_that_ends_inside_a_code_point_is_refused() {
    let mut stream = Scanner::identifiers().stream();
    stream.push(b"a\xe2\x82").expect("a code point may be cut");
    let error = stream.finish().expect_err("it does not end so");
    assert!(
        error.message().starts_with("byte 1 is not UTF-8"),
        "{error}"
    );
}

#[test]
fn nothing_of_the_text_is_shown() {
    let mut stream = Scanner::identifiers().stream();
    stream.push("SSN 123-45-6789").expect("it is UTF-8");
    assert!(!format!("{stream:?}").contains("6789"));
    assert!(!format!("{:?}", stream.finish()).contains("6789"));
}

#[test]
fn a_stream_with_a_vault_comes_back_as_it_was() {
    let scrubber = Scrubber::new();
    let line = "Patient SSN: 123-45-6789 wrote from john.doe@example.com that [SSN_1] and [EMAIL_7] are his.\n";
    let lines = (0..2000).map(|n| format!("{n}. {line}MRN: {}\n", 4_000_000 + n));
    let text = lines.collect::<Vec<_>>().concat();
    for chunk in [7, 1000, 200_000] {
        let mut vault = Vault::new();
        let mut stream = scrubber.stream();
        let mut out = String::new();
        for part in text.as_bytes().chunks(chunk) {
            out.push_str(
                &stream
                    .pseudonymize(&mut vault, part)
                    .expect("it is UTF-8")
                    .text,
            );
        }
        out.push_str(
            &stream
                .finish_pseudonymizing(&mut vault)
                .expect("it has ended")
                .text,
        );
        assert!(!out.contains("6789") && !out.contains("john.doe") && !out.contains("MRN: 4"));
        assert_eq!(vault.len(), 2002, "each value once");
        assert!(
            out.contains("[SSN_1] and [EMAIL_7]"),
            "the text's own placeholders stay"
        );
        assert_eq!(vault.restore(&out), text);
    }
}

#[test]
fn a_stream_ends_where_its_vault_takes_no_more() {
    let options = VaultOptions {
        capacity: 1,
        ..VaultOptions::default()
    };
    let mut vault = Vault::with_options(options);
    let mut stream = Scrubber::new().stream();
    let text = "SSN: 123-45-6789, MRN: 987654";
    stream
        .pseudonymize(&mut vault, text)
        .expect("nothing is certain yet");
    let full = stream
        .finish_pseudonymizing(&mut vault)
        .expect_err("there are two");
    assert_eq!(full.kind(), Kind::TooLarge);
    let broken = stream
        .pseudonymize(&mut Vault::new(), "x")
        .expect_err("text was lost");
    assert_eq!(broken.kind(), Kind::Closed);
}

#[test]
fn the_dates_of_the_subject_of_a_stream_are_moved_alike() {
    let policy = cloister_core::pii::Policy::parse("[kinds]\ndate = \"date_shift\"")
        .expect("it is a policy");
    let key = cloister_core::cipher::Key::generate().expect("there is randomness");
    let policy = policy.key(&key).expect("it is drawn");
    let scanner = Scanner::builder()
        .profile("hipaa")
        .and_then(ScannerBuilder::build);
    let scrubber = Scrubber::with_policy(Some(scanner.expect("it is a profile")), policy)
        .expect("it has its key");
    let text = "seen on 2024-01-15 and 2024-02-15";
    let mut stream = scrubber.stream_of("patient 7");
    let mut out = stream.push(text).expect("it is UTF-8").text;
    out.push_str(&stream.finish().expect("it has ended").text);
    assert_eq!(out, scrubber.scrub_of("patient 7", text).text);
    assert_ne!(out, scrubber.scrub_of("patient 8", text).text);
}
