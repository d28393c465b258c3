// Encryption with the classification bound to the ciphertext.
#include "check.hpp"

int main() {
    CHECK(cloister::cipher::is_fips_mode() == cloister_cipher_is_fips_mode());

    const cloister::cipher cipher = cloister::cipher::from_text(cloister::cipher::generate_key());
    const std::string note = "Patient John Doe, SSN 123-45-6789";

    std::string envelope = cipher.encrypt(note, CLOISTER_CLASSIFICATION_SENSITIVE, "record 7");
    CHECK(!contains(envelope, "John"));
    const cloister::opened opened = cipher.decrypt(envelope, "record 7");
    CHECK(opened.plaintext == note);
    CHECK(opened.classification == CLOISTER_CLASSIFICATION_SENSITIVE);
    THROWS(CLOISTER_STATUS_DECRYPT, cipher.decrypt(envelope, "record 8"));
    envelope[envelope.size() / 2] ^= 1;
    THROWS(CLOISTER_STATUS_DECRYPT, cipher.decrypt(envelope, "record 7"));

    const std::string text = cipher.encrypt_to_text(std::string(3, '\0'), CLOISTER_CLASSIFICATION_PUBLIC);
    CHECK(cipher.decrypt_text(text).plaintext == std::string(3, '\0'));
    CHECK(cipher.decrypt_text(text).classification == CLOISTER_CLASSIFICATION_PUBLIC);

    const cloister::cipher other = cloister::cipher::from_bytes("Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e");
    THROWS(CLOISTER_STATUS_DECRYPT, other.decrypt_text(text));
    THROWS(CLOISTER_STATUS_DECRYPT, other.decrypt_legacy("not base64!"));
    THROWS(CLOISTER_STATUS_INVALID_KEY, cloister::cipher::from_bytes("too short"));
    THROWS(CLOISTER_STATUS_INVALID_KEY, cloister::cipher::from_text("not a key"));

    CHECK(cipher.decrypt_message(cipher.encrypt_message(note, "c"), "c") == note);
    THROWS(CLOISTER_STATUS_NOT_FOUND, cloister::cipher::from_file("/nonexistent/key"));
    THROWS(CLOISTER_STATUS_NOT_FOUND, cloister::cipher::from_env("CLOISTER_NO_SUCH_KEY"));
    THROWS(CLOISTER_STATUS_INVALID_KEY, cloister::cipher::from_passphrase("password", "0123456789abcdef"));

    const cloister::cipher served = cloister::cipher::from_source([] { return std::string("Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e"); });
    CHECK(other.decrypt_text(served.encrypt_to_text(note)).plaintext == note);
    THROWS(CLOISTER_STATUS_CANCELLED, cloister::cipher::from_source([] { return std::string("short"); }));
    bool thrown = false;
    try {
        cloister::cipher::from_source([]() -> std::string { throw std::runtime_error("the service is down"); });
    } catch (const std::runtime_error &failure) {
        thrown = std::string_view(failure.what()) == "the service is down";
    }
    CHECK(thrown);

    const cloister::keyring ring("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA");
    const std::string before = ring.encrypt(note);
    ring.rotate("Hx7mPq2wLk9ZtR4bVnYc8xQsDf3gHjK5");
    CHECK(ring.decrypt(before).plaintext == note);
    CHECK(ring.decrypt(ring.rewrap(before)).plaintext == note && ring.rewrap(ring.encrypt(note)).empty());
    const cloister::keyring again(cipher, ring.export_with(cipher));
    CHECK(again.keys() == ring.keys() && again.decrypt(before).plaintext == note);
    return 0;
}
