// Holds a guarded conversation, ends it, and then lets another process look at what is left of it in this one's memory.
//
// `program SCRATCH_DIRECTORY MODEL PROMPT_BYTES on|off`; standard input brings 32 bytes of a key and the prompt. Standard output
// gets the answer and then a NUL. The program waits, with its model loaded, until its standard input is closed.
#include "../c/check.h"

#include <unistd.h>

// Reads exactly as much as asked for, past the C library's buffers, which would keep a copy.
static void read_all(void *buffer, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t got = read(STDIN_FILENO, (char *)buffer + done, length - done);
        CHECK(got > 0);
        done += (size_t)got;
    }
}

static void write_all(const void *buffer, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t put = write(STDOUT_FILENO, (const char *)buffer + done, length - done);
        CHECK(put > 0);
        done += (size_t)put;
    }
}

static void wipe(void *buffer, size_t length) {
    volatile unsigned char *bytes = buffer;
    for (size_t index = 0; index < length; ++index) {
        bytes[index] = 0;
    }
}

int main(int argc, char **argv) {
    CHECK(argc == 5);
    cloister_set_wiping(strcmp(argv[4], "on") == 0);
    const size_t length = strtoul(argv[3], NULL, 10);
    unsigned char *key = malloc(32);
    char *prompt = malloc(length);
    CHECK(key != NULL && prompt != NULL);
    read_all(key, 32);
    read_all(prompt, length);

    char file[4096];
    cloister_audit_options kept = CLOISTER_AUDIT_OPTIONS_INIT;
    kept.key = (cloister_bytes){key, 32};
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(path_in(argv[1], "audit.jsonl", file), &kept, &audit, &error));
    cloister_engine_options loaded = CLOISTER_ENGINE_OPTIONS_INIT;
    loaded.context_tokens = 1024;
    cloister_engine *engine = NULL;
    OK(cloister_engine_new(cloister_str_from(argv[2]), &loaded, NULL, NULL, &engine, &error));
    cloister_guard_options walls = CLOISTER_GUARD_OPTIONS_INIT;
    walls.audit = audit;
    cloister_guard *guard = NULL;
    OK(cloister_guard_new(engine, &walls, &guard, &error));
    cloister_session *session = NULL;
    OK(cloister_session_new(CLOISTER_STR("physician-7"), CLOISTER_STR("physician"), &session, &error));

    cloister_chat_options how = CLOISTER_CHAT_OPTIONS_INIT;
    how.max_tokens = 40;
    how.temperature = CLOISTER_ZERO;
    cloister_reply *reply = NULL;
    OK(cloister_guard_chat(guard, session, (cloister_str){prompt, length}, &how, NULL, NULL, NULL, &reply, &error));
    cloister_str answer = cloister_reply_text(reply);
    write_all(answer.ptr, answer.len);

    cloister_reply_free(reply);

    // The same as a whole request, answered in JSON.
    static const char before[] = "{\"messages\": [{\"role\": \"user\", \"content\": \"";
    static const char behind[] = "\"}], \"max_tokens\": 40, \"temperature\": 0, \"response_format\": {\"type\": \"json_object\"}}";
    const size_t bytes = strlen(before) + length + strlen(behind);
    char *request = malloc(bytes);
    CHECK(request != NULL);
    memcpy(request, before, strlen(before));
    memcpy(request + strlen(before), prompt, length);
    memcpy(request + strlen(before) + length, behind, strlen(behind));
    cloister_buffer completion = CLOISTER_BUFFER_INIT;
    OK(cloister_guard_complete(guard, session, (cloister_str){request, bytes}, NULL, NULL, NULL, &completion, &error));
    CHECK(contains(held(&completion), "\"chat.completion\""));
    cloister_buffer_free(&completion);
    wipe(request, bytes);
    free(request);

    // The conversation ends here. The model stays.
    cloister_session_free(session);
    cloister_guard_free(guard);
    cloister_audit_free(audit);
    wipe(prompt, length);
    wipe(key, 32);
    write_all("", 1);

    char byte = 0;
    CHECK(read(STDIN_FILENO, &byte, 1) == 0);
    CHECK(cloister_engine_is_loaded(engine));
    cloister_engine_free(engine);
    free(prompt);
    free(key);
    return 0;
}
