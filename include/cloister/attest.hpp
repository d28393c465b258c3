// Proof of what is enforced, the lock of the whole process, and the wiping of memory.
#ifndef CLOISTER_ATTEST_HPP
#define CLOISTER_ATTEST_HPP

#include <cloister/audit.hpp>
#include <cloister/engine.hpp>

namespace cloister {

namespace detail {

inline const cloister_audit *get(const audit *log) noexcept { return log ? log->get() : nullptr; }

} // namespace detail

// What was tried and found. See cloister_attest.
struct attestation {
    bool holds;
    std::string json;
    std::string html;
};

// Tries on the engine's own thread what its lockdown must refuse, and says what holds. `log` authenticates and records it.
inline attestation attest(const engine &engine, const audit *log = nullptr) {
    detail::buffer json;
    detail::buffer html;
    bool holds = false;
    detail::check([&](cloister_error **failure) {
        return cloister_attest(engine.get(), detail::get(log), json.out(), html.out(), &holds, failure);
    });
    return {holds, json.copy(), html.copy()};
}

// Whether an attestation was made with the key of this log and not altered since.
inline bool is_authentic(std::string_view json, const audit &log) {
    bool authentic = false;
    detail::check([&](cloister_error **failure) {
        return cloister_attestation_check(log.get(), detail::view(json), &authentic, failure);
    });
    return authentic;
}

// Locks every thread of this process, for good. Call it first. Returns a JSON object. See cloister_lock_process.
inline std::string lock_process(const audit *log = nullptr, const std::vector<std::string> &writable = {}) {
    const std::vector<cloister_str> paths = detail::views(writable);
    return detail::text([&](cloister_buffer *report, cloister_error **failure) {
        return cloister_lock_process(detail::get(log), paths.data(), paths.size(), report, failure);
    });
}

// Switches the overwriting of freed memory off or on, for the whole process.
inline void set_wiping(bool on) noexcept { cloister_set_wiping(on); }

} // namespace cloister

#endif // CLOISTER_ATTEST_HPP
