#include "fusion/mood/mood.hpp"

#include "schemas/mood_names.hpp"

namespace bgm {
namespace {

static_assert(kMoodNames.size() == kMoodCount);

// Valence and arousal are this project's reading of where the study's listeners placed each feeling.
constexpr std::array<Affect, kMoodCount> kPlaces{{
    {0.7F, 0.4F},    // amusing
    {-0.5F, 0.4F},   // annoying
    {-0.4F, 0.5F},   // anxious
    {0.6F, 0.0F},    // beautiful
    {0.5F, -0.6F},   // calm
    {0.3F, -0.4F},   // dreamy
    {0.6F, 0.8F},    // energizing
    {0.5F, 0.3F},    // erotic
    {-0.6F, 0.7F},   // indignant
    {0.8F, 0.5F},    // joyful
    {-0.6F, -0.4F},  // sad
    {-0.6F, 0.6F},   // scary
    {0.6F, 0.6F},    // triumphant
}};

}  // namespace

std::string_view name(Mood mood) {
    return kMoodNames.at(static_cast<std::size_t>(mood));
}

std::optional<Mood> mood_from_name(std::string_view wanted) {
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        if (kMoodNames[i] == wanted) return static_cast<Mood>(i);
    }
    return std::nullopt;
}

Affect affect(Mood mood) {
    return kPlaces.at(static_cast<std::size_t>(mood));
}

}  // namespace bgm
