// What goes into an answer and what comes out.
#ifndef CLOISTER_CHAT_HPP
#define CLOISTER_CHAT_HPP

#include <cloister/detail.hpp>

#include <exception>
#include <functional>
#include <type_traits>

namespace cloister {

using finish_reason = cloister_finish_reason;

// One turn of a conversation.
struct message {
    std::string role;
    std::string content;
};

// How an answer is generated. A field without a value has its default; zero means zero. See cloister_chat_options.
struct chat_options {
    std::optional<std::int32_t> max_tokens;
    std::optional<float> temperature;
    std::optional<float> top_p;
    std::optional<std::int32_t> top_k;
    std::optional<float> min_p;
    std::optional<float> repeat_penalty;
    std::optional<std::int32_t> repeat_last_n;
    float frequency_penalty = 0;
    float presence_penalty = 0;
    std::optional<std::uint32_t> seed;
    std::vector<std::string> stop;
    std::string cache;
    bool public_system = false;
    std::uint32_t timeout_milliseconds = 0;
};

// What the model did.
struct completion {
    std::string text;
    cloister::finish_reason finish_reason;
    std::uint32_t prompt_tokens;
    std::uint32_t cached_tokens;
    std::uint32_t completion_tokens;
    double prompt_seconds;
    double generation_seconds;
};

// Receives an answer as it comes; returns whether it goes on. What it throws stops the answer and is thrown again by the
// call that was given it.
using text_callback = std::function<bool(std::string_view)>;

// A flag that stops an operation from elsewhere. Any number of threads may use one flag at once.
class cancel {
public:
    cancel()
        : handle_(detail::make<cloister_cancel, cloister_cancel_free>(
              [](cloister_cancel **made, cloister_error **failure) { return cloister_cancel_new(made, failure); })) {}

    void set() const noexcept { cloister_cancel_set(handle_.get()); }
    bool is_set() const noexcept { return cloister_cancel_is_set(handle_.get()); }
    const cloister_cancel *get() const noexcept { return handle_.get(); }

private:
    detail::handle<cloister_cancel, cloister_cancel_free> handle_;
};

namespace detail {

inline const cloister_cancel *get(const cancel *cancel) noexcept { return cancel ? cancel->get() : nullptr; }

inline cloister::completion copy(const cloister_completion *completion) {
    return {copy(cloister_completion_text(completion)), cloister_completion_finish_reason(completion),
            cloister_completion_prompt_tokens(completion), cloister_completion_cached_tokens(completion),
            cloister_completion_completion_tokens(completion),
            cloister_completion_prompt_seconds(completion), cloister_completion_generation_seconds(completion)};
}

inline std::vector<cloister_message> views(const std::vector<message> &messages) {
    std::vector<cloister_message> result;
    result.reserve(messages.size());
    for (const message &message : messages) {
        result.push_back({view(message.role), view(message.content)});
    }
    return result;
}

// Chat options as the C interface reads them; borrows from the options it is made of.
class chat_view {
public:
    explicit chat_view(const chat_options &options) : stop_(views(options.stop)) {
        view_.max_tokens = chosen(options.max_tokens);
        view_.temperature = chosen(options.temperature);
        view_.top_p = chosen(options.top_p);
        view_.top_k = chosen(options.top_k);
        view_.min_p = chosen(options.min_p);
        view_.repeat_penalty = chosen(options.repeat_penalty);
        view_.repeat_last_n = chosen(options.repeat_last_n);
        view_.frequency_penalty = options.frequency_penalty;
        view_.presence_penalty = options.presence_penalty;
        view_.seed = chosen(options.seed ? std::optional<std::int64_t>(*options.seed) : std::nullopt);
        view_.stop = stop_.data();
        view_.stop_count = stop_.size();
        view_.cache = view(options.cache);
        view_.public_system = options.public_system;
        view_.timeout_milliseconds = options.timeout_milliseconds;
    }
    chat_view(const chat_view &) = delete;
    chat_view &operator=(const chat_view &) = delete;

    const cloister_chat_options *get() const noexcept { return &view_; }

private:
    std::vector<cloister_str> stop_;
    cloister_chat_options view_ = CLOISTER_CHAT_OPTIONS_INIT;
};

// Carries a callback through the C interface. No exception leaves it: the first one is kept and thrown by `rethrow`.
template <typename Argument, typename CArgument>
class trampoline {
public:
    explicit trampoline(const std::function<bool(Argument)> &callback) noexcept : callback_(callback) {}

    static bool call(void *user_data, CArgument argument) noexcept {
        auto &self = *static_cast<trampoline *>(user_data);
        try {
            if constexpr (std::is_same_v<Argument, CArgument>) {
                return self.callback_(argument);
            } else {
                return self.callback_(view(argument));
            }
        } catch (...) {
            self.thrown_ = std::current_exception();
            return false;
        }
    }

    // The function for the C interface; NULL without a callback.
    auto function() const noexcept -> bool (*)(void *, CArgument) { return callback_ ? call : nullptr; }

    void rethrow() const {
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
    }

private:
    const std::function<bool(Argument)> &callback_;
    std::exception_ptr thrown_;
};

// Runs a call with a callback; what the callback threw comes before the failure that it caused.
template <typename Trampoline, typename Call>
auto rethrowing(const Trampoline &trampoline, Call &&call) -> decltype(call()) {
    try {
        return call();
    } catch (const error &) {
        trampoline.rethrow();
        throw;
    }
}

using text_trampoline = trampoline<std::string_view, cloister_str>;

} // namespace detail
} // namespace cloister

#endif // CLOISTER_CHAT_HPP
