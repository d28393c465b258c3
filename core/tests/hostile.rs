//! No text makes the scanner work harder per byte by being longer, and none makes it fall over.

use cloister_core::pii::Scrubber;
use cloister_core::scan::Scanner;
use cloister_core::secrets::Detector;

mod hostile_inputs;

use hostile_inputs::hostile_inputs;

const SMALL: usize = 32 << 10;
const FACTOR: usize = 8;

fn every_rule() -> Scanner {
    Scanner::builder()
        .profile("all")
        .and_then(|builder| builder.secrets().build())
        .expect("there is a profile of all rules")
}

#[test]
fn the_work_grows_with_the_length_and_no_faster() {
    let scanner = every_rule();
    let large = hostile_inputs(SMALL * FACTOR);
    for ((name, small), (_, large)) in hostile_inputs(SMALL).iter().zip(&large) {
        let (_, little) = scanner.scan_measured(small);
        let (_, much) = scanner.scan_measured(large);
        let allowed = FACTOR * (little.bytes + SMALL / 4) * 5 / 4;
        assert!(
            much.bytes <= allowed,
            "{name}: {} bytes looked at in {} and {} in {}",
            little.bytes,
            small.len(),
            much.bytes,
            large.len()
        );
    }
}

#[test]
fn a_byte_is_looked_at_a_bounded_number_of_times() {
    let scanner = every_rule();
    for (name, text) in hostile_inputs(SMALL) {
        let (_, effort) = scanner.scan_measured(&text);
        assert!(
            effort.bytes < 512 * text.len(),
            "{name}: {} bytes looked at in {}",
            effort.bytes,
            text.len()
        );
    }
}

#[test]
fn scrubbing_and_detecting_take_hostile_text_in_their_stride() {
    for (_, text) in hostile_inputs(SMALL) {
        let scrubbed = Scrubber::new().scrub(&text);
        assert!(
            scrubbed
                .findings
                .iter()
                .all(|finding| text.get(finding.span()).is_some())
        );
        for secret in Detector::new().detect(&text) {
            assert!(secret.snippet.chars().count() <= 56);
        }
    }
}

#[test]
fn empty_text_has_no_findings() {
    assert!(Scanner::all().scan("").is_empty());
    assert_eq!(Scrubber::new().scrub("").text, "");
    assert!(Detector::new().detect("").is_empty());
}

#[test]
fn a_hundred_megabytes_are_scanned_to_the_end() {
    let line = "The patient was seen in clinic and was doing well on the present medication.\n";
    let mut text = line.repeat((100 << 20) / line.len());
    text.push_str("SSN 123-45-6789");
    let found = Scanner::all().scan(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(&text[found[0].span()], "123-45-6789");
}

#[test]
fn ten_megabytes_of_one_character_are_no_finding() {
    for unit in ["a", "1", " ", "\n", "\0", ":", "@", "\"", "-", "é", "漢"] {
        let text = unit.repeat((10 << 20) / unit.len());
        assert!(Scanner::all().scan(&text).is_empty(), "{unit:?}");
    }
}
