// Prints what this system enforces and what it does not, as `cloister doctor` does it where there is Python.
#include "../c/check.h"

int main(void) {
    cloister_buffer report = CLOISTER_BUFFER_INIT;
    OK(cloister_doctor(&report, &error));
    printf("%.*s\n", (int)report.len, report.ptr);
    cloister_buffer_free(&report);
    return 0;
}
