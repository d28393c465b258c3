// Credentials in a text, reported without being repeated.
#include "check.hpp"

int main() {
    const std::string key = "AKIAIOSFODNN7EXAMPLQ";
    const std::string code = "# deployment\nkey = " + key + "  # and once more " + key + "\n";

    const cloister::detector detector;
    const std::vector<cloister::secret> secrets = detector.detect(code);
    CHECK(secrets.size() == 2);
    CHECK(contains(secrets[0].finding.kind, "aws"));
    CHECK(secrets[0].finding.category == CLOISTER_CATEGORY_SECRET);
    CHECK(secrets[0].finding.line == 2 && secrets[0].end_line == 2);
    CHECK(contains(secrets[0].snippet, "[REDACTED]") && !contains(secrets[0].snippet, key));
    CHECK(!secrets[0].remediation.empty());

    const cloister::redacted redacted = detector.redact(code);
    CHECK(!contains(redacted.text, key));
    CHECK(redacted.secrets.size() == 2);

    cloister::scanner_options rules;
    rules.allow = {key};
    CHECK(cloister::detector(rules).detect(code).empty());
    return 0;
}
