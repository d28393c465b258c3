// The record of who did what, which shows when it was altered.
#include "check.h"

static const char KEY[] = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";

int main(int argc, char **argv) {
    CHECK(argc > 1);
    char file[4096];
    cloister_str path = path_in(argv[1], "audit.jsonl", file);

    cloister_audit_options options = CLOISTER_AUDIT_OPTIONS_INIT;
    options.retention_days = CLOISTER_ZERO; // for ever
    options.key = bytes(KEY);
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(path, &options, &audit, &error));

    cloister_audit_event event = CLOISTER_AUDIT_EVENT_INIT;
    event.event_type = CLOISTER_STR("record_access");
    event.user_id = CLOISTER_STR("dr.lee");
    event.session_id = CLOISTER_STR("ses_1");
    event.action = CLOISTER_STR("view_patient_record");
    event.status = CLOISTER_STR("success");
    event.classification = CLOISTER_CLASSIFICATION_SENSITIVE;
    event.data_json = CLOISTER_STR("{\"security\": {\"pii_scrubbed\": 4}}");
    cloister_buffer id = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_record(audit, &event, &id, &error));
    CHECK(id.len == 16 && memcmp(id.ptr, "evt_", 4) == 0);
    event.user_id = CLOISTER_STR("nurse.kim");
    event.data_json = CLOISTER_STR("{\"security\": {\"pii_scrubbed\": 1}}");
    OK(cloister_audit_record(audit, &event, NULL, &error));

    // What is not a JSON object is refused, and not repeated.
    event.data_json = CLOISTER_STR("{\"patient\": John");
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_audit_record(audit, &event, NULL, &error));

    cloister_audit_query_options query = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    query.filters_json = CLOISTER_STR("{\"security__pii_scrubbed__gt\": 3}");
    cloister_buffer records = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_query(audit, &query, &records, &error));
    CHECK(contains(held(&records), "dr.lee") && !contains(held(&records), "nurse.kim"));
    CHECK(contains(held(&records), id.ptr));
    cloister_buffer_free(&records);
    cloister_buffer_free(&id);
    OK(cloister_audit_query(audit, NULL, &records, &error));
    CHECK(contains(held(&records), "dr.lee") && contains(held(&records), "nurse.kim"));
    cloister_buffer_free(&records);

    cloister_verification *found = NULL;
    OK(cloister_audit_verify(audit, &found, &error));
    CHECK(cloister_verification_is_intact(found) && cloister_verification_is_keyed(found));
    CHECK(cloister_verification_records(found) == 2 && cloister_verification_files(found) == 1);
    CHECK(cloister_strings_count(cloister_verification_problems(found)) == 0);
    cloister_verification_free(found);
    cloister_audit_free(audit);

    // Somebody makes the four a nine.
    FILE *log = fopen(file, "r+b");
    CHECK(log != NULL);
    char line[4096] = "";
    CHECK(fgets(line, sizeof line, log) != NULL);
    char *four = strstr(line, "\"pii_scrubbed\":4");
    CHECK(four != NULL);
    CHECK(fseek(log, (long)(four - line) + 15, SEEK_SET) == 0 && fputc('9', log) == '9' && fclose(log) == 0);
    OK(cloister_audit_verify_file(path, bytes(KEY), &found, &error));
    CHECK(!cloister_verification_is_intact(found));
    CHECK(cloister_strings_count(cloister_verification_problems(found)) > 0);
    CHECK(!contains(cloister_strings_at(cloister_verification_problems(found), 0), "dr.lee"));
    cloister_verification_free(found);

    OK(cloister_audit_query_file(path, NULL, &records, &error));
    cloister_buffer_free(&records);
    FAILS(CLOISTER_STATUS_NOT_FOUND,
          cloister_audit_query_file(CLOISTER_STR("/nonexistent/log"), NULL, &records, &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND,
          cloister_audit_new(CLOISTER_STR("/nonexistent/log"), NULL, &audit, &error));

    // The same records for another system.
    OK(cloister_audit_query_file(path, NULL, &records, &error));
    cloister_buffer lines = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_export(held(&records), CLOISTER_STR("cef"), CLOISTER_STR("host"), &lines, &error));
    CHECK(contains(held(&lines), "CEF:0|cloister|audit|") && contains(held(&lines), "suser=dr.lee"));
    cloister_buffer_free(&lines);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_audit_export(held(&records), CLOISTER_STR("xml"), CLOISTER_STR("host"), &lines, &error));
    cloister_buffer_free(&records);

    // A stranger checks a signed log with the public key, and one record of it alone.
    path = path_in(argv[1], "signed.jsonl", file);
    cloister_buffer signing = CLOISTER_BUFFER_INIT;
    cloister_buffer public_key = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_signing_key_generate(CLOISTER_STR("hospital.example/audit"), &signing, &public_key, &error));
    options = (cloister_audit_options)CLOISTER_AUDIT_OPTIONS_INIT;
    options.durability = CLOISTER_DURABILITY_OS;
    options.signing_key = held(&signing);
    OK(cloister_audit_new(path, &options, &audit, &error));
    event.data_json = (cloister_str)CLOISTER_STR_INIT;
    OK(cloister_audit_record(audit, &event, NULL, &error));
    OK(cloister_audit_flush(audit, &error));
    OK(cloister_audit_legal_hold(audit, 1, CLOISTER_STR("case 12"), &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_audit_legal_hold(audit, 2, CLOISTER_STR(""), &error));
    cloister_buffer first = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_checkpoint(audit, &first, &error));
    OK(cloister_audit_record(audit, &event, NULL, &error));
    cloister_audit_free(audit);
    const cloister_str kept[] = {held(&first)};
    OK(cloister_audit_verify_public(path, held(&public_key), (cloister_bytes)CLOISTER_BYTES_INIT, kept, 1, &found, &error));
    CHECK(cloister_verification_is_intact(found) && cloister_verification_covered(found) == 5);
    CHECK(cloister_strings_count(cloister_verification_notes(found)) > 0);
    cloister_verification_free(found);

    cloister_buffer record = CLOISTER_BUFFER_INIT;
    cloister_buffer proof = CLOISTER_BUFFER_INIT;
    bool holds = false;
    cloister_strings *proofs = NULL;
    cloister_audit_query_options newest = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    newest.limit = 2;
    OK(cloister_audit_query_with_proofs(path, &newest, held(&public_key), &proofs, &error));
    CHECK(cloister_strings_count(proofs) == 4);
    bool proven = false;
    OK(cloister_audit_check_proof(cloister_strings_at(proofs, 2), cloister_strings_at(proofs, 3), held(&public_key), &proven, &error));
    CHECK(proven);
    OK(cloister_audit_check_proof(cloister_strings_at(proofs, 0), cloister_strings_at(proofs, 3), held(&public_key), &proven, &error));
    CHECK(!proven);
    cloister_strings_free(proofs);
    OK(cloister_audit_prove(path, 2, held(&public_key), &record, &proof, &error));
    OK(cloister_audit_check_proof(held(&record), held(&proof), held(&public_key), &holds, &error));
    CHECK(holds && contains(held(&record), "nurse.kim"));
    OK(cloister_audit_check_proof(CLOISTER_STR("{}"), held(&proof), held(&public_key), &holds, &error));
    CHECK(!holds);
    cloister_buffer_free(&proof);
    OK(cloister_audit_prove_consistency(path, held(&first), held(&public_key), &proof, &error));
    OK(cloister_audit_check_consistency(held(&first), held(&proof), held(&public_key), &holds, &error));
    CHECK(holds);
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_audit_prove(path, 2, CLOISTER_STR("x"), &record, &proof, &error));
    cloister_buffer_free(&record);
    cloister_buffer_free(&proof);
    cloister_buffer_free(&first);
    cloister_buffer_free(&signing);
    cloister_buffer_free(&public_key);

    // A sealed log is written without its key.
    path = path_in(argv[1], "sealed.jsonl", file);
    cloister_buffer key = CLOISTER_BUFFER_INIT;
    OK(cloister_audit_seal(path, &key, &error));
    OK(cloister_audit_new(path, NULL, &audit, &error));
    OK(cloister_audit_record(audit, &event, NULL, &error));
    cloister_audit_free(audit);
    const cloister_bytes sealed = {(const uint8_t *)key.ptr, key.len};
    OK(cloister_audit_verify_file(path, sealed, &found, &error));
    CHECK(cloister_verification_is_intact(found) && cloister_verification_is_keyed(found));
    cloister_verification_free(found);
    cloister_buffer_free(&key);
    return 0;
}
