// What the programs here have in common: a check that says where it failed.
//
// Each program is a test and a page of the manual: `program SCRATCH_DIRECTORY [MODEL]` returns 0 if everything holds.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <cloister.hpp>

#include <cstdlib>
#include <iostream>

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

// A call that must throw a cloister::error with this status.
#define THROWS(status, call) check(status_of([&] { call; }) == (status), #call " throws " #status, __FILE__, __LINE__)

inline void check(bool condition, const char *what, const char *file, int line) {
    if (!condition) {
        std::cerr << file << ':' << line << ": " << what << " does not hold\n";
        std::exit(1);
    }
}

template <typename Call>
cloister::status status_of(Call &&call) {
    try {
        call();
    } catch (const cloister::error &failure) {
        CHECK(std::string(failure.what()).size() > 0);
        return failure.status();
    }
    return CLOISTER_STATUS_OK;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

#endif // CHECK_HPP
