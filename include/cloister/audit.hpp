// The record of who did what, which shows when it was altered.
#ifndef CLOISTER_AUDIT_HPP
#define CLOISTER_AUDIT_HPP

#include <cloister/detail.hpp>

namespace cloister {

// See cloister_audit_options. A field without a value has its default; zero means zero.
struct audit_options {
    std::optional<std::int64_t> max_file_bytes;
    std::optional<std::int32_t> retention_days;
    std::uint32_t durability = CLOISTER_DURABILITY_OS;
    // 32 bytes, or empty.
    std::string key;
};

// One thing that happened: kinds and counts, never values. See cloister_audit_event.
struct event {
    std::string event_type;
    std::string user_id;
    std::string session_id;
    std::string action;
    std::string status;
    std::string error;
    std::string data_json;
    cloister::classification classification = CLOISTER_CLASSIFICATION_SENSITIVE;
};

// Which records a query returns; empty means any. See cloister_audit_query_options.
struct query {
    std::string event_type;
    std::string user_id;
    std::string session_id;
    std::string action;
    std::string status;
    std::string since;
    std::string until;
    std::string filters_json;
    std::size_t limit = 0;
    std::optional<cloister::classification> classification;
    bool newest_first = false;
};

// What checking a log found.
struct verification {
    bool intact;
    bool keyed;
    std::uint64_t records;
    std::uint64_t files;
    std::vector<std::string> problems;
};

namespace detail {

inline cloister_audit_query_options view(const query &query) noexcept {
    cloister_audit_query_options given = CLOISTER_AUDIT_QUERY_OPTIONS_INIT;
    given.event_type = view(query.event_type);
    given.user_id = view(query.user_id);
    given.session_id = view(query.session_id);
    given.action = view(query.action);
    given.status = view(query.status);
    given.since = view(query.since);
    given.until = view(query.until);
    given.filters_json = view(query.filters_json);
    given.limit = query.limit;
    given.classification = query.classification ? *query.classification : 0;
    given.newest_first = query.newest_first ? 1 : 0;
    return given;
}

// Calls a function that gives a verification.
template <typename Call>
cloister::verification verified_by(Call &&call) {
    const auto found = make<cloister_verification, cloister_verification_free>(call);
    return {cloister_verification_is_intact(found.get()), cloister_verification_is_keyed(found.get()),
            cloister_verification_records(found.get()), cloister_verification_files(found.get()),
            copy(cloister_verification_problems(found.get()))};
}

} // namespace detail

// An open audit log. Any number of threads, and several processes, may write to one log at once.
class audit {
public:
    explicit audit(std::string_view path, const audit_options &options = {}) {
        cloister_audit_options given = CLOISTER_AUDIT_OPTIONS_INIT;
        given.max_file_bytes = detail::chosen(options.max_file_bytes);
        given.retention_days = detail::chosen(options.retention_days);
        given.durability = options.durability;
        given.key = detail::bytes(options.key);
        handle_ = detail::make<cloister_audit, cloister_audit_free>([&](cloister_audit **made, cloister_error **failure) {
            return cloister_audit_new(detail::view(path), &given, made, failure);
        });
    }

    // Writes one record and returns its id.
    std::string record(const event &event) const {
        cloister_audit_event given = CLOISTER_AUDIT_EVENT_INIT;
        given.event_type = detail::view(event.event_type);
        given.user_id = detail::view(event.user_id);
        given.session_id = detail::view(event.session_id);
        given.action = detail::view(event.action);
        given.status = detail::view(event.status);
        given.error = detail::view(event.error);
        given.data_json = detail::view(event.data_json);
        given.classification = event.classification;
        return detail::text([&](cloister_buffer *id, cloister_error **failure) {
            return cloister_audit_record(handle_.get(), &given, id, failure);
        });
    }

    // The records that match, as a JSON array.
    std::string query(const cloister::query &query = {}) const {
        const cloister_audit_query_options given = detail::view(query);
        return detail::text([&](cloister_buffer *records, cloister_error **failure) {
            return cloister_audit_query(handle_.get(), &given, records, failure);
        });
    }

    cloister::verification verify() const {
        return detail::verified_by([&](cloister_verification **made, cloister_error **failure) {
            return cloister_audit_verify(handle_.get(), made, failure);
        });
    }

    // The same for a log that is not opened for writing.
    static std::string query_file(std::string_view path, const cloister::query &query = {}) {
        const cloister_audit_query_options given = detail::view(query);
        return detail::text([&](cloister_buffer *records, cloister_error **failure) {
            return cloister_audit_query_file(detail::view(path), &given, records, failure);
        });
    }

    static cloister::verification verify_file(std::string_view path, std::string_view key = {}) {
        return detail::verified_by([&](cloister_verification **made, cloister_error **failure) {
            return cloister_audit_verify_file(detail::view(path), detail::bytes(key), made, failure);
        });
    }

    const cloister_audit *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_audit, cloister_audit_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_AUDIT_HPP
