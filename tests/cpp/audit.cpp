// The record of who did what, which shows when it was altered.
#include "check.hpp"

#include <fstream>
#include <iterator>

int main(int argc, char **argv) {
    CHECK(argc > 1);
    const std::string path = std::string(argv[1]) + "/audit.jsonl";
    cloister::audit_options options;
    options.key = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    options.retention_days = 0; // for ever
    {
        const cloister::audit audit(path, options);
        cloister::event event;
        event.event_type = "record_access";
        event.user_id = "dr.lee";
        event.action = "view_patient_record";
        event.status = "success";
        event.data_json = R"({"security": {"pii_scrubbed": 4}})";
        const std::string id = audit.record(event);
        CHECK(id.size() == 16);
        event.user_id = "nurse.kim";
        event.data_json.clear();
        audit.record(event);
        event.data_json = "[]";
        THROWS(CLOISTER_STATUS_INVALID_ARGUMENT, audit.record(event));

        cloister::query query;
        query.filters_json = R"({"security__pii_scrubbed__gt": 3})";
        CHECK(contains(audit.query(query), id) && !contains(audit.query(query), "nurse.kim"));
        CHECK(contains(audit.query(), "nurse.kim"));
        query = {};
        query.limit = 1;
        query.newest_first = true;
        CHECK(contains(audit.query(query), "nurse.kim") && !contains(audit.query(query), "dr.lee"));
        query = {};
        query.classification = CLOISTER_CLASSIFICATION_PUBLIC;
        CHECK(audit.query(query) == "[]");

        const cloister::verification found = audit.verify();
        CHECK(found.intact && found.keyed && found.records == 2 && found.files == 1 && found.problems.empty());
    }

    // Somebody removes the first line.
    std::ifstream log(path);
    std::string first;
    std::getline(log, first);
    const std::string rest((std::istreambuf_iterator<char>(log)), std::istreambuf_iterator<char>());
    log.close();
    std::ofstream(path) << rest;
    const cloister::verification found = cloister::audit::verify_file(path, options.key);
    CHECK(!found.intact && !found.problems.empty());
    CHECK(contains(cloister::audit::query_file(path), "nurse.kim"));

    CHECK(contains(cloister::audit::export_records(cloister::audit::query_file(path), "syslog", "host"), "<110>1 "));

    // A stranger checks a signed log with the public key, and one record of it alone.
    const std::string signed_path = std::string(argv[1]) + "/signed.jsonl";
    const cloister::signing_keys keys = cloister::audit::generate_signing_keys("hospital.example/audit");
    cloister::audit_options signing;
    signing.signing_key = keys.signing_key;
    signing.durability = CLOISTER_DURABILITY_INTERVAL;
    signing.interval_ms = 5;
    signing.on_failure = CLOISTER_ON_FAILURE_BUFFER;
    signing.on_failure_limit = 10;
    std::string first_note;
    {
        const cloister::audit audit(signed_path, signing);
        cloister::event event;
        event.event_type = "record_access";
        event.user_id = "dr.lee";
        audit.record(event);
        first_note = audit.checkpoint();
        audit.record(event);
        audit.flush();
        audit.legal_hold(true, "case 12");
    }
    const cloister::verification stranger = cloister::audit::verify_public(signed_path, keys.public_key, {first_note});
    CHECK(stranger.intact && stranger.covered > 4 && !stranger.notes.empty());
    cloister::query covered;
    covered.limit = 3;
    for (const cloister::proof &found : cloister::audit::query_with_proofs(signed_path, keys.public_key, covered)) {
        CHECK(cloister::audit::check_proof(found, keys.public_key));
    }
    cloister::proof proof = cloister::audit::prove(signed_path, 3, keys.public_key);
    CHECK(cloister::audit::check_proof(proof, keys.public_key));
    const std::string grown = cloister::audit::prove_consistency(signed_path, first_note, keys.public_key);
    CHECK(cloister::audit::check_consistency(first_note, grown, keys.public_key));
    proof.record += " ";
    CHECK(!cloister::audit::check_proof(proof, keys.public_key));

    const std::string sealed_path = std::string(argv[1]) + "/sealed.jsonl";
    const std::string key = cloister::audit::seal(sealed_path);
    cloister::audit(sealed_path).record({});
    CHECK(cloister::audit::verify_file(sealed_path, key).intact);
    return 0;
}
