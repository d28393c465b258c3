// A conversation that is saved, goes on in another session, and is erased; and a log without names.
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc > 1);
    char keys[4096], path[4096], log[4096];
    snprintf(keys, sizeof keys, "%s/keys", argv[1]);
    snprintf(path, sizeof path, "%s/conversations", argv[1]);
    snprintf(log, sizeof log, "%s/store.jsonl", argv[1]);

    const uint8_t key[32] = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1Pm";
    const cloister_bytes master = {key, sizeof key};
    cloister_subjects *subjects = NULL;
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_subjects_new(cloister_str_from(keys), (cloister_bytes){key, 31}, &subjects, &error));
    OK(cloister_subjects_new(cloister_str_from(keys), master, &subjects, &error));
    cloister_audit_options options = CLOISTER_AUDIT_OPTIONS_INIT;
    options.subjects = subjects;
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(cloister_str_from(log), &options, &audit, &error));
    cloister_store *store = NULL;
    OK(cloister_store_new(cloister_str_from(path), subjects, audit, &store, &error));

    cloister_session *lee = NULL, *kim = NULL;
    OK(cloister_session_new(CLOISTER_STR("dr.lee"), CLOISTER_STR("physician"), &lee, &error));
    OK(cloister_session_set_subject(lee, CLOISTER_STR("patient-7"), &error));
    OK(cloister_session_set_system_prompt(lee, CLOISTER_STR("You help Dr. Lee."), &error));
    cloister_buffer text = CLOISTER_BUFFER_INIT;
    OK(cloister_store_save(store, lee, CLOISTER_CLASSIFICATION_INTERNAL, CLOISTER_STR("about the knee"), &text, &error));
    char id[64];
    snprintf(id, sizeof id, "%.*s", (int)text.len, text.ptr);
    cloister_buffer_free(&text);

    OK(cloister_session_new(CLOISTER_STR("kim"), CLOISTER_STR("nurse"), &kim, &error));
    OK(cloister_store_list(store, kim, CLOISTER_STR("patient-7"), &text, &error));
    CHECK(contains(held(&text), id) && contains(held(&text), "about the knee") && contains(held(&text), "INTERNAL"));
    cloister_buffer_free(&text);
    OK(cloister_store_load(store, kim, CLOISTER_STR("patient-7"), cloister_str_from(id), &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_store_load(store, kim, CLOISTER_STR("patient-8"), cloister_str_from(id), &error));
    size_t count = 7;
    OK(cloister_store_expire(store, &count, &error));
    CHECK(count == 0);
    OK(cloister_store_delete(store, kim, CLOISTER_STR("patient-7"), cloister_str_from(id), &text, &error));
    CHECK(contains(held(&text), id) && contains(held(&text), "evt_"));
    cloister_buffer_free(&text);
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_store_delete(store, kim, CLOISTER_STR("patient-7"), cloister_str_from(id), NULL, &error));

    // The log has no names, and whoever holds the keys finds them all the same.
    cloister_audit_query_options query = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    query.user_id = CLOISTER_STR("dr.lee");
    OK(cloister_audit_query(audit, &query, &text, &error));
    CHECK(contains(held(&text), "conversation_save") && !contains(held(&text), "dr.lee") && contains(held(&text), "psn_"));
    cloister_buffer_free(&text);
    query.user_id = CLOISTER_STR("");
    query.filters_json = CLOISTER_STR("{\"subject_id\": \"patient-7\"}");
    OK(cloister_audit_query(audit, &query, &text, &error));
    CHECK(contains(held(&text), "conversation_load") && contains(held(&text), "erasure_end"));
    CHECK(!contains(held(&text), "patient-7"));
    cloister_buffer_free(&text);

    OK(cloister_store_erase_subject(store, kim, CLOISTER_STR("patient-7"), NULL, &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_subjects_destroy(subjects, CLOISTER_STR("patient-7"), &error));
    OK(cloister_subjects_pseudonym(subjects, CLOISTER_STR("patient-8"), &text, &error));
    CHECK(text.len == 28);
    cloister_buffer_free(&text);
    OK(cloister_subjects_destroy(subjects, CLOISTER_STR("patient-8"), &error));

    // A store with a table asks it about the person, whatever session comes.
    cloister_access *access = NULL;
    OK(cloister_access_parse(CLOISTER_STR("{\"roles\": {\"nurse\": {\"permissions\": [\"read_phi@patient-8\"]}}}"), &access, &error));
    cloister_store *guarded = NULL;
    OK(cloister_store_new_with_access(cloister_str_from(path), subjects, audit, access, &guarded, &error));
    OK(cloister_store_list(guarded, kim, CLOISTER_STR("patient-8"), &text, &error));
    cloister_buffer_free(&text);
    FAILS(CLOISTER_STATUS_DENIED, cloister_store_list(guarded, kim, CLOISTER_STR("patient-7"), &text, &error));
    FAILS(CLOISTER_STATUS_DENIED, cloister_store_erase_subject(guarded, kim, CLOISTER_STR("patient-8"), NULL, &error));
    cloister_store_free(guarded);
    cloister_access_free(access);

    cloister_session_free(lee);
    cloister_session_free(kim);
    cloister_store_free(store);
    cloister_audit_free(audit);
    cloister_subjects_free(subjects);
    return 0;
}
