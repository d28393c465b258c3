// One user's conversation.
#ifndef CLOISTER_SESSION_HPP
#define CLOISTER_SESSION_HPP

#include <cloister/detail.hpp>

namespace cloister {

// Identity, history, and the identifiers to put back. Wiped when destroyed. One thread at a time.
class session {
public:
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
    detail::handle<cloister_session, cloister_session_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_SESSION_HPP
