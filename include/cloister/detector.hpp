// Credentials in a text, reported without being repeated.
#ifndef CLOISTER_DETECTOR_HPP
#define CLOISTER_DETECTOR_HPP

#include <cloister/findings.hpp>

namespace cloister {

// One credential in a text; never the value itself. See cloister_secret.
struct secret {
    cloister::finding finding;
    std::size_t end_line;
    std::size_t end_column;
    std::string snippet;
    std::string remediation;
};

// Redacted text and what was found in the original.
struct redacted {
    std::string text;
    std::vector<secret> secrets;
};

namespace detail {

inline std::vector<secret> copy(const cloister_secrets *secrets) {
    std::vector<secret> result;
    result.reserve(cloister_secrets_count(secrets));
    for (std::size_t index = 0; index < cloister_secrets_count(secrets); ++index) {
        const cloister_secret &found = *cloister_secrets_at(secrets, index);
        result.push_back({copy(*found.finding), found.end_line, found.end_column, copy(found.snippet),
                          copy(found.remediation)});
    }
    return result;
}

} // namespace detail

// How a detector works. See cloister_detector_options.
struct detector_options {
    std::optional<scanner_options> scanner;
    float alert_from = 0;
    float redact_from = 0;
};

// Finds credentials. Any number of threads may use one detector at once.
class detector {
public:
    explicit detector(const std::optional<scanner_options> &scanner = std::nullopt)
        : detector(detector_options{scanner, 0, 0}) {}

    explicit detector(const detector_options &options) {
        cloister_detector_options given = CLOISTER_DETECTOR_OPTIONS_INIT;
        std::optional<detail::scanner_view> rules;
        if (options.scanner) {
            given.scanner = rules.emplace(*options.scanner).get();
        }
        given.alert_from = options.alert_from;
        given.redact_from = options.redact_from;
        handle_ = detail::make<cloister_detector, cloister_detector_free>(
            [&](cloister_detector **made, cloister_error **failure) {
                return cloister_detector_new(&given, made, failure);
            });
    }

    // Those that are worth an alert.
    std::vector<secret> detect(std::string_view text) const {
        const auto found = detail::make<cloister_secrets, cloister_secrets_free>(
            [&](cloister_secrets **made, cloister_error **failure) {
                return cloister_detector_detect(handle_.get(), detail::view(text), made, failure);
            });
        return detail::copy(found.get());
    }

    // Replaces every credential that is sure enough by its token, for example "[OPENAI_API_KEY]".
    cloister::redacted redact(std::string_view text) const {
        detail::buffer result;
        const auto found = detail::make<cloister_secrets, cloister_secrets_free>(
            [&](cloister_secrets **made, cloister_error **failure) {
                return cloister_detector_redact(handle_.get(), detail::view(text), result.out(), made, failure);
            });
        return {result.copy(), detail::copy(found.get())};
    }

private:
    detail::handle<cloister_detector, cloister_detector_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_DETECTOR_HPP
