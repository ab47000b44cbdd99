// JSON as RFC 8259 has it, and each name of an object once: what two readers would understand differently is
// refused. For what strangers send over HTTP.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "schemas/result.hpp"

namespace bgm {

struct JsonFault {
    Error error;             // `invalid_argument`; its field is what stands twice, or the whole
    bool malformed = false;  // it is no JSON at all
};

/// Nothing deeper than any request is read: to copy or to write a document takes a stack as deep. `whole`
/// names the text in an error that is about no field of it.
std::variant<nlohmann::json, JsonFault> read_strict_json(std::string_view text, const std::string& whole);

/// "assets[1]" and "uri" is "assets[1].uri". A name that a stranger made up is cut.
std::string joined_path(const std::string& path, std::string_view name);

}  // namespace bgm
