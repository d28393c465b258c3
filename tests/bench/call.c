/* The cost of one call from C, as JSON lines for `make bench`: the boundary alone (an empty text) and a text of 1 KiB. */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloister.h"

enum { ROUNDS = 21, CALLS = 2000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double microseconds_per_call(const cloister_scrubber *scrubber, cloister_str text) {
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; ++round) {
        const double start = now();
        for (int call = 0; call < CALLS; ++call) {
            cloister_buffer scrubbed;
            if (cloister_scrubber_scrub(scrubber, text, &scrubbed, NULL, NULL) != CLOISTER_STATUS_OK) abort();
            cloister_buffer_free(&scrubbed);
        }
        rounds[round] = (now() - start) / CALLS;
    }
    qsort(rounds, ROUNDS, sizeof *rounds, ascending);
    return rounds[ROUNDS / 2];
}

int main(int argc, char **argv) {
    char text[1024];
    FILE *note = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (note == NULL || fread(text, 1, sizeof text, note) != sizeof text) {
        fputs("usage: call NOTE, a file of at least 1 KiB\n", stderr);
        return 2;
    }
    fclose(note);

    cloister_scrubber *scrubber = NULL;
    if (cloister_scrubber_new(NULL, &scrubber, NULL) != CLOISTER_STATUS_OK) abort();
    const cloister_str empty = {NULL, 0}, whole = {text, sizeof text};
    printf("{\"name\": \"call from C, empty text\", \"value\": %.3f, \"unit\": \"µs\"}\n", microseconds_per_call(scrubber, empty));
    printf("{\"name\": \"scrub 1 KiB from C\", \"value\": %.3f, \"unit\": \"µs\"}\n", microseconds_per_call(scrubber, whole));
    cloister_scrubber_free(scrubber);
    return 0;
}
