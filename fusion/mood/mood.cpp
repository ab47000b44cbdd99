#include "fusion/mood/mood.hpp"

namespace bgm {
namespace {

struct MoodRow {
    std::string_view name;
    Affect affect;
};

// Valence and arousal are this project's reading of where the study's listeners placed each feeling.
constexpr std::array<MoodRow, kMoodCount> kMoods{{
    {"amusing", {0.7F, 0.4F}},
    {"annoying", {-0.5F, 0.4F}},
    {"anxious", {-0.4F, 0.5F}},
    {"beautiful", {0.6F, 0.0F}},
    {"calm", {0.5F, -0.6F}},
    {"dreamy", {0.3F, -0.4F}},
    {"energizing", {0.6F, 0.8F}},
    {"erotic", {0.5F, 0.3F}},
    {"indignant", {-0.6F, 0.7F}},
    {"joyful", {0.8F, 0.5F}},
    {"sad", {-0.6F, -0.4F}},
    {"scary", {-0.6F, 0.6F}},
    {"triumphant", {0.6F, 0.6F}},
}};

const MoodRow& row(Mood mood) {
    return kMoods.at(static_cast<std::size_t>(mood));
}

}  // namespace

std::string_view name(Mood mood) {
    return row(mood).name;
}

std::optional<Mood> mood_from_name(std::string_view wanted) {
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        if (kMoods[i].name == wanted) return static_cast<Mood>(i);
    }
    return std::nullopt;
}

Affect affect(Mood mood) {
    return row(mood).affect;
}

}  // namespace bgm
