// The conversation of residue.c through the C++ interface. Answers are std::string there, which nobody wipes: a program that
// must leave nothing behind takes them from the handle underneath, as here.
#include <cloister.hpp>

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

void must(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void read_all(char *buffer, std::size_t length) {
    for (std::size_t done = 0; done < length;) {
        const ssize_t got = read(STDIN_FILENO, buffer + done, length - done);
        must(got > 0);
        done += static_cast<std::size_t>(got);
    }
}

void write_all(const char *buffer, std::size_t length) {
    for (std::size_t done = 0; done < length;) {
        const ssize_t put = write(STDOUT_FILENO, buffer + done, length - done);
        must(put > 0);
        done += static_cast<std::size_t>(put);
    }
}

void wipe(char *buffer, std::size_t length) {
    volatile char *bytes = buffer;
    for (std::size_t index = 0; index < length; ++index) {
        bytes[index] = 0;
    }
}

} // namespace

int main(int argc, char **argv) {
    must(argc == 5);
    cloister::set_wiping(std::strcmp(argv[4], "on") == 0);
    const std::size_t length = std::strtoul(argv[3], nullptr, 10);
    const auto key = std::make_unique<char[]>(32);
    const auto prompt = std::make_unique<char[]>(length);
    read_all(key.get(), 32);
    read_all(prompt.get(), length);

    cloister::engine_options loaded;
    loaded.context_tokens = 1024;
    const cloister::engine engine(argv[2], loaded);
    {
        const cloister_message message = {CLOISTER_STR("user"), {prompt.get(), length}};
        cloister_chat_options given = CLOISTER_CHAT_OPTIONS_INIT;
        given.max_tokens = 40;
        given.temperature = CLOISTER_ZERO;
        // The completion as a handle: its text is borrowed, and wiped when it is freed.
        const auto answer = cloister::detail::make<cloister_completion, cloister_completion_free>(
            [&](cloister_completion **made, cloister_error **failure) {
                return cloister_engine_chat(engine.get(), &message, 1, &given, nullptr, nullptr, nullptr, made, failure);
            });
        const cloister_str text = cloister_completion_text(answer.get());
        write_all(text.ptr, text.len);
        const auto cipher = cloister::cipher::from_bytes(std::string_view(key.get(), 32));
        must(!cipher.encrypt("a note").empty());
    }
    wipe(prompt.get(), length);
    wipe(key.get(), 32);
    write_all("", 1);

    char byte = 0;
    must(read(STDIN_FILENO, &byte, 1) == 0);
    must(engine.is_loaded());
    return 0;
}
