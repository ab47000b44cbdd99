#include "fusion/recommend/guard.hpp"

#include <algorithm>

namespace bgm {
namespace {

constexpr std::array kSolemnMoods{Mood::calm, Mood::beautiful, Mood::sad};
constexpr float kSolemnShare = 1.0F / kSolemnMoods.size();

bool out_of_place(Mood mood) {
    return mood == Mood::joyful ||
           std::find(kMockingMoods.begin(), kMockingMoods.end(), mood) != kMockingMoods.end();
}

}  // namespace

FusedMood guarded(FusedMood mood) {
    float removed = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        if (!out_of_place(static_cast<Mood>(k))) continue;
        removed += mood.moods[k];
        mood.moods[k] = 0;
    }
    Affect solemn;
    for (const Mood each : kSolemnMoods) {
        mood.moods[static_cast<std::size_t>(each)] += removed * kSolemnShare;
        solemn.valence += affect(each).valence * kSolemnShare;
        solemn.arousal += affect(each).arousal * kSolemnShare;
    }
    mood.affect.valence += removed * (solemn.valence - mood.affect.valence);
    mood.affect.arousal =
        std::min(mood.affect.arousal + removed * (solemn.arousal - mood.affect.arousal), 0.0F);
    mood.top = static_cast<Mood>(std::max_element(mood.moods.begin(), mood.moods.end()) - mood.moods.begin());
    mood.likely = {mood.top};
    if (mood.ambiguous) mood.likely.assign(kSolemnMoods.begin(), kSolemnMoods.end());
    return mood;
}

std::string guard_note(const std::string& grave) {
    return "The post speaks of " + grave + ": no amusing, energizing, triumphant or erotic music.";
}

}  // namespace bgm
