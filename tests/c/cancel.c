// Stopping an answer from another thread.
#include "check.h"

#include <pthread.h>

// Never comes to an end by itself.
static bool count_for_ever(void *user_data, const cloister_message *messages, size_t count,
                           const cloister_chat_options *options, const cloister_cancel *cancel,
                           cloister_answer *answer) {
    (void)user_data, (void)messages, (void)count, (void)options;
    while (!cloister_cancel_is_set(cancel)) {
        if (cloister_answer_write(answer, CLOISTER_STR("and another one "), NULL) != CLOISTER_STATUS_OK) {
            return false;
        }
    }
    return false;
}

static void *press_stop(void *cancel) {
    cloister_cancel_set(cancel);
    return NULL;
}

// Starts the other thread with the first words.
typedef struct stopper {
    pthread_t thread;
    bool started;
    cloister_cancel *cancel;
} stopper;

static bool begin_to_stop(void *user_data, cloister_str text) {
    stopper *stopper = user_data;
    CHECK(text.len > 0);
    if (!stopper->started) {
        stopper->started = true;
        CHECK(pthread_create(&stopper->thread, NULL, press_stop, stopper->cancel) == 0);
    }
    return true;
}

int main(void) {
    cloister_cancel *cancel = NULL;
    OK(cloister_cancel_new(&cancel, &error));
    CHECK(!cloister_cancel_is_set(cancel));

    cloister_backend backend = CLOISTER_BACKEND_INIT;
    backend.name = CLOISTER_STR("endless");
    backend.chat = count_for_ever;
    cloister_guard_options options = CLOISTER_GUARD_OPTIONS_INIT;
    options.without_audit = 1;
    cloister_guard *guard = NULL;
    cloister_session *session = NULL;
    OK(cloister_guard_new_with_backend(&backend, &options, &guard, &error));
    OK(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &session, &error));

    stopper stopper = {.started = false, .cancel = cancel};
    cloister_reply *reply = NULL;
    FAILS(CLOISTER_STATUS_CANCELLED, cloister_guard_chat(guard, session, CLOISTER_STR("Count."), NULL, cancel,
                                                         begin_to_stop, &stopper, &reply, &error));
    CHECK(stopper.started && pthread_join(stopper.thread, NULL) == 0);
    CHECK(reply == NULL);
    CHECK(cloister_cancel_is_set(cancel));
    CHECK(cloister_session_turns(session) == 0);

    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_cancel_free(cancel);
    return 0;
}
