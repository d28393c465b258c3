// Encryption with the classification bound to the ciphertext.
#include "check.h"

// A key management service.
static bool key_of(void *user_data, uint8_t *key) {
    memcpy(key, user_data, 32);
    return true;
}

static bool no_key(void *user_data, uint8_t *key) {
    (void)user_data, (void)key;
    return false;
}

int main(int argc, char **argv) {
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
    OK(cloister_cipher_new_from_text(CLOISTER_STR("b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4"),
                                     &other, &error));
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt_text(other, held(&envelope), bytes(""), &plaintext, NULL, &error));
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt_legacy(other, CLOISTER_STR("not base64!"), &plaintext, &error));
    cloister_cipher_free(other);
    cloister_buffer_free(&envelope);

    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new(bytes("too short"), &other, &error));
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new_from_text(CLOISTER_STR("not a key"), &other, &error));
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new(bytes("0123456789abcdefghijklmnopqrstuv"), &other, &error));

    // A message that other implementations read.
    OK(cloister_cipher_encrypt_message(cipher, bytes(note), bytes("context"), &envelope, &error));
    CHECK(envelope.len == strlen(note) + 56 + 16);
    OK(cloister_cipher_decrypt_message(cipher, held_bytes(&envelope), bytes("context"), &plaintext, &error));
    CHECK(is(held(&plaintext), note));
    cloister_buffer_free(&plaintext);
    FAILS(CLOISTER_STATUS_DECRYPT,
          cloister_cipher_decrypt_message(cipher, held_bytes(&envelope), bytes(""), &plaintext, &error));
    cloister_buffer_free(&envelope);

    // A key that is not there, or easily guessed, is not replaced by another.
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_cipher_new_from_file(CLOISTER_STR("/nonexistent/key"), &other, &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_cipher_new_from_env(CLOISTER_STR("CLOISTER_NO_SUCH_KEY"), &other, &error));
    FAILS(CLOISTER_STATUS_INVALID_KEY,
          cloister_cipher_new_from_passphrase(CLOISTER_STR("password"), bytes("0123456789abcdef"), &other, &error));
    OK(cloister_cipher_new_from_passphrase(CLOISTER_STR("correct horse battery staple"), bytes("0123456789abcdef"),
                                           &other, &error));

    // Files, and a part of one.
    CHECK(argc > 1);
    char plain[4096];
    char sealed[4096];
    cloister_str source = path_in(argv[1], "plain", plain);
    cloister_str target = path_in(argv[1], "sealed", sealed);
    FILE *file = fopen(plain, "wb");
    CHECK(file != NULL && fputs(note, file) >= 0 && fclose(file) == 0);
    OK(cloister_cipher_encrypt_file(other, source, target, 0, CLOISTER_STR("text/plain"), bytes("c"), &error));
    FAILS(CLOISTER_STATUS_INVALID_ARGUMENT,
          cloister_cipher_encrypt_file(other, source, target, 0, CLOISTER_STR(""), bytes("c"), &error));
    OK(cloister_cipher_decrypt_part(other, target, 2, 3, bytes("c"), &plaintext, &error));
    CHECK(plaintext.len == 3 && memcmp(plaintext.ptr, note + 2, 3) == 0);
    cloister_buffer_free(&plaintext);
    CHECK(remove(plain) == 0);
    OK(cloister_cipher_decrypt_file(other, target, source, bytes("c"), &error));

    // A ring rotates, and what was encrypted before is read and encrypted anew.
    cloister_keyring *ring = NULL;
    OK(cloister_keyring_new(bytes("k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1PmA"), &ring, &error));
    OK(cloister_keyring_encrypt(ring, bytes(note), 0, bytes("c"), &envelope, &error));
    OK(cloister_keyring_rotate(ring, bytes("Zk3vPq8LmT2xRw9nYb7cHd5fJg1sKa4e"), &error));
    OK(cloister_keyring_add(ring, bytes("Hx7mPq2wLk9ZtR4bVnYc8xQsDf3gHjK5"), &error));
    OK(cloister_keyring_decrypt(ring, held_bytes(&envelope), bytes("c"), &plaintext, &classification, &error));
    CHECK(is(held(&plaintext), note) && classification == CLOISTER_CLASSIFICATION_SENSITIVE);
    cloister_buffer_free(&plaintext);
    cloister_buffer rewrapped = CLOISTER_BUFFER_INIT;
    OK(cloister_keyring_rewrap(ring, held_bytes(&envelope), bytes("c"), &rewrapped, &error));
    CHECK(rewrapped.len == envelope.len);
    cloister_buffer keys = CLOISTER_BUFFER_INIT;
    OK(cloister_keyring_keys(ring, &keys, &error));
    CHECK(contains(held(&keys), "\"primary\":true"));
    cloister_buffer_free(&keys);
    cloister_buffer stored = CLOISTER_BUFFER_INIT;
    OK(cloister_keyring_export(ring, cipher, &stored, &error));
    cloister_keyring_free(ring);
    FAILS(CLOISTER_STATUS_DECRYPT, cloister_keyring_import(other, held_bytes(&stored), &ring, &error));
    OK(cloister_keyring_import(cipher, held_bytes(&stored), &ring, &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_keyring_destroy(ring, CLOISTER_STR("00"), &error));
    FAILS(CLOISTER_STATUS_NOT_FOUND, cloister_keyring_set_enabled(ring, CLOISTER_STR("00"), 1, &error));
    cloister_keyring_free(ring);
    cloister_buffer_free(&stored);
    cloister_buffer_free(&rewrapped);
    cloister_buffer_free(&envelope);
    cloister_cipher_free(other);

    cloister_cipher_free(cipher);
    // The key may come from a function of the caller's.
    uint8_t service[32] = "k3J!xq0Zr8@Lw2Vb#Tn5Yc7Gd9Fs1Pm";
    cloister_cipher *served = NULL;
    OK(cloister_cipher_new_from_source(key_of, service, &served, &error));
    cloister_cipher_free(served);
    FAILS(CLOISTER_STATUS_CANCELLED, cloister_cipher_new_from_source(no_key, NULL, &served, &error));
    memset(service, 0, sizeof service);
    FAILS(CLOISTER_STATUS_INVALID_KEY, cloister_cipher_new_from_source(key_of, service, &served, &error));
    return 0;
}
