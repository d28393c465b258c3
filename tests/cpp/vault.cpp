// Identifiers that are put back later.
#include "check.hpp"

int main(int argc, char **argv) {
    CHECK(argc > 1);
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
    CHECK(vault.expires_at() == 0);

    // At rest it is encrypted, and whoever has the key goes on with the same placeholders.
    const std::string key = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    const cloister::cipher cipher = cloister::cipher::from_bytes(key);
    const std::string path = std::string(argv[1]) + "/vault";
    CHECK(vault.scrub(scrubber, "SSN 123-45-6789").text == "SSN [SSN_1]");
    vault.save(path, cipher);
    cloister::vault second = cloister::vault::open(path, cipher);
    CHECK(second.scrub(scrubber, "SSN 234-56-7890").text == "SSN [SSN_2]");
    cloister::vault third = cloister::vault::unseal(cipher, second.seal(cipher, "case 7"), "case 7");
    CHECK(third.count() == 2);
    THROWS(CLOISTER_STATUS_DECRYPT, cloister::vault::unseal(cipher, second.seal(cipher, "case 7"), "case 8"));

    // Chunks may cut a placeholder anywhere.
    cloister::restorer restorer(third);
    std::string joined;
    for (const char c : std::string("(ssn\\_2) [Ssn 1]")) {
        joined += restorer.push(std::string_view(&c, 1));
    }
    joined += restorer.finish();
    CHECK(joined == "(234-56-7890) 123-45-6789");

    cloister::vault_options bounds;
    bounds.ttl_seconds = 60;
    bounds.capacity = 1;
    cloister::vault bounded(bounds);
    CHECK(bounded.expires_at() > 0);
    THROWS(CLOISTER_STATUS_TOO_LARGE, bounded.scrub(scrubber, "SSN 123-45-6789, SSN 234-56-7890"));

    cloister::scrubber_options options;
    options.policy = "surrogates";
    options.key = key;
    const cloister::scrubber pseudonyms(options);
    const std::string note = "Patient John Doe, SSN 123-45-6789";
    const std::string hidden = vault.scrub_of(pseudonyms, "7", note).text;
    CHECK(!contains(hidden, "Doe") && !contains(hidden, "6789"));
    CHECK(vault.restore(hidden) == note);
    CHECK(pseudonyms.scrub(note).text == pseudonyms.scrub_of("7", note).text);
    options.key = "short";
    THROWS(CLOISTER_STATUS_INVALID_KEY, cloister::scrubber{options});
    return 0;
}
