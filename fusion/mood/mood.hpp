// The mood space: 13 dimensions of feeling that music evokes (Cowen, Fang, Sauter, Keltner, PNAS 2020), in
// the order that the contracts fix, each with its place on the valence/arousal plane.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bgm {

enum class Mood : std::uint8_t {
    amusing,
    annoying,
    anxious,
    beautiful,
    calm,
    dreamy,
    energizing,
    erotic,
    indignant,
    joyful,
    sad,
    scary,
    triumphant,
};

inline constexpr std::size_t kMoodCount = 13;

/// Probabilities in mood order, sum 1.
using MoodDistribution = std::array<float, kMoodCount>;

struct Affect {
    float valence = 0;  // -1 unpleasant .. 1 pleasant
    float arousal = 0;  // -1 calm .. 1 excited
};

std::string_view name(Mood mood);
std::optional<Mood> mood_from_name(std::string_view name);

/// Where the mood lies on the valence/arousal plane.
Affect affect(Mood mood);

}  // namespace bgm
