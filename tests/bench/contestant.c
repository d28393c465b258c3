/* Works on request, as the other contestants do: for each line "task repeats path" on standard input it goes through the
   documents of the file so often and answers with the seconds of processor time that it took and the number of findings. */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloister.h"

/* Stands between the documents of a file. */
static const char SEPARATOR = '\x1e';

static double processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *text_of(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) abort();
    *length = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*length + 1);
    if (text == NULL || fread(text, 1, *length, file) != *length) abort();
    fclose(file);
    text[*length] = SEPARATOR;
    return text;
}

static size_t find(const cloister_scrubber *scrubber, cloister_str text) {
    cloister_findings *found;
    if (cloister_scrubber_find(scrubber, text, &found, NULL) != CLOISTER_STATUS_OK) abort();
    const size_t count = cloister_findings_count(found);
    cloister_findings_free(found);
    return count;
}

static size_t scrub(const cloister_scrubber *scrubber, cloister_str text) {
    cloister_buffer scrubbed;
    cloister_findings *found;
    if (cloister_scrubber_scrub(scrubber, text, &scrubbed, &found, NULL) != CLOISTER_STATUS_OK) abort();
    const size_t count = cloister_findings_count(found);
    cloister_findings_free(found);
    cloister_buffer_free(&scrubbed);
    return count;
}

static size_t detect(const cloister_detector *detector, cloister_str text) {
    cloister_secrets *found;
    if (cloister_detector_detect(detector, text, &found, NULL) != CLOISTER_STATUS_OK) abort();
    const size_t count = cloister_secrets_count(found);
    cloister_secrets_free(found);
    return count;
}

/* The rules that the tasks name. */
static struct {
    const char *name, *profile;
    uint32_t packs;
    cloister_scrubber *scrubber;
} rules[] = {
    {"all", "default", CLOISTER_PACK_IDENTIFIERS | CLOISTER_PACK_SECRETS, NULL},
    {"identifiers", "default", CLOISTER_PACK_IDENTIFIERS, NULL},
    {"hipaa", "hipaa", CLOISTER_PACK_IDENTIFIERS, NULL},
    {"hipaa-secrets", "hipaa", CLOISTER_PACK_IDENTIFIERS | CLOISTER_PACK_SECRETS, NULL},
};
enum { RULES = sizeof rules / sizeof *rules };

static const cloister_scrubber *scrubber_of(const char *task) {
    if (strncmp(task, "scrub-", 6) == 0) task += 6;
    for (size_t at = 0; at < RULES; ++at)
        if (strcmp(rules[at].name, task) == 0) return rules[at].scrubber;
    return NULL;
}

int main(void) {
    for (size_t at = 0; at < RULES; ++at) {
        cloister_scanner_options scanner = CLOISTER_SCANNER_OPTIONS_INIT;
        scanner.packs = rules[at].packs;
        scanner.profile = cloister_str_from(rules[at].profile);
        cloister_scrubber_options options = CLOISTER_SCRUBBER_OPTIONS_INIT;
        options.scanner = &scanner;
        if (cloister_scrubber_new(&options, &rules[at].scrubber, NULL) != CLOISTER_STATUS_OK) abort();
    }
    cloister_detector *secrets = NULL;
    if (cloister_detector_new(NULL, &secrets, NULL) != CLOISTER_STATUS_OK) abort();

    char task[32], path[4096];
    unsigned repeats;
    while (scanf("%31s %u %4095[^\n]", task, &repeats, path) == 3) {
        size_t length, findings = 0;
        char *text = text_of(path, &length);
        const cloister_scrubber *scrubber = scrubber_of(task);
        const double start = processor_time();
        for (unsigned repeat = 0; repeat < repeats; ++repeat) {
            findings = 0;
            for (const char *at = text; at <= text + length;) {
                const char *end = memchr(at, SEPARATOR, length + 1 - (size_t)(at - text));
                const cloister_str document = {at, (size_t)(end - at)};
                findings += strcmp(task, "secrets") == 0         ? detect(secrets, document)
                            : strncmp(task, "scrub-", 6) == 0 ? scrub(scrubber, document)
                                                              : find(scrubber, document);
                at = end + 1;
            }
        }
        printf("%.9f %zu\n", processor_time() - start, findings);
        fflush(stdout);
        free(text);
    }
    for (size_t at = 0; at < RULES; ++at) cloister_scrubber_free(rules[at].scrubber);
    cloister_detector_free(secrets);
    return 0;
}
