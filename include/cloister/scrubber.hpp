// Identifiers out of a text, for good or to be put back.
#ifndef CLOISTER_SCRUBBER_HPP
#define CLOISTER_SCRUBBER_HPP

#include <cloister/cipher.hpp>
#include <cloister/findings.hpp>

namespace cloister {

// See cloister_scrubber_options.
struct scrubber_options {
    std::uint32_t style = CLOISTER_STYLE_REDACT;
    std::optional<scanner_options> scanner;
    // TOML, JSON, or the name of a ready-made policy, instead of a style.
    std::string policy;
    // 32 bytes for the policy.
    std::string key;
};

// A field of a record; both are only borrowed.
struct field {
    std::string_view name;
    std::string_view value;
};

// Finds and replaces identifiers. Any number of threads may use one scrubber at once.
class scrubber {
public:
    explicit scrubber(const scrubber_options &options = {}) {
        cloister_scrubber_options given = CLOISTER_SCRUBBER_OPTIONS_INIT;
        std::optional<detail::scanner_view> rules;
        if (options.scanner) {
            given.scanner = rules.emplace(*options.scanner).get();
        }
        given.style = options.style;
        given.policy = detail::view(options.policy);
        given.key = detail::bytes(options.key);
        handle_ = detail::make<cloister_scrubber, cloister_scrubber_free>(
            [&](cloister_scrubber **made, cloister_error **failure) {
                return cloister_scrubber_new(&given, made, failure);
            });
    }

    // Replaces every identifier, for good.
    scrubbed scrub(std::string_view text) const {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_scrubber_scrub(handle_.get(), detail::view(text), result, found, failure);
        });
    }

    // Replaces every identifier of a text about a subject: a policy that moves dates moves all of one subject alike.
    scrubbed scrub_of(std::string_view subject, std::string_view text) const {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_scrubber_scrub_of(handle_.get(), detail::view(subject), detail::view(text), result, found,
                                              failure);
        });
    }

    // Finds identifiers without replacing them.
    std::vector<finding> find(std::string_view text) const {
        const auto found = detail::make<cloister_findings, cloister_findings_free>(
            [&](cloister_findings **made, cloister_error **failure) {
                return cloister_scrubber_find(handle_.get(), detail::view(text), made, failure);
            });
        return detail::copy(found.get());
    }

    // Finds the identifiers of one record; the name of a field is the label of its value. See
    // cloister_scrubber_find_in_record.
    std::vector<finding> find_in_record(const std::vector<field> &fields) const {
        std::vector<cloister_field> given;
        given.reserve(fields.size());
        for (const field &one : fields) {
            given.push_back({detail::view(one.name), detail::view(one.value)});
        }
        const auto found = detail::make<cloister_findings, cloister_findings_free>(
            [&](cloister_findings **made, cloister_error **failure) {
                return cloister_scrubber_find_in_record(handle_.get(), given.data(), given.size(), made, failure);
            });
        return detail::copy(found.get());
    }

    const cloister_scrubber *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_scrubber, cloister_scrubber_free> handle_;
};

class session;
class vault;

// A text that is scrubbed as it comes; see cloister_scrub_stream_new. One thread at a time.
class scrub_stream {
public:
    explicit scrub_stream(const scrubber &scrubber, std::string_view subject = {})
        : handle_(detail::make<cloister_scrub_stream, cloister_scrub_stream_free>(
              [&](cloister_scrub_stream **made, cloister_error **failure) {
                  return cloister_scrub_stream_new_of(scrubber.get(), detail::view(subject), made, failure);
              })) {}

    // Takes a chunk, which may be cut anywhere, and gives what is certain by now.
    scrubbed push(std::string_view chunk) {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_scrub_stream_push(handle_.get(), detail::bytes(chunk), result, found, failure);
        });
    }

    // Gives the rest.
    scrubbed finish() {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_scrub_stream_finish(handle_.get(), result, found, failure);
        });
    }

    // The same with what the vault can put back. A text takes one of the two to its end.
    inline scrubbed push(vault &vault, std::string_view chunk);
    inline scrubbed finish(vault &vault);

private:
    detail::handle<cloister_scrub_stream, cloister_scrub_stream_free> handle_;
};

// See cloister_vault_options.
struct vault_options {
    std::uint64_t ttl_seconds = 0;
    std::uint64_t capacity = 0;
};

// Remembers which placeholder stands for which value. Wiped when destroyed, and by the first call after it has expired.
// One thread at a time.
class vault {
public:
    vault()
        : handle_(detail::make<cloister_vault, cloister_vault_free>(
              [](cloister_vault **made, cloister_error **failure) { return cloister_vault_new(made, failure); })) {}

    explicit vault(const vault_options &options) {
        cloister_vault_options given = CLOISTER_VAULT_OPTIONS_INIT;
        given.ttl_seconds = options.ttl_seconds;
        given.capacity = options.capacity;
        handle_ = detail::make<cloister_vault, cloister_vault_free>(
            [&](cloister_vault **made, cloister_error **failure) {
                return cloister_vault_new_with_options(&given, made, failure);
            });
    }

    // The vault of an envelope that seal() gave.
    static vault unseal(const cipher &cipher, std::string_view envelope, std::string_view context = {}) {
        return vault(detail::make<cloister_vault, cloister_vault_free>(
            [&](cloister_vault **made, cloister_error **failure) {
                return cloister_vault_import(cipher.get(), detail::bytes(envelope), detail::bytes(context), made,
                                             failure);
            }));
    }

    // The vault of a file that save() wrote.
    static vault open(std::string_view path, const cipher &cipher, std::string_view context = {}) {
        return vault(detail::make<cloister_vault, cloister_vault_free>(
            [&](cloister_vault **made, cloister_error **failure) {
                return cloister_vault_open(detail::view(path), cipher.get(), detail::bytes(context), made, failure);
            }));
    }

    // Each use asks the session from now on; see cloister_vault_bind. Include <cloister/session.hpp>.
    inline void bind(session &session);

    // The vault in an encrypted envelope.
    std::string seal(const cipher &cipher, std::string_view context = {}) {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_vault_export(handle_.get(), cipher.get(), detail::bytes(context), envelope, failure);
        });
    }

    // Writes the vault to a file, encrypted, in one step, for its owner alone.
    void save(std::string_view path, const cipher &cipher, std::string_view context = {}) {
        detail::check([&](cloister_error **failure) {
            return cloister_vault_save(handle_.get(), detail::view(path), cipher.get(), detail::bytes(context), failure);
        });
    }

    // Replaces identifiers by placeholders such as "[SSN_1]", or by what the scrubber's policy says.
    cloister::scrubbed scrub(const scrubber &scrubber, std::string_view text) { return scrub_of(scrubber, {}, text); }

    // Replaces the identifiers of a text about a subject.
    cloister::scrubbed scrub_of(const scrubber &scrubber, std::string_view subject, std::string_view text) {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_vault_scrub_of(handle_.get(), scrubber.get(), detail::view(subject), detail::view(text),
                                           result, found, failure);
        });
    }

    // Puts every value back.
    std::string restore(std::string_view text) {
        return detail::text([&](cloister_buffer *result, cloister_error **failure) {
            return cloister_vault_restore(handle_.get(), detail::view(text), result, failure);
        });
    }

    std::size_t count() const noexcept { return cloister_vault_count(handle_.get()); }

    // In seconds since 1970; zero if it does not expire.
    std::uint64_t expires_at() const noexcept { return cloister_vault_expires_at(handle_.get()); }

    // Forgets and wipes every value.
    void clear() {
        detail::check([&](cloister_error **failure) { return cloister_vault_clear(handle_.get(), failure); });
    }

    cloister_vault *get() noexcept { return handle_.get(); }

private:
    using handle = detail::handle<cloister_vault, cloister_vault_free>;

    explicit vault(handle made) noexcept : handle_(std::move(made)) {}

    handle handle_;
};

inline scrubbed scrub_stream::push(cloister::vault &vault, std::string_view chunk) {
    return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
        return cloister_vault_scrub_push(vault.get(), handle_.get(), detail::bytes(chunk), result, found, failure);
    });
}

inline scrubbed scrub_stream::finish(cloister::vault &vault) {
    return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
        return cloister_vault_scrub_finish(vault.get(), handle_.get(), result, found, failure);
    });
}

// Puts values back into a text that arrives in chunks. The vault outlives it. One thread at a time.
class restorer {
public:
    explicit restorer(cloister::vault &vault)
        : vault_(&vault), handle_(detail::make<cloister_restorer, cloister_restorer_free>(
                              [](cloister_restorer **made, cloister_error **failure) {
                                  return cloister_restorer_new(made, failure);
                              })) {}

    // The part of the text so far that is certain. A chunk is whole code points.
    std::string push(std::string_view chunk) {
        return detail::text([&](cloister_buffer *result, cloister_error **failure) {
            return cloister_restorer_push(handle_.get(), vault_->get(), detail::view(chunk), result, failure);
        });
    }

    // The rest.
    std::string finish() {
        return detail::text([&](cloister_buffer *result, cloister_error **failure) {
            return cloister_restorer_finish(handle_.get(), vault_->get(), result, failure);
        });
    }

private:
    cloister::vault *vault_;
    detail::handle<cloister_restorer, cloister_restorer_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_SCRUBBER_HPP
