// Whatever answers instead of an engine.
#ifndef CLOISTER_BACKEND_HPP
#define CLOISTER_BACKEND_HPP

#include <cloister/chat.hpp>

#include <utility>

namespace cloister {

// An answer that a backend is writing.
class answer {
public:
    explicit answer(cloister_answer *answer) noexcept : answer_(answer) {}

    // Appends whole code points. Throws CLOISTER_STATUS_CANCELLED when whoever asked wants no more: let it pass.
    void write(std::string_view text) {
        detail::check([&](cloister_error **failure) {
            return cloister_answer_write(answer_, detail::view(text), failure);
        });
    }

    void set_usage(std::uint32_t prompt_tokens, std::uint32_t completion_tokens) noexcept {
        cloister_answer_set_usage(answer_, prompt_tokens, completion_tokens);
    }

    void set_finish_reason(finish_reason reason) noexcept { cloister_answer_set_finish_reason(answer_, reason); }

private:
    cloister_answer *answer_;
};

// Answers conversations in which identifiers are placeholders. Used by several threads at once.
class backend {
public:
    virtual ~backend() = default;

    // The name that goes into the audit record.
    virtual std::string name() const = 0;

    // Answers by writing to `answer`. What it throws is thrown again by guard::chat.
    virtual void chat(const std::vector<message> &messages, const chat_options &options, const cloister_cancel *cancel,
                      answer &answer) = 0;
};

namespace detail {

// What a backend threw, on its way through the C interface to the guard::chat below it on the same thread.
inline thread_local std::exception_ptr thrown_by_backend;

template <typename Number>
std::optional<Number> given(Number value) noexcept {
    return value == Number(0)               ? std::nullopt
           : value == Number(CLOISTER_ZERO) ? std::optional<Number>(Number(0))
                                            : std::optional<Number>(value);
}

inline chat_options copy(const cloister_chat_options &options) {
    chat_options result;
    result.max_tokens = given(options.max_tokens);
    result.temperature = given(options.temperature);
    result.top_p = given(options.top_p);
    result.top_k = given(options.top_k);
    result.min_p = given(options.min_p);
    result.repeat_penalty = given(options.repeat_penalty);
    result.repeat_last_n = given(options.repeat_last_n);
    result.frequency_penalty = options.frequency_penalty;
    result.presence_penalty = options.presence_penalty;
    if (const std::optional<std::int64_t> seed = given(options.seed)) {
        result.seed = static_cast<std::uint32_t>(*seed);
    }
    for (std::size_t index = 0; index < options.stop_count; ++index) {
        result.stop.push_back(copy(options.stop[index]));
    }
    return result;
}

inline bool answer_by(void *user_data, const cloister_message *messages, std::size_t count,
                      const cloister_chat_options *options, const cloister_cancel *cancel,
                      cloister_answer *place) noexcept {
    try {
        std::vector<message> conversation;
        conversation.reserve(count);
        for (std::size_t index = 0; index < count; ++index) {
            conversation.push_back({copy(messages[index].role), copy(messages[index].content)});
        }
        answer writer(place);
        static_cast<backend *>(user_data)->chat(conversation, copy(*options), cancel, writer);
        return true;
    } catch (const error &failure) {
        cloister_answer_fail(place, failure.status());
        if (failure.status() != CLOISTER_STATUS_CANCELLED) {
            thrown_by_backend = std::current_exception();
        }
        return false;
    } catch (...) {
        cloister_answer_fail(place, CLOISTER_STATUS_INTERNAL);
        thrown_by_backend = std::current_exception();
        return false;
    }
}

inline void drop_backend(void *user_data) noexcept { delete static_cast<backend *>(user_data); }

inline void rethrow_from_backend() {
    if (const std::exception_ptr thrown = std::exchange(thrown_by_backend, nullptr)) {
        std::rethrow_exception(thrown);
    }
}

} // namespace detail
} // namespace cloister

#endif // CLOISTER_BACKEND_HPP
