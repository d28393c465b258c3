// Texts, buffers, errors and versions: what every other program builds on.
#include "check.h"

int main(void) {
    // The library that was loaded is the one that this program was compiled for.
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", CLOISTER_VERSION_MAJOR, CLOISTER_VERSION_MINOR,
             CLOISTER_VERSION_PATCH);
    CHECK(strcmp(cloister_version(), version) == 0);
    CHECK(cloister_abi_version() == CLOISTER_ABI_VERSION);

    // Text goes in with its length; a C string is measured.
    CHECK(CLOISTER_STR("four").len == 4);
    CHECK(is(cloister_str_from("four"), "four"));
    CHECK(cloister_str_from(NULL).ptr == NULL);

    // Text comes out in a buffer that is also a C string. Freeing it twice is safe.
    cloister_buffer report = CLOISTER_BUFFER_INIT;
    OK(cloister_doctor(&report, &error));
    CHECK(strlen(report.ptr) == report.len);
    CHECK(contains(held(&report), "\"not_enforced\""));
    cloister_buffer_free(&report);
    CHECK(report.ptr == NULL && report.len == 0);
    cloister_buffer_free(&report);

    // A failure has a status for programs and one line for people.
    cloister_status status = cloister_doctor(NULL, &error);
    CHECK(status == CLOISTER_STATUS_NULL_ARGUMENT);
    CHECK(cloister_error_status(error) == status);
    CHECK(is(cloister_error_message(error), "`report` is NULL"));
    cloister_error_free(error);
    CHECK(strcmp(cloister_status_string(status), "a required pointer is NULL") == 0);
    CHECK(strcmp(cloister_status_string(12345), "unknown status") == 0);

    // Whoever does not want the line leaves it out.
    CHECK(cloister_doctor(NULL, NULL) == CLOISTER_STATUS_NULL_ARGUMENT);
    return 0;
}
