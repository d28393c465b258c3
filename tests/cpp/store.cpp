// A conversation that is saved, goes on in another session, and is erased; and a log without names.
#include "check.hpp"

int main(int argc, char **argv) {
    CHECK(argc > 1);
    const std::string scratch = argv[1];
    const std::string master = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    const cloister::subjects subjects(scratch + "/keys", master);
    THROWS(CLOISTER_STATUS_INVALID_KEY, cloister::subjects(scratch + "/keys", "Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e"));
    cloister::audit_options options;
    options.subjects = &subjects;
    const cloister::audit audit(scratch + "/store.jsonl", options);
    const cloister::store store(scratch + "/conversations", subjects, &audit);

    cloister::session lee("dr.lee", "physician"), kim("kim", "nurse");
    lee.set_subject("patient-7");
    const std::string id = store.save(lee, "about the knee", CLOISTER_CLASSIFICATION_PUBLIC);
    CHECK(store.save(lee) == id);
    CHECK(contains(store.list(kim, "patient-7"), id));
    store.load(kim, "patient-7", id);
    CHECK(store.expire() == 0);
    CHECK(contains(store.remove(kim, "patient-7", id), id));
    THROWS(CLOISTER_STATUS_NOT_FOUND, store.load(kim, "patient-7", id));

    const cloister::access access = cloister::access::parse("{\"roles\": {\"nurse\": {\"permissions\": [\"read_phi@patient-8\"]}}}");
    const cloister::store guarded(scratch + "/conversations", subjects, &audit, &access);
    CHECK(contains(guarded.list(kim, "patient-8"), "[]"));
    THROWS(CLOISTER_STATUS_DENIED, guarded.list(kim, "patient-7"));

    cloister::query query;
    query.user_id = "dr.lee";
    const std::string found = audit.query(query);
    CHECK(contains(found, "conversation_save") && !contains(found, "dr.lee"));
    CHECK(contains(found, subjects.pseudonym("dr.lee")));
    CHECK(contains(store.erase_subject(kim, "patient-7"), "true"));
    THROWS(CLOISTER_STATUS_NOT_FOUND, subjects.destroy("patient-7"));
    return 0;
}
