// A clinical note goes through the walls to a local model, in C++.
//
//     ./note MODEL.gguf [AUDIT.jsonl]

#include <cloister.hpp>

#include <cstdlib>
#include <iostream>

static int run(const std::string &model, const std::string &log) {
    const cloister::engine engine(model);
    const cloister::audit audit(log);
    cloister::guard_options walls;
    walls.audit = &audit;
    const cloister::guard guard(engine, walls);
    cloister::session session("dr.lee", "physician");

    std::cout << "The answer as it comes:\n";
    cloister::chat_options options;
    options.max_tokens = 80;
    const cloister::reply reply = guard.chat(
        session,
        "Write one sentence for the referral letter: Patient John Doe, DOB 03/14/1962, MRN: 987654, phone 555-123-4567, "
        "was admitted with chest pain. ECG and troponin are normal.",
        options, [](std::string_view text) { return bool(std::cout << text << std::flush); });
    std::cout << "\n\nWhat the model saw:\n  " << reply.prompt << "\n\nWhat it wrote:\n  " << reply.raw_text << "\n\n";

    const cloister::verification found = audit.verify();
    std::cout << "The log has " << found.records << " records and is " << (found.intact ? "intact" : "NOT INTACT") << ".\n";
    return found.intact ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        std::cerr << "usage: note MODEL.gguf [AUDIT.jsonl]\n";
        return 2;
    }
    try {
        return run(argv[1], argc > 2 ? argv[2] : "audit.jsonl");
    } catch (const cloister::error &error) {
        std::cerr << "error: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
