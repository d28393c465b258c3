// A text that is scrubbed as it comes, cut anywhere.
#include "check.h"

#include <stdlib.h>

int main(void) {
    cloister_scrubber *scrubber = NULL;
    OK(cloister_scrubber_new(NULL, &scrubber, &error));
    cloister_scrub_stream *stream = NULL;
    OK(cloister_scrub_stream_new(scrubber, &stream, &error));
    cloister_scrubber_free(scrubber); // a stream outlives it

    // 200 KB of notes in chunks of seven bytes; each ends inside a word, and some inside a code point.
    enum { LINES = 2000, CHUNK = 7 };
    const char *line = "Größe unauffällig. Patient SSN: 123-45-6789, mail john.doe@example.com, and was doing well.\n";
    const size_t length = strlen(line) * LINES;
    char *text = malloc(length + 1);
    char *whole = calloc(length + 1, 1);
    CHECK(text != NULL && whole != NULL);
    for (size_t at = 0; at < LINES; ++at) {
        memcpy(text + at * strlen(line), line, strlen(line) + 1);
    }
    size_t written = 0, found = 0;
    for (size_t at = 0; at <= length; at += CHUNK) {
        const size_t left = length - at;
        const cloister_bytes chunk = {(const uint8_t *)text + at, left < CHUNK ? left : CHUNK};
        cloister_buffer part = CLOISTER_BUFFER_INIT;
        cloister_findings *findings = NULL;
        OK(cloister_scrub_stream_push(stream, chunk, &part, &findings, &error));
        memcpy(whole + written, part.ptr, part.len);
        written += part.len;
        for (size_t index = 0; index < cloister_findings_count(findings); ++index) {
            const cloister_finding *finding = cloister_findings_at(findings, index);
            CHECK(finding->line == 1 + found / 2);
            CHECK(memcmp(text + finding->bytes.start, found % 2 == 0 ? "123-45-6789" : "john.doe@example.com",
                         finding->bytes.end - finding->bytes.start) == 0);
            ++found;
        }
        cloister_buffer_free(&part);
        cloister_findings_free(findings);
    }
    cloister_buffer rest = CLOISTER_BUFFER_INIT;
    OK(cloister_scrub_stream_finish(stream, &rest, NULL, &error));
    memcpy(whole + written, rest.ptr, rest.len);
    cloister_buffer_free(&rest);
    CHECK(!contains(cloister_str_from(whole), "6789") && !contains(cloister_str_from(whole), "john.doe"));
    CHECK(contains(cloister_str_from(whole), "Größe unauffällig. Patient SSN: [SSN], mail [EMAIL], and was doing well.\n"));
    free(text);
    free(whole);

    // A finished stream takes no more, and a new one refuses what is not UTF-8 without taking any of it.
    FAILS(CLOISTER_STATUS_CLOSED, cloister_scrub_stream_push(stream, bytes("x"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_CLOSED, cloister_scrub_stream_finish(stream, NULL, NULL, &error));
    cloister_scrub_stream_free(stream);
    OK(cloister_scrubber_new(NULL, &scrubber, &error));
    OK(cloister_scrub_stream_new(scrubber, &stream, &error));
    FAILS(CLOISTER_STATUS_INVALID_UTF8, cloister_scrub_stream_push(stream, bytes("a\xff"), NULL, NULL, &error));
    OK(cloister_scrub_stream_push(stream, bytes("\xc3"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_INVALID_UTF8, cloister_scrub_stream_finish(stream, NULL, NULL, &error));

    // With a vault it comes back as it was, until the vault is full.
    cloister_scrub_stream_free(stream);
    OK(cloister_scrub_stream_new_of(scrubber, CLOISTER_STR("patient 7"), &stream, &error));
    cloister_vault_options bounds = CLOISTER_VAULT_OPTIONS_INIT;
    bounds.capacity = 2;
    cloister_vault *vault = NULL;
    OK(cloister_vault_new_with_options(&bounds, &vault, &error));
    cloister_buffer kept = CLOISTER_BUFFER_INIT, restored = CLOISTER_BUFFER_INIT;
    OK(cloister_vault_scrub_push(vault, stream, bytes("SSN: 123-45-"), NULL, NULL, &error));
    OK(cloister_vault_scrub_push(vault, stream, bytes("6789, MRN: 987654"), NULL, NULL, &error));
    OK(cloister_vault_scrub_finish(vault, stream, &kept, NULL, &error));
    CHECK(is(held(&kept), "SSN: [SSN_1], MRN: [MRN_1]"));
    OK(cloister_vault_restore(vault, CLOISTER_STR("[SSN_1]"), &restored, &error));
    CHECK(is(held(&restored), "123-45-6789") && cloister_vault_count(vault) == 2);
    cloister_buffer_free(&kept);
    cloister_buffer_free(&restored);
    cloister_scrub_stream_free(stream);
    OK(cloister_scrub_stream_new(scrubber, &stream, &error));
    OK(cloister_vault_scrub_push(vault, stream, bytes("mail john.doe@example.com"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_TOO_LARGE, cloister_vault_scrub_finish(vault, stream, NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_CLOSED, cloister_vault_scrub_push(vault, stream, bytes("x"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_vault_scrub_push(NULL, stream, bytes("x"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_vault_scrub_finish(vault, NULL, NULL, NULL, &error));
    cloister_vault_free(vault);

    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_scrub_stream_new(NULL, &stream, &error));
    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_scrub_stream_push(NULL, bytes("x"), NULL, NULL, &error));
    FAILS(CLOISTER_STATUS_NULL_ARGUMENT, cloister_scrub_stream_finish(NULL, NULL, NULL, &error));
    cloister_scrub_stream_free(stream);
    cloister_scrub_stream_free(NULL);
    cloister_scrubber_free(scrubber);
    return 0;
}
