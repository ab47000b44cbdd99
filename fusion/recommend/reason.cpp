#include "fusion/recommend/reason.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace bgm {
namespace {

constexpr float kSharedMin = 0.1F;
constexpr std::size_t kSharedMax = 3;
constexpr std::size_t kLikelyNamedMax = 4;

/// Independent of the locale, unlike printf. No "-0.0".
std::string fixed(float value, int digits) {
    const float unit = digits == 0 ? 1.0F : digits == 1 ? 10.0F : 100.0F;
    value = std::round(value * unit) / unit + 0.0F;
    std::array<char, 64> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
    return {text.data(), end};
}

std::string list(const std::vector<Mood>& moods) {
    std::string text;
    for (std::size_t i = 0; i < moods.size(); ++i) {
        if (i > 0) text += i + 1 == moods.size() ? " and " : ", ";
        text += name(moods[i]);
    }
    return text;
}

std::string capitalised(std::string text) {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');  // mood names are lower-case ASCII
    return text;
}

}  // namespace

std::vector<Mood> shared_moods(const MoodDistribution& post, const MoodDistribution& track) {
    std::array<std::pair<float, std::size_t>, kMoodCount> overlaps;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        overlaps[k] = {-std::sqrt(post[k] * track[k]), k};
    std::sort(overlaps.begin(), overlaps.end());
    std::vector<Mood> shared;
    for (std::size_t i = 0; i < kSharedMax && -overlaps[i].first >= kSharedMin; ++i) {
        shared.push_back(static_cast<Mood>(overlaps[i].second));
    }
    return shared;
}

std::string reason(const FusedMood& post, const TrackView& track, float score, float mood_match,
                   const std::vector<Mood>& shared) {
    std::string text;
    if (post.ambiguous) {
        text = post.likely.size() <= kLikelyNamedMax
                   ? "Safe for every likely mood (" + list(post.likely) + ")"
                   : "Safe for each of the " + std::to_string(post.likely.size()) +
                         " moods that are still likely";
        text += ", fitting even the least fitting one at " + fixed(score, 2);
    } else if (!shared.empty()) {
        text = capitalised(list(shared)) + " like the post (mood match " + fixed(mood_match, 2) + ")";
    } else {
        text =
            "Near the post in feeling rather than in named moods (mood match " + fixed(mood_match, 2) + ")";
    }
    text += ", valence " + fixed(track.affect.valence, 1) + " and arousal " + fixed(track.affect.arousal, 1) +
            " beside the post's " + fixed(post.affect.valence, 1) + " and " + fixed(post.affect.arousal, 1);
    if (track.tempo_bpm > 0.0F && track.tempo_bpm < 1000.0F)
        text += ", at " + fixed(track.tempo_bpm, 0) + " beats a minute";
    return text + ".";
}

}  // namespace bgm
