// Several keys, of which one encrypts and all that are enabled decrypt.
#ifndef CLOISTER_KEYRING_HPP
#define CLOISTER_KEYRING_HPP

#include <cloister/cipher.hpp>

namespace cloister {

// Keys of 32 bytes, of which one is primary. Any number of threads may use and change one ring at once.
class keyring {
public:
    explicit keyring(std::string_view key)
        : handle_(detail::make<cloister_keyring, cloister_keyring_free>(
              [&](cloister_keyring **made, cloister_error **failure) {
                  return cloister_keyring_new(detail::bytes(key), made, failure);
              })) {}

    // What export_with wrote.
    keyring(const cipher &wrapping, std::string_view envelope)
        : handle_(detail::make<cloister_keyring, cloister_keyring_free>(
              [&](cloister_keyring **made, cloister_error **failure) {
                  return cloister_keyring_import(wrapping.get(), detail::bytes(envelope), made, failure);
              })) {}

    std::string export_with(const cipher &wrapping) const {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_keyring_export(handle_.get(), wrapping.get(), envelope, failure);
        });
    }

    void rotate(std::string_view key) const {
        detail::check([&](cloister_error **failure) {
            return cloister_keyring_rotate(handle_.get(), detail::bytes(key), failure);
        });
    }

    void add(std::string_view key) const {
        detail::check([&](cloister_error **failure) {
            return cloister_keyring_add(handle_.get(), detail::bytes(key), failure);
        });
    }

    void set_enabled(std::string_view id, bool enabled) const {
        detail::check([&](cloister_error **failure) {
            return cloister_keyring_set_enabled(handle_.get(), detail::view(id), enabled ? 1 : 0, failure);
        });
    }

    void destroy(std::string_view id) const {
        detail::check([&](cloister_error **failure) {
            return cloister_keyring_destroy(handle_.get(), detail::view(id), failure);
        });
    }

    // A JSON array.
    std::string keys() const {
        return detail::text([&](cloister_buffer *keys, cloister_error **failure) {
            return cloister_keyring_keys(handle_.get(), keys, failure);
        });
    }

    std::string encrypt(std::string_view plaintext,
                        cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE,
                        std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_keyring_encrypt(handle_.get(), detail::bytes(plaintext), classification,
                                            detail::bytes(context), envelope, failure);
        });
    }

    opened decrypt(std::string_view envelope, std::string_view context = {}) const {
        opened result;
        result.plaintext = detail::text([&](cloister_buffer *plaintext, cloister_error **failure) {
            return cloister_keyring_decrypt(handle_.get(), detail::bytes(envelope), detail::bytes(context), plaintext,
                                            &result.classification, failure);
        });
        return result;
    }

    // Empty if the envelope is of the primary key already.
    std::string rewrap(std::string_view envelope, std::string_view context = {}) const {
        return detail::text([&](cloister_buffer *rewrapped, cloister_error **failure) {
            return cloister_keyring_rewrap(handle_.get(), detail::bytes(envelope), detail::bytes(context), rewrapped,
                                           failure);
        });
    }

private:
    detail::handle<cloister_keyring, cloister_keyring_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_KEYRING_HPP
