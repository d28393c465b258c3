// The walls around a model: the main job.
#ifndef CLOISTER_GUARD_HPP
#define CLOISTER_GUARD_HPP

#include <cloister/access.hpp>
#include <cloister/audit.hpp>
#include <cloister/backend.hpp>
#include <cloister/engine.hpp>
#include <cloister/findings.hpp>
#include <cloister/session.hpp>

namespace cloister {

// The walls. A guard shares the objects it is given: they may be destroyed before it. See cloister_guard_options.
struct guard_options {
    const cloister::audit *audit = nullptr;
    const cloister::access *access = nullptr;
    std::optional<scanner_options> scanner;
    // Without a value, a text that explains the placeholders; empty for none.
    std::optional<std::string> system_prompt;
    std::uint32_t on_secret = CLOISTER_ON_SECRET_BLOCK;
    cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE;
    bool without_audit = false;
    // TOML, JSON, or the name of a ready-made policy; empty for placeholders that are put back.
    std::string policy;
    // 32 bytes for the policy.
    std::string key;
};

// What was found in a text, by kind and number.
struct summary {
    std::size_t identifiers;
    std::size_t secrets;
    std::vector<std::string> identifier_kinds;
    std::vector<std::string> secret_kinds;
};

// An answer with everything that happened on the way. See cloister_reply.
struct reply {
    std::string text;
    std::string prompt;
    std::string raw_text;
    summary request;
    summary response;
    cloister::completion completion;
    std::vector<std::string> event_ids;
};

namespace detail {

inline summary copy(const cloister_summary *found) {
    return {cloister_summary_identifiers(found), cloister_summary_secrets(found),
            copy(cloister_summary_identifier_kinds(found)), copy(cloister_summary_secret_kinds(found))};
}

inline reply copy(const cloister_reply *reply) {
    return {copy(cloister_reply_text(reply)),       copy(cloister_reply_prompt(reply)),
            copy(cloister_reply_raw_text(reply)),   copy(cloister_reply_request(reply)),
            copy(cloister_reply_response(reply)),   copy(cloister_reply_completion(reply)),
            copy(cloister_reply_event_ids(reply))};
}

} // namespace detail

// Text is scanned, scrubbed, recorded, answered, scanned again, restored and recorded. Any number of threads may use one
// guard at once, each with a session of its own.
class guard {
public:
    guard(const engine &engine, const guard_options &options)
        : handle_(make(options, [&](const cloister_guard_options *walls, cloister_guard **made, cloister_error **failure) {
              return cloister_guard_new(engine.get(), walls, made, failure);
          })) {}

    // A guard around a backend of the caller's, which lives until the guard and every call on it have ended.
    guard(std::unique_ptr<backend> backend, const guard_options &options) {
        const std::string name = backend ? backend->name() : std::string();
        cloister_backend given = CLOISTER_BACKEND_INIT;
        given.name = detail::view(name);
        given.chat = detail::answer_by;
        given.drop = detail::drop_backend;
        given.user_data = backend.get();
        handle_ = make(options, [&](const cloister_guard_options *walls, cloister_guard **made, cloister_error **failure) {
            return cloister_guard_new_with_backend(backend ? &given : nullptr, walls, made, failure);
        });
        static_cast<void>(backend.release());
    }

    // Asks the model within the walls. `on_text` gets the restored answer as it comes.
    cloister::reply chat(session &session, std::string_view input, const chat_options &options = {},
                         const text_callback &on_text = nullptr, const cancel *cancel = nullptr) const {
        const detail::chat_view how(options);
        detail::text_trampoline text(on_text);
        const auto made = detail::rethrowing(text, [&] {
            try {
                return detail::make<cloister_reply, cloister_reply_free>(
                    [&](cloister_reply **reply, cloister_error **failure) {
                        return cloister_guard_chat(handle_.get(), session.get(), detail::view(input), how.get(),
                                                   detail::get(cancel), text.function(), &text, reply, failure);
                    });
            } catch (const error &) {
                detail::rethrow_from_backend();
                throw;
            }
        });
        return detail::copy(made.get());
    }

    // Answers a chat-completion request of OpenAI's API within the walls, given and answered as JSON: formats, tools, streams.
    // With "stream": true, `on_part` receives the pieces, and the last one is returned. See cloister_guard_complete.
    std::string complete(session &session, std::string_view request, const text_callback &on_part = nullptr,
                         const cancel *cancel = nullptr) const {
        detail::text_trampoline part(on_part);
        return detail::rethrowing(part, [&] {
            try {
                return detail::text([&](cloister_buffer *answer, cloister_error **failure) {
                    return cloister_guard_complete(handle_.get(), session.get(), detail::view(request),
                                                   detail::get(cancel), part.function(), &part, answer, failure);
                });
            } catch (const error &) {
                detail::rethrow_from_backend();
                throw;
            }
        });
    }

    // What chat would find and send, without sending or recording.
    cloister::scrubbed preview(session &session, std::string_view input) const {
        return detail::scrubbed_by([&](cloister_buffer *result, cloister_findings **found, cloister_error **failure) {
            return cloister_guard_preview(handle_.get(), session.get(), detail::view(input), result, found, failure);
        });
    }

private:
    using handle = detail::handle<cloister_guard, cloister_guard_free>;

    template <typename Call>
    static handle make(const guard_options &options, Call &&call) {
        cloister_guard_options given = CLOISTER_GUARD_OPTIONS_INIT;
        std::optional<detail::scanner_view> rules;
        if (options.scanner) {
            given.scanner = rules.emplace(*options.scanner).get();
        }
        given.audit = options.audit ? options.audit->get() : nullptr;
        given.access = options.access ? options.access->get() : nullptr;
        if (options.system_prompt) {
            given.system_prompt = detail::view(*options.system_prompt);
            given.without_system_prompt = options.system_prompt->empty() ? 1 : 0;
        }
        given.on_secret = options.on_secret;
        given.classification = options.classification;
        given.without_audit = options.without_audit ? 1 : 0;
        given.policy = detail::view(options.policy);
        given.key = detail::bytes(options.key);
        return detail::make<cloister_guard, cloister_guard_free>(
            [&](cloister_guard **made, cloister_error **failure) { return call(&given, made, failure); });
    }

    handle handle_;
};

} // namespace cloister

#endif // CLOISTER_GUARD_HPP
