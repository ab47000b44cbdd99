// Folders that name the test process they belong to, so that those of one that was killed can be told.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm::test {

/// A new folder of this process below `parent`, "PREFIXpid-XXXXXX". Those with this prefix whose process is
/// not there any more go first.
Result<std::string> make_owned_folder(const std::filesystem::path& parent, std::string_view prefix);

}  // namespace bgm::test
