// A session that ends, is asked for permissions, and breaks the glass; and a log that asks who is there.
#include "check.hpp"

#include <atomic>
#include <thread>

int main(int argc, char **argv) {
    CHECK(argc > 1);
    const cloister::access access;
    access.add_role("porter", {"break_glass"});
    access.add_role("officer", {"review_break_glass", "view_audit_logs", "write_audit_logs", "manage_audit_logs"});
    access.assign("kim", "porter");
    access.assign("ada", "officer");
    cloister::audit_options kept;
    kept.access = &access;
    const cloister::audit audit(std::string(argv[1]) + "/emergency.jsonl", kept);

    int asked = 0;
    std::atomic<int> ended = 0;
    cloister::session_options options;
    options.access = &access;
    options.audit = &audit;
    THROWS(CLOISTER_STATUS_DENIED, cloister::session("eve", "porter", options));
    cloister::session ada("ada", "officer", options);
    options.reauthenticate = [&](std::string_view user, std::string_view, std::uint32_t occasion) {
        ++asked;
        return user == "kim" && occasion == CLOISTER_OCCASION_BREAK_GLASS;
    };
    {
        cloister::session kim("kim", "porter", options);
        kim.on_end([&] { ++ended; });
        THROWS(CLOISTER_STATUS_DENIED, kim.require("read_phi"));
        const std::string id = kim.break_glass("patient down", {}, std::chrono::minutes(5));
        CHECK(asked == 1);
        kim.require("read_phi");
        kim.end_emergency();
        THROWS(CLOISTER_STATUS_DENIED, kim.restore("[SSN_1]"));

        THROWS(CLOISTER_STATUS_DENIED, audit.query());
        THROWS(CLOISTER_STATUS_DENIED, kim.query_log(audit));
        CHECK(contains(ada.emergencies_to_review(), id));
        ada.review_emergency(id, true, "justified");
        THROWS(CLOISTER_STATUS_NOT_FOUND, ada.review_emergency(id, true));
    }
    CHECK(ended == 1);
    cloister::event event;
    event.event_type = "case_closed";
    ada.record(audit, event);
    ada.hold_log(audit, true, "case 7");
    CHECK(contains(ada.query_log(audit), "break_glass_review"));
    CHECK(ada.verify_log(audit).intact);
    THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, ada.checkpoint_log(audit));
    ada.end();
    CHECK(ada.has_ended());
    THROWS(CLOISTER_STATUS_CLOSED, ada.require("read_phi"));

    cloister::session_options brief;
    brief.idle = std::chrono::milliseconds(50);
    cloister::session idle("kim", "porter", brief);
    while (!idle.has_ended()) {
        std::this_thread::yield();
    }
    return 0;
}
