// JSON judged by the message that it is to be: which field is at fault, and what it must be.
//
// The proto3 JSON mapping: snake_case and camelCase names, numbers also as strings, enums by name or number,
// null for what is left out. Timestamps are RFC 3339.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "schemas/strict_json.hpp"

namespace bgm {

/// Ok where every field is one of the message's, stands once and is of its kind. Ranges of numbers are
/// judged, the form of times is not. `path` is put in front of the field's; `whole` names an error about
/// the document itself.
Status judge_json(const nlohmann::json& document, const google::protobuf::Descriptor& type,
                  const std::string& path, const std::string& whole);

/// The same for what the library says of a document that it cannot read: its path, in our words.
Error reworded(std::string_view library_message, const google::protobuf::Descriptor& type,
               const std::string& whole);

/// Reads JSON that is strict (strict_json.hpp) into an empty message. What was wrong, where something was.
std::optional<JsonFault> read_strict_message(std::string_view json, google::protobuf::Message& message,
                                             const std::string& whole);

/// Names the field that holds the bytes which are no UTF-8, in a text that is not.
Error not_utf8(std::string_view json, const google::protobuf::Message& prototype, const std::string& whole);

}  // namespace bgm
