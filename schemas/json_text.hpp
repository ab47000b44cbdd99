// What is done with free-form JSON everywhere: writing it as a line, and reading a text that may be missing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace bgm {

/// On one line; what is no UTF-8 becomes U+FFFD instead of an exception.
inline std::string json_line(const nlohmann::json& document) {
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The string that an object has under a key; empty where it has none, or something else.
inline std::string text_at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace bgm
