// Why a track was picked, in one sentence.
#pragma once

#include <string>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/mood/mood.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/matcher.hpp"

namespace bgm {

/// Moods that the post and the track both have (sqrt(p q) of 0.1 or more), strongest first, at most 3; none
/// of a track whose moods are all alike, since nothing is known of it.
std::vector<Mood> shared_moods(const MoodDistribution& post, const MoodDistribution& track);

/// Names the shared moods or, where the mood is ambiguous, those that the track is safe for; then the numbers
/// behind it.
std::string reason(const FusedMood& post, const TrackView& track, const MatchedTrack& match);

}  // namespace bgm
