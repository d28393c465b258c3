// AES-256-GCM with the classification bound to the ciphertext.
#ifndef CLOISTER_CIPHER_HPP
#define CLOISTER_CIPHER_HPP

#include <cloister/detail.hpp>

namespace cloister {

// A decrypted envelope. Its text is an ordinary std::string: wipe it if it must not stay in memory.
struct opened {
    std::string plaintext;
    cloister::classification classification;
};

// Encrypts and decrypts with one key. Any number of threads may use one cipher at once. Texts are bytes of any value.
class cipher {
public:
    // A key of 32 bytes.
    static cipher from_bytes(std::string_view key) {
        return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
            [&](cloister_cipher **made, cloister_error **failure) {
                return cloister_cipher_new(detail::bytes(key), made, failure);
            }));
    }

    // A key as 64 hexadecimal digits, or base64 of 32 bytes.
    static cipher from_text(std::string_view key) {
        return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
            [&](cloister_cipher **made, cloister_error **failure) {
                return cloister_cipher_new_from_text(detail::view(key), made, failure);
            }));
    }

    // A new key as base64 text.
    static std::string generate_key() {
        return detail::text([](cloister_buffer *key, cloister_error **failure) {
            return cloister_cipher_generate_key(key, failure);
        });
    }

    std::string encrypt(std::string_view plaintext,
                        cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE,
                        std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_cipher_encrypt(handle_.get(), detail::bytes(plaintext), classification,
                                           detail::bytes(context), envelope, failure);
        });
    }

    opened decrypt(std::string_view envelope, std::string_view context = {}) const {
        opened result;
        result.plaintext = detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_cipher_decrypt(handle_.get(), detail::bytes(envelope), detail::bytes(context), plaintext,
                                           &result.classification, failure);
        });
        return result;
    }

    // The envelope as URL-safe base64.
    std::string encrypt_to_text(std::string_view plaintext,
                                cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE,
                                std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_cipher_encrypt_to_text(handle_.get(), detail::bytes(plaintext), classification,
                                                   detail::bytes(context), envelope, failure);
        });
    }

    opened decrypt_text(std::string_view envelope, std::string_view context = {}) const {
        opened result;
        result.plaintext = detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_cipher_decrypt_text(handle_.get(), detail::view(envelope), detail::bytes(context),
                                                plaintext, &result.classification, failure);
        });
        return result;
    }

    // What older systems wrote: base64 of nonce, ciphertext and tag.
    std::string decrypt_legacy(std::string_view envelope) const {
        return detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_cipher_decrypt_legacy(handle_.get(), detail::view(envelope), plaintext, failure);
        });
    }

    const cloister_cipher *get() const noexcept { return handle_.get(); }

private:
    using handle = detail::handle<cloister_cipher, cloister_cipher_free>;

    explicit cipher(handle made) noexcept : handle_(std::move(made)) {}

    handle handle_;
};

} // namespace cloister

#endif // CLOISTER_CIPHER_HPP
