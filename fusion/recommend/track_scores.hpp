// The scores of a catalogue's tracks for one request: of all where they are few, else of those that a first
// look cannot rule out.
//
// The first look has a bound for what was made of moods, so nothing is lost by it. For sounds it is an
// estimate: a track that is within the margin of the best is compared exactly, and 98 of a hundred that
// belong there are (docs/matching.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/scan.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/first_look.hpp"
#include "fusion/recommend/match_request.hpp"
#include "fusion/recommend/term_bounds.hpp"
#include "fusion/taste/taste_scores.hpp"

namespace bgm {

/// How much worse than the worst of the plainly best N a pick may score.
inline constexpr float kScoreSlack = 0.04F;
/// How much of a score exploration may cost.
inline constexpr float kExploreMost = 0.02F;

/// How many tracks are drawn from, at most, for so many picks: more would not be noticed, and it keeps the
/// work bounded in a catalogue of look-alikes.
constexpr std::size_t pool_size(std::size_t wanted) {
    return std::max<std::size_t>(64, 12 * wanted);
}

struct ScoredTrack {
    float score = 0;
    std::uint32_t track_index = 0;
    std::uint64_t tie = 0;  // drawn by the post: in a catalogue of hard labels hundreds of tracks score alike
};

bool better(const ScoredTrack& a, const ScoredTrack& b);

/// The best track of each of the best `size` artists.
class BestArtists {
 public:
    BestArtists(const Catalogue& catalogue, std::size_t size) : catalogue_(catalogue), size_(size) {}

    /// Scores below this change nothing.
    float threshold() const { return full() ? best_.back().score : -std::numeric_limits<float>::infinity(); }
    bool full() const { return best_.size() >= size_; }
    const std::vector<ScoredTrack>& best() const { return best_; }
    void offer(const ScoredTrack& one);

 private:
    const Catalogue& catalogue_;
    std::size_t size_;
    std::vector<ScoredTrack> best_;
};

class TrackScores {
 public:
    /// Borrows all of them.
    TrackScores(const Catalogue& catalogue, const FusedMood& mood, const MatchRequest& request,
                TrackFilter& filter, std::size_t wanted);

    /// The plainly best `wanted`, no artist twice, that the filter allows; best first.
    const std::vector<ScoredTrack>& best() const { return best_.best(); }
    /// The tracks that the filter allows and that score this or more, which is no more than kScoreSlack below
    /// the last of the best: all of them, or where they are many at least the best pool_size().
    std::vector<ScoredTrack> at_least(float score) const;

    /// Of any track, whether the filter allows it or not.
    float score(std::uint32_t track_index) const;

    /// What the tracks are compared with by ear; none where nothing can be.
    const std::optional<SoundSpace::Query>& sound() const { return sound_; }
    /// 0..1 where both have a sound.
    std::optional<float> sound_match(std::uint32_t track_index) const;
    /// 0..1 where the post has words among sounds, and the track has a sound.
    std::optional<float> words_match(std::uint32_t track_index) const;
    /// None where nothing is known of the listener.
    const std::optional<TasteScores>& taste() const { return taste_; }
    /// By how much chance moves the score of a track in the draw because of what is not known of the
    /// listener's taste: at most kExploreMost, up or down, and the same for all tracks of an artist.
    float exploration(std::uint32_t track_index) const;

 private:
    using Floats = std::vector<float>;

    void score_all();
    void look_twice();
    void fetch(std::uint32_t track_index) const;
    void rescore(std::size_t block, std::span<const Candidate> tracks);
    BlockScores feelings(std::size_t block) const;
    float together(float feeling, float sound) const;
    float with_words(std::uint32_t track_index, float score) const;
    float taste_share(std::uint32_t track_index) const;
    float with_taste(std::uint32_t track_index, float score) const;
    float might_be(float score) const;
    float but_for_taste(std::uint32_t track_index, float feeling) const;
    float exactly(std::uint32_t track_index, float feeling) const;
    float quickly(const QuickTrack& track) const;
    ScoredTrack scored(float score, std::uint32_t track_index) const;
    void find_best();

    const Catalogue& catalogue_;
    const FusedMood& mood_;
    const MatchRequest& request_;
    TrackFilter& filter_;
    const std::size_t wanted_;
    const ScanTarget target_;
    const bool safely_;  // for every mood that is still likely
    std::optional<SoundSpace::Query> sound_;
    std::optional<SoundSpace::Query> words_;
    std::optional<TasteScores> taste_;
    BestArtists best_;
    Floats scores_;  // of all tracks, where all were scored; the least of floats where one cannot matter
    Floats best_of_block_;
    std::vector<ScoredTrack> found_;  // else: those that the first look left, in the order of the catalogue
};

/// What a decided mood looks for.
ScanTarget scan_target(const FusedMood& mood);

}  // namespace bgm
