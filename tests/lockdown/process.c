// The lock of a whole process: no connection, no program, no file but the audit log's; the model answers as before.
//
// `program SCRATCH_DIRECTORY MODEL`
#include "../c/check.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    CHECK(argc == 3);
    char file[4096], folder[4096], other[4096];
    snprintf(folder, sizeof folder, "%s/log", argv[1]);
    path_in(folder, "audit.jsonl", file);
    path_in(argv[1], "other", other);
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(cloister_str_from(file), NULL, &audit, &error));
    cloister_buffer json = CLOISTER_BUFFER_INIT;
    OK(cloister_lock_process(audit, NULL, 0, &json, &error));
    CHECK(contains(held(&json), "\"threads\":1"));
    cloister_buffer_free(&json);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_lock_process(audit, NULL, 0, NULL, &error));

    CHECK(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM);
    CHECK(fork() < 0);
    CHECK(fopen(other, "w") == NULL && errno == EACCES);
    CHECK(fopen("/dev/null", "r") != NULL);
    char *const nothing[] = {NULL};
    CHECK(execve("/bin/true", nothing, nothing) < 0);

    cloister_engine_options loaded = CLOISTER_ENGINE_OPTIONS_INIT;
    loaded.context_tokens = 512;
    cloister_engine *engine = NULL;
    OK(cloister_engine_new(cloister_str_from(argv[2]), &loaded, NULL, NULL, &engine, &error));
    cloister_guard_options walls = CLOISTER_GUARD_OPTIONS_INIT;
    walls.audit = audit;
    cloister_guard *guard = NULL;
    OK(cloister_guard_new(engine, &walls, &guard, &error));
    cloister_session *session = NULL;
    OK(cloister_session_new(CLOISTER_STR("physician-7"), CLOISTER_STR("physician"), &session, &error));
    cloister_chat_options how = CLOISTER_CHAT_OPTIONS_INIT;
    how.max_tokens = 4;
    cloister_reply *reply = NULL;
    OK(cloister_guard_chat(guard, session, CLOISTER_STR("Name one colour."), &how, NULL, NULL, NULL, &reply, &error));

    bool holds = false;
    OK(cloister_attest(engine, audit, &json, NULL, &holds, &error));
    CHECK(holds && contains(held(&json), "\"locked\": true"));
    cloister_buffer_free(&json);
    cloister_audit_query_options wanted = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    wanted.event_type = CLOISTER_STR("security_violation");
    OK(cloister_audit_query(audit, &wanted, &json, &error));
    CHECK(contains(held(&json), "\"call\":\"socket\"") && contains(held(&json), "\"call\":\"execve\""));
    cloister_buffer_free(&json);

    cloister_reply_free(reply);
    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_engine_free(engine);
    cloister_audit_free(audit);
    return 0;
}
