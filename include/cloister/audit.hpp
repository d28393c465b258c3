// The record of who did what, which shows when it was altered.
#ifndef CLOISTER_AUDIT_HPP
#define CLOISTER_AUDIT_HPP

#include <cloister/access.hpp>
#include <cloister/detail.hpp>
#include <cloister/subjects.hpp>

namespace cloister {

// See cloister_audit_options. A field without a value has its default; zero means zero.
struct audit_options {
    std::optional<std::int64_t> max_file_bytes;
    std::optional<std::int32_t> retention_days;
    std::uint32_t durability = CLOISTER_DURABILITY_GROUP;
    // 32 bytes, or empty.
    std::string key;
    // Zero is the default.
    std::uint32_t interval_ms = 0;
    std::uint32_t on_failure = CLOISTER_ON_FAILURE_DENY;
    // Milliseconds or records, as on_failure says.
    std::uint64_t on_failure_limit = 0;
    // From signing_keys, or empty.
    std::string signing_key;
    // Shared with the log, which is then used through sessions alone.
    const cloister::access *access = nullptr;
    // Shared with the log, which then records pseudonyms.
    const cloister::subjects *subjects = nullptr;
};

// Signs the checkpoints of a log, and checks them.
struct signing_keys {
    std::string signing_key;
    std::string public_key;
};

// One record as it stands in the log, and what proves that it is there.
struct proof {
    std::string record;
    std::string text;
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
    // Lines that the last good checkpoint covers; zero without a public key.
    std::uint64_t covered;
    std::vector<std::string> problems;
    std::vector<std::string> notes;
};

namespace detail {

inline cloister_audit_event view(const event &event) noexcept {
    cloister_audit_event given = CLOISTER_AUDIT_EVENT_INIT;
    given.event_type = view(event.event_type);
    given.user_id = view(event.user_id);
    given.session_id = view(event.session_id);
    given.action = view(event.action);
    given.status = view(event.status);
    given.error = view(event.error);
    given.data_json = view(event.data_json);
    given.classification = event.classification;
    return given;
}

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
            cloister_verification_covered(found.get()), copy(cloister_verification_problems(found.get())),
            copy(cloister_verification_notes(found.get()))};
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
        given.interval_ms = options.interval_ms;
        given.on_failure = options.on_failure;
        given.on_failure_limit = options.on_failure_limit;
        given.signing_key = detail::view(options.signing_key);
        given.access = options.access ? options.access->get() : nullptr;
        given.subjects = options.subjects ? options.subjects->get() : nullptr;
        handle_ = detail::make<cloister_audit, cloister_audit_free>([&](cloister_audit **made, cloister_error **failure) {
            return cloister_audit_new(detail::view(path), &given, made, failure);
        });
    }

    // Writes one record and returns its id.
    std::string record(const event &event) const {
        const cloister_audit_event given = detail::view(event);
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

    // Brings everything that was recorded to the disk.
    void flush() const {
        detail::check([&](cloister_error **failure) { return cloister_audit_flush(handle_.get(), failure); });
    }

    // While a hold lasts, no file of the log is deleted.
    void legal_hold(bool held, std::string_view reason) const {
        detail::check([&](cloister_error **failure) {
            return cloister_audit_legal_hold(handle_.get(), held ? 1 : 0, detail::view(reason), failure);
        });
    }

    // Signs all records so far; the note is to be kept elsewhere.
    std::string checkpoint() const {
        return detail::text([&](cloister_buffer *note, cloister_error **failure) {
            return cloister_audit_checkpoint(handle_.get(), note, failure);
        });
    }

    // Records of a query as lines of "ocsf", "ecs", "cef", "syslog" or "fhir".
    static std::string export_records(std::string_view records_json, std::string_view format, std::string_view host) {
        return detail::text([&](cloister_buffer *lines, cloister_error **failure) {
            return cloister_audit_export(detail::view(records_json), detail::view(format), detail::view(host), lines,
                                         failure);
        });
    }

    // A new pair of keys for a log that is called `name`.
    static signing_keys generate_signing_keys(std::string_view name) {
        signing_keys keys;
        detail::buffer public_key;
        keys.signing_key = detail::text([&](cloister_buffer *signing_key, cloister_error **failure) {
            return cloister_audit_signing_key_generate(detail::view(name), signing_key, public_key.out(), failure);
        });
        keys.public_key = public_key.copy();
        return keys;
    }

    // Begins a sealed log and returns its key, which is to be kept elsewhere.
    static std::string seal(std::string_view path) {
        return detail::text([&](cloister_buffer *key, cloister_error **failure) {
            return cloister_audit_seal(detail::view(path), key, failure);
        });
    }

    // With the public key, and against checkpoints that were kept elsewhere; `key` may be empty.
    static cloister::verification verify_public(std::string_view path, std::string_view public_key,
                                                const std::vector<std::string> &checkpoints = {},
                                                std::string_view key = {}) {
        const std::vector<cloister_str> notes = detail::views(checkpoints);
        return detail::verified_by([&](cloister_verification **made, cloister_error **failure) {
            return cloister_audit_verify_public(detail::view(path), detail::view(public_key), detail::bytes(key),
                                                notes.data(), notes.size(), made, failure);
        });
    }

    static cloister::proof prove(std::string_view path, std::uint64_t seq, std::string_view public_key) {
        cloister::proof proof;
        detail::buffer text;
        proof.record = detail::text([&](cloister_buffer *record, cloister_error **failure) {
            return cloister_audit_prove(detail::view(path), seq, detail::view(public_key), record, text.out(), failure);
        });
        proof.text = text.copy();
        return proof;
    }

    // The records that match, up to 100, each with its proof.
    static std::vector<cloister::proof> query_with_proofs(std::string_view path, std::string_view public_key,
                                                          const cloister::query &query = {}) {
        const cloister_audit_query_options given = detail::view(query);
        const auto found = detail::make<cloister_strings, cloister_strings_free>(
            [&](cloister_strings **made, cloister_error **failure) {
                return cloister_audit_query_with_proofs(detail::view(path), &given, detail::view(public_key), made,
                                                        failure);
            });
        std::vector<cloister::proof> proofs;
        for (std::size_t index = 0; index + 1 < cloister_strings_count(found.get()); index += 2) {
            proofs.push_back({detail::copy(cloister_strings_at(found.get(), index)),
                              detail::copy(cloister_strings_at(found.get(), index + 1))});
        }
        return proofs;
    }

    static bool check_proof(const cloister::proof &proof, std::string_view public_key) {
        bool holds = false;
        detail::check([&](cloister_error **failure) {
            return cloister_audit_check_proof(detail::view(proof.record), detail::view(proof.text),
                                              detail::view(public_key), &holds, failure);
        });
        return holds;
    }

    // Proves that the log only grew since `checkpoint`.
    static std::string prove_consistency(std::string_view path, std::string_view checkpoint,
                                         std::string_view public_key) {
        return detail::text([&](cloister_buffer *proof, cloister_error **failure) {
            return cloister_audit_prove_consistency(detail::view(path), detail::view(checkpoint),
                                                    detail::view(public_key), proof, failure);
        });
    }

    static bool check_consistency(std::string_view checkpoint, std::string_view proof, std::string_view public_key) {
        bool holds = false;
        detail::check([&](cloister_error **failure) {
            return cloister_audit_check_consistency(detail::view(checkpoint), detail::view(proof),
                                                    detail::view(public_key), &holds, failure);
        });
        return holds;
    }

    const cloister_audit *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_audit, cloister_audit_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_AUDIT_HPP
