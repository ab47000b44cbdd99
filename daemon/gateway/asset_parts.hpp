// Which asset of a post each file of a form belongs to. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/gateway/multipart_reader.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm::gateway {

/// What was wrong, where, and whether the text could be read at all (`malformed`) or its content is at fault.
struct AssemblyFault {
    Error error;
    std::string_view in = "body";  // or "part"
    bool malformed = false;
};

/// `field` is the part's name.
AssemblyFault fault_of_part(std::string part, std::string message,
                            ErrorCode code = ErrorCode::invalid_argument);

/// The asset of each file, by its index, in the files' order.
///
/// First the files that name an asset: by its `asset_id` (also one that the post leaves out and that is made
/// up for it, "a1"), or as "assets[1]". Then the assets that name a file: by `frame`, its number among the
/// files. The files that are left belong, in their order, to the assets that are left and have no `uri`. A
/// post without assets gets one for each file, with the file's name for its id where no other file has it.
///
/// A file that fits nowhere is refused by its name, and so are two for one asset; an asset's `frame` that
/// names a file of another asset, or none, is refused as "assets[1].frame".
std::variant<std::vector<int>, AssemblyFault> match_files(v1::Post& post,
                                                          const std::vector<const Part*>& files);

}  // namespace bgm::gateway
