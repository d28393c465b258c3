// Stopping an answer from another thread.
#include "check.hpp"

#include <thread>

struct endless final : cloister::backend {
    std::string name() const override { return "endless"; }

    void chat(const std::vector<cloister::message> &, const cloister::chat_options &, const cloister_cancel *,
              cloister::answer &answer) override {
        for (;;) {
            answer.write("and another one ");
        }
    }
};

int main() {
    cloister::guard_options options;
    options.without_audit = true;
    const cloister::guard guard(std::make_unique<endless>(), options);
    cloister::session session("dr.lee", "physician");

    const cloister::cancel cancel;
    CHECK(!cancel.is_set());
    std::thread other;
    THROWS(CLOISTER_STATUS_CANCELLED, guard.chat(
                                          session, "Count.", {},
                                          [&](std::string_view) {
                                              if (!other.joinable()) {
                                                  other = std::thread([&] { cancel.set(); });
                                              }
                                              return !cancel.is_set();
                                          },
                                          &cancel));
    other.join();
    CHECK(cancel.is_set());
    CHECK(session.turns() == 0);
    return 0;
}
