// Credentials in a text, reported without being repeated.
#include "check.h"

#define KEY "AKIAIOSFODNN7EXAMPLQ"
#define CODE "# deployment\nkey = " KEY "  # and once more " KEY "\n"

int main(void) {
    cloister_detector *detector = NULL;
    OK(cloister_detector_new(NULL, &detector, &error));

    cloister_secrets *secrets = NULL;
    OK(cloister_detector_detect(detector, CLOISTER_STR(CODE), &secrets, &error));
    CHECK(cloister_secrets_count(secrets) == 2);
    CHECK(cloister_secrets_at(secrets, 2) == NULL);
    const cloister_secret *secret = cloister_secrets_at(secrets, 0);
    CHECK(contains(secret->finding->kind, "aws"));
    CHECK(secret->finding->category == CLOISTER_CATEGORY_SECRET);
    CHECK(secret->finding->severity >= CLOISTER_SEVERITY_HIGH);
    CHECK(secret->finding->line == 2 && secret->end_line == 2);
    CHECK(secret->end_column - secret->finding->column == sizeof KEY - 1);
    CHECK(memcmp(&CODE[secret->finding->bytes.start], KEY, sizeof KEY - 1) == 0);
    CHECK(secret->remediation.len > 0);
    CHECK(contains(secret->snippet, "[REDACTED]") && !contains(secret->snippet, KEY));
    cloister_secrets_free(secrets);

    // Every occurrence goes.
    cloister_buffer redacted = CLOISTER_BUFFER_INIT;
    OK(cloister_detector_redact(detector, CLOISTER_STR(CODE), &redacted, &secrets, &error));
    CHECK(!contains(held(&redacted), KEY));
    CHECK(contains(held(&redacted), "# deployment\nkey = ["));
    CHECK(cloister_secrets_count(secrets) == 2);
    cloister_secrets_free(secrets);
    cloister_buffer_free(&redacted);
    cloister_detector_free(detector);

    // A value that is known to be harmless is let through.
    const cloister_str allow[] = {CLOISTER_STR(KEY)};
    cloister_scanner_options rules = CLOISTER_SCANNER_OPTIONS_INIT;
    rules.allow = allow;
    rules.allow_count = 1;
    cloister_detector_options options = CLOISTER_DETECTOR_OPTIONS_INIT;
    options.scanner = &rules;
    OK(cloister_detector_new(&options, &detector, &error));
    OK(cloister_detector_detect(detector, CLOISTER_STR(CODE), &secrets, &error));
    CHECK(cloister_secrets_count(secrets) == 0);
    cloister_secrets_free(secrets);
    cloister_detector_free(detector);

    // What is not worth an alert is redacted all the same.
    options = (cloister_detector_options)CLOISTER_DETECTOR_OPTIONS_INIT;
    options.alert_from = 0.7F;
    OK(cloister_detector_new(&options, &detector, &error));
    const cloister_str weak = CLOISTER_STR("password = \"tiger\"");
    OK(cloister_detector_detect(detector, weak, &secrets, &error));
    CHECK(cloister_secrets_count(secrets) == 0);
    cloister_secrets_free(secrets);
    OK(cloister_detector_redact(detector, weak, &redacted, NULL, &error));
    CHECK(contains(held(&redacted), "[PASSWORD]"));
    cloister_buffer_free(&redacted);
    cloister_detector_free(detector);
    options.redact_from = 2.0F;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_detector_new(&options, &detector, &error));

    // Rules of gitleaks; one that looks at paths is refused, with the reason.
    const cloister_str config = CLOISTER_STR(
        "[[rules]]\nid = \"house\"\ndescription = \"d\"\nregex = 'hs_[a-z0-9]{20}'\nkeywords = [\"hs_\"]\n"
        "[[rules]]\nid = \"by-path\"\ndescription = \"d\"\npath = '\\.p12$'\n");
    OK(cloister_gitleaks_refusals(config, &redacted, &error));
    CHECK(contains(held(&redacted), "by-path: it is for files of certain paths"));
    CHECK(!contains(held(&redacted), "house"));
    cloister_buffer_free(&redacted);
    rules = (cloister_scanner_options)CLOISTER_SCANNER_OPTIONS_INIT;
    rules.gitleaks_toml = config;
    options = (cloister_detector_options)CLOISTER_DETECTOR_OPTIONS_INIT;
    options.scanner = &rules;
    OK(cloister_detector_new(&options, &detector, &error));
    OK(cloister_detector_detect(detector, CLOISTER_STR("use hs_k3j9dlq0zx7pw2vb5nm1"), &secrets, &error));
    CHECK(cloister_secrets_count(secrets) == 1);
    CHECK(contains(cloister_secrets_at(secrets, 0)->finding->rule_id, "house"));
    cloister_secrets_free(secrets);
    cloister_detector_free(detector);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_gitleaks_refusals(CLOISTER_STR("[[["), &redacted, &error));
    return 0;
}
