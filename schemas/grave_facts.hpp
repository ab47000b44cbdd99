// The facts by which a worker says that a text speaks of what no music may make light of, each at value 1:
// grave_death, grave_illness, grave_disaster, grave_violence.
#pragma once

#include <array>
#include <string_view>

namespace bgm {

inline constexpr std::string_view kGravePrefix = "grave_";
/// A fact's name behind the prefix.
inline constexpr std::array<std::string_view, 4> kGraveSubjects{"death", "illness", "disaster", "violence"};

}  // namespace bgm
