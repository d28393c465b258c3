// Identifiers that are put back later.
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc > 1);
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

    // A placeholder comes back from what a model makes of it, wherever chunks cut it.
    OK(cloister_vault_scrub(vault, scrubber, CLOISTER_STR("SSN 123-45-6789"), &scrubbed, NULL, &error));
    cloister_buffer_free(&scrubbed);
    cloister_restorer *restorer = NULL;
    OK(cloister_restorer_new(&restorer, &error));
    const char *answer = "**\\[ssn\\_1\\]**'s";
    char joined[64] = "";
    for (const char *at = answer; *at != 0; ++at) {
        OK(cloister_restorer_push(restorer, vault, (cloister_str){at, 1}, &restored, &error));
        strncat(joined, restored.ptr, restored.len);
        cloister_buffer_free(&restored);
    }
    OK(cloister_restorer_finish(restorer, vault, &restored, &error));
    strncat(joined, restored.ptr, restored.len);
    cloister_buffer_free(&restored);
    CHECK(strcmp(joined, "**123-45-6789**'s") == 0);
    cloister_restorer_free(restorer);

    // At rest it is encrypted, and whoever has the key goes on with the same placeholders.
    cloister_cipher *cipher = NULL;
    cloister_cipher *other = NULL;
    OK(cloister_cipher_new(bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA"), &cipher, &error));
    OK(cloister_cipher_new(bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmB"), &other, &error));
    char place[4096];
    const cloister_str path = path_in(argv[1], "vault", place);
    OK(cloister_vault_save(vault, path, cipher, bytes("case 7"), &error));
    cloister_vault *second = NULL;
    FAILS(CLOISTER_STATUS_DECRYPT, cloister_vault_open(path, other, bytes("case 7"), &second, &error));
    FAILS(CLOISTER_STATUS_DECRYPT, cloister_vault_open(path, cipher, bytes("case 8"), &second, &error));
    OK(cloister_vault_open(path, cipher, bytes("case 7"), &second, &error));
    OK(cloister_vault_scrub(second, scrubber, CLOISTER_STR("SSN 234-56-7890, SSN 123-45-6789"), &scrubbed, NULL, &error));
    CHECK(is(held(&scrubbed), "SSN [SSN_2], SSN [SSN_1]"));
    cloister_buffer_free(&scrubbed);
    OK(cloister_vault_save(second, path, cipher, bytes("case 7"), &error));
    FAILS(CLOISTER_STATUS_BUSY, cloister_vault_save(vault, path, cipher, bytes("case 7"), &error));
    cloister_vault_free(second);

    cloister_buffer envelope = CLOISTER_BUFFER_INIT;
    OK(cloister_vault_export(vault, cipher, (cloister_bytes)CLOISTER_BYTES_INIT, &envelope, &error));
    OK(cloister_vault_import(cipher, held_bytes(&envelope), (cloister_bytes)CLOISTER_BYTES_INIT, &second, &error));
    CHECK(cloister_vault_count(second) == 1);
    CHECK(cloister_vault_expires_at(second) == 0);
    cloister_vault_free(second);
    envelope.ptr[envelope.len - 1] ^= 1;
    FAILS(CLOISTER_STATUS_DECRYPT, cloister_vault_import(cipher, held_bytes(&envelope),
                                                         (cloister_bytes)CLOISTER_BYTES_INIT, &second, &error));
    cloister_buffer_free(&envelope);
    cloister_cipher_free(cipher);
    cloister_cipher_free(other);
    cloister_vault_free(vault);

    // It may have bounds.
    cloister_vault_options bounds = CLOISTER_VAULT_OPTIONS_INIT;
    bounds.ttl_seconds = 3600;
    bounds.capacity = 1;
    OK(cloister_vault_new_with_options(&bounds, &vault, &error));
    CHECK(cloister_vault_expires_at(vault) > 1700000000);
    FAILS(CLOISTER_STATUS_TOO_LARGE, cloister_vault_scrub(vault, scrubber, CLOISTER_STR("SSN 123-45-6789, SSN 234-56-7890"),
                                                          &scrubbed, NULL, &error));
    cloister_vault_free(vault);
    cloister_scrubber_free(scrubber);

    // With surrogates of a key the model reads a text like any other.
    cloister_scrubber_options options = CLOISTER_SCRUBBER_OPTIONS_INIT;
    options.policy = CLOISTER_STR("surrogates");
    options.key = bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA");
    OK(cloister_scrubber_new(&options, &scrubber, &error));
    OK(cloister_vault_new(&vault, &error));
    const char *note = "Patient John Doe, SSN 123-45-6789";
    OK(cloister_vault_scrub_of(vault, scrubber, CLOISTER_STR("7"), cloister_str_from(note), &scrubbed, NULL, &error));
    CHECK(!contains(held(&scrubbed), "Doe") && !contains(held(&scrubbed), "6789") && !contains(held(&scrubbed), "["));
    OK(cloister_vault_restore(vault, held(&scrubbed), &restored, &error));
    CHECK(is(held(&restored), note));
    cloister_buffer_free(&restored);
    cloister_buffer_free(&scrubbed);
    cloister_vault_free(vault);
    cloister_scrubber_free(scrubber);
    return 0;
}
