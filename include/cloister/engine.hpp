// A GGUF model that answers inside this process.
#ifndef CLOISTER_ENGINE_HPP
#define CLOISTER_ENGINE_HPP

#include <cloister/chat.hpp>
#include <cloister/cipher.hpp>

namespace cloister {

// How a model is loaded. See cloister_engine_options.
struct engine_options {
    std::uint32_t context_tokens = 0;
    std::uint32_t threads = 0;
    std::uint32_t gpu_layers = 0;
    std::optional<std::int32_t> queue;
    std::uint32_t lockdown = CLOISTER_LOCKDOWN_ENGINE;
    std::uint32_t require = CLOISTER_REQUIRE_NONE;
    std::string sha256;
    std::string signature;
    std::string public_key;
    std::string root_certificates;
    bool unchecked_memory = false;
    bool no_speculation = false;
    std::string chat_template;
    // A LoRA adapter in GGUF, and what must be known of it.
    std::string adapter;
    std::string adapter_sha256;
    std::string adapter_signature;
    float adapter_scale = 1.0F;
};

namespace detail {

// Borrows the texts of `options`.
inline cloister_engine_options view(const engine_options &options) {
    cloister_engine_options given = CLOISTER_ENGINE_OPTIONS_INIT;
    given.context_tokens = options.context_tokens;
    given.threads = options.threads;
    given.gpu_layers = options.gpu_layers;
    given.queue = chosen(options.queue);
    given.lockdown = options.lockdown;
    given.require = options.require;
    given.sha256 = view(std::string_view(options.sha256));
    given.signature = view(std::string_view(options.signature));
    given.public_key = view(std::string_view(options.public_key));
    given.root_certificates = view(std::string_view(options.root_certificates));
    given.unchecked_memory = options.unchecked_memory ? 1 : 0;
    given.no_speculation = options.no_speculation ? 1 : 0;
    given.chat_template = view(std::string_view(options.chat_template));
    given.adapter = view(std::string_view(options.adapter));
    given.adapter_sha256 = view(std::string_view(options.adapter_sha256));
    given.adapter_signature = view(std::string_view(options.adapter_signature));
    given.adapter_scale = options.adapter.empty() ? 0.0F : options.adapter_scale;
    return given;
}

} // namespace detail

// What is found out about a model file before it is loaded: a JSON object. See cloister_engine_inspect.
inline std::string inspect_model(std::string_view path, const engine_options &options = {}) {
    const cloister_engine_options given = detail::view(options);
    return detail::text([&](cloister_buffer *report, cloister_error **failure) {
        return cloister_engine_inspect(detail::view(path), &given, report, failure);
    });
}

// Receives the progress of loading, 0 to 1; returns whether it goes on.
using progress_callback = std::function<bool(float)>;

// A loaded model. Any number of threads may use one engine at once. It scrubs nothing: that is what a guard is for.
class engine {
public:
    explicit engine(std::string_view path, const engine_options &options = {},
                    const progress_callback &on_progress = nullptr) {
        const cloister_engine_options given = detail::view(options);
        detail::trampoline<float, float> progress(on_progress);
        handle_ = detail::rethrowing(progress, [&] {
            return detail::make<cloister_engine, cloister_engine_free>(
                [&](cloister_engine **made, cloister_error **failure) {
                    return cloister_engine_new(detail::view(path), &given, progress.function(), &progress, made,
                                               failure);
                });
        });
    }

    completion chat(const std::vector<message> &messages, const chat_options &options = {},
                    const text_callback &on_text = nullptr, const cancel *cancel = nullptr) const {
        const std::vector<cloister_message> given = detail::views(messages);
        return answer(options, on_text, [&](const auto *how, auto function, void *data, auto **made, auto **failure) {
            return cloister_engine_chat(handle_.get(), given.data(), given.size(), how, detail::get(cancel), function,
                                        data, made, failure);
        });
    }

    // Continues raw text, without a chat template.
    completion generate(std::string_view prompt, const chat_options &options = {},
                        const text_callback &on_text = nullptr, const cancel *cancel = nullptr) const {
        return answer(options, on_text, [&](const auto *how, auto function, void *data, auto **made, auto **failure) {
            return cloister_engine_generate(handle_.get(), detail::view(prompt), how, detail::get(cancel), function,
                                            data, made, failure);
        });
    }

    // A chat-completion request of OpenAI's API, given and answered as JSON. With "stream": true, `on_part` receives the
    // pieces, and the last one is returned.
    std::string complete(std::string_view request, const text_callback &on_part = nullptr,
                         const cancel *cancel = nullptr) const {
        detail::text_trampoline part(on_part);
        return detail::rethrowing(part, [&] {
            return detail::text([&](cloister_buffer *answer, cloister_error **failure) {
                return cloister_engine_complete(handle_.get(), detail::view(request), detail::get(cancel),
                                                part.function(), &part, answer, failure);
            });
        });
    }

    // Gives up what is kept under the name that chat_options::cache gave.
    void forget(std::string_view cache) const {
        detail::check([&](cloister_error **failure) {
            return cloister_engine_forget(handle_.get(), detail::view(cache), failure);
        });
    }

    // What is kept under a name, encrypted, and the way back.
    std::string save(std::string_view cache, const cipher &cipher) const {
        return detail::text([&](cloister_buffer *envelope, cloister_error **failure) {
            return cloister_engine_save(handle_.get(), detail::view(cache), cipher.get(), envelope, failure);
        });
    }
    void restore(std::string_view cache, const cipher &cipher, std::string_view envelope) const {
        detail::check([&](cloister_error **failure) {
            return cloister_engine_restore(handle_.get(), detail::view(cache), cipher.get(), detail::bytes(envelope),
                                           failure);
        });
    }

    // A vector of unit length.
    std::vector<float> embed(std::string_view text) const {
        std::vector<float> values(cloister_engine_embedding_length(handle_.get()));
        detail::check([&](cloister_error **failure) {
            return cloister_engine_embed(handle_.get(), detail::view(text), values.data(), values.size(), failure);
        });
        return values;
    }

    // By another pooling, "mean", "first" or "last", and at the length that the model gives if `normalize` is false.
    std::vector<float> embed(std::string_view text, std::string_view pooling, bool normalize = true) const {
        std::vector<float> values(cloister_engine_embedding_length(handle_.get()));
        detail::check([&](cloister_error **failure) {
            return cloister_engine_embed_with(handle_.get(), detail::view(text), detail::view(pooling), normalize,
                                              values.data(), values.size(), failure);
        });
        return values;
    }

    std::size_t count_tokens(std::string_view text) const {
        std::size_t tokens = 0;
        detail::check([&](cloister_error **failure) {
            return cloister_engine_count_tokens(handle_.get(), detail::view(text), &tokens, failure);
        });
        return tokens;
    }

    // The prompt as the model's own chat template renders it.
    std::string render(const std::vector<message> &messages) const {
        const std::vector<cloister_message> given = detail::views(messages);
        return detail::text([&](cloister_buffer *prompt, cloister_error **failure) {
            return cloister_engine_render(handle_.get(), given.data(), given.size(), prompt, failure);
        });
    }

    // The token ids that `chat` evaluates for a conversation.
    std::vector<std::int32_t> chat_tokens(const std::vector<message> &messages) const {
        const std::vector<cloister_message> given = detail::views(messages);
        std::vector<std::int32_t> tokens;
        std::size_t length = 0;
        do {
            tokens.resize(length);
            detail::check([&](cloister_error **failure) {
                return cloister_engine_chat_tokens(handle_.get(), given.data(), given.size(), tokens.data(), tokens.size(),
                                                   &length, failure);
            });
        } while (length != tokens.size());
        return tokens;
    }

    // A JSON object that describes the model.
    std::string info() const {
        return detail::text([&](cloister_buffer *info, cloister_error **failure) {
            return cloister_engine_info(handle_.get(), info, failure);
        });
    }

    // A JSON array of the system calls that the lockdown refused so far.
    std::string violations() const {
        return detail::text([&](cloister_buffer *json, cloister_error **failure) {
            return cloister_engine_violations(handle_.get(), json, failure);
        });
    }

    // Frees the model now and stops the chats that run.
    void unload() const noexcept { cloister_engine_unload(handle_.get()); }
    bool is_loaded() const noexcept { return cloister_engine_is_loaded(handle_.get()); }
    const cloister_engine *get() const noexcept { return handle_.get(); }

private:
    template <typename Call>
    static completion answer(const chat_options &options, const text_callback &on_text, Call &&call) {
        const detail::chat_view how(options);
        detail::text_trampoline text(on_text);
        const auto made = detail::rethrowing(text, [&] {
            return detail::make<cloister_completion, cloister_completion_free>(
                [&](cloister_completion **answer, cloister_error **failure) {
                    return call(how.get(), text.function(), &text, answer, failure);
                });
        });
        return detail::copy(made.get());
    }

    detail::handle<cloister_engine, cloister_engine_free> handle_;
};

} // namespace cloister

#endif // CLOISTER_ENGINE_HPP
