// Columns of `feedback` as what a taste is learnt from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fusion/taste/taste.hpp"

namespace bgm {

/// Nothing for what is no action.
std::optional<Reaction> reaction_of(const std::string& action);

/// Since 1970; 0 for what is no time.
std::int64_t milliseconds_of(const std::optional<std::string>& column);

/// A literal; times before 1970 are 1970.
std::string sql_time_of(std::int64_t milliseconds);

}  // namespace bgm
