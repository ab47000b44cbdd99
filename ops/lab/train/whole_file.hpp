// A file that is there whole or not at all: written beside its place, then renamed.
#pragma once

#include <filesystem>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm::train {

/// Makes the folder where there is none. `unavailable` where the file cannot be written.
Status write_whole_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace bgm::train
