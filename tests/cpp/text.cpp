// Errors are exceptions, objects move, and the report of the doctor is a text.
#include "check.hpp"

#include <type_traits>

template <typename Object>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Object> && std::is_nothrow_move_assignable_v<Object> &&
                            !std::is_copy_constructible_v<Object>;

static_assert(moves_only<cloister::access> && moves_only<cloister::audit> && moves_only<cloister::cancel> &&
              moves_only<cloister::cipher> && moves_only<cloister::detector> && moves_only<cloister::engine> &&
              moves_only<cloister::guard> && moves_only<cloister::scrubber> && moves_only<cloister::session> &&
              moves_only<cloister::vault>);

int main() {
    CHECK(cloister::version() == cloister_version());
    CHECK(contains(cloister::doctor(), "\"not_enforced\""));

    try {
        cloister::audit log("/nonexistent/log");
        CHECK(false);
    } catch (const cloister::error &failure) {
        CHECK(failure.status() == CLOISTER_STATUS_NOT_FOUND);
        CHECK(!contains(failure.what(), "nonexistent"));
    }

    cloister::scrubber first;
    const cloister::scrubber second = std::move(first);
    CHECK(second.scrub("SSN 123-45-6789").text == "SSN [SSN]");
    THROWS(CLOISTER_STATUS_NULL_ARGUMENT, first.scrub("moved from"));
    return 0;
}
