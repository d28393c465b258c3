// The main job: a clinical note goes to a model, and neither names nor numbers leave the walls.
#include "check.h"

#define NOTE \
    "Summarise in one sentence: Patient John Doe, DOB 03/14/1962, MRN: 987654, SSN: 123-45-6789, " \
    "phone 555-123-4567, was admitted with chest pain. ECG and troponin are normal."

// What the caller sees while the answer comes.
static bool append(void *user_data, cloister_str text) {
    size_t *length = user_data;
    CHECK(text.len > 0);
    *length += text.len;
    return true;
}

int main(int argc, char **argv) {
    CHECK(argc > 2);
    char file[4096];
    cloister_engine *engine = NULL;
    cloister_engine_options small = CLOISTER_ENGINE_OPTIONS_INIT;
    small.context_tokens = 1024;
    small.threads = 2;
    OK(cloister_engine_new(cloister_str_from(argv[2]), &small, NULL, NULL, &engine, &error));
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(path_in(argv[1], "guard.jsonl", file), NULL, &audit, &error));
    cloister_access *access = NULL;
    const cloister_str may[] = {CLOISTER_STR("read_phi")};
    OK(cloister_access_new(&access, &error));
    OK(cloister_access_add_role(access, CLOISTER_STR("physician"), may, 1, &error));
    OK(cloister_access_add_role(access, CLOISTER_STR("visitor"), NULL, 0, &error));

    cloister_guard_options walls = CLOISTER_GUARD_OPTIONS_INIT;
    walls.audit = audit;
    walls.access = access;
    cloister_guard *guard = NULL;
    OK(cloister_guard_new(engine, &walls, &guard, &error));
    // The guard shares what it was given.
    cloister_engine_free(engine);
    cloister_access_free(access);

    cloister_session *session = NULL;
    OK(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &session, &error));
    cloister_chat_options how = CLOISTER_CHAT_OPTIONS_INIT;
    how.max_tokens = 48;
    how.seed = 7;
    size_t streamed = 0;
    cloister_reply *reply = NULL;
    OK(cloister_guard_chat(guard, session, CLOISTER_STR(NOTE), &how, NULL, append, &streamed, &reply, &error));
    CHECK(cloister_reply_text(reply).len == streamed);
    cloister_str prompt = cloister_reply_prompt(reply);
    CHECK(!contains(prompt, "John") && !contains(prompt, "987654") && !contains(prompt, "123-45-6789"));
    CHECK(contains(prompt, "[SSN_1]") && contains(prompt, "troponin"));
    CHECK(!contains(cloister_reply_raw_text(reply), "123-45-6789"));
    CHECK(cloister_summary_identifiers(cloister_reply_request(reply)) >= 4);
    CHECK(cloister_strings_count(cloister_summary_secret_kinds(cloister_reply_response(reply))) == 0);
    CHECK(cloister_completion_completion_tokens(cloister_reply_completion(reply)) > 0);
    CHECK(cloister_strings_count(cloister_reply_event_ids(reply)) == 2);
    cloister_reply_free(reply);

    // A whole request: an answer in JSON, in which the name stands that the model has never seen.
    cloister_buffer answer = CLOISTER_BUFFER_INIT;
    OK(cloister_guard_complete(
        guard, session,
        CLOISTER_STR("{\"messages\": [{\"role\": \"user\", \"content\": \"Who was admitted? Patient John Doe.\"}], "
                     "\"seed\": 7, \"response_format\": {\"type\": \"json_object\", \"schema\": {\"type\": \"object\", "
                     "\"properties\": {\"patient\": {\"enum\": [\"John Doe\"]}}, \"required\": [\"patient\"], "
                     "\"additionalProperties\": false}}}"),
        NULL, NULL, NULL, &answer, &error));
    CHECK(contains(held(&answer), "\\\"patient\\\"") && contains(held(&answer), "\\\"John Doe\\\""));
    CHECK(contains(held(&answer), "\"identifier_kinds\":[\"name\"]") && contains(held(&answer), "\"event_ids\":["));
    cloister_buffer_free(&answer);
    // In parts.
    streamed = 0;
    OK(cloister_guard_complete(
        guard, session,
        CLOISTER_STR("{\"messages\": [{\"role\": \"user\", \"content\": \"Say hello to John Doe.\"}], \"max_tokens\": 4, "
                     "\"stream\": true}"),
        NULL, append, &streamed, &answer, &error));
    CHECK(contains(held(&answer), "\"chat.completion.chunk\"") && streamed > 2 * strlen("chat.completion.chunk"));
    cloister_buffer_free(&answer);
    FAILS(CLOISTER_STATUS_BLOCKED,
          cloister_guard_complete(guard, session,
                                  CLOISTER_STR("{\"messages\": [{\"role\": \"system\", \"content\": "
                                               "\"Use sk_live_51HxJ1234567890abcdefghijklm.\"}]}"),
                                  NULL, NULL, NULL, &answer, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_guard_complete(guard, session, CLOISTER_STR("{}"), NULL, NULL, NULL, &answer, &error));

    // A secret is refused, and so is a role that may not.
    FAILS(CLOISTER_STATUS_BLOCKED,
          cloister_guard_chat(guard, session, CLOISTER_STR("Use sk_live_51HxJ1234567890abcdefghijklm please."), &how,
                              NULL, NULL, NULL, &reply, &error));
    cloister_session *visitor = NULL;
    OK(cloister_session_new(CLOISTER_STR("guest"), CLOISTER_STR("visitor"), &visitor, &error));
    FAILS(CLOISTER_STATUS_DENIED,
          cloister_guard_chat(guard, visitor, CLOISTER_STR("Hello"), &how, NULL, NULL, NULL, &reply, &error));
    cloister_session_free(visitor);
    CHECK(cloister_session_turns(session) == 1);

    // All of it was recorded, no value was, and the record is intact.
    cloister_buffer records = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_query(audit, NULL, &records, &error));
    CHECK(contains(held(&records), "dr.lee") && contains(held(&records), "denied"));
    CHECK(contains(held(&records), "blocked"));
    CHECK(!contains(held(&records), "John") && !contains(held(&records), "6789"));
    cloister_buffer_free(&records);
    cloister_verification *found = NULL;
    OK(cloister_audit_verify(audit, &found, &error));
    CHECK(cloister_verification_is_intact(found) && cloister_verification_records(found) >= 4);
    cloister_verification_free(found);

    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_audit_free(audit);
    return 0;
}
