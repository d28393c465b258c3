// Identifiers that are put back later.
#include "check.h"

int main(void) {
    cloister_scrubber *scrubber = NULL;
    cloister_vault *vault = NULL;
    OK(cloister_scrubber_new(NULL, &scrubber, &error));
    OK(cloister_vault_new(&vault, &error));

    // The same value gets the same placeholder, in every text.
    cloister_buffer scrubbed = CLOISTER_BUFFER_INIT;
    cloister_findings *findings = NULL;
    OK(cloister_vault_scrub(vault, scrubber, CLOISTER_STR("SSN 123-45-6789 and mail a@example.com"), &scrubbed,
                            &findings, &error));
    CHECK(is(held(&scrubbed), "SSN [SSN_1] and mail [EMAIL_1]"));
    CHECK(cloister_findings_count(findings) == 2);
    cloister_findings_free(findings);
    cloister_buffer_free(&scrubbed);
    OK(cloister_vault_scrub(vault, scrubber, CLOISTER_STR("once more: SSN 123-45-6789"), &scrubbed, NULL, &error));
    CHECK(is(held(&scrubbed), "once more: SSN [SSN_1]"));
    CHECK(cloister_vault_count(vault) == 2);

    cloister_buffer restored = CLOISTER_BUFFER_INIT;
    OK(cloister_vault_restore(vault, held(&scrubbed), &restored, &error));
    CHECK(is(held(&restored), "once more: SSN 123-45-6789"));
    cloister_buffer_free(&restored);

    // What was forgotten cannot be put back.
    OK(cloister_vault_clear(vault, &error));
    CHECK(cloister_vault_count(vault) == 0);
    OK(cloister_vault_restore(vault, held(&scrubbed), &restored, &error));
    CHECK(is(held(&restored), "once more: SSN [SSN_1]"));
    cloister_buffer_free(&restored);

    cloister_buffer_free(&scrubbed);
    cloister_vault_free(vault);
    cloister_scrubber_free(scrubber);
    return 0;
}
