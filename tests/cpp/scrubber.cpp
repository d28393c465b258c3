// Identifiers out of a text, for good.
#include "check.hpp"

int main() {
    const cloister::scrubber scrubber;
    const std::string note = "Grüße 👋 Patient John Doe, SSN: 123-45-6789, mail john.doe@example.com.";
    const cloister::scrubbed scrubbed = scrubber.scrub(note);
    CHECK(contains(scrubbed.text, "[SSN]") && contains(scrubbed.text, "[EMAIL]"));
    CHECK(!contains(scrubbed.text, "John") && !contains(scrubbed.text, "6789"));

    CHECK(scrubbed.findings.size() == 3);
    const cloister::finding &ssn = scrubbed.findings[1];
    CHECK(ssn.kind == "ssn" && ssn.token == "SSN" && !ssn.rule_id.empty());
    CHECK(ssn.category == CLOISTER_CATEGORY_IDENTIFIER);
    CHECK(note.substr(ssn.bytes.start, ssn.bytes.end - ssn.bytes.start) == "123-45-6789");
    CHECK(ssn.utf16.start == ssn.code_points.start + 1); // the hand has two units
    CHECK(ssn.line == 1);

    CHECK(scrubber.scrub("").text.empty());
    CHECK(scrubber.find(std::string_view()).empty());
    CHECK(scrubber.find(note).size() == 3);
    THROWS(CLOISTER_STATUS_INVALID_UTF8, scrubber.scrub("\xff"));

    const std::vector<cloister::finding> fields =
        scrubber.find_in_record({{"visits", "00417882"}, {"mrn", "00417882"}, {"", "a@example.com"}});
    CHECK(fields.size() == 2);
    CHECK(fields[0].kind == "mrn" && fields[0].field == 1 && fields[0].bytes.start == 0);
    CHECK(fields[1].kind == "email" && fields[1].field == 2);
    CHECK(scrubber.find_in_record({}).empty());

    cloister::scrubber_options options;
    options.style = CLOISTER_STYLE_MASK;
    options.scanner.emplace();
    options.scanner->without = {"name"};
    options.scanner->allow = {"desk@example.com"};
    const cloister::scrubber masking(options);
    CHECK(masking.scrub("Patient John Doe, SSN 123-45-6789, desk@example.com").text ==
          "Patient John Doe, SSN ***-**-6789, desk@example.com");

    cloister::scrubber_options listed;
    listed.scanner.emplace();
    listed.scanner->profile = "hipaa";
    listed.scanner->rules_json = R"({"rule": [{"id": "ward", "kind": "ward", "token": "WARD", "what": "a ward",
        "anchors": ["W-"], "pattern": "W-[0-9]{7}", "confidence": 0.9}]})";
    listed.scanner->entries = {{"project", "heron", CLOISTER_ENTRY_ANY_CASE}, {"", "a@example.com"}};
    listed.scanner->min_confidences = {{"phone", 1.0F}};
    const std::vector<cloister::finding> told =
        cloister::scrubber(listed).find("Heron, W-1234567, a@example.com, 555-123-4567, card 4111%2D1111%2D1111%2D1111");
    CHECK(told.size() == 3);
    CHECK(told[0].kind == "project" && told[0].origin == CLOISTER_ORIGIN_DENY_LIST);
    CHECK(told[1].what == "a ward" && told[1].origin == CLOISTER_ORIGIN_PATTERN && told[1].layers == 0);
    CHECK(told[2].check == "card" && told[2].verdict == CLOISTER_VERDICT_VALID);
    CHECK(told[2].layers == CLOISTER_LAYER_PERCENT);

    options.scanner->without = {"no such kind"};
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister::scrubber{options});
    return 0;
}
