// A text that is scrubbed as it comes, cut anywhere.
#include "check.hpp"

int main() {
    const std::string note = "Größe unauffällig. SSN: 123-45-6789, mail john.doe@example.com.\n";
    std::string text;
    for (int line = 0; line < 2000; ++line) {
        text += note;
    }
    const cloister::scrubber scrubber;
    cloister::scrub_stream stream(scrubber);
    std::string whole;
    std::size_t found = 0;
    const auto take = [&](const cloister::scrubbed &part) {
        whole += part.text;
        for (const cloister::finding &finding : part.findings) {
            const std::string value = text.substr(finding.bytes.start, finding.bytes.end - finding.bytes.start);
            CHECK(value == (found % 2 == 0 ? "123-45-6789" : "john.doe@example.com"));
            ++found;
        }
    };
    for (std::size_t at = 0; at < text.size(); at += 7) {
        take(stream.push(std::string_view(text).substr(at, 7)));
        CHECK(whole.size() + found * 30 + 64 * 1024 > at); // little is held back
    }
    take(stream.finish());
    CHECK(found == 4000);
    CHECK(whole == scrubber.scrub(text).text);

    THROWS(CLOISTER_STATUS_CLOSED, stream.push("x"));
    cloister::scrub_stream other(scrubber);
    THROWS(CLOISTER_STATUS_INVALID_UTF8, other.push("\xff"));
    CHECK(other.push("SSN: 123-45-6789").text.empty());
    CHECK(other.finish().text == "SSN: [SSN]");

    cloister::vault vault;
    cloister::scrub_stream kept(scrubber, "patient 7");
    std::string replaced = kept.push(vault, "SSN: 123-45-").text;
    replaced += kept.push(vault, "6789.").text;
    replaced += kept.finish(vault).text;
    CHECK(replaced == "SSN: [SSN_1].");
    CHECK(vault.restore(replaced) == "SSN: 123-45-6789.");
    return 0;
}
