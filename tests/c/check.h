// What the programs here have in common: checks that say where they failed, and texts that compare themselves.
//
// Each program is a test and a page of the manual: `program SCRATCH_DIRECTORY [MODEL]` returns 0 if everything holds.
#ifndef CHECK_H
#define CHECK_H

#include <cloister.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The error of the last call; every call here gets its address.
static cloister_error *error = NULL;

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

// A call that must succeed.
#define OK(call) check_status((call), CLOISTER_STATUS_OK, #call, __FILE__, __LINE__)

// A call that must fail with this status.
#define FAILS(expected, call) check_status((call), (expected), #call, __FILE__, __LINE__)

static inline void check(bool condition, const char *what, const char *file, int line) {
    if (!condition) {
        fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
        exit(1);
    }
}

static inline void check_status(cloister_status status, cloister_status expected, const char *what, const char *file,
                                int line) {
    cloister_str message = cloister_error_message(error);
    if (status != expected) {
        fprintf(stderr, "%s:%d: %s: %s instead of %s: %.*s\n", file, line, what, cloister_status_string(status),
                cloister_status_string(expected), (int)message.len, message.ptr);
        exit(1);
    }
    check((error == NULL) == (status == CLOISTER_STATUS_OK), "an error comes with a failure", file, line);
    check(cloister_error_status(error) == status, "an error has the status of its call", file, line);
    cloister_error_free(error);
    error = NULL;
}

// What a buffer holds, borrowed from it.
static inline cloister_str held(const cloister_buffer *buffer) {
    return (cloister_str){buffer->ptr, buffer->len};
}

static inline cloister_bytes held_bytes(const cloister_buffer *buffer) {
    return (cloister_bytes){(const uint8_t *)buffer->ptr, buffer->len};
}

static inline cloister_bytes bytes(const char *text) {
    return (cloister_bytes){(const uint8_t *)text, strlen(text)};
}

static inline bool is(cloister_str text, const char *expected) {
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

static inline bool contains(cloister_str text, const char *part) {
    size_t length = strlen(part);
    for (size_t start = 0; start + length <= text.len; ++start) {
        if (memcmp(text.ptr + start, part, length) == 0) {
            return true;
        }
    }
    return false;
}

// The path of a file in a directory.
static inline cloister_str path_in(const char *directory, const char *name, char path[4096]) {
    snprintf(path, 4096, "%s/%s", directory, name);
    return cloister_str_from(path);
}

#endif // CHECK_H
