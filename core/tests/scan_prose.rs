//! Clinical prose without identifiers: what is found in it is a false alarm, dates apart.

use std::path::Path;

use cloister_core::scan::{Scanner, ScannerBuilder};

const PROSE: &str = "\
CHIEF COMPLAINT: Shortness of breath and chest pain for 3 days.
The patient is a 54-year-old woman with a history of hypertension, type 2 diabetes and Crohn's disease.
Patient Denies Fever, Chills, Nausea or Vomiting. Patient Reports Fatigue.
PATIENT TOLERATED THE PROCEDURE WELL AND WAS TAKEN TO RECOVERY IN STABLE CONDITION.
Vital signs: BP 120/80, HR 72, RR 16, T 98.6 F, SpO2 97% on 2 L nasal cannula. Weight 70.5 kg, height 170 cm.
HEENT: Normocephalic, atraumatic. Pupils equal, round and reactive to light. Neck: supple, no JVD.
Labs: Na 140, K 4.1, Cl 102, CO2 24, BUN 18, Cr 1.1, Glu 104, WBC 12.3, Hgb 13.2, Plt 250,000.
Urine output was 1200 mL over 24 hours; 2400 1300 800 mL on the following days.
CT of the abdomen showed a 3.2 x 2.1 x 4.5 cm mass in the right lobe of the liver (segment 7/8).
A #14 Foley catheter was placed. A 5-French sheath and a 7.5 mm Hemovac drain were used.
Medications: Lisinopril 10 mg daily, Metformin 500 mg b.i.d., Lantus 20 units at bedtime, aspirin 81 mg.
Allergies: Penicillin (rash), Sulfa. Contact Precautions were ordered. Contact dermatitis was ruled out.
The incision was closed with 3-0 Vicryl and 4-0 Monocryl; Steri-Strips and Dermabond were applied.
The Bovie was used for hemostasis. Marcaine 0.25% with epinephrine 1:100,000 was injected, 10 mL in total.
Dr. was paged. Mr. and Mrs. were both present. MS Contin 15 mg is on the list.
Follow up with primary care physician in 2 weeks, sooner if needed. Return to the ED for T > 101.5 F.
Mother had breast cancer at 45. Father died of MI at 60. Sister is healthy. Brother has Down syndrome.
The provider discussed risks and benefits. Nurse at bedside. Attending present for the entire procedure.
Gleason 3+4=7, PSA 6.2 ng/mL. T2N0M0, stage IIA. ER/PR positive, HER2 negative, Ki-67 15%.
Ejection fraction 55-60%. QTc 440 ms. Mean gradient 40 mmHg. PR 160 ms, QRS 90 ms. Axis normal.
INR 2.3, PT 12.5, PTT 28.0. ABG: 7.35/45/88/24. Lactate 1.8. Troponin <0.01 x 3 at 0600, 1200 and 1800.
Physical Therapy and Occupational Therapy were consulted. Social Work and Case Management followed.
Ochsner clamps and Kelly clamps were placed. A Kocher incision was made. Balfour retractor in position.
ASSESSMENT AND PLAN: 1. Pneumonia: continue Levaquin 750 mg IV q24h. 2. CHF: Lasix 40 mg IV x 1.
No evidence of deep venous thrombosis. Homans sign negative. Babinski downgoing. Romberg negative.
Drive 5 days per week is allowed. She walks 2 blocks and climbs 12 steps. He lives on the 3rd floor.
Estimated blood loss: 150 mL. Fluids: 2000 mL of Lactated Ringer's. Sponge and needle counts were correct x 2.
Room 312, bed 2, is ready. Ward 7 was notified at 14:35. The code status is full. ICD-10: E11.9, I10, J18.9.
CPT codes 99213, 71046 and 93000 were billed. DRG 193. Accession is pending. Account will be reviewed.
The password policy of the hospital was explained. The token was collected. The key is to stay hydrated.
Signature on file. Name: N/A. Contact: none. Phone: none. Insurance: pending. Address: withheld.
Neuro: CN II-XII intact, strength 5/5, sensation intact, DTR 2+, gait normal. GCS 15 (E4 V5 M6). MMSE 28/30.
Ratio 1/2, 3/4; interval 10-14 days; range 100-200-300 mg; dose 1.5-2.0 mg/kg; titre 1:640; lot 4521.
The patient was counseled regarding diet, exercise and smoking cessation. Patient Education was provided.
The daughter and the son were at the bedside; the wife and husband agree with hospice care.
Endoscopy: LA grade B esophagitis, Barrett's mucosa, Schatzki ring. Biopsies x 4. H. pylori negative.
The uterus was 10 x 6 x 5 cm. G3P2012. LMP was regular. Pap smear normal. Fundus at 28 cm. FHT 140s.
Apgars were 8 and 9 at 1 and 5 minutes. Birth weight was 3,250 grams. Moro and suck reflexes were present.
Gram stain: Gram-positive cocci in clusters. E. coli 100,000 CFU/mL, sensitive to Bactrim and Cipro.
MRI: T1 hypointense, T2 hyperintense lesion at L4-L5. Disc at C5/C6. Schmorl's node at T12.
";

#[test]
fn nothing_but_dates_is_found_in_prose_without_identifiers() {
    let every_rule = Scanner::builder()
        .profile("all")
        .and_then(|builder| builder.secrets().build())
        .expect("there is a profile of all rules");
    for scanner in [Scanner::all(), every_rule] {
        let found = scanner.scan(PROSE);
        let alarms: Vec<(&str, &str)> = found
            .iter()
            // The profile of every rule finds all ages, and there is one in the prose.
            .filter(|finding| !matches!(finding.kind(), "dob" | "date" | "age"))
            .map(|finding| (finding.rule().id(), &PROSE[finding.span()]))
            .collect();
        assert_eq!(alarms, []);
    }
    assert!(PROSE.lines().count() >= 40);
}

/// Clinical notes of many kinds, full of eponyms, scores, codes and abbreviations, in which nothing identifies anybody.
fn notes() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clinical_prose");
    let entries = std::fs::read_dir(folder).expect("there are notes");
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("the folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("the note is text");
        (path.display().to_string(), text)
    };
    entries.map(read).collect()
}

#[test]
fn clinical_notes_without_identifiers_give_few_findings_in_any_profile() {
    // Findings per 10 kB, dates and ages apart. Given names and places alone are taken for identifiers only where a profile
    // asks for it, and the notes have more things called after places and persons than any real ones.
    for (profile, most) in [
        ("default", 1),
        ("us", 1),
        ("pci", 0),
        ("hipaa", 2),
        ("gdpr", 2),
        ("all", 4),
    ] {
        let scanner = Scanner::builder()
            .profile(profile)
            .and_then(ScannerBuilder::build)
            .expect("there is such a profile");
        let (mut bytes, mut alarms) = (0, Vec::new());
        for (note, text) in notes() {
            bytes += text.len();
            let found = scanner.scan(&text);
            let kept = found
                .iter()
                .filter(|finding| !matches!(finding.kind(), "dob" | "date" | "age"));
            alarms.extend(
                kept.map(|finding| (note.clone(), finding.rule().id().to_owned(), finding.span())),
            );
        }
        assert!(bytes > 80_000);
        assert!(
            alarms.len() * 10_000 <= most * bytes,
            "{profile}: {alarms:?}"
        );
    }
}
