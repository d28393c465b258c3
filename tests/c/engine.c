// A model that answers inside this process. It scrubs nothing: that is what a guard is for.
#include "check.h"

#include <math.h>

static bool watch(void *user_data, float progress) {
    float *last = user_data;
    CHECK(progress >= *last && progress <= 1);
    *last = progress;
    return true;
}

static bool refuse(void *user_data, float progress) {
    (void)user_data, (void)progress;
    return false;
}

// Keeps what arrives, up to a limit of pieces.
typedef struct transcript {
    char text[8192];
    size_t length;
    size_t pieces_left;
} transcript;

static bool append(void *user_data, cloister_str text) {
    transcript *transcript = user_data;
    CHECK(transcript->length + text.len <= sizeof transcript->text);
    memcpy(transcript->text + transcript->length, text.ptr, text.len);
    transcript->length += text.len;
    transcript->pieces_left -= 1;
    return transcript->pieces_left > 0;
}

int main(int argc, char **argv) {
    CHECK(argc > 2);
    const cloister_str model = cloister_str_from(argv[2]);
    char file[4096];

    cloister_engine_options options = CLOISTER_ENGINE_OPTIONS_INIT;
    options.context_tokens = 512;
    options.threads = 2;
    float progress = 0;
    cloister_engine *engine = NULL;
    FAILS(CLOISTER_STATUS_CANCELLED, cloister_engine_new(model, &options, refuse, NULL, &engine, &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_engine_new(path_in(argv[1], "missing.gguf", file), &options, NULL, NULL,
                                                         &engine, &error));
    FILE *fake = fopen(path_in(argv[1], "fake.gguf", file).ptr, "wb");
    CHECK(fake != NULL && fputs("this is not a model", fake) >= 0 && fclose(fake) == 0);
    FAILS(CLOISTER_STATUS_MODEL, cloister_engine_new(cloister_str_from(file), &options, NULL, NULL, &engine, &error));

    // What is asked of the file is verified before anything else reads it.
    cloister_buffer text = CLOISTER_BUFFER_INIT;
    OK(cloister_engine_inspect(model, &options, &text, &error));
    CHECK(contains(held(&text), "\"verified\":\"none\"") && contains(held(&text), "\"weights_bytes\""));
    char report[4096] = {0};
    CHECK(held(&text).len < sizeof report);
    memcpy(report, held(&text).ptr, held(&text).len);
    cloister_buffer_free(&text);
    char *sha256 = strstr(report, "\"sha256\":\"");
    CHECK(sha256 != NULL);
    sha256 += strlen("\"sha256\":\"");
    sha256[64] = 0;
    options.require = CLOISTER_REQUIRE_SIGNATURE;
    FAILS(CLOISTER_STATUS_DENIED, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    options.require = CLOISTER_REQUIRE_SIGNATURE + 1;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    options.require = CLOISTER_REQUIRE_HASH;
    options.sha256 = CLOISTER_STR("0000000000000000000000000000000000000000000000000000000000000000");
    FAILS(CLOISTER_STATUS_DENIED, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_engine_inspect(model, &options, &text, &error));
    options.sha256 = cloister_str_from(sha256);
    options.adapter_sha256 = cloister_str_from(sha256);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    options.adapter = model;
    FAILS(CLOISTER_STATUS_MODEL, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    options.adapter = CLOISTER_STR("no such file");
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_engine_new(model, &options, NULL, NULL, &engine, &error));
    options.adapter = options.adapter_sha256 = (cloister_str)CLOISTER_STR_INIT;
    OK(cloister_engine_new(model, &options, watch, &progress, &engine, &error));
    CHECK(progress > 0.99F && cloister_engine_is_loaded(engine));

    OK(cloister_engine_info(engine, &text, &error));
    CHECK(contains(held(&text), sha256) && contains(held(&text), "\"verified\":\"hash\""));
    CHECK(contains(held(&text), "\"context_tokens\":512") && contains(held(&text), "\"architecture\""));
    cloister_buffer_free(&text);

    const cloister_message messages[] = {{CLOISTER_STR("user"), CLOISTER_STR("Name one colour.")}};
    OK(cloister_engine_render(engine, messages, 1, &text, &error));
    CHECK(contains(held(&text), "Name one colour."));
    size_t tokens = 0;
    OK(cloister_engine_count_tokens(engine, held(&text), &tokens, &error));
    CHECK(tokens > 3);
    cloister_buffer_free(&text);

    // The pieces that come are the text that is returned; the same seed gives the same answer.
    cloister_chat_options how = CLOISTER_CHAT_OPTIONS_INIT;
    how.max_tokens = 12;
    how.temperature = CLOISTER_ZERO;
    transcript transcript = {.pieces_left = 1000};
    cloister_completion *completion = NULL;
    OK(cloister_engine_chat(engine, messages, 1, &how, NULL, append, &transcript, &completion, &error));
    cloister_str answer = cloister_completion_text(completion);
    CHECK(answer.len == transcript.length && memcmp(answer.ptr, transcript.text, answer.len) == 0);
    size_t id_count = 0;
    int32_t ids[256] = {-1};
    OK(cloister_engine_chat_tokens(engine, messages, 1, NULL, 0, &id_count, &error));
    CHECK(id_count > 3 && id_count == cloister_completion_prompt_tokens(completion));
    OK(cloister_engine_chat_tokens(engine, messages, 1, ids, 1, &id_count, &error));
    CHECK(ids[0] == -1);
    OK(cloister_engine_chat_tokens(engine, messages, 1, ids, 256, &id_count, &error));
    CHECK(ids[0] >= 0 && ids[id_count - 1] >= 0 && ids[id_count] == 0);
    CHECK(cloister_completion_completion_tokens(completion) <= 12);
    CHECK(cloister_completion_finish_reason(completion) != CLOISTER_FINISH_REASON_NONE);
    CHECK(cloister_completion_prompt_seconds(completion) > 0);
    cloister_completion *again = NULL;
    OK(cloister_engine_chat(engine, messages, 1, &how, NULL, NULL, NULL, &again, &error));
    CHECK(cloister_completion_text(again).len == answer.len);
    CHECK(memcmp(cloister_completion_text(again).ptr, answer.ptr, answer.len) == 0);
    cloister_completion_free(again);
    cloister_completion_free(completion);

    // Stopped by the reader, stopped before it began.
    how.max_tokens = 200;
    transcript.length = 0;
    transcript.pieces_left = 2;
    FAILS(CLOISTER_STATUS_CANCELLED, cloister_engine_generate(engine, CLOISTER_STR("1, 2, 3, 4, 5, 6, 7,"), &how, NULL,
                                                              append, &transcript, &completion, &error));
    cloister_cancel *cancel = NULL;
    OK(cloister_cancel_new(&cancel, &error));
    cloister_cancel_set(cancel);
    FAILS(CLOISTER_STATUS_CANCELLED,
          cloister_engine_chat(engine, messages, 1, &how, cancel, NULL, NULL, &completion, &error));
    cloister_cancel_free(cancel);
    how.top_p = 7;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_engine_chat(engine, messages, 1, &how, NULL, NULL, NULL, &completion, &error));

    // A request in JSON, whole and in parts.
    const cloister_str request = CLOISTER_STR("{\"messages\": [{\"role\": \"user\", \"content\": \"Name one colour.\"}], "
                                              "\"regex\": \"(red|blue)\", \"prompt_cache_key\": \"json\"}");
    OK(cloister_engine_complete(engine, request, NULL, NULL, NULL, &text, &error));
    CHECK(contains(held(&text), "\"chat.completion\"") && contains(held(&text), "\"finish_reason\":\"stop\""));
    CHECK(contains(held(&text), "\"content\":\"red\"") || contains(held(&text), "\"content\":\"blue\""));
    cloister_buffer_free(&text);
    transcript.length = 0;
    transcript.pieces_left = 1000;
    OK(cloister_engine_complete(engine, CLOISTER_STR("{\"messages\": [{\"role\": \"user\", \"content\": \"Hi.\"}], "
                                                     "\"max_tokens\": 4, \"stream\": true}"),
                                NULL, append, &transcript, &text, &error));
    CHECK(contains(held(&text), "\"chat.completion.chunk\"") && contains(held(&text), "\"usage\""));
    CHECK(transcript.length > strlen("chat.completion.chunk") * 3 && transcript.pieces_left < 998);
    cloister_buffer_free(&text);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_engine_complete(engine, CLOISTER_STR("{\"message\": []}"), NULL, NULL, NULL, &text, &error));

    // What is kept for the next turn: used, saved, forgotten, brought back.
    how = (cloister_chat_options)CLOISTER_CHAT_OPTIONS_INIT;
    how.max_tokens = 4;
    how.cache = CLOISTER_STR("ward 1");
    uint32_t cached[3];
    cloister_cipher *cipher = NULL;
    OK(cloister_cipher_generate_key(&text, &error));
    OK(cloister_cipher_new_from_text(held(&text), &cipher, &error));
    cloister_buffer_free(&text);
    cloister_buffer envelope = CLOISTER_BUFFER_INIT;
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_engine_save(engine, how.cache, cipher, &envelope, &error));
    for (size_t turn = 0; turn < 3; ++turn) {
        OK(cloister_engine_chat(engine, messages, 1, &how, NULL, NULL, NULL, &completion, &error));
        cached[turn] = cloister_completion_cached_tokens(completion);
        cloister_completion_free(completion);
        if (turn == 1) {
            OK(cloister_engine_save(engine, how.cache, cipher, &envelope, &error));
            OK(cloister_engine_forget(engine, how.cache, &error));
            OK(cloister_engine_restore(engine, how.cache, cipher, held_bytes(&envelope), &error));
            FAILS(CLOISTER_STATUS_DECRYPT,
                  cloister_engine_restore(engine, how.cache, cipher, bytes("no envelope"), &error));
        }
    }
    CHECK(cached[0] == 0 && cached[1] > 0 && cached[2] >= cached[1]);
    cloister_buffer_free(&envelope);
    cloister_cipher_free(cipher);
    how.max_tokens = CLOISTER_ZERO;
    how.timeout_milliseconds = 1;
    FAILS(CLOISTER_STATUS_TIMEOUT,
          cloister_engine_chat(engine, messages, 1, &how, NULL, NULL, NULL, &completion, &error));

    // A vector of unit length.
    size_t count = cloister_engine_embedding_length(engine);
    float *values = calloc(count, sizeof *values);
    CHECK(count > 0 && values != NULL);
    OK(cloister_engine_embed(engine, CLOISTER_STR("a short text"), values, count, &error));
    double length = 0;
    for (size_t index = 0; index < count; ++index) {
        length += (double)values[index] * (double)values[index];
    }
    CHECK(fabs(sqrt(length) - 1) < 1e-3);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_engine_embed(engine, CLOISTER_STR("a short text"), values, count - 1, &error));
    OK(cloister_engine_embed_with(engine, CLOISTER_STR("a short text"), CLOISTER_STR("first"), 1, values, count, &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_engine_embed_with(engine, CLOISTER_STR("a short text"),
                                                                       CLOISTER_STR("first"), 7, values, count, &error));
    free(values);

    // Unloaded, it answers no more.
    cloister_engine_unload(engine);
    cloister_engine_unload(engine);
    CHECK(!cloister_engine_is_loaded(engine));
    FAILS(CLOISTER_STATUS_CLOSED,
          cloister_engine_chat(engine, messages, 1, NULL, NULL, NULL, NULL, &completion, &error));
    cloister_engine_free(engine);
    return 0;
}
