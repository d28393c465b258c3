// One user's conversation.
#ifndef CLOISTER_SESSION_HPP
#define CLOISTER_SESSION_HPP

#include <cloister/access.hpp>
#include <cloister/audit.hpp>
#include <cloister/detail.hpp>
#include <cloister/scrubber.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace cloister {

// Asks a user again who is there; `occasion` is one of CLOISTER_OCCASION_... It must not throw.
using reauthenticate = std::function<bool(std::string_view user, std::string_view role, std::uint32_t occasion)>;

// See cloister_session_options. A limit without a value has its default; zero means none.
struct session_options {
    // Shared with the session.
    const cloister::access *access = nullptr;
    const cloister::audit *audit = nullptr;
    std::optional<std::chrono::milliseconds> idle;
    std::optional<std::chrono::milliseconds> absolute;
    // Zero is never.
    std::chrono::milliseconds reauthenticate_after{0};
    cloister::reauthenticate reauthenticate;
};

// Identity, history, and the identifiers to put back. Wiped when destroyed, when nobody has used it for 15 minutes, and 12
// hours after it began, unless its options say otherwise. One thread at a time.
class session {
public:
    session(std::string_view user, std::string_view role, const session_options &options) {
        cloister_session_options given = CLOISTER_SESSION_OPTIONS_INIT;
        given.access = options.access ? options.access->get() : nullptr;
        given.audit = options.audit ? options.audit->get() : nullptr;
        given.idle_ms = millis(options.idle);
        given.absolute_ms = millis(options.absolute);
        given.reauthenticate_ms = options.reauthenticate_after.count();
        std::unique_ptr<cloister::reauthenticate> asker;
        if (options.reauthenticate) {
            asker = std::make_unique<cloister::reauthenticate>(options.reauthenticate);
            given.reauthenticate = [](void *data, cloister_str user, cloister_str role,
                                      std::uint32_t occasion) noexcept -> bool {
                return (*static_cast<cloister::reauthenticate *>(data))(detail::view(user), detail::view(role), occasion);
            };
            given.drop = [](void *data) noexcept { delete static_cast<cloister::reauthenticate *>(data); };
            given.user_data = asker.get();
        }
        handle_ = detail::make<cloister_session, cloister_session_free>(
            [&](cloister_session **made, cloister_error **failure) {
                return cloister_session_new_with_options(detail::view(user), detail::view(role), &given, made, failure);
            });
        static_cast<void>(asker.release());
    }

    session(std::string_view user, std::string_view role)
        : handle_(detail::make<cloister_session, cloister_session_free>(
              [&](cloister_session **made, cloister_error **failure) {
                  return cloister_session_new(detail::view(user), detail::view(role), made, failure);
              })) {}

    std::string id() const { return detail::copy(cloister_session_id(handle_.get())); }
    std::string user() const { return detail::copy(cloister_session_user(handle_.get())); }
    std::string role() const { return detail::copy(cloister_session_role(handle_.get())); }
    std::size_t turns() const noexcept { return cloister_session_turns(handle_.get()); }

    // Replaces the guard's system prompt; scanned and scrubbed as the user's text is.
    void set_system_prompt(std::string_view text) {
        detail::check([&](cloister_error **failure) {
            return cloister_session_set_system_prompt(handle_.get(), detail::view(text), failure);
        });
    }

    // Whom the conversation is about: a policy that moves dates moves all of one subject alike.
    void set_subject(std::string_view subject) {
        detail::check([&](cloister_error **failure) {
            return cloister_session_set_subject(handle_.get(), detail::view(subject), failure);
        });
    }

    bool has_ended() const noexcept { return cloister_session_has_ended(handle_.get()); }

    // Wipes everything; only destroying is left.
    void end() {
        detail::check([&](cloister_error **failure) { return cloister_session_end(handle_.get(), failure); });
    }

    // Has `hook` called once when the session ends, on any thread. It must not throw or use the session.
    void on_end(std::function<void()> hook) {
        auto kept = std::make_unique<std::function<void()>>(std::move(hook));
        detail::check([&](cloister_error **failure) {
            const auto run = [](void *data) noexcept {
                const std::unique_ptr<std::function<void()>> hook(static_cast<std::function<void()> *>(data));
                (*hook)();
            };
            return cloister_session_on_end(handle_.get(), run, kept.get(), failure);
        });
        static_cast<void>(kept.release());
    }

    // Throws CLOISTER_STATUS_DENIED unless the role has the permission or an emergency access covers it.
    void require(std::string_view permission) {
        detail::check([&](cloister_error **failure) {
            return cloister_session_require(handle_.get(), detail::view(permission), failure);
        });
    }

    // Begins an emergency access and returns its id. No permissions mean "read_phi"; zero means 30 minutes.
    std::string break_glass(std::string_view reason, const std::vector<std::string> &permissions = {},
                            std::chrono::milliseconds limit = std::chrono::milliseconds(0)) {
        const std::vector<cloister_str> names = detail::views(permissions);
        return detail::text([&](cloister_buffer *id, cloister_error **failure) {
            return cloister_session_break_glass(handle_.get(), detail::view(reason), names.data(), names.size(),
                                                static_cast<std::uint64_t>(limit.count()), id, failure);
        });
    }

    void end_emergency() {
        detail::check([&](cloister_error **failure) { return cloister_session_end_emergency(handle_.get(), failure); });
    }

    // A JSON array of the records of emergency accesses that nobody has judged yet.
    std::string emergencies_to_review() {
        return detail::text([&](cloister_buffer *records, cloister_error **failure) {
            return cloister_session_emergencies_to_review(handle_.get(), records, failure);
        });
    }

    // Judges an emergency access of somebody else, once.
    void review_emergency(std::string_view id, bool justified, std::string_view note = {}) {
        detail::check([&](cloister_error **failure) {
            return cloister_session_review_emergency(handle_.get(), detail::view(id), justified ? 1 : 0,
                                                     detail::view(note), failure);
        });
    }

    // An audit log with a table is used through these alone.
    std::string record(const audit &log, const event &event) {
        return detail::text([&](cloister_buffer *id, cloister_error **failure) {
            const cloister_audit_event given = detail::view(event);
            return cloister_session_record(handle_.get(), log.get(), &given, id, failure);
        });
    }

    // Where the role may view the log for the subject alone, the records about that subject.
    std::string query_log(const audit &log, const query &query = {}) {
        return detail::text([&](cloister_buffer *records, cloister_error **failure) {
            const cloister_audit_query_options given = detail::view(query);
            return cloister_session_query_log(handle_.get(), log.get(), &given, records, failure);
        });
    }

    verification verify_log(const audit &log) {
        return detail::verified_by([&](cloister_verification **made, cloister_error **failure) {
            return cloister_session_verify_log(handle_.get(), log.get(), made, failure);
        });
    }

    std::string checkpoint_log(const audit &log) {
        return detail::text([&](cloister_buffer *note, cloister_error **failure) {
            return cloister_session_checkpoint_log(handle_.get(), log.get(), note, failure);
        });
    }

    void hold_log(const audit &log, bool held, std::string_view reason) {
        detail::check([&](cloister_error **failure) {
            return cloister_session_hold_log(handle_.get(), log.get(), held ? 1 : 0, detail::view(reason), failure);
        });
    }

    // Puts identifiers back into a text with placeholders of this session.
    std::string restore(std::string_view text) {
        return detail::text([&](cloister_buffer *result, cloister_error **failure) {
            return cloister_session_restore(handle_.get(), detail::view(text), result, failure);
        });
    }

    // Forgets and wipes history and identifiers.
    void clear() {
        detail::check([&](cloister_error **failure) { return cloister_session_clear(handle_.get(), failure); });
    }

    cloister_session *get() noexcept { return handle_.get(); }

private:
    static std::int64_t millis(const std::optional<std::chrono::milliseconds> &limit) noexcept {
        return detail::chosen(limit ? std::optional<std::int64_t>(limit->count()) : std::nullopt);
    }

    detail::handle<cloister_session, cloister_session_free> handle_;
};

inline void vault::bind(session &session) {
    detail::check(
        [&](cloister_error **failure) { return cloister_vault_bind(handle_.get(), session.get(), failure); });
}

} // namespace cloister

#endif // CLOISTER_SESSION_HPP
