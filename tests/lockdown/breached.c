// What a program sees whose engine tries to break out: an error, a record, and a process that goes on.
//
// `program SCRATCH_DIRECTORY MODEL`, with breach.c loaded before it.
#include "../c/check.h"

#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    CHECK(argc == 3);
    char file[4096];
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(path_in(argv[1], "audit.jsonl", file), NULL, &audit, &error));
    cloister_engine_options loaded = CLOISTER_ENGINE_OPTIONS_INIT;
    loaded.context_tokens = 512;
    loaded.threads = 1;
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
    const cloister_str input = CLOISTER_STR("Name one colour.");
    FAILS(CLOISTER_STATUS_DENIED, cloister_guard_chat(guard, session, input, &how, NULL, NULL, NULL, &reply, &error));

    cloister_buffer json = CLOISTER_BUFFER_INIT;
    OK(cloister_engine_violations(engine, &json, &error));
    CHECK(contains(held(&json), "\"call\":\"socket\"") && contains(held(&json), "\"grave\":true"));
    cloister_buffer_free(&json);
    cloister_audit_query_options wanted = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    wanted.event_type = CLOISTER_STR("security_violation");
    OK(cloister_audit_query(audit, &wanted, &json, &error));
    CHECK(contains(held(&json), "system_call_refused") && contains(held(&json), "\"call\":\"socket\""));
    cloister_buffer_free(&json);

    // The host may open sockets, and the next chat is answered.
    int mine = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(mine >= 0 && close(mine) == 0);
    OK(cloister_guard_chat(guard, session, input, &how, NULL, NULL, NULL, &reply, &error));
    cloister_reply_free(reply);
    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_engine_free(engine);
    cloister_audit_free(audit);
    return 0;
}
