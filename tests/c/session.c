// Two conversations on one guard: each has its own history and its own placeholders.
#include "check.h"

// Answers with the number of messages it was handed, and with the last of them.
static bool echo(void *user_data, const cloister_message *messages, size_t count, const cloister_chat_options *options,
                 const cloister_cancel *cancel, cloister_answer *answer) {
    (void)user_data, (void)options, (void)cancel;
    char number[32];
    snprintf(number, sizeof number, "%zu: ", count);
    return cloister_answer_write(answer, cloister_str_from(number), NULL) == CLOISTER_STATUS_OK &&
           cloister_answer_write(answer, messages[count - 1].content, NULL) == CLOISTER_STATUS_OK;
}

static void ask(const cloister_guard *guard, cloister_session *session, cloister_str input, const char *raw_answer) {
    cloister_reply *reply = NULL;
    OK(cloister_guard_chat(guard, session, input, NULL, NULL, NULL, NULL, &reply, &error));
    CHECK(is(cloister_reply_raw_text(reply), raw_answer));
    CHECK(!contains(cloister_reply_text(reply), "["));
    cloister_reply_free(reply);
}

int main(void) {
    cloister_backend backend = CLOISTER_BACKEND_INIT;
    backend.name = CLOISTER_STR("echo");
    backend.chat = echo;
    cloister_guard_options options = CLOISTER_GUARD_OPTIONS_INIT;
    options.without_audit = 1;
    options.without_system_prompt = 1;
    cloister_guard *guard = NULL;
    OK(cloister_guard_new_with_backend(&backend, &options, &guard, &error));

    cloister_session *lee = NULL, *kim = NULL;
    OK(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &lee, &error));
    OK(cloister_session_new(CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &kim, &error));
    CHECK(is(cloister_session_user(lee), "dr.lee") && is(cloister_session_role(lee), "physician"));
    CHECK(cloister_session_id(lee).len == 20 && contains(cloister_session_id(lee), "ses_"));

    ask(guard, lee, CLOISTER_STR("SSN 123-45-6789"), "1: SSN [SSN_1]");
    ask(guard, lee, CLOISTER_STR("SSN 321-54-9876"), "3: SSN [SSN_2]");
    ask(guard, kim, CLOISTER_STR("SSN 321-54-9876"), "1: SSN [SSN_1]");
    CHECK(cloister_session_turns(lee) == 2 && cloister_session_turns(kim) == 1);

    cloister_buffer restored = CLOISTER_BUFFER_INIT;
    OK(cloister_session_restore(lee, CLOISTER_STR("[SSN_2] and [SSN_1]"), &restored, &error));
    CHECK(is(held(&restored), "321-54-9876 and 123-45-6789"));
    cloister_buffer_free(&restored);

    // What would be sent, before anything is sent.
    cloister_buffer scrubbed = CLOISTER_BUFFER_INIT;
    cloister_findings *findings = NULL;
    OK(cloister_guard_preview(guard, kim, CLOISTER_STR("Again 321-54-9876"), &scrubbed, &findings, &error));
    CHECK(is(held(&scrubbed), "Again [SSN_1]"));
    CHECK(cloister_findings_count(findings) == 1 && cloister_findings_at(findings, 0)->bytes.start == 6);
    cloister_findings_free(findings);
    cloister_buffer_free(&scrubbed);
    CHECK(cloister_session_turns(kim) == 1);

    // A system prompt of the conversation is scrubbed as the user's text is.
    OK(cloister_session_set_system_prompt(kim, CLOISTER_STR("The patient's SSN is 321-54-9876."), &error));
    ask(guard, kim, CLOISTER_STR("Hello"), "4: Hello");

    // After clearing, the conversation begins anew.
    OK(cloister_session_clear(lee, &error));
    CHECK(cloister_session_turns(lee) == 0);
    OK(cloister_session_restore(lee, CLOISTER_STR("[SSN_1]"), &restored, &error));
    CHECK(is(held(&restored), "[SSN_1]"));
    cloister_buffer_free(&restored);

    cloister_session_free(lee);
    cloister_session_free(kim);
    cloister_guard_free(guard);
    return 0;
}
