// A post out of what a client sent: the JSON of the contract, or that JSON and files beside it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/gateway/multipart_reader.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm::gateway {

struct AssembledPost {
    v1::Post post;
    std::vector<std::string_view> frames;  // views into the body
    /// The part that each asset's bytes came from, by the asset's index; empty where none did.
    std::vector<std::string> part_of_asset;
};

/// What was wrong, where, and whether the text could be read at all (`malformed`) or its content is at fault.
struct AssemblyFault {
    Error error;
    std::string_view in = "body";  // or "part"
    bool malformed = false;
};

/// The body is the post.
Result<v1::Post> post_from_json(std::string_view json);
/// Is it JSON at all?
bool is_json(std::string_view text);

/// The part `post` is the post; each other part is a medium, a frame in their order. A part whose name is an
/// asset's id, or "assets[1]", belongs to that asset; the others belong, in their order, to the assets that
/// name neither uri nor frame. Where the post has no assets they are made, of the kind that the part's type
/// or file name says.
std::variant<AssembledPost, AssemblyFault> post_from_parts(const std::vector<Part>& parts);

}  // namespace bgm::gateway
