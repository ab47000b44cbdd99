// The first check of every file of a stranger.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

/// `too_large` where the file has more bytes than that.
inline Status check_file_size(std::span<const std::byte> file, std::size_t bytes_max) {
    if (file.size() <= bytes_max) return ok_status();
    return Error{ErrorCode::too_large,
                 std::to_string(file.size()) + " bytes; the limit is " + std::to_string(bytes_max)};
}

}  // namespace bgm
