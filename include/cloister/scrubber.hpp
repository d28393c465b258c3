// Identifiers out of a text, for good or to be put back.
#ifndef CLOISTER_SCRUBBER_HPP
#define CLOISTER_SCRUBBER_HPP

#include <cloister/findings.hpp>

namespace cloister {

// See cloister_scrubber_options.
struct scrubber_options {
    std::uint32_t style = CLOISTER_STYLE_REDACT;
    std::optional<scanner_options> scanner;
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

    // Finds identifiers without replacing them.
    std::vector<finding> find(std::string_view text) const {
        const auto found = detail::make<cloister_findings, cloister_findings_free>(
            [&](cloister_findings **made, cloister_error **failure) {
                return cloister_scrubber_find(handle_.get(), detail::view(text), made, failure);
            });
        return detail::copy(found.get());
    }

    const cloister_scrubber *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_scrubber, cloister_scrubber_free> handle_;
};

// A text that is scrubbed as it comes; see cloister_scrub_stream_new. One thread at a time.
class scrub_stream {
public:
    explicit scrub_stream(const scrubber &scrubber)
        : handle_(detail::make<cloister_scrub_stream, cloister_scrub_stream_free>(
              [&](cloister_scrub_stream **made, cloister_error **failure) {
                  return cloister_scrub_stream_new(scrubber.get(), made, failure);
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

private:
    detail::handle<cloister_scrub_stream, cloister_scrub_stream_free> handle_;
};

// Remembers which placeholder stands for which value. Wiped when destroyed. One thread at a time.
class vault {
public:
    vault()
        : handle_(detail::make<cloister_vault, cloister_vault_free>(
              [](cloister_vault **made, cloister_error **failure) { return cloister_vault_new(made, failure); })) {}

    // Replaces identifiers by placeholders such as "[SSN_1]".
    cloister::scrubbed scrub(const scrubber &scrubber, std::string_view text) {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_vault_scrub(handle_.get(), scrubber.get(), detail::view(text), result, found, failure);
        });
    }

    // Puts every value back.
    std::string restore(std::string_view text) {
        return detail::text([&](cloister_buffer *result, cloister_error **failure) {
            return cloister_vault_restore(handle_.get(), detail::view(text), result, failure);
        });
    }

    std::size_t count() const noexcept { return cloister_vault_count(handle_.get()); }

    // Forgets and wipes every value.
    void clear() {
        detail::check([&](cloister_error **failure) { return cloister_vault_clear(handle_.get(), failure); });
    }

private:
    detail::handle<cloister_vault, cloister_vault_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_SCRUBBER_HPP
