// A guard around a class of the program's own: it receives placeholders, the caller receives names.
#include "check.hpp"

struct scripted final : cloister::backend {
    scripted(bool &alive, bool &saw_a_number) : alive_(alive), saw_a_number_(saw_a_number) { alive_ = true; }
    ~scripted() override { alive_ = false; }

    std::string name() const override { return "a script"; }

    void chat(const std::vector<cloister::message> &messages, const cloister::chat_options &options,
              const cloister_cancel *, cloister::answer &answer) override {
        CHECK(options.temperature && *options.temperature == 0);
        CHECK(options.stop.size() == 1 && options.stop[0] == "END");
        saw_a_number_ = contains(messages.back().content, "6789");
        if (contains(messages.back().content, "trouble")) {
            throw std::out_of_range("the script ends here");
        }
        for (const char *piece : {"The number is [SS", "N_1]", "."}) {
            answer.write(piece);
        }
        answer.set_usage(12, 5);
        answer.set_finish_reason(CLOISTER_FINISH_REASON_LENGTH);
    }

    bool &alive_;
    bool &saw_a_number_;
};

int main() {
    bool alive = false, saw_a_number = false;
    cloister::guard_options options;
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT,
           cloister::guard(std::make_unique<scripted>(alive, saw_a_number), options));
    CHECK(!alive);
    options.without_audit = true;
    {
        const cloister::guard guard(std::make_unique<scripted>(alive, saw_a_number), options);
        cloister::session session("dr.lee", "physician");
        cloister::chat_options how;
        how.temperature = 0.0F;
        how.stop = {"END"};

        std::string streamed;
        const cloister::reply reply = guard.chat(session, "What is the number? SSN 123-45-6789", how,
                                                 [&](std::string_view text) {
                                                     streamed += text;
                                                     return true;
                                                 });
        CHECK(!saw_a_number);
        CHECK(reply.prompt == "What is the number? SSN [SSN_1]");
        CHECK(reply.raw_text == "The number is [SSN_1].");
        CHECK(reply.text == "The number is 123-45-6789." && streamed == reply.text);
        CHECK(reply.request.identifiers == 1 && reply.request.identifier_kinds[0] == "ssn");
        CHECK(reply.completion.prompt_tokens == 12);
        CHECK(reply.completion.finish_reason == CLOISTER_FINISH_REASON_LENGTH);
        CHECK(reply.event_ids.empty());

        // What a callback or a backend throws comes back to the caller of chat, and the conversation stays as it was.
        bool caught = false;
        try {
            guard.chat(session, "Again?", how, [](std::string_view) -> bool { throw std::range_error("enough"); });
        } catch (const std::range_error &thrown) {
            caught = std::string(thrown.what()) == "enough";
        }
        CHECK(caught);
        caught = false;
        try {
            guard.chat(session, "Make trouble.", how);
        } catch (const std::out_of_range &) {
            caught = true;
        }
        CHECK(caught);
        THROWS(CLOISTER_STATUS_CANCELLED, guard.chat(session, "Again?", how, [](std::string_view) { return false; }));
        CHECK(session.turns() == 1);
        CHECK(alive);
    }
    CHECK(!alive);
    return 0;
}
