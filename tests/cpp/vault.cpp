// Identifiers that are put back later.
#include "check.hpp"

int main() {
    const cloister::scrubber scrubber;
    cloister::vault vault;
    const cloister::scrubbed first = vault.scrub(scrubber, "SSN 123-45-6789 and mail a@example.com");
    CHECK(first.text == "SSN [SSN_1] and mail [EMAIL_1]");
    CHECK(first.findings.size() == 2);
    CHECK(vault.scrub(scrubber, "once more: SSN 123-45-6789").text == "once more: SSN [SSN_1]");
    CHECK(vault.count() == 2);
    CHECK(vault.restore("[EMAIL_1], [SSN_1]") == "a@example.com, 123-45-6789");
    vault.clear();
    CHECK(vault.count() == 0);
    CHECK(vault.restore("[SSN_1]") == "[SSN_1]");
    return 0;
}
