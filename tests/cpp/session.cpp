// Two conversations on one guard, from two threads: each has its own history and its own placeholders.
#include "check.hpp"

#include <thread>

// Answers with the number of messages it was handed, and with the last of them.
struct echo final : cloister::backend {
    std::string name() const override { return "echo"; }

    void chat(const std::vector<cloister::message> &messages, const cloister::chat_options &, const cloister_cancel *,
              cloister::answer &answer) override {
        answer.write(std::to_string(messages.size()) + ": ");
        answer.write(messages.back().content);
    }
};

int main() {
    cloister::guard_options options;
    options.without_audit = true;
    options.system_prompt = "";
    const cloister::guard guard(std::make_unique<echo>(), options);
    cloister::session lee("dr.lee", "physician"), kim("kim", "nurse");
    CHECK(lee.user() == "dr.lee" && kim.role() == "nurse");
    CHECK(lee.id().size() == 20 && lee.id() != kim.id());

    std::thread other([&] { CHECK(guard.chat(kim, "SSN 321-54-9876").raw_text == "1: SSN [SSN_1]"); });
    CHECK(guard.chat(lee, "SSN 123-45-6789").raw_text == "1: SSN [SSN_1]");
    CHECK(guard.chat(lee, "SSN 321-54-9876").raw_text == "3: SSN [SSN_2]");
    other.join();
    CHECK(lee.turns() == 2 && kim.turns() == 1);
    CHECK(lee.restore("[SSN_2]") == "321-54-9876" && kim.restore("[SSN_1]") == "321-54-9876");

    const cloister::scrubbed preview = guard.preview(kim, "Again 321-54-9876");
    CHECK(preview.text == "Again [SSN_1]" && preview.findings.size() == 1);
    kim.set_system_prompt("The patient's SSN is 321-54-9876.");
    CHECK(guard.chat(kim, "Hello").raw_text == "4: Hello");

    // A session in use is busy, for its own callback too.
    guard.chat(lee, "Hello", {}, [&](std::string_view) {
        THROWS(CLOISTER_STATUS_BUSY, lee.clear());
        return true;
    });
    lee.clear();
    CHECK(lee.turns() == 0 && lee.restore("[SSN_1]") == "[SSN_1]");
    return 0;
}
