// Conversations that are saved because somebody said so, and the keys of the persons that they are about.
#ifndef CLOISTER_STORE_HPP
#define CLOISTER_STORE_HPP

#include <cloister/access.hpp>
#include <cloister/audit.hpp>
#include <cloister/detail.hpp>
#include <cloister/session.hpp>
#include <cloister/subjects.hpp>

namespace cloister {

// Each conversation is encrypted with the key of its person. Any number of threads, and several processes, may use one
// directory at once.
class store {
public:
    // `audit` may be nullptr; with it, nothing takes place that cannot be recorded. `access`, likewise, is asked whatever
    // session comes, beside the table of the session.
    store(std::string_view directory, const subjects &subjects, const audit *audit = nullptr,
          const access *access = nullptr)
        : handle_(detail::make<cloister_store, cloister_store_free>([&](cloister_store **made, cloister_error **failure) {
              return cloister_store_new_with_access(detail::view(directory), subjects.get(), audit ? audit->get() : nullptr,
                                                    access ? access->get() : nullptr, made, failure);
          })) {}

    // Returns the id. The class says how long it is kept: 365 (public), 180 (internal) or 90 days (sensitive).
    std::string save(session &session, std::string_view title = {},
                     cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE) const {
        return detail::text([&](cloister_buffer *id, cloister_error **failure) {
            return cloister_store_save(handle_.get(), session.get(), classification, detail::view(title), id, failure);
        });
    }

    // Goes on with a saved conversation. Throws CLOISTER_STATUS_NOT_FOUND if it has expired or was erased.
    void load(session &session, std::string_view subject, std::string_view id) const {
        detail::check([&](cloister_error **failure) {
            return cloister_store_load(handle_.get(), session.get(), detail::view(subject), detail::view(id), failure);
        });
    }

    // A JSON array.
    std::string list(session &session, std::string_view subject) const {
        return detail::text([&](cloister_buffer *conversations, cloister_error **failure) {
            return cloister_store_list(handle_.get(), session.get(), detail::view(subject), conversations, failure);
        });
    }

    // Returns what is gone, and the id of the record that says so, as a JSON object.
    std::string remove(session &session, std::string_view subject, std::string_view id) const {
        return detail::text([&](cloister_buffer *erasure, cloister_error **failure) {
            return cloister_store_delete(handle_.get(), session.get(), detail::view(subject), detail::view(id), erasure,
                                         failure);
        });
    }

    // Destroys the key of a person, and all conversations with it.
    std::string erase_subject(session &session, std::string_view subject) const {
        return detail::text([&](cloister_buffer *erasure, cloister_error **failure) {
            return cloister_store_erase_subject(handle_.get(), session.get(), detail::view(subject), erasure, failure);
        });
    }

    // Erases what is past its retention, and returns how many conversations that were.
    std::size_t expire() const {
        std::size_t count = 0;
        detail::check([&](cloister_error **failure) { return cloister_store_expire(handle_.get(), &count, failure); });
        return count;
    }

    const cloister_store *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_store, cloister_store_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_STORE_HPP
