// A session that ends, is asked for permissions, and breaks the glass; and a log that asks who is there.
#include "check.h"

static bool confirm(void *user_data, cloister_str user, cloister_str role, uint32_t occasion) {
    CHECK(is(user, "kim") && is(role, "porter") && occasion == CLOISTER_OCCASION_BREAK_GLASS);
    ++*(int *)user_data;
    return true;
}

static void count(void *user_data) { ++*(int *)user_data; }

int main(int argc, char **argv) {
    CHECK(argc > 1);
    char path[4096];
    snprintf(path, sizeof path, "%s/emergency.jsonl", argv[1]);

    cloister_access *access = NULL;
    OK(cloister_access_new(&access, &error));
    const cloister_str porter[] = {CLOISTER_STR("break_glass")};
    const cloister_str officer[] = {CLOISTER_STR("review_break_glass"), CLOISTER_STR("view_audit_logs"),
                                    CLOISTER_STR("write_audit_logs"), CLOISTER_STR("manage_audit_logs")};
    OK(cloister_access_add_role(access, CLOISTER_STR("porter"), porter, 1, &error));
    OK(cloister_access_add_role(access, CLOISTER_STR("officer"), officer, 4, &error));
    OK(cloister_access_assign(access, CLOISTER_STR("kim"), CLOISTER_STR("porter"), &error));
    OK(cloister_access_assign(access, CLOISTER_STR("ada"), CLOISTER_STR("officer"), &error));
    cloister_audit_options kept = CLOISTER_AUDIT_OPTIONS_INIT;
    kept.access = access;
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(cloister_str_from(path), &kept, &audit, &error));

    int asked = 0, ended = 0;
    cloister_session_options options = CLOISTER_SESSION_OPTIONS_INIT;
    options.access = access;
    options.audit = audit;
    cloister_session *stranger = NULL, *kim = NULL, *ada = NULL;
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_new_with_options(CLOISTER_STR("eve"), CLOISTER_STR("porter"), &options,
                                                                    &stranger, &error));
    OK(cloister_session_new_with_options(CLOISTER_STR("ada"), CLOISTER_STR("officer"), &options, &ada, &error));
    options.reauthenticate = confirm;
    options.user_data = &asked;
    OK(cloister_session_new_with_options(CLOISTER_STR("kim"), CLOISTER_STR("porter"), &options, &kim, &error));
    OK(cloister_session_on_end(kim, count, &ended, &error));

    FAILS(CLOISTER_STATUS_DENIED, cloister_session_require(kim, CLOISTER_STR("read_phi"), &error));
    cloister_buffer text = CLOISTER_BUFFER_INIT;
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_restore(kim, CLOISTER_STR("[SSN_1]"), &text, &error));
    OK(cloister_session_break_glass(kim, CLOISTER_STR("patient down"), NULL, 0, 0, &text, &error));
    char id[64];
    snprintf(id, sizeof id, "%.*s", (int)text.len, text.ptr);
    cloister_buffer_free(&text);
    CHECK(asked == 1 && strncmp(id, "btg_", 4) == 0);
    OK(cloister_session_require(kim, CLOISTER_STR("read_phi"), &error));
    OK(cloister_session_end_emergency(kim, &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_require(kim, CLOISTER_STR("read_phi"), &error));

    // Nobody reads the log without a session, and a second person reviews.
    FAILS(CLOISTER_STATUS_DENIED, cloister_audit_query(audit, NULL, &text, &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_session_query_log(kim, audit, NULL, &text, &error));
    OK(cloister_session_emergencies_to_review(ada, &text, &error));
    CHECK(contains(held(&text), id));
    cloister_buffer_free(&text);
    OK(cloister_session_review_emergency(ada, cloister_str_from(id), 1, CLOISTER_STR("justified"), &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND,
          cloister_session_review_emergency(ada, cloister_str_from(id), 1, CLOISTER_STR(""), &error));
    OK(cloister_session_query_log(ada, audit, NULL, &text, &error));
    CHECK(contains(held(&text), "break_glass_review"));
    cloister_buffer_free(&text);
    cloister_audit_event event = CLOISTER_AUDIT_EVENT_INIT;
    event.event_type = CLOISTER_STR("case_closed");
    OK(cloister_session_record(ada, audit, &event, NULL, &error));
    OK(cloister_session_hold_log(ada, audit, 1, CLOISTER_STR("case 7"), &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_session_checkpoint_log(ada, audit, &text, &error));
    cloister_verification *verification = NULL;
    OK(cloister_session_verify_log(ada, audit, &verification, &error));
    CHECK(cloister_verification_is_intact(verification));
    cloister_verification_free(verification);

    CHECK(!cloister_session_has_ended(kim));
    OK(cloister_session_end(kim, &error));
    CHECK(cloister_session_has_ended(kim) && ended == 1);
    FAILS(CLOISTER_STATUS_CLOSED, cloister_session_require(kim, CLOISTER_STR("read_phi"), &error));

    // One that nobody uses ends by itself.
    options = (cloister_session_options)CLOISTER_SESSION_OPTIONS_INIT;
    options.idle_ms = 50;
    cloister_session *idle = NULL;
    OK(cloister_session_new_with_options(CLOISTER_STR("kim"), CLOISTER_STR("porter"), &options, &idle, &error));
    OK(cloister_session_on_end(idle, count, &ended, &error));
    while (!cloister_session_has_ended(idle)) {
    }
    CHECK(ended == 2);

    cloister_session_free(idle);
    cloister_session_free(kim);
    cloister_session_free(ada);
    cloister_audit_free(audit);
    cloister_access_free(access);
    CHECK(ended == 2);
    return 0;
}
