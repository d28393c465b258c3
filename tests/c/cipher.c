// Encryption with the classification bound to the ciphertext.
#include "check.h"

int main(void) {
    // A new key as text, for a safe place.
    cloister_buffer key = CLOISTER_BUFFER_INIT;
    OK(cloister_cipher_generate_key(&key, &error));
    cloister_cipher *cipher = NULL;
    OK(cloister_cipher_new_from_text(held(&key), &cipher, &error));
    cloister_buffer_free(&key);

    // The context says where an envelope belongs; in another place it does not open.
    const char *note = "Patient John Doe, SSN 123-45-6789";
    cloister_buffer envelope = CLOISTER_BUFFER_INIT;
    OK(cloister_cipher_encrypt(cipher, bytes(note), CLOISTER_CLASSIFICATION_SENSITIVE, bytes("record 7"), &envelope,
                               &error));
    CHECK(!contains(held(&envelope), "John"));

    cloister_buffer plaintext = CLOISTER_BUFFER_INIT;
    cloister_classification classification = CLOISTER_CLASSIFICATION_PUBLIC;
    OK(cloister_cipher_decrypt(cipher, held_bytes(&envelope), bytes("record 7"), &plaintext, &classification, &error));
    CHECK(is(held(&plaintext), note));
    CHECK(classification == CLOISTER_CLASSIFICATION_SENSITIVE);
    cloister_buffer_free(&plaintext);
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt(cipher, held_bytes(&envelope), bytes("record 8"), &plaintext, NULL, &error));
    CHECK(plaintext.ptr == NULL);

    // One bit is enough.
    envelope.ptr[envelope.len / 2] ^= 1;
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt(cipher, held_bytes(&envelope), bytes("record 7"), &plaintext, NULL, &error));
    cloister_buffer_free(&envelope);

    // The same as text, for a database column or a URL.
    OK(cloister_cipher_encrypt_to_text(cipher, bytes(note), CLOISTER_CLASSIFICATION_INTERNAL, bytes(""), &envelope,
                                       &error));
    CHECK(!contains(held(&envelope), "+") && !contains(held(&envelope), "/"));
    OK(cloister_cipher_decrypt_text(cipher, held(&envelope), bytes(""), &plaintext, &classification, &error));
    CHECK(is(held(&plaintext), note));
    CHECK(classification == CLOISTER_CLASSIFICATION_INTERNAL);
    cloister_buffer_free(&plaintext);

    // Another key does not open it.
    cloister_cipher *other = NULL;
    OK(cloister_cipher_new_from_text(CLOISTER_STR("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
                                     &other, &error));
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt_text(other, held(&envelope), bytes(""), &plaintext, NULL, &error));
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt_legacy(other, CLOISTER_STR("not base64!"), &plaintext, &error));
    cloister_cipher_free(other);
    cloister_buffer_free(&envelope);

    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new(bytes("too short"), &other, &error));
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new_from_text(CLOISTER_STR("not a key"), &other, &error));

    cloister_cipher_free(cipher);
    return 0;
}
