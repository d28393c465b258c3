// What `const` promises: any number of threads use one scrubber, detector, cipher, table, log and guard at once.
#include "check.hpp"

#include <thread>

// Answers with what it was asked.
struct echo final : cloister::backend {
    std::string name() const override { return "echo"; }

    void chat(const std::vector<cloister::message> &messages, const cloister::chat_options &, const cloister_cancel *,
              cloister::answer &answer) override {
        answer.write(messages.back().content);
    }
};

int main(int argc, char **argv) {
    CHECK(argc > 1);
    const cloister::scrubber scrubber;
    const cloister::detector detector;
    const cloister::cipher cipher = cloister::cipher::from_text(cloister::cipher::generate_key());
    const cloister::access access;
    access.add_role("physician", {"read_phi"});
    const cloister::audit audit(std::string(argv[1]) + "/threads.jsonl");
    cloister::guard_options walls;
    walls.audit = &audit;
    walls.access = &access;
    const cloister::guard guard(std::make_unique<echo>(), walls);

    constexpr int threads = 8, rounds = 25;
    std::vector<std::thread> running;
    for (int number = 0; number < threads; ++number) {
        running.emplace_back([&, number] {
            cloister::session session("user " + std::to_string(number), "physician");
            for (int round = 0; round < rounds; ++round) {
                const std::string text = "SSN 123-45-" + std::to_string(1000 + number * 100 + round);
                CHECK(scrubber.scrub(text).text == "SSN [SSN]");
                CHECK(detector.detect("AKIAIOSFODNN7EXAMPLQ").size() == 1);
                CHECK(cipher.decrypt(cipher.encrypt(text)).plaintext == text);
                CHECK(access.has_permission("physician", "read_phi"));
                const cloister::reply reply = guard.chat(session, text);
                CHECK(reply.text == text && reply.raw_text == "SSN [SSN_" + std::to_string(round + 1) + "]");
            }
        });
    }
    for (std::thread &thread : running) {
        thread.join();
    }
    const cloister::verification found = audit.verify();
    CHECK(found.intact && found.records == 2 * threads * rounds);
    return 0;
}
