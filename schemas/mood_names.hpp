// The moods by name, in the order that the contracts fix.
#pragma once

#include <array>
#include <string_view>

namespace bgm {

inline constexpr std::array<std::string_view, 13> kMoodNames{
    "amusing", "annoying",  "anxious", "beautiful", "calm",  "dreamy",    "energizing",
    "erotic",  "indignant", "joyful",  "sad",       "scary", "triumphant"};

}  // namespace bgm
