// A guard around functions of the program's own: they receive placeholders, the caller receives names.
#include "check.h"

// What the backend was asked, and what it is to do.
typedef struct script {
    cloister_status fails_with;
    bool saw_a_name;
    int dropped;
} script;

static bool answer_from(void *user_data, const cloister_message *messages, size_t count,
                        const cloister_chat_options *options, const cloister_cancel *cancel, cloister_answer *answer) {
    script *script = user_data;
    CHECK(count > 0 && options->temperature > 0 && !cloister_cancel_is_set(cancel));
    CHECK(is(messages[count - 1].role, "user"));
    script->saw_a_name = contains(messages[count - 1].content, "6789");
    if (script->fails_with != CLOISTER_STATUS_OK) {
        cloister_answer_fail(answer, script->fails_with);
        return false;
    }
    // A placeholder may be cut anywhere.
    const cloister_str pieces[] = {CLOISTER_STR("The number is [SS"), CLOISTER_STR("N_1]"), CLOISTER_STR(".")};
    for (size_t index = 0; index < 3; ++index) {
        if (cloister_answer_write(answer, pieces[index], NULL) != CLOISTER_STATUS_OK) {
            return false;
        }
    }
    cloister_answer_set_usage(answer, 12, 5);
    cloister_answer_set_finish_reason(answer, CLOISTER_FINISH_REASON_LENGTH);
    return true;
}

static void drop(void *user_data) { ((script *)user_data)->dropped += 1; }

// A growing text, for the streamed answer.
typedef struct transcript {
    char text[256];
    size_t length;
    bool stops;
} transcript;

static bool append(void *user_data, cloister_str text) {
    transcript *transcript = user_data;
    CHECK(transcript->length + text.len < sizeof transcript->text);
    memcpy(transcript->text + transcript->length, text.ptr, text.len);
    transcript->length += text.len;
    return !transcript->stops;
}

int main(void) {
    script script = {CLOISTER_STATUS_OK, false, 0};
    cloister_backend backend = CLOISTER_BACKEND_INIT;
    backend.name = CLOISTER_STR("a script");
    backend.chat = answer_from;
    backend.drop = drop;
    backend.user_data = &script;

    // Without a log the program must say so; what failed has consumed nothing.
    cloister_guard_options options = CLOISTER_GUARD_OPTIONS_INIT;
    cloister_guard *guard = NULL;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_guard_new_with_backend(&backend, &options, &guard, &error));
    CHECK(script.dropped == 0);
    options.without_audit = 1;
    OK(cloister_guard_new_with_backend(&backend, &options, &guard, &error));

    cloister_session *session = NULL;
    OK(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &session, &error));
    const cloister_str question = CLOISTER_STR("What is the number? SSN 123-45-6789");
    transcript transcript = {"", 0, false};
    cloister_reply *reply = NULL;
    OK(cloister_guard_chat(guard, session, question, NULL, NULL, append, &transcript, &reply, &error));
    CHECK(!script.saw_a_name);
    CHECK(is(cloister_reply_prompt(reply), "What is the number? SSN [SSN_1]"));
    CHECK(is(cloister_reply_raw_text(reply), "The number is [SSN_1]."));
    CHECK(is(cloister_reply_text(reply), "The number is 123-45-6789."));
    CHECK(is((cloister_str){transcript.text, transcript.length}, "The number is 123-45-6789."));
    CHECK(cloister_summary_identifiers(cloister_reply_request(reply)) == 1);
    CHECK(is(cloister_strings_at(cloister_summary_identifier_kinds(cloister_reply_request(reply)), 0), "ssn"));
    CHECK(cloister_summary_secrets(cloister_reply_request(reply)) == 0);
    CHECK(cloister_strings_count(cloister_reply_event_ids(reply)) == 0);
    const cloister_completion *completion = cloister_reply_completion(reply);
    CHECK(cloister_completion_prompt_tokens(completion) == 12);
    CHECK(cloister_completion_completion_tokens(completion) == 5);
    CHECK(cloister_completion_finish_reason(completion) == CLOISTER_FINISH_REASON_LENGTH);
    cloister_reply_free(reply);

    // Stopped by its reader, and failed by its backend: the conversation stays as it was.
    transcript.length = 0;
    transcript.stops = true;
    FAILS(CLOISTER_STATUS_CANCELLED,
          cloister_guard_chat(guard, session, question, NULL, NULL, append, &transcript, &reply, &error));
    script.fails_with = CLOISTER_STATUS_BUSY;
    FAILS(CLOISTER_STATUS_BUSY,
          cloister_guard_chat(guard, session, question, NULL, NULL, NULL, NULL, &reply, &error));
    CHECK(cloister_session_turns(session) == 1);

    cloister_session_free(session);
    CHECK(script.dropped == 0);
    cloister_guard_free(guard);
    CHECK(script.dropped == 1);
    return 0;
}
