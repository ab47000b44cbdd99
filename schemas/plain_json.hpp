// The fast path for JSON posts: what clients send nearly always, read four times as fast as by the general
// decoder.
//
// Reads a document only if it is plain: snake_case names, each once, strings as strings, numbers as whole
// numbers, enums by name, no nulls. Everything else, mistakes included, is left to the general decoder of
// codec.hpp, which also names the field at fault. Where both read a document they give the same message; a
// test holds them to that.
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

namespace bgm {

/// False where the document is not plain; `message` holds anything then.
bool read_plain_json(std::string_view json, google::protobuf::Message& message);

}  // namespace bgm
