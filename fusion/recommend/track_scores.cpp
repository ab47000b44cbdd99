#include "fusion/recommend/track_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "fusion/catalogue/fetch_ahead.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLanes = CatalogueBlock::kTracks;
constexpr std::size_t kAhead = 8;
constexpr float kNever = -std::numeric_limits<float>::infinity();

std::optional<SoundSpace::Query> query_of(const SoundSpace& space, const std::vector<SoundWish>& wishes,
                                          float weight) {
    if (space.size() == 0 || !(weight > 0)) return std::nullopt;
    for (const SoundWish& wish : wishes) {
        if (wish.model != space.model() || wish.embedding.size() != space.width()) continue;
        const float squares = dot(wish.embedding, wish.embedding);
        if (squares > 0 && std::isfinite(squares)) return space.query(wish.embedding);
    }
    return std::nullopt;
}

}  // namespace

bool better(const ScoredTrack& a, const ScoredTrack& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.tie != b.tie ? a.tie > b.tie : a.track_index < b.track_index;
}

void BestArtists::offer(const ScoredTrack& one) {
    if (full() && !better(one, best_.back())) return;
    const auto group = [this](const ScoredTrack& track) {
        return catalogue_.rows()[track.track_index].artist_group;
    };
    const std::uint32_t artist = group(one);
    const auto same =
        std::find_if(best_.begin(), best_.end(), [&](const auto& other) { return group(other) == artist; });
    if (same != best_.end()) {
        if (!better(one, *same)) return;
        best_.erase(same);
    }
    best_.insert(std::upper_bound(best_.begin(), best_.end(), one, better), one);
    if (best_.size() > size_) best_.pop_back();
}

ScanTarget scan_target(const FusedMood& mood) {
    ScanTarget target;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        target.root_mood[k] = std::sqrt(std::max(0.0F, mood.moods[k]));
    target.affect = mood.affect;
    return target;
}

TrackScores::TrackScores(const Catalogue& catalogue, const FusedMood& mood, const MatchRequest& request,
                         TrackFilter& filter, std::size_t wanted)
    : catalogue_(catalogue),
      mood_(mood),
      request_(request),
      filter_(filter),
      wanted_(wanted),
      target_(scan_target(mood)),
      safely_(mood.ambiguous && !mood.likely.empty()),
      sound_(query_of(catalogue.sounds(), request.sounds, request.weights.sound)),
      words_(query_of(catalogue.sounds(), request.words, request.weights.words)),
      best_(catalogue, wanted) {
    if (request.listener.taste && request.weights.taste > 0)
        taste_.emplace(*request.listener.taste, request.listener.now_ms, catalogue);
    if (catalogue.by_feeling().blocks.empty() || request.exhaustive) {
        score_all();
    } else {
        look_twice();
    }
    find_best();
}

BlockScores TrackScores::feelings(std::size_t block) const {
    const CatalogueBlock& numbers = catalogue_.blocks()[block];
    return safely_ ? score_block_safely(numbers, mood_.likely) : score_block(numbers, target_);
}

// A cosine below 0 is as unlike as one of 0: two sounds have no opposite.
float TrackScores::together(float feeling, float sound) const {
    const MatchWeights& weights = request_.weights;
    return (weights.mood * feeling + weights.sound * std::clamp(sound, 0.0F, 1.0F)) /
           (weights.mood + weights.sound);
}

float TrackScores::but_for_taste(std::uint32_t track_index, float feeling) const {
    if (sound_ && catalogue_.sounds().has(track_index))
        feeling = together(feeling, catalogue_.sounds().cosine(track_index, *sound_));
    return with_words(track_index, feeling);
}

float TrackScores::exactly(std::uint32_t track_index, float feeling) const {
    return with_taste(track_index, but_for_taste(track_index, feeling));
}

float TrackScores::quickly(const QuickTrack& track) const {
    const float score = but_for_taste(track.track_index, track.feeling);
    if (!taste_) return score;
    const float match = taste_->quick_match(track.track_index, track.effect);
    return score + taste_share(track.track_index) * (match - score);
}

// `score` is of mood and sound.
float TrackScores::with_words(std::uint32_t track_index, float score) const {
    const auto match = words_match(track_index);
    if (!match) return score;
    const MatchWeights& weights = request_.weights;
    const float others = weights.mood + (sound_ ? weights.sound : 0);
    return score + weights.words / (others + weights.words) * (*match - score);
}

// Of all weights that have a say.
float TrackScores::taste_share(std::uint32_t track_index) const {
    const MatchWeights& weights = request_.weights;
    const bool heard = catalogue_.sounds().has(track_index);
    const float by_ear = (sound_ ? weights.sound : 0) + (words_ ? weights.words : 0);
    return weights.taste / (weights.mood + (heard ? by_ear : 0) + weights.taste);
}

float TrackScores::with_taste(std::uint32_t track_index, float score) const {
    if (!taste_) return score;
    return score + taste_share(track_index) * (taste_->match(track_index) - score);
}

// The most that a track which has this score without words and taste can have with them.
float TrackScores::might_be(float score) const {
    const MatchWeights& weights = request_.weights;
    if (words_ && score < 1) score += weights.words / (weights.mood + weights.words) * (1 - score);
    if (!taste_ || taste_->match_max() <= score) return score;
    return score + weights.taste / (weights.mood + weights.taste) * (taste_->match_max() - score);
}

// Thompson sampling (1933): the taste is drawn from what it may be. One draw an artist, of whom all tracks
// share the doubt. Four uniform numbers stand in for a Gauss, which bounds it.
float TrackScores::exploration(std::uint32_t track_index) const {
    if (!taste_) return 0;
    const std::uint64_t bits =
        mix64(request_.seed ^ mix64(catalogue_.rows()[track_index].artist_group + 0x7A57EULL));
    float uniforms = 0;
    for (int i = 0; i < 4; ++i)
        uniforms += static_cast<float>((bits >> (16 * i)) & 0xFFFFU) * 0x1p-16F;
    constexpr float kDeviation = 0.57735026F;  // of four of them
    const float deviations = (uniforms - 2) / kDeviation;
    return std::clamp(taste_share(track_index) * taste_->doubt(track_index) * deviations, -kExploreMost,
                      kExploreMost);
}

float TrackScores::score(std::uint32_t track_index) const {
    const CatalogueBlock& numbers = catalogue_.blocks()[track_index / kLanes];
    const std::size_t lane = track_index % kLanes;
    return exactly(track_index, safely_ ? score_lane_safely(numbers, lane, mood_.likely)
                                        : score_lane(numbers, lane, target_));
}

ScoredTrack TrackScores::scored(float score, std::uint32_t track_index) const {
    return {.score = score, .track_index = track_index, .tie = mix64(request_.seed + track_index)};
}

std::optional<float> TrackScores::sound_match(std::uint32_t track_index) const {
    if (!sound_ || !catalogue_.sounds().has(track_index)) return std::nullopt;
    return std::clamp(catalogue_.sounds().cosine(track_index, *sound_), 0.0F, 1.0F);
}

std::optional<float> TrackScores::words_match(std::uint32_t track_index) const {
    if (!words_ || !catalogue_.sounds().has(track_index)) return std::nullopt;
    return std::clamp(kWordsSteepness * catalogue_.sounds().cosine(track_index, *words_), 0.0F, 1.0F);
}

void TrackScores::score_all() {
    scores_.resize(catalogue_.size());
    best_of_block_.resize(catalogue_.blocks().size());
    // Taste costs more than the rest together: it is asked of tracks that may still matter.
    float floor = kNever;
    BestArtists guessed(catalogue_, wanted_);
    for (std::size_t b = 0; b < catalogue_.blocks().size(); ++b) {
        BlockScores block = feelings(b);
        const std::size_t first = b * kLanes;
        const std::size_t used = std::min(kLanes, catalogue_.size() - first);
        for (std::size_t lane = 0; (sound_ || words_ || taste_) && lane < used; ++lane) {
            const auto index = static_cast<std::uint32_t>(first + lane);
            // The cosine is at most 1.
            const float most =
                might_be(sound_ ? std::max(block[lane], together(block[lane], 1)) : block[lane]);
            if (taste_ && !request_.exhaustive && (most < floor || !filter_.allows(index))) {
                block[lane] = kNever;
                continue;
            }
            block[lane] = exactly(index, block[lane]);
            if (!taste_ || block[lane] <= guessed.threshold()) continue;
            guessed.offer(scored(block[lane], index));
            floor = guessed.threshold() - 2 * kScoreSlack;
        }
        std::copy_n(block.begin(), used, scores_.begin() + static_cast<std::ptrdiff_t>(first));
        best_of_block_[b] = largest(block);
    }
}

void TrackScores::look_twice() {
    const TermBounds others(catalogue_, request_.weights,
                            {.sound = sound_ ? &*sound_ : nullptr,
                             .words = words_ ? &*words_ : nullptr,
                             .taste = taste_ ? &*taste_ : nullptr});
    const FirstLook look{.target = target_,
                         .likely = safely_ ? std::span(mood_.likely) : std::span<const Mood>{},
                         .wanted = wanted_,
                         .others = others,
                         .score = [this](const QuickTrack& track) { return quickly(track); }};
    const std::vector<Candidate> all = candidates(catalogue_, look, filter_);
    found_.reserve(all.size());
    for (std::size_t i = 0; i < std::min(kAhead, all.size()); ++i)
        fetch(all[i].track_index);
    for (auto first = all.begin(); first != all.end();) {
        const std::uint32_t block = first->track_index / kLanes;
        const auto last = std::find_if(
            first, all.end(), [block](const Candidate& one) { return one.track_index / kLanes != block; });
        for (auto one = first; one != last && all.end() - one > static_cast<std::ptrdiff_t>(kAhead); ++one)
            fetch(one[kAhead].track_index);
        rescore(block, std::span(first, last));
        first = last;
    }
}

/// A track's numbers lie far apart.
void TrackScores::fetch(std::uint32_t track_index) const {
    const CatalogueBlock& numbers = catalogue_.blocks()[track_index / kLanes];
    const std::size_t lane = track_index % kLanes;
    for (const auto& moods : numbers.root_mood)
        fetch_ahead(&moods[lane], 1);
    fetch_ahead(&numbers.valence[lane], 1);
    fetch_ahead(&numbers.arousal[lane], 1);
    fetch_ahead(&catalogue_.rows()[track_index], sizeof(Catalogue::Row));
}

void TrackScores::rescore(std::size_t block, std::span<const Candidate> tracks) {
    constexpr std::size_t kAFewLanes = 4;  // cost as much as all of a block
    const CatalogueBlock& numbers = catalogue_.blocks()[block];
    const bool all = tracks.size() > kAFewLanes;
    const BlockScores lanes = all ? feelings(block) : BlockScores{};
    for (const Candidate& one : tracks) {
        const std::size_t lane = one.track_index % kLanes;
        const float feeling = all       ? lanes[lane]
                              : safely_ ? score_lane_safely(numbers, lane, mood_.likely)
                                        : score_lane(numbers, lane, target_);
        found_.push_back(scored(exactly(one.track_index, feeling), one.track_index));
    }
}

void TrackScores::find_best() {
    for (const ScoredTrack& one : found_)
        best_.offer(one);
    for (std::size_t i = 0; i < scores_.size(); ++i) {
        if (i % kLanes == 0 && best_of_block_[i / kLanes] < best_.threshold()) {
            i += kLanes - 1;
            continue;
        }
        const auto index = static_cast<std::uint32_t>(i);
        if (scores_[i] >= best_.threshold() && filter_.allows(index)) best_.offer(scored(scores_[i], index));
    }
}

std::vector<ScoredTrack> TrackScores::at_least(float score) const {
    std::vector<ScoredTrack> all;
    for (const ScoredTrack& one : found_) {
        if (one.score >= score) all.push_back(one);
    }
    for (std::size_t i = 0; i < scores_.size(); ++i) {
        if (i % kLanes == 0 && best_of_block_[i / kLanes] < score) {
            i += kLanes - 1;
            continue;
        }
        const auto index = static_cast<std::uint32_t>(i);
        if (scores_[i] >= score && filter_.allows(index)) all.push_back(scored(scores_[i], index));
    }
    return all;
}

}  // namespace bgm
