// Where an assertion of llama.cpp fails, it ends the process. While a thread loads a model or makes a context it gets an
// exception instead, which llama.cpp's own handlers at the ends of these functions turn into a failure like any other.

#include <cstdio>
#include <stdexcept>

extern "C" {

typedef void (*ggml_abort_callback_t)(const char * message);
ggml_abort_callback_t ggml_set_abort_callback(ggml_abort_callback_t callback);

void cloister_assertions_take(void);
void cloister_assertions_throw(void);
bool cloister_assertions_failed(void);
}

static thread_local bool thrown = false;
static thread_local bool failed = false;

static void fail(const char * message) {
    if (thrown) {
        failed = true;
        throw std::runtime_error("an assertion failed");
    }
    // The process ends when this returns.
    std::fprintf(stderr, "%s\n", message);
}

// Once per process: what `fail` does is done from now on.
void cloister_assertions_take(void) {
    ggml_set_abort_callback(fail);
}

// Assertions that fail on this thread throw from now on.
void cloister_assertions_throw(void) {
    thrown = true;
    failed = false;
}

// They no longer do. Whether one has failed.
bool cloister_assertions_failed(void) {
    thrown = false;
    return failed;
}
