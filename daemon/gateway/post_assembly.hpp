// A post out of what a client sent: the JSON of the contract, or that JSON and files beside it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/gateway/asset_parts.hpp"
#include "daemon/gateway/multipart_reader.hpp"
#include "schemas/bgm.pb.h"

namespace bgm::gateway {

struct AssembledPost {
    v1::Post post;
    std::vector<std::string_view> frames;  // views into the body
    /// The part that each asset's bytes came from, by the asset's index; empty where none did.
    std::vector<std::string> part_of_asset;
};

/// The body is the post: strict JSON. An error about the text as a whole has the field "post".
std::variant<v1::Post, AssemblyFault> post_from_json(std::string_view json);

/// The part `post` is the post; each other part is a medium, a frame in their order, of the asset that
/// match_files() finds, and of the kind that the asset says, or else the part's type or file name.
std::variant<AssembledPost, AssemblyFault> post_from_parts(const std::vector<Part>& parts,
                                                           std::size_t json_bytes_max);

}  // namespace bgm::gateway
