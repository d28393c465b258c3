// What this machine enforces, and which library was loaded.
#ifndef CLOISTER_DOCTOR_HPP
#define CLOISTER_DOCTOR_HPP

#include <cloister/detail.hpp>

namespace cloister {

// A JSON object that says what this machine and this build enforce, and what they do not.
inline std::string doctor() {
    return detail::text([](cloister_buffer *report, cloister_error **failure) { return cloister_doctor(report, failure); });
}

// The version of the library that was loaded.
inline std::string version() { return cloister_version(); }

} // namespace cloister

#endif // CLOISTER_DOCTOR_HPP
