// A model that answers inside this process. It scrubs nothing: that is what a guard is for.
#include "check.hpp"

#include <cmath>
#include <numeric>

int main(int argc, char **argv) {
    CHECK(argc > 2);
    cloister::engine_options options;
    options.context_tokens = 512;
    options.threads = 2;
    bool caught = false;
    try {
        cloister::engine(argv[2], options, [](float) -> bool { throw std::range_error("not now"); });
    } catch (const std::range_error &) {
        caught = true;
    }
    CHECK(caught);
    THROWS(CLOISTER_STATUS_NOT_FOUND, cloister::engine(std::string(argv[1]) + "/missing.gguf"));

    CHECK(contains(cloister::inspect_model(argv[2], options), "\"verified\":\"none\""));
    cloister::engine_options pinned;
    pinned.sha256 = std::string(64, '0');
    THROWS(CLOISTER_STATUS_DENIED, cloister::engine(argv[2], pinned));
    pinned.sha256 = "no digest";
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister::inspect_model(argv[2], pinned));

    float progress = 0;
    const cloister::engine engine(argv[2], options, [&](float share) {
        CHECK(share >= progress);
        progress = share;
        return true;
    });
    CHECK(progress > 0.99F && engine.is_loaded());
    CHECK(contains(engine.info(), "\"context_tokens\":512"));
    CHECK(contains(engine.render({{"user", "Name one colour."}}), "Name one colour."));
    CHECK(engine.count_tokens("one two three") >= 3);
    CHECK(engine.chat_tokens({{"user", "one two three"}}).size() > 3);

    cloister::chat_options how;
    how.max_tokens = 12;
    how.temperature = 0.0F;
    std::string streamed;
    const cloister::completion answer = engine.chat({{"user", "Name one colour."}}, how, [&](std::string_view text) {
        streamed += text;
        return true;
    });
    CHECK(answer.text == streamed && answer.prompt_tokens > 0 && answer.completion_tokens <= 12);
    CHECK(engine.chat({{"user", "Name one colour."}}, how).text == answer.text);

    how.max_tokens = 200;
    THROWS(CLOISTER_STATUS_CANCELLED,
           engine.generate("1, 2, 3, 4, 5, 6, 7,", how, [](std::string_view) { return false; }));
    const cloister::cancel cancel;
    cancel.set();
    THROWS(CLOISTER_STATUS_CANCELLED, engine.generate("1, 2, 3,", how, nullptr, &cancel));

    const std::string request = R"json({"messages": [{"role": "user", "content": "Name one colour."}], "regex": "(red|blue)"})json";
    CHECK(contains(engine.complete(request), "\"finish_reason\":\"stop\""));
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, engine.complete("{}"));

    cloister::chat_options kept;
    kept.max_tokens = 4;
    kept.cache = "ward 1";
    CHECK(engine.chat({{"user", "Name one colour."}}, kept).cached_tokens == 0);
    CHECK(engine.chat({{"user", "Name one colour."}}, kept).cached_tokens > 0);
    const cloister::cipher cipher = cloister::cipher::from_text(cloister::cipher::generate_key());
    const std::string envelope = engine.save("ward 1", cipher);
    engine.forget("ward 1");
    THROWS(CLOISTER_STATUS_NOT_FOUND, engine.save("ward 1", cipher));
    engine.restore("ward 1", cipher, envelope);
    CHECK(engine.chat({{"user", "Name one colour."}}, kept).cached_tokens > 0);

    const std::vector<float> vector = engine.embed("a short text");
    CHECK(std::fabs(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0) - 1) < 1e-3);

    const std::vector<float> last = engine.embed("a short text", "last", false);
    CHECK(last.size() == vector.size() && last != vector);
    CHECK(std::fabs(std::inner_product(last.begin(), last.end(), last.begin(), 0.0) - 1) > 1e-3);
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, engine.embed("a short text", "middle"));

    engine.unload();
    CHECK(!engine.is_loaded());
    THROWS(CLOISTER_STATUS_CLOSED, engine.chat({{"user", "Hello"}}));
    return 0;
}
