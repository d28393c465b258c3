// Proof of what is enforced.
#include "check.hpp"

int main(int argc, char **argv) {
    CHECK(argc > 2);
    cloister::engine_options loaded;
    loaded.context_tokens = 512;
    loaded.threads = 1;
    const cloister::engine engine(argv[2], loaded);
    cloister::audit_options kept;
    kept.key = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA";
    const cloister::audit log(std::string(argv[1]) + "/audit.jsonl", kept);
    const cloister::attestation proof = cloister::attest(engine, &log);
    CHECK(proof.holds && contains(proof.html, "<!doctype html>"));
    CHECK(cloister::is_authentic(proof.json, log));
    CHECK(engine.violations() == "[]");
    cloister::set_wiping(false);
    CHECK(contains(cloister::attest(engine).json, "\"wiped_before_free\": false"));
    cloister::set_wiping(true);
    return 0;
}
