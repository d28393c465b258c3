// A clinical note goes through the walls to a local model, in C.
//
//     ./note MODEL.gguf [AUDIT.jsonl]

#include <cloister.h>

#include <stdio.h>
#include <stdlib.h>

static const char NOTE[] =
    "Write one sentence for the referral letter: Patient John Doe, DOB 03/14/1962, MRN: 987654, phone 555-123-4567, "
    "was admitted with chest pain. ECG and troponin are normal.";

// Ends the program if a call failed, and says why.
static void check(cloister_status status, cloister_error *error) {
    if (status != CLOISTER_STATUS_OK) {
        const cloister_str message = cloister_error_message(error);
        fprintf(stderr, "error: %.*s\n", (int)message.len, message.ptr);
        cloister_error_free(error);
        exit(EXIT_FAILURE);
    }
}

static void show(const char *title, cloister_str text) { printf("%s\n  %.*s\n\n", title, (int)text.len, text.ptr); }

// Prints the answer as it comes.
static bool print(void *user_data, cloister_str text) {
    (void)user_data;
    fwrite(text.ptr, 1, text.len, stdout);
    return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs("usage: note MODEL.gguf [AUDIT.jsonl]\n", stderr);
        return 2;
    }
    cloister_error *error = NULL;

    cloister_engine *engine = NULL;
    check(cloister_engine_new(cloister_str_from(argv[1]), NULL, NULL, NULL, &engine, &error), error);
    cloister_audit *audit = NULL;
    check(cloister_audit_new(cloister_str_from(argc > 2 ? argv[2] : "audit.jsonl"), NULL, &audit, &error), error);

    cloister_guard_options walls = CLOISTER_GUARD_OPTIONS_INIT;
    walls.audit = audit;
    cloister_guard *guard = NULL;
    check(cloister_guard_new(engine, &walls, &guard, &error), error);
    cloister_session *session = NULL;
    check(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &session, &error), error);

    puts("The answer as it comes:");
    cloister_chat_options options = CLOISTER_CHAT_OPTIONS_INIT;
    options.max_tokens = 80;
    cloister_reply *reply = NULL;
    check(cloister_guard_chat(guard, session, cloister_str_from(NOTE), &options, NULL, print, NULL, &reply, &error),
          error);
    puts("\n");
    show("What the model saw:", cloister_reply_prompt(reply));
    show("What it wrote:", cloister_reply_raw_text(reply));
    cloister_reply_free(reply);

    cloister_verification *verification = NULL;
    check(cloister_audit_verify(audit, &verification, &error), error);
    const bool intact = cloister_verification_is_intact(verification);
    printf("The log has %llu records and is %s.\n", (unsigned long long)cloister_verification_records(verification),
           intact ? "intact" : "NOT INTACT");
    cloister_verification_free(verification);

    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_audit_free(audit);
    cloister_engine_free(engine);
    return intact ? EXIT_SUCCESS : EXIT_FAILURE;
}
