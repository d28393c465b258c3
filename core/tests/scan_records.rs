//! The name of a field is the label of its value, and no field goes on in the next.

use cloister_core::scan::{Field, Scanner};

fn kinds(fields: &[(&str, &str)]) -> Vec<Vec<String>> {
    let fields: Vec<Field<'_>> = fields
        .iter()
        .map(|&(name, value)| Field { name, value })
        .collect();
    let found = Scanner::all().scan_record(&fields);
    assert_eq!(found.len(), fields.len());
    for (field, found) in fields.iter().zip(&found) {
        for finding in found {
            assert!(
                field
                    .value
                    .get(finding.span())
                    .is_some_and(|value| !value.is_empty())
            );
            assert!(field.value.get(finding.context()).is_some());
        }
    }
    let kinds = |found: &Vec<_>| found.iter().map(kind).collect();
    found.iter().map(kinds).collect()
}

fn kind(finding: &cloister_core::scan::Finding) -> String {
    finding.kind().to_owned()
}

#[test]
fn the_name_of_a_column_tells_what_its_values_are() {
    let found = kinds(&[
        ("mrn", "00417882"),
        ("date_of_birth", "3/14/1961"),
        ("password", "k7Xw2pQz"),
        ("api_key", "1b6453892473a467d07372d45eb05abc"),
        ("heart_rate", "72"),
        ("", "jane.doe@example.com"),
    ]);
    let found: Vec<&str> = found
        .iter()
        .map(|kinds| kinds.first().map_or("", String::as_str))
        .collect();
    assert_eq!(
        found,
        ["mrn", "dob", "password", "generic_api_key", "", "email"]
    );
}

#[test]
fn a_value_alone_tells_nothing_that_its_name_does_not() {
    assert_eq!(kinds(&[("visits", "00417882")]), [Vec::<String>::new()]);
}

#[test]
fn a_field_does_not_go_on_in_the_next() {
    let found = kinds(&[
        ("note", "MRN"),
        ("count", "417882"),
        ("note", "call 212"),
        ("n", "555-0123"),
    ]);
    assert!(found[1].is_empty(), "{found:?}");
    assert!(found[0].is_empty(), "{found:?}");
}

#[test]
fn a_value_of_one_word_is_read_as_a_whole_text_too() {
    let found = kinds(&[("c17", "123-45-6789"), ("c18", "4111111111111111")]);
    assert_eq!(found, [["ssn"], ["credit_card"]]);
}

#[test]
fn a_record_without_fields_has_no_findings() {
    assert!(kinds(&[]).is_empty());
    assert_eq!(kinds(&[("", "")]), [Vec::<String>::new()]);
}

#[test]
fn the_text_of_a_field_is_not_shown() {
    let field = Field {
        name: "password",
        value: "k7Xw2pQz",
    };
    assert_eq!(format!("{field:?}"), "Field { .. }");
}
