// What is done with free-form JSON everywhere: reading a stranger's, writing a line, and taking out a
// text that may be missing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bgm {

/// On one line; what is no UTF-8 becomes U+FFFD instead of an exception.
inline std::string json_line(const nlohmann::json& document) {
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A stranger's text as JSON, but for what is nested deeper than any request: to copy or to write a document
/// takes a stack as deep.
struct ShallowJson {
    nlohmann::json document;  // discarded where the text is no JSON
    bool whole = true;        // nothing was left out
};
inline ShallowJson shallow_json(std::string_view text) {
    constexpr int kDepthMax = 8;
    ShallowJson read;
    const auto keep = [&read](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
        read.whole = read.whole && depth <= kDepthMax;
        return depth <= kDepthMax;
    };
    read.document = nlohmann::json::parse(text, keep, false);
    return read;
}

/// The string that an object has under a key; empty where it has none, or something else.
inline std::string text_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace bgm
