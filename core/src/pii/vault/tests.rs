//! What a vault gives out and puts back.

use proptest::prelude::*;

use super::*;
use crate::cipher::Key;

/// A placeholder is restored from everything here.
const WRITTEN: &[&str] = &[
    "[NAME_1]",
    "[Name_1]",
    "[name_1]",
    "[NAME 1]",
    "[NAME-1]",
    "[NAME\\_1]",
    "\\[NAME\\_1\\]",
    "\\[NAME_1\\]",
    "NAME_1",
    "NAME\\_1",
    "name_1",
    "Name_1",
    "［NAME_1］",
    "【NAME_1】",
    "［ＮＡＭＥ＿１］",
    "&lsqb;NAME_1&rsqb;",
    "&#91;NAME_1&#93;",
    "&#x5B;NAME&#95;1&#x5D;",
    "\\u005bNAME_1\\u005d",
    "%5BNAME_1%5D",
    "<NAME_1>",
    "&lt;NAME_1&gt;",
    "{NAME_1}",
    "{{NAME_1}}",
    "[ NAME_1 ]",
    "[**NAME_1**]",
    "[`NAME_1`]",
    "[NAME #1]",
    "[NAME1]",
    "[NAME\u{2011}1]",
    "⟨NAME_1⟩",
    "[name\u{a0}1]",
];

fn vault() -> Vault {
    let mut vault = Vault::new();
    vault.placeholder("NAME", "John Doe").unwrap();
    vault.placeholder("SSN", "123-45-6789").unwrap();
    vault.placeholder("PATIENT_ID", "PT123456").unwrap();
    vault
}

#[test]
fn the_same_value_gets_the_same_placeholder() {
    let mut vault = Vault::new();
    assert_eq!(vault.placeholder("NAME", "John Doe").unwrap(), "[NAME_1]");
    assert_eq!(vault.placeholder("NAME", "Jane Roe").unwrap(), "[NAME_2]");
    assert_eq!(vault.placeholder("NAME", "John Doe").unwrap(), "[NAME_1]");
    assert_eq!(vault.placeholder("SSN", "John Doe").unwrap(), "[SSN_1]");
    assert_eq!(vault.len(), 3);
}

#[test]
fn a_placeholder_that_the_caller_wrote_is_never_given_out() {
    let mut vault = Vault::new();
    vault.reserve("what is [SSN_1]? and NAME_1, [name 2]?");
    assert_eq!(vault.placeholder("SSN", "123-45-6789").unwrap(), "[SSN_2]");
    assert_eq!(vault.placeholder("NAME", "John Doe").unwrap(), "[NAME_3]");
    assert_eq!(vault.restore("[SSN_1] NAME_1"), "[SSN_1] NAME_1");
}

#[test]
fn what_was_given_out_before_is_still_restored_when_the_caller_quotes_it() {
    let mut vault = vault();
    vault.reserve("you said [NAME_1]");
    assert_eq!(vault.restore("[NAME_1]"), "John Doe");
}

#[test]
fn placeholders_are_restored_through_what_models_do_to_them() {
    let vault = vault();
    for text in WRITTEN {
        assert_eq!(vault.restore(text), "John Doe", "{text}");
        let sentence = format!("ask {text}'s doctor, or \"{text}\".");
        assert_eq!(
            vault.restore(&sentence),
            "ask John Doe's doctor, or \"John Doe\".",
            "{text}"
        );
    }
    assert_eq!(
        vault.restore("NAME_1s car, _NAME_1_"),
        "John Does car, _John Doe_"
    );
    assert_eq!(
        vault.restore("[patient id 1] `PATIENT_ID_1`"),
        "PT123456 `PT123456`"
    );
    assert_eq!(vault.restore("**[NAME_1]**'s SSN"), "**John Doe**'s SSN");
    assert_eq!(vault.restore("[[NAME_1]]"), "[John Doe]");
    assert_eq!(vault.restore("[NAME_1 is"), "[John Doe is");
    assert_eq!(vault.restore("(PATIENT_ID_1)"), "(PT123456)");
}

#[test]
fn what_only_resembles_a_placeholder_stays() {
    let vault = vault();
    for text in [
        "[NAME_2]",
        "NAME_11",
        "XNAME_1",
        "NAME_1X",
        "name_1 = 5",
        "name_1(x)",
        "user.name_1",
        "$name_1",
        "my_name_1",
        "NAME 1",
        "[]",
        "[",
        "[_1]",
        "[NAME_]",
        "NAME",
        "[NAME_1é]",
        "éNAME_1",
        "1NAME_1",
        "_NAME_1",
        "[1]",
        "A",
        "é[",
    ] {
        assert_eq!(vault.restore(text), text);
    }
}

#[test]
fn a_variable_that_the_caller_wrote_stays() {
    let mut vault = vault();
    vault.reserve("rename the column name_1, not [NAME_7]");
    assert_eq!(vault.restore("name_1 of [name_1]"), "name_1 of John Doe");
}

#[test]
fn a_value_has_the_same_tag_in_every_vault() {
    let key = Key::from_text("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4");
    let held = Pseudonyms::new(&key.unwrap()).unwrap();
    let keyed = held.get().unwrap();
    let tagged = |vault: &mut Vault| vault.tagged("SSN", "123-45-6789", keyed).unwrap();
    let (mut vault, mut other) = (Vault::new(), Vault::new());
    other.tagged("SSN", "987-65-4321", keyed).unwrap();
    let placeholder = tagged(&mut vault);
    assert_eq!(placeholder, tagged(&mut other));
    assert_eq!(other.len(), 2);
    let bare = &placeholder[1..placeholder.len() - 1];
    let capitals = bare.to_uppercase();
    for text in [
        &placeholder,
        bare,
        &capitals,
        &bare.to_lowercase(),
        &format!("[{capitals}]"),
    ] {
        assert_eq!(vault.restore(text), "123-45-6789", "{text}");
    }
}

#[test]
fn surrogates_are_restored_as_whole_words_and_a_family_name_alone() {
    let mut vault = Vault::new();
    let mut give = |value: &str, surrogate: &str, nature| {
        let made = vault.surrogate("NAME", value, nature, |_| Some(surrogate.to_owned()));
        assert_eq!(made.unwrap(), surrogate);
    };
    give("John Doe", "Peter Hall", Nature::Name);
    give("Johanna Doering", "Petra Hallman", Nature::Name);
    give("(217) 555-0134", "(312) 555-0199", Nature::Other);
    give("jd@clinic.org", "peter.hall@example.org", Nature::Other);
    let restored = vault.restore(
        "Peter Hall, Mr. Hall, Hall's, PETER HALL, Petra Hallman, Hallway, hall; call (312) 555-0199 or \
         peter.hall@example.org.",
    );
    assert_eq!(
        restored,
        "John Doe, Mr. Doe, Doe's, John Doe, Johanna Doering, Hallway, hall; call (217) 555-0134 or jd@clinic.org.",
    );
}

#[test]
fn a_word_that_stands_for_two_families_stays() {
    let mut vault = Vault::new();
    for (value, surrogate) in [("John Doe", "Peter Hall"), ("Jane Roe", "Paula Hall")] {
        vault
            .surrogate("NAME", value, Nature::Name, |_| Some(surrogate.to_owned()))
            .unwrap();
    }
    assert_eq!(
        vault.restore("Paula and Peter Hall, both Hall"),
        "Jane and John Doe, both Hall"
    );
}

#[test]
fn a_surrogate_is_not_what_the_caller_wrote_and_not_given_twice() {
    let mut vault = Vault::new();
    vault.reserve_words("the town hall; room 12345.");
    let mut made = |value: &str, nature, choices: &[&str]| {
        let make = |attempt: u8| choices.get(usize::from(attempt)).map(|c| (*c).to_owned());
        vault.surrogate("X", value, nature, make).unwrap()
    };
    assert_eq!(
        made("John Doe", Nature::Name, &["Peter Hall", "Paul Berg"]),
        "Paul Berg"
    );
    assert_eq!(made("Jane Roe", Nature::Name, &["Paul Berg"]), "[X_1]");
    assert_eq!(made("54321", Nature::Other, &["12345", "67890"]), "67890");
    assert_eq!(made("47", Nature::Other, &["46", "45"]), "[X_2]");
    assert_eq!(made("JOHN DOE", Nature::Name, &["PAUL BERG"]), "PAUL BERG");
    assert_eq!(vault.restore("Paul Berg, PAUL BERG"), "John Doe, JOHN DOE");
}

#[test]
fn a_vault_that_has_expired_restores_and_remembers_nothing() {
    let ttl = std::time::Duration::from_millis(300);
    let mut vault = Vault::with_options(VaultOptions {
        ttl: Some(ttl),
        ..VaultOptions::default()
    });
    let begin = SystemTime::now();
    vault.placeholder("NAME", "John Doe").unwrap();
    assert!(vault.expires_at().unwrap() <= begin + 2 * ttl);
    assert_eq!(vault.restore("[NAME_1]"), "John Doe");
    std::thread::sleep(ttl);
    assert_eq!(vault.restore("[NAME_1]"), "[NAME_1]");
    let refused = vault.placeholder("NAME", "Jane Roe").unwrap_err();
    assert_eq!(refused.kind(), Kind::Closed);
    assert!(vault.is_empty());
}

#[test]
fn a_full_vault_refuses_new_values_and_knows_the_old_ones() {
    let mut vault = Vault::with_options(VaultOptions {
        capacity: 1,
        ..VaultOptions::default()
    });
    assert_eq!(vault.placeholder("NAME", "John Doe").unwrap(), "[NAME_1]");
    assert_eq!(
        vault.placeholder("NAME", "Jane Roe").unwrap_err().kind(),
        Kind::TooLarge
    );
    assert_eq!(vault.placeholder("NAME", "John Doe").unwrap(), "[NAME_1]");
}

#[test]
fn debug_shows_no_value() {
    assert_eq!(format!("{:?}", vault()), "Vault { len: 3, .. }");
}

#[test]
fn megabytes_of_brackets_and_capitals_take_linear_time() {
    let vault = vault();
    for unit in ["[", "[NAME_", "A", "A_", "[A", "[NAME_1", "_A1"] {
        let text = unit.repeat(4_000_000 / unit.len());
        assert!(!vault.restore(&text).is_empty());
    }
}

/// A vault with placeholders and surrogates.
fn mixed() -> Vault {
    let mut vault = vault();
    for (value, surrogate) in [
        ("Mary Major", "Peter Hall"),
        ("Mark Minor", "Petra Hallman"),
    ] {
        vault
            .surrogate("NAME", value, Nature::Name, |_| Some(surrogate.to_owned()))
            .unwrap();
    }
    vault
}

fn in_chunks(vault: &Vault, text: &str, cuts: Vec<usize>) -> (String, usize) {
    let inside = |cut: &usize| *cut < text.len() && text.is_char_boundary(*cut);
    let mut cuts: Vec<usize> = cuts
        .into_iter()
        .filter(inside)
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    let mut restorer = vault.restorer();
    let (mut out, mut held) = (String::new(), 0);
    for pair in cuts.windows(2) {
        out.push_str(&restorer.push(&text[pair[0]..pair[1]]));
        held = held.max(restorer.held());
    }
    out.push_str(&restorer.finish());
    (out, held)
}

proptest! {
    #[test]
    fn chunks_restore_to_the_same_text_as_the_whole(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "[NAME_1]", "[ssn 1]", "NAME_1", "PATIENT_ID_1", "[", "]", "_1", "NAME", " ", "é", "x", "[NAME\\_1]", "\n",
                "\\", "&", "&lt;", "&#9", "1;", "{", "}", "<", "%5", "B", "_", "name_1", "=", "(", "s", "*", "Peter", " Hall",
                "Peter Hall", "man", "'s", "［", "１", "&rsqb;", "\\u005", "d",
            ]),
            0..20,
        ),
        cuts in prop::collection::vec(0usize..200, 0..12),
    ) {
        let vault = mixed();
        let text = parts.concat();
        let (restored, held) = in_chunks(&vault, &text, cuts);
        prop_assert!(held <= 120, "{held}");
        prop_assert_eq!(restored, vault.restore(&text));
    }

    #[test]
    fn a_placeholder_comes_back_wherever_it_is_cut(
        written in prop::sample::select(WRITTEN),
        before in prop::sample::select(vec!["", "See ", "(", "**", "\"", "a — ", "- ", "Dr. "]),
        behind in prop::sample::select(vec!["", ".", "'s", ")", "**", "\"", ", too", "\n", " —"]),
        cuts in prop::collection::vec(0usize..60, 0..8),
    ) {
        let vault = mixed();
        // A closing bracket of two characters does not end at its first one.
        let text = format!("{before}{written}{behind}");
        let (restored, _) = in_chunks(&vault, &text, cuts);
        prop_assert_eq!(restored, format!("{before}John Doe{behind}"));
    }

    #[test]
    fn every_text_without_a_placeholder_stays(text in "[a-z\\[\\]{}<>&;%\\\\_ .éＡ\n-]{0,80}") {
        prop_assert_eq!(mixed().restore(&text), text);
    }
}
