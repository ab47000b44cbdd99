#include "fusion/recommend/reason.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace bgm {
namespace {

constexpr float kSharedMin = 0.1F;
constexpr float kUnknownSpread = 1e-4F;
constexpr std::size_t kSharedMax = 3;
constexpr std::size_t kLikelyNamedMax = 4;
constexpr std::array<std::string_view, 4> kTasteCauses{"its moods", "its genre", "its artist", "its sound"};

/// Independent of the locale, unlike printf. No "-0.0". Of numbers that are not large, as all are here.
std::string fixed(float value, int digits) {
    const long unit = digits == 0 ? 1 : digits == 1 ? 10 : 100;
    const long rounded = std::lround(value * static_cast<float>(unit));
    std::string text = (rounded < 0 ? "-" : "") + std::to_string(std::abs(rounded) / unit);
    if (digits == 0) return text;
    const std::string fraction = std::to_string(std::abs(rounded) % unit);
    text += '.';
    text.append(static_cast<std::size_t>(digits) - fraction.size(), '0');
    return text += fraction;
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

/// All moods alike: a track of which nobody said or heard any (catalogue_builder.hpp).
bool is_unknown(const MoodDistribution& track) {
    const auto [least, most] = std::ranges::minmax(track);
    return most - least < kUnknownSpread;
}

}  // namespace

std::vector<Mood> shared_moods(const MoodDistribution& post, const MoodDistribution& track) {
    if (is_unknown(track)) return {};
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

std::string reason(const FusedMood& post, const TrackView& track, const MatchedTrack& match) {
    const std::vector<Mood>& shared = match.shared_moods;
    std::string text;
    if (post.plain) {
        text = "Quiet and safe (" + list(post.likely) + "), as there is little to feel in the post, at " +
               fixed(match.score, 2);
    } else if (post.ambiguous) {
        text = post.likely.size() <= kLikelyNamedMax
                   ? "Safe for every likely mood (" + list(post.likely) + ")"
                   : "Safe for each of the " + std::to_string(post.likely.size()) +
                         " moods that are still likely";
        text += ", fitting even the least fitting one at " + fixed(match.score, 2);
    } else if (!shared.empty()) {
        text = capitalised(list(shared)) + " like the post (mood match " + fixed(match.mood_match, 2) + ")";
    } else if (is_unknown(track.moods)) {
        text = "Of a mood that is not known (mood match " + fixed(match.mood_match, 2) + ")";
    } else {
        text = "Near the post in feeling rather than in named moods (mood match " +
               fixed(match.mood_match, 2) + ")";
    }
    text.reserve(192);
    text.append(", valence ").append(fixed(track.affect.valence, 1));
    text.append(" and arousal ").append(fixed(track.affect.arousal, 1));
    text.append(" beside the post's ").append(fixed(post.affect.valence, 1));
    text.append(" and ").append(fixed(post.affect.arousal, 1));
    if (match.sound_match)
        text.append(", sounding like the post's own music by ").append(fixed(*match.sound_match, 2));
    if (match.words_match)
        text.append(", fitting the post's words by ear by ").append(fixed(*match.words_match, 2));
    if (match.taste_match) {
        text.append(", to the listener's taste by ").append(fixed(*match.taste_match, 2));
        if (match.taste_cause)
            text.append(" (")
                .append(kTasteCauses.at(static_cast<std::size_t>(*match.taste_cause)))
                .append(")");
    }
    if (track.tempo_bpm > 0.0F && track.tempo_bpm < 1000.0F)
        text.append(", at ").append(fixed(track.tempo_bpm, 0)).append(" beats a minute");
    return text += '.';
}

}  // namespace bgm
