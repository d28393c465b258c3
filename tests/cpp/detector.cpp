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

    cloister::detector_options options;
    options.alert_from = 0.7F;
    const cloister::detector sparing(options);
    CHECK(sparing.detect("password = \"tiger\"").empty());
    CHECK(sparing.redact("password = \"tiger\"").text == "password = \"[PASSWORD]\"");

    const std::string config =
        "[[rules]]\nid = \"house\"\ndescription = \"d\"\nregex = 'hs_[a-z0-9]{20}'\nkeywords = [\"hs_\"]\n";
    CHECK(cloister::gitleaks_refusals(config).empty());
    CHECK(contains(cloister::gitleaks_refusals("[[rules]]\nid = \"bare\"\nregex = 'x'\n"), "bare: it has no keywords"));
    rules = {};
    rules.gitleaks_toml = config;
    CHECK(cloister::detector(rules).detect("use hs_k3j9dlq0zx7pw2vb5nm1").size() == 1);
    return 0;
}
