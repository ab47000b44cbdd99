// A file of an npm package, read as a whole if it is exactly what it must be (schemas/network_packages.hpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

/// The bytes of `path`, one of the files that network_packages() lists, below the folder of the packages.
/// `not_found` where it is not there, `corrupt` where its size or its SHA-256 is another: then it is not
/// read, or not given. The field is the path.
Result<std::vector<std::byte>> read_network_file(const std::filesystem::path& packages,
                                                 std::string_view path);

}  // namespace bgm
