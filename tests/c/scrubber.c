// Identifiers out of a text, for good.
#include "check.h"

#define NOTE "Grüße 👋 Patient John Doe, SSN: 123-45-6789, mail john.doe@example.com."

int main(void) {
    cloister_scrubber *scrubber = NULL;
    OK(cloister_scrubber_new(NULL, &scrubber, &error));

    cloister_buffer scrubbed = CLOISTER_BUFFER_INIT;
    cloister_findings *findings = NULL;
    OK(cloister_scrubber_scrub(scrubber, CLOISTER_STR(NOTE), &scrubbed, &findings, &error));
    CHECK(contains(held(&scrubbed), "[SSN]") && contains(held(&scrubbed), "[EMAIL]"));
    CHECK(!contains(held(&scrubbed), "John") && !contains(held(&scrubbed), "6789"));
    cloister_buffer_free(&scrubbed);

    // A finding says where the value is in every unit that callers count in, and never repeats it.
    CHECK(cloister_findings_count(findings) == 3);
    CHECK(cloister_findings_at(findings, 3) == NULL);
    const cloister_finding *ssn = cloister_findings_at(findings, 1);
    CHECK(is(ssn->kind, "ssn"));
    CHECK(is(ssn->token, "SSN"));
    CHECK(ssn->rule_id.len > 0);
    CHECK(ssn->category == CLOISTER_CATEGORY_IDENTIFIER);
    CHECK(ssn->confidence > 0 && ssn->confidence <= 1);
    CHECK(memcmp(&NOTE[ssn->bytes.start], "123-45-6789", ssn->bytes.end - ssn->bytes.start) == 0);
    CHECK(ssn->bytes.end - ssn->bytes.start == 11);
    CHECK(ssn->bytes.start - ssn->code_points.start == 5); // ü, ß and the hand have 2 + 2 + 4 bytes
    CHECK(ssn->utf16.start - ssn->code_points.start == 1); // the hand has two units
    CHECK(ssn->context.start <= ssn->bytes.start && ssn->context.end >= ssn->bytes.end);
    CHECK(ssn->line == 1);
    CHECK(ssn->column == ssn->code_points.start);
    cloister_findings_free(findings);

    // Whoever wants the text alone leaves the findings out, and the other way round.
    OK(cloister_scrubber_scrub(scrubber, CLOISTER_STR("nothing to find"), &scrubbed, NULL, &error));
    CHECK(is(held(&scrubbed), "nothing to find"));
    cloister_buffer_free(&scrubbed);
    OK(cloister_scrubber_find(scrubber, (cloister_str)CLOISTER_STR_INIT, &findings, &error));
    CHECK(cloister_findings_count(findings) == 0);
    cloister_findings_free(findings);

    // The name of a field is the label of its value.
    const cloister_field fields[] = {
        {CLOISTER_STR("visits"), CLOISTER_STR("00417882")},
        {CLOISTER_STR("mrn"), CLOISTER_STR("00417882")},
        {CLOISTER_STR_INIT, CLOISTER_STR("a@example.com")},
    };
    OK(cloister_scrubber_find_in_record(scrubber, fields, 3, &findings, &error));
    CHECK(cloister_findings_count(findings) == 2);
    CHECK(is(cloister_findings_at(findings, 0)->kind, "mrn"));
    CHECK(cloister_findings_at(findings, 0)->field == 1 && cloister_findings_at(findings, 0)->bytes.start == 0);
    CHECK(is(cloister_findings_at(findings, 1)->kind, "email") && cloister_findings_at(findings, 1)->field == 2);
    cloister_findings_free(findings);
    OK(cloister_scrubber_find_in_record(scrubber, NULL, 0, &findings, &error));
    CHECK(cloister_findings_count(findings) == 0);
    cloister_findings_free(findings);
    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_scrubber_find_in_record(scrubber, NULL, 1, &findings, &error));
    cloister_scrubber_free(scrubber);

    // Masked, with a rule of the hospital's own, without names, and with one address that may stay.
    const cloister_str without[] = {CLOISTER_STR("name")};
    const cloister_str allow[] = {CLOISTER_STR("desk@example.com")};
    cloister_scanner_options rules = CLOISTER_SCANNER_OPTIONS_INIT;
    rules.rules_toml = CLOISTER_STR("[[rule]]\n"
                                    "id = \"ward\"\n"
                                    "kind = \"ward\"\n"
                                    "token = \"WARD\"\n"
                                    "what = \"A ward of this hospital\"\n"
                                    "anchors = [\"W-\"]\n"
                                    "pattern = 'W-[0-9]{7}'\n"
                                    "confidence = 0.9\n"
                                    "examples = [\"moved to W-1234567\"]\n"
                                    "counter_examples = [\"moved to W-12\"]\n");
    rules.without = without;
    rules.without_count = 1;
    rules.allow = allow;
    rules.allow_count = 1;
    cloister_scrubber_options options = CLOISTER_SCRUBBER_OPTIONS_INIT;
    options.scanner = &rules;
    options.style = CLOISTER_STYLE_MASK;
    OK(cloister_scrubber_new(&options, &scrubber, &error));
    OK(cloister_scrubber_scrub(scrubber, CLOISTER_STR("Patient John Doe, SSN 123-45-6789, W-1234567, desk@example.com"),
                               &scrubbed, NULL, &error));
    CHECK(is(held(&scrubbed), "Patient John Doe, SSN ***-**-6789, *-***4567, desk@example.com"));
    cloister_buffer_free(&scrubbed);
    cloister_scrubber_free(scrubber);

    // A policy says what is done with each kind, and chooses the rules where the caller chooses none.
    cloister_scrubber_options with_policy = CLOISTER_SCRUBBER_OPTIONS_INIT;
    with_policy.policy = CLOISTER_STR("default = \"drop\"\n"
                                      "[kinds]\n"
                                      "ssn = \"mask\"\n"
                                      "mrn = { operator = \"mask\", show = 2 }\n");
    OK(cloister_scrubber_new(&with_policy, &scrubber, &error));
    OK(cloister_scrubber_scrub(scrubber, CLOISTER_STR("SSN 123-45-6789, MRN: 987654, mail a@example.com."), &scrubbed,
                               NULL, &error));
    CHECK(is(held(&scrubbed), "SSN ***-**-6789, MRN: ****54, mail ."));
    cloister_buffer_free(&scrubbed);
    cloister_scrubber_free(scrubber);
    with_policy.policy = CLOISTER_STR("hipaa-safe-harbor");
    OK(cloister_scrubber_new(&with_policy, &scrubber, &error));
    OK(cloister_scrubber_scrub(scrubber, CLOISTER_STR("MRN: 987654, seen 01/15/2024, VT 05901"), &scrubbed, NULL,
                               &error));
    CHECK(is(held(&scrubbed), "MRN: [MRN], seen 2024, VT 000"));
    cloister_buffer_free(&scrubbed);
    cloister_scrubber_free(scrubber);

    // Dates of one subject are moved by the same number of days, under a key.
    with_policy.policy = CLOISTER_STR("{\"profile\": \"hipaa\", \"kinds\": {\"date\": \"date_shift:30\"}}");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&with_policy, &scrubber, &error));
    with_policy.key = bytes("an even worse key than it looks");
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_scrubber_new(&with_policy, &scrubber, &error));
    with_policy.key = bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA");
    OK(cloister_scrubber_new(&with_policy, &scrubber, &error));
    cloister_buffer again = CLOISTER_BUFFER_INIT;
    const cloister_str patient = CLOISTER_STR("patient 7");
    OK(cloister_scrubber_scrub_of(scrubber, patient, CLOISTER_STR("on 2024-06-15"), &scrubbed, NULL, &error));
    OK(cloister_scrubber_scrub_of(scrubber, patient, CLOISTER_STR("on 2024-06-15"), &again, NULL, &error));
    CHECK(scrubbed.len == again.len && memcmp(scrubbed.ptr, again.ptr, again.len) == 0);
    CHECK(contains(held(&scrubbed), "2024-") && !contains(held(&scrubbed), "06-15"));
    cloister_buffer_free(&scrubbed);
    cloister_buffer_free(&again);
    cloister_scrubber_free(scrubber);
    with_policy.style = CLOISTER_STYLE_MASK;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&with_policy, &scrubber, &error));
    with_policy.style = CLOISTER_STYLE_REDACT;
    with_policy.policy = CLOISTER_STR("default = \"shred\"");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&with_policy, &scrubber, &error));
    // A profile, lists, a confidence for one kind, and rules in YAML; and why each finding is one.
    const cloister_list_entry entries[] = {
        {CLOISTER_STR("project"), CLOISTER_STR("heron"), CLOISTER_ENTRY_ANY_CASE, 0},
        {CLOISTER_STR("bed"), CLOISTER_STR("bed [0-9]+"), CLOISTER_ENTRY_PATTERN, 0},
        {CLOISTER_STR_INIT, CLOISTER_STR(".*@example[.]com"), CLOISTER_ENTRY_PATTERN, 0},
    };
    const cloister_kind_confidence confidences[] = {{CLOISTER_STR("phone"), 1.0F, 0}};
    cloister_scanner_options listed = CLOISTER_SCANNER_OPTIONS_INIT;
    listed.profile = CLOISTER_STR("hipaa");
    listed.rules_yaml = CLOISTER_STR("rule:\n- {id: ward, kind: ward, token: WARD, what: a ward, anchors: [W-],"
                                     " pattern: 'W-[0-9]{7}', confidence: 0.9}\n");
    listed.entries = entries;
    listed.entry_count = 3;
    listed.min_confidences = confidences;
    listed.min_confidence_count = 1;
    cloister_scrubber_options with_lists = CLOISTER_SCRUBBER_OPTIONS_INIT;
    with_lists.scanner = &listed;
    OK(cloister_scrubber_new(&with_lists, &scrubber, &error));
    OK(cloister_scrubber_find(scrubber,
                              CLOISTER_STR("HERON in bed 7, W-1234567, a@example.com, 555-123-4567, "
                                           "on 3 March 2024, MRN: 98&#55;654"),
                              &findings, &error));
    CHECK(cloister_findings_count(findings) == 5);
    CHECK(is(cloister_findings_at(findings, 0)->kind, "project"));
    CHECK(cloister_findings_at(findings, 0)->origin == CLOISTER_ORIGIN_DENY_LIST);
    CHECK(is(cloister_findings_at(findings, 1)->kind, "bed"));
    CHECK(is(cloister_findings_at(findings, 2)->what, "a ward"));
    CHECK(is(cloister_findings_at(findings, 3)->kind, "date"));
    const cloister_finding *mrn = cloister_findings_at(findings, 4);
    CHECK(is(mrn->label, "mrn") && mrn->check.len == 0 && mrn->near_word.len == 0);
    CHECK(mrn->verdict == CLOISTER_VERDICT_NONE && mrn->origin == CLOISTER_ORIGIN_MATCHER);
    CHECK(mrn->layers == CLOISTER_LAYER_HTML);
    cloister_findings_free(findings);
    cloister_scrubber_free(scrubber);
    listed.profile = CLOISTER_STR("mars");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&with_lists, &scrubber, &error));
    listed.profile = CLOISTER_STR("us");
    listed.rules_json = CLOISTER_STR("{");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&with_lists, &scrubber, &error));

    // Options that make no sense are refused.
    options.style = 7;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&options, &scrubber, &error));
    options.style = CLOISTER_STYLE_REDACT;
    rules.rules_toml = CLOISTER_STR("[[rule]\n");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&options, &scrubber, &error));
    rules.rules_toml = (cloister_str)CLOISTER_STR_INIT;
    rules.min_confidence = 2;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_scrubber_new(&options, &scrubber, &error));
    return 0;
}
