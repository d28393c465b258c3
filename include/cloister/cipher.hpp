// Cobblestone-256 (AES-256-GCM) with the classification bound to the ciphertext.
#ifndef CLOISTER_CIPHER_HPP
#define CLOISTER_CIPHER_HPP

#include <cloister/detail.hpp>

#include <algorithm>
#include <exception>
#include <functional>

namespace cloister {

// A decrypted envelope. Its text is an ordinary std::string: wipe it if it must not stay in memory.
struct opened {
    std::string plaintext;
    cloister::classification classification;
};

// Encrypts and decrypts with one key. Any number of threads may use one cipher at once. Texts are bytes of any value.
class cipher {
public:
    // Whether ciphers work with a FIPS 140-3 module in its approved mode. See cloister_cipher_is_fips_mode.
    static bool is_fips_mode() noexcept { return cloister_cipher_is_fips_mode(); }

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

    // The key in a file that belongs to this user and is closed to others.
    static cipher from_file(std::string_view path) {
        return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
            [&](cloister_cipher **made, cloister_error **failure) {
                return cloister_cipher_new_from_file(detail::view(path), made, failure);
            }));
    }

    // The key in an environment variable.
    static cipher from_env(std::string_view variable) {
        return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
            [&](cloister_cipher **made, cloister_error **failure) {
                return cloister_cipher_new_from_env(detail::view(variable), made, failure);
            }));
    }

    // Argon2id; the salt has at least 16 random bytes and is kept.
    static cipher from_passphrase(std::string_view passphrase, std::string_view salt) {
        return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
            [&](cloister_cipher **made, cloister_error **failure) {
                return cloister_cipher_new_from_passphrase(detail::view(passphrase), detail::bytes(salt), made,
                                                           failure);
            }));
    }

    // The 32 bytes that a function returns: from a key management service, a TPM, an HSM. What it throws is thrown here; a text
    // of another length is CLOISTER_STATUS_CANCELLED.
    static cipher from_source(const std::function<std::string()> &source) {
        struct call {
            const std::function<std::string()> &source;
            std::exception_ptr thrown;
        } made_by{source, nullptr};
        const cloister_key_fn run = [](void *data, std::uint8_t *key) noexcept -> bool {
            call &made_by = *static_cast<call *>(data);
            try {
                const std::string bytes = made_by.source();
                if (bytes.size() == 32) {
                    std::copy(bytes.begin(), bytes.end(), key);
                }
                return bytes.size() == 32;
            } catch (...) {
                made_by.thrown = std::current_exception();
                return false;
            }
        };
        try {
            return cipher(detail::make<cloister_cipher, cloister_cipher_free>(
                [&](cloister_cipher **made, cloister_error **failure) {
                    return cloister_cipher_new_from_source(run, &made_by, made, failure);
                }));
        } catch (const error &) {
            if (made_by.thrown) {
                std::rethrow_exception(made_by.thrown);
            }
            throw;
        }
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

    // A Cobblestone-256 message without a header, as other implementations read and write it.
    std::string encrypt_message(std::string_view plaintext, std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *message, cloister_error **failure) {
            return cloister_cipher_encrypt_message(handle_.get(), detail::bytes(plaintext), detail::bytes(context),
                                                   message, failure);
        });
    }

    std::string decrypt_message(std::string_view message, std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_cipher_decrypt_message(handle_.get(), detail::bytes(message), detail::bytes(context),
                                                   plaintext, failure);
        });
    }

    // Into a new file; memory does not grow with it.
    void encrypt_file(std::string_view source, std::string_view target,
                      cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE,
                      std::string_view content_type = {}, std::string_view context = {}) const {
        detail::check([&](cloister_error **failure) {
            return cloister_cipher_encrypt_file(handle_.get(), detail::view(source), detail::view(target),
                                                classification, detail::view(content_type), detail::bytes(context),
                                                failure);
        });
    }

    void decrypt_file(std::string_view source, std::string_view target, std::string_view context = {}) const {
        detail::check([&](cloister_error **failure) {
            return cloister_cipher_decrypt_file(handle_.get(), detail::view(source), detail::view(target),
                                                detail::bytes(context), failure);
        });
    }

    // Up to `length` bytes of a file from byte `offset` of its plaintext on.
    std::string decrypt_part(std::string_view source, std::uint64_t offset, std::size_t length,
                             std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_cipher_decrypt_part(handle_.get(), detail::view(source), offset, length,
                                                detail::bytes(context), plaintext, failure);
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
