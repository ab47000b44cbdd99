// A taste as bytes, for a table: a version, then the numbers, little endian.
#pragma once

#include <string>
#include <string_view>

#include "fusion/taste/taste.hpp"
#include "schemas/result.hpp"

namespace bgm {

std::string taste_bytes(const Taste& taste);

/// `corrupt` for what is cut short, goes on, or holds numbers that no taste has; `unsupported` for another
/// version. Nothing is taken on trust: sizes are checked before memory is taken.
Result<Taste> taste_from_bytes(std::string_view bytes);

}  // namespace bgm
