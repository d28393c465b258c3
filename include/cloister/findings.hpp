// What was found in a text, and which rules find it.
#ifndef CLOISTER_FINDINGS_HPP
#define CLOISTER_FINDINGS_HPP

#include <cloister/detail.hpp>

namespace cloister {

using category = cloister_category;
using severity = cloister_severity;
using origin = cloister_origin;
using verdict = cloister_verdict;
using span = cloister_span;

// One thing found in a text; never the value itself. See cloister_finding.
struct finding {
    std::string kind;
    std::string rule_id;
    std::string token;
    span bytes;
    span code_points;
    span utf16;
    span context;
    std::size_t line;
    std::size_t column;
    cloister::category category;
    cloister::severity severity;
    float confidence;
    std::uint32_t layers; // CLOISTER_LAYER_... added up
    std::string what;
    std::string label;
    std::string near_word;
    std::string check;
    cloister::verdict verdict;
    cloister::origin origin;
    std::size_t field; // of a record, counted from zero
};

// Scrubbed text and what was found in the original.
struct scrubbed {
    std::string text;
    std::vector<finding> findings;
};

// A value that is never reported, or, with a kind, always. See cloister_list_entry.
struct list_entry {
    std::string kind;
    std::string text;
    std::uint32_t flags = 0; // CLOISTER_ENTRY_...
};

// How sure a finding of one kind has to be. See cloister_kind_confidence.
struct kind_confidence {
    std::string kind;
    float min_confidence = 0;
};

// Which rules apply. See cloister_scanner_options.
struct scanner_options {
    std::uint32_t packs = 0;
    float min_confidence = 0;
    std::string rules_toml;
    std::vector<std::string> without;
    std::vector<std::string> allow;
    std::string profile;
    std::string rules_yaml;
    std::string rules_json;
    std::vector<list_entry> entries;
    std::vector<kind_confidence> min_confidences;
    std::string gitleaks_toml;
};

namespace detail {

using findings_handle = handle<cloister_findings, cloister_findings_free>;

inline finding copy(const cloister_finding &found) {
    return {copy(found.kind), copy(found.rule_id), copy(found.token), found.bytes,
            found.code_points, found.utf16, found.context, found.line,
            found.column, found.category, found.severity, found.confidence,
            found.layers, copy(found.what), copy(found.label), copy(found.near_word),
            copy(found.check), found.verdict, found.origin, found.field};
}

inline std::vector<finding> copy(const cloister_findings *findings) {
    std::vector<finding> result;
    result.reserve(cloister_findings_count(findings));
    for (std::size_t index = 0; index < cloister_findings_count(findings); ++index) {
        result.push_back(copy(*cloister_findings_at(findings, index)));
    }
    return result;
}

// Calls a function that gives scrubbed text together with its findings.
template <typename Call>
cloister::scrubbed scrubbed_by(Call &&call) {
    buffer text;
    cloister_findings *found = nullptr;
    check([&](cloister_error **failure) { return call(text.out(), &found, failure); });
    const findings_handle owned(found);
    return {text.copy(), copy(owned.get())};
}

// Scanner options as the C interface reads them; borrows from the options it is made of.
class scanner_view {
public:
    explicit scanner_view(const scanner_options &options)
        : without_(views(options.without)), allow_(views(options.allow)) {
        view_.packs = options.packs;
        view_.min_confidence = options.min_confidence;
        view_.rules_toml = view(options.rules_toml);
        view_.without = without_.data();
        view_.without_count = without_.size();
        view_.allow = allow_.data();
        view_.allow_count = allow_.size();
        view_.profile = view(options.profile);
        view_.rules_yaml = view(options.rules_yaml);
        view_.rules_json = view(options.rules_json);
        view_.gitleaks_toml = view(options.gitleaks_toml);
        for (const list_entry &entry : options.entries) {
            entries_.push_back({view(entry.kind), view(entry.text), entry.flags, 0});
        }
        view_.entries = entries_.data();
        view_.entry_count = entries_.size();
        for (const kind_confidence &of_kind : options.min_confidences) {
            min_confidences_.push_back({view(of_kind.kind), of_kind.min_confidence, 0});
        }
        view_.min_confidences = min_confidences_.data();
        view_.min_confidence_count = min_confidences_.size();
    }
    scanner_view(const scanner_view &) = delete;
    scanner_view &operator=(const scanner_view &) = delete;

    const cloister_scanner_options *get() const noexcept { return &view_; }

private:
    std::vector<cloister_str> without_;
    std::vector<cloister_str> allow_;
    std::vector<cloister_list_entry> entries_;
    std::vector<cloister_kind_confidence> min_confidences_;
    cloister_scanner_options view_ = CLOISTER_SCANNER_OPTIONS_INIT;
};

} // namespace detail

// Which rules of a gitleaks configuration are not taken, and why: a line for each, empty where all are.
inline std::string gitleaks_refusals(std::string_view gitleaks_toml) {
    detail::buffer refusals;
    detail::check([&](cloister_error **failure) {
        return cloister_gitleaks_refusals(detail::view(gitleaks_toml), refusals.out(), failure);
    });
    return refusals.copy();
}

} // namespace cloister

#endif // CLOISTER_FINDINGS_HPP
