// Posts, acks and picks between bytes and messages.
//
// JSON is the proto3 JSON mapping of bgm.proto: snake_case and camelCase are read, snake_case is written. All
// input is untrusted; every error names the field where one can be named, and never repeats more than a few
// bytes of input.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

enum class WireFormat { json, protobuf };

/// The first frame of every message: "BGM1/json" or "BGM1/protobuf". Nothing for any other bytes.
std::optional<WireFormat> wire_format(std::string_view header_frame);
std::string_view header_frame(WireFormat format);

/// Decodes without judging the content (validate.hpp does that). Unknown JSON fields are errors, unknown
/// protobuf fields are skipped.
Result<v1::Post> decode_post(WireFormat format, std::string_view bytes);

/// The bytes of post.SerializeAsString(), without checking the UTF-8 of a text that has been decoded or
/// validated: the library's check costs more than all else that admission does with a Korean post.
std::string encode_post(v1::Post& post);

std::string encode_ack(WireFormat format, const v1::Ack& ack);

/// Compact JSON in snake_case; numbers and booleans that are zero are written too, so that readers need no
/// defaults.
std::string to_json(const google::protobuf::Message& message);
Status from_json(std::string_view json, google::protobuf::Message& message);

}  // namespace bgm
