//! The identifiers of 45 CFR 164.514(b)(2)(i) that are numbers, each in the ways in which people write it, in the profile
//! `hipaa`: the value is found, and nothing of it stays.

use cloister_core::scan::{Scanner, ScannerBuilder};

/// The letter of the regulation, and texts in which the values stand between `«` and `»`.
const WRITINGS: &[(&str, &[&str])] = &[
    (
        "G, social security numbers",
        &[
            "SSN «123-45-6789»",
            "SSN: «123456789»",
            "ss# «123 45 6789»",
            "Social Security Number is «123.45.6789»",
            r#"{"ssn": "«123-45-6789»"}"#,
            "The patient gave 2 numbers; his SSN was «536904399».",
        ],
    ),
    (
        "H, medical record numbers",
        &[
            "MRN: «987654»",
            "MRN «00-12-34»",
            "MR# «0123456»",
            "medical_record_number=«A1234567»",
            "| MRN | «44718820» |",
            "<MRN>«4471882»</MRN>",
            "Medical Record No.: «K-448-812»",
            "Hospital number «H448812»",
            "mrn\t«4471882»",
            "Chart # «44718»",
            "Encounter ID: «E-2024-00917»",
            "Patient ID «12345678»",
        ],
    ),
    (
        "I, health plan beneficiary numbers",
        &[
            "MBI «1EG4-TE5-MK73»",
            "card «1EG4TE5MK73» was shown",
            "Member ID: «W1234567890»",
            "member_id: «XYZ-88213»",
            "Policy No. «8837-2231-01»",
            "Group #: «70-12345»",
            "Medicaid ID «AB12345C»",
            "Subscriber number is «123 456 789»",
            "Insurance: «ABC123456789»",
        ],
    ),
    (
        "J, account numbers",
        &[
            "Acct #: «0012345678»",
            "Account ending in «1234»",
            "account number is «1234-5678-90»",
            "\"account_number\": \"«123456789»\"",
            "Invoice no. «INV-2024-0071»",
            "IBAN «GB82 WEST 1234 5698 7654 32»",
            "card «4111 1111 1111 1111»",
            "Routing: «021000021»",
            "wallet «1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa»",
        ],
    ),
    (
        "K, certificate and licence numbers",
        &[
            "License #: «A1234567»",
            "DL: «F255-921-50-094-0»",
            "Driver's license «D123-4567-8901»",
            "driver_license: «481195160»",
            "Certificate No. «C-88213-04»",
            "DEA «AB1234563»",
            "NPI: «1234567893»",
            "Passport No: «912803456»",
            "her passport, issued in Boston, was «Z12803456»",
        ],
    ),
    (
        "L, vehicles and plates",
        &[
            "VIN «1HGCM82633A004352»",
            "the car «1HGCM82633A004352» was towed",
            "vin: «WVWZZZ1JZ3W386752»",
            "License plate: «7ABC123»",
            "plate number «AB-123-CD»",
        ],
    ),
    (
        "M, devices and serial numbers",
        &[
            "Serial number: «SN-4481-0092»",
            "S/N «883920114»",
            "pacemaker serial «PM12345678»",
            "UDI «(01)00884838000124(17)270101(21)A2213»",
            "UDI «+A123BJC5D6E71G»",
            "Lot # «A4471-02»",
            "IMEI: «490154203237518»",
            "device_id=«a1b2c3d4e5»",
            "MAC «00:1b:44:11:3a:b7»",
        ],
    ),
    (
        "P, biometric identifiers",
        &[
            "Fingerprint ID: «FP-88201»",
            "voiceprint: «VP-2024-0012»",
            "retina scan «RS-004471»",
            "DNA sample «DNA-44718»",
        ],
    ),
    (
        "Q, photographs",
        &[
            "photo id «IMG20240118»",
            "Photo ref: «IMG_2041.jpg»",
            "photograph no. «P-44718»",
        ],
    ),
    (
        "R, any other number",
        &[
            "Claim #: «CLM-2024-00183»",
            "Case no. «2024/00183»",
            "specimen «S24-10293»",
            "Accession: «A24-00931»",
            "order number: «8839201»",
            "confirmation code «X7K2P9»",
            "Rx # «6612349»",
            "employee_id: «E-448812»",
            "badge number «44718»",
            "student id = «20190417»",
            "study id: «NCT-0044-12»",
        ],
    ),
];

#[test]
fn nothing_of_a_number_stays_however_it_is_written() {
    let scanner = Scanner::builder()
        .profile("hipaa")
        .and_then(ScannerBuilder::build)
        .expect("there is a profile of that name");
    let mut left = Vec::new();
    for (identifier, writings) in WRITINGS {
        for writing in *writings {
            let start = writing.find('«').expect("a value begins");
            let text = writing.replacen('«', "", 1);
            let end = text.find('»').expect("a value ends");
            let text = text.replacen('»', "", 1);
            let found = scanner.scan(&text);
            let stays = |at: usize| {
                text.as_bytes()[at].is_ascii_alphanumeric()
                    && !found.iter().any(|finding| finding.span().contains(&at))
            };
            if (start..end).any(stays) {
                left.push((identifier, writing));
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_label_before_a_word_a_dose_a_date_or_a_count_announces_nothing() {
    const TEXTS: &[&str] = &[
        "MRN pending. Chart reviewed, chart 3 of 5.",
        "On account of pain the dose was 500 mg; account closed.",
        "In this case report 3 patients of group A strep were described; case 3, order CBC, order 2 units.",
        "A lot of 12345 cells; member of 3 clubs; policy 2024; serial troponins 3; the visit lasted 45 minutes.",
        "Encounter for 12 weeks. License for 3 years. Specimen 2. Reference 12. Sample of 20.",
        "Photo taken at 14:35. Biometric screening. Badge of honour. Claim denied on 01/15/2024.",
        "Group 2 received 81 mg. Order 3-0 Vicryl. Record 98.6 F. Unit 4 was transfused. Plate 4.5 mm.",
    ];
    let scanner = Scanner::identifiers();
    for text in TEXTS {
        let found = scanner.scan(text);
        let alarms: Vec<_> = found
            .iter()
            .filter(|finding| !matches!(finding.kind(), "dob" | "date"))
            .map(|finding| (finding.rule().id(), &text[finding.span()]))
            .collect();
        assert_eq!(alarms, [], "{text}");
    }
}
