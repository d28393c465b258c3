// The main job: a clinical note goes to a model, and neither names nor numbers leave the walls.
#include "check.hpp"

int main(int argc, char **argv) {
    CHECK(argc > 2);
    const cloister::audit audit(std::string(argv[1]) + "/guard.jsonl");
    cloister::guard_options walls;
    walls.audit = &audit;

    // The guard shares what it was given: access table and engine may go.
    const cloister::guard guard = [&] {
        const cloister::access access;
        access.add_role("physician", {"read_phi"});
        walls.access = &access;
        cloister::engine_options small;
        small.context_tokens = 1024;
        small.threads = 2;
        return cloister::guard(cloister::engine(argv[2], small), walls);
    }();

    cloister::session session("dr.lee", "physician");
    cloister::chat_options how;
    how.max_tokens = 48;
    how.seed = 7;
    std::string streamed;
    const cloister::reply reply = guard.chat(
        session,
        "Summarise in one sentence: Patient John Doe, DOB 03/14/1962, MRN: 987654, SSN: 123-45-6789, phone 555-123-4567, "
        "was admitted with chest pain. ECG and troponin are normal.",
        how, [&](std::string_view text) {
            streamed += text;
            return true;
        });
    CHECK(reply.text == streamed);
    CHECK(!contains(reply.prompt, "John") && !contains(reply.prompt, "987654"));
    CHECK(contains(reply.prompt, "[SSN_1]") && contains(reply.prompt, "troponin"));
    CHECK(reply.request.identifiers >= 4 && reply.request.secrets == 0);
    CHECK(reply.completion.completion_tokens > 0);
    CHECK(reply.event_ids.size() == 2);

    // A whole request: an answer in JSON, in which the name stands that the model has never seen.
    const std::string request = R"("messages": [{"role": "user", "content": "Who was admitted? Patient John Doe."}], "seed": 7,
        "response_format": {"type": "json_object", "schema": {"type": "object", "properties": {"patient": {"enum": ["John Doe"]}},
        "required": ["patient"], "additionalProperties": false}})";
    CHECK(contains(guard.complete(session, "{" + request + "}"), R"(\"John Doe\")"));
    std::size_t parts = 0;
    const std::string last = guard.complete(session, R"({"stream": true, )" + request + "}", [&](std::string_view part) {
        ++parts;
        return part.find("chat.completion.chunk") != std::string_view::npos;
    });
    CHECK(parts > 2 && contains(last, R"("finish_reason":"stop")") && contains(last, "identifier_kinds"));
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, guard.complete(session, "{}"));

    THROWS(CLOISTER_STATUS_BLOCKED, guard.chat(session, "Use sk_live_51HxJ1234567890abcdefghijklm please.", how));
    cloister::session visitor("guest", "visitor");
    THROWS(CLOISTER_STATUS_DENIED, guard.chat(visitor, "Hello", how));
    CHECK(session.turns() == 1);

    const std::string records = audit.query();
    CHECK(contains(records, reply.event_ids[0]) && contains(records, "denied") && contains(records, "blocked"));
    CHECK(!contains(records, "John") && !contains(records, "6789"));
    CHECK(audit.verify().intact);
    return 0;
}
