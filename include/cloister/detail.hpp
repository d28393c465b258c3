// What every class of the C++ interface is made of: owned handles, checked calls, and text on its way.
#ifndef CLOISTER_DETAIL_HPP
#define CLOISTER_DETAIL_HPP

#include <cloister.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cloister {

using status = cloister_status;
using classification = cloister_classification;

// A call failed. what() is one line and never contains text of the caller, contents of files or keys.
class error : public std::runtime_error {
public:
    error(cloister::status status, const std::string &message) : std::runtime_error(message), status_(status) {}

    cloister::status status() const noexcept { return status_; }

private:
    cloister::status status_;
};

namespace detail {

template <auto Free>
struct deleter {
    template <typename T>
    void operator()(T *object) const noexcept {
        Free(object);
    }
};

template <typename T, auto Free>
using handle = std::unique_ptr<T, deleter<Free>>;

inline cloister_str view(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::string_view view(cloister_str text) noexcept { return {text.ptr, text.len}; }

inline cloister_bytes bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline std::string copy(cloister_str text) { return std::string(view(text)); }

inline std::vector<cloister_str> views(const std::vector<std::string> &texts) {
    std::vector<cloister_str> result;
    result.reserve(texts.size());
    for (const std::string &text : texts) {
        result.push_back(view(text));
    }
    return result;
}

inline std::vector<std::string> copy(const cloister_strings *strings) {
    std::vector<std::string> result;
    result.reserve(cloister_strings_count(strings));
    for (std::size_t index = 0; index < cloister_strings_count(strings); ++index) {
        result.push_back(copy(cloister_strings_at(strings, index)));
    }
    return result;
}

// Calls a function of the C interface with a place for its error, and throws that error.
template <typename Call>
void check(Call &&call) {
    cloister_error *failure = nullptr;
    const cloister_status result = call(&failure);
    if (result != CLOISTER_STATUS_OK) {
        const handle<cloister_error, cloister_error_free> owned(failure);
        throw error(result, copy(cloister_error_message(owned.get())));
    }
}

// Calls a function that makes an object, and owns the object.
template <typename T, auto Free, typename Call>
handle<T, Free> make(Call &&call) {
    T *object = nullptr;
    check([&](cloister_error **failure) { return call(&object, failure); });
    return handle<T, Free>(object);
}

// An option as the C interface reads it: zero for the default, CLOISTER_ZERO for the number zero.
template <typename Number>
Number chosen(const std::optional<Number> &value) noexcept {
    return !value ? Number(0) : *value == Number(0) ? Number(CLOISTER_ZERO) : *value;
}

// A buffer of the C interface, wiped and freed at the end of its scope.
class buffer {
public:
    buffer() = default;
    buffer(const buffer &) = delete;
    buffer &operator=(const buffer &) = delete;
    ~buffer() { cloister_buffer_free(&buffer_); }

    cloister_buffer *out() noexcept { return &buffer_; }
    std::string copy() const { return std::string(buffer_.ptr, buffer_.len); }

private:
    cloister_buffer buffer_ = CLOISTER_BUFFER_INIT;
};

// Calls a function that gives text or bytes.
template <typename Call>
std::string text(Call &&call) {
    buffer result;
    check([&](cloister_error **failure) { return call(result.out(), failure); });
    return result.copy();
}

} // namespace detail
} // namespace cloister

#endif // CLOISTER_DETAIL_HPP
