// Proof of what is enforced, authenticated and recorded.
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc > 2);
    char file[4096];
    cloister_audit_options kept = CLOISTER_AUDIT_OPTIONS_INIT;
    kept.key = bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA");
    cloister_audit *audit = NULL;
    OK(cloister_audit_new(path_in(argv[1], "audit.jsonl", file), &kept, &audit, &error));

    cloister_engine_options loaded = CLOISTER_ENGINE_OPTIONS_INIT;
    loaded.context_tokens = 512;
    loaded.threads = 1;
    loaded.lockdown = 7;
    cloister_engine *engine = NULL;
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_engine_new(cloister_str_from(argv[2]), &loaded, NULL, NULL, &engine, &error));
    loaded.lockdown = CLOISTER_LOCKDOWN_ENGINE;
    OK(cloister_engine_new(cloister_str_from(argv[2]), &loaded, NULL, NULL, &engine, &error));

    cloister_buffer json = CLOISTER_BUFFER_INIT;
    cloister_buffer html = CLOISTER_BUFFER_INIT;
    bool holds = false;
    OK(cloister_attest(engine, audit, &json, &html, &holds, &error));
    CHECK(holds);
    CHECK(contains(held(&json), "\"seccomp\": 2") && contains(held(&json), "\"model_sha256\""));
    CHECK(contains(held(&json), "hmac-sha256") && contains(held(&html), "<!doctype html>"));
    bool authentic = false;
    OK(cloister_attestation_check(audit, held(&json), &authentic, &error));
    CHECK(authentic);
    // One letter of it changed.
    char *place = strstr(json.ptr, "\"holds\": true");
    CHECK(place != NULL);
    memcpy(place, "\"holds\": null", 13);
    OK(cloister_attestation_check(audit, held(&json), &authentic, &error));
    CHECK(!authentic);
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT, cloister_attestation_check(audit, held(&html), &authentic, &error));
    cloister_buffer_free(&json);
    cloister_buffer_free(&html);

    OK(cloister_engine_violations(engine, &json, &error));
    CHECK(is(held(&json), "[]"));
    cloister_buffer_free(&json);
    OK(cloister_audit_query(audit, NULL, &json, &error));
    CHECK(contains(held(&json), "\"attestation\""));
    cloister_buffer_free(&json);
    cloister_engine_free(engine);

    // Without a lockdown it says so.
    loaded.lockdown = CLOISTER_LOCKDOWN_OFF;
    OK(cloister_engine_new(cloister_str_from(argv[2]), &loaded, NULL, NULL, &engine, &error));
    OK(cloister_attest(engine, NULL, NULL, NULL, &holds, &error));
    CHECK(!holds);
    cloister_engine_free(engine);
    cloister_audit_free(audit);
    return 0;
}
