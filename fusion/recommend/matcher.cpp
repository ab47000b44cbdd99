#include "fusion/recommend/matcher.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "fusion/catalogue/scan.hpp"
#include "fusion/mood/elementary.hpp"
#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/reason.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLanes = CatalogueBlock::kTracks;
constexpr double kGumbelScale = 0.02;
// How many tracks are drawn from, at most: more would not be noticed, and keeps the work bounded in a
// catalogue of look-alikes.
constexpr std::size_t kPoolMin = 64;
constexpr std::size_t kPoolPerTrack = 12;
constexpr float kContextShift = 0.1F;

struct Candidate {
    float score = 0;
    std::uint32_t track_index = 0;
    std::uint64_t tie = 0;  // drawn by the post: in a catalogue of hard labels hundreds of tracks score alike
};

Candidate candidate(float score, std::uint32_t track_index, std::uint64_t seed) {
    return {.score = score, .track_index = track_index, .tie = mix64(seed + track_index)};
}

bool better(const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.tie != b.tie ? a.tie > b.tie : a.track_index < b.track_index;
}

/// The best track of each of the best `size` artists.
class BestArtists {
 public:
    BestArtists(const Catalogue& catalogue, std::size_t size) : catalogue_(catalogue), size_(size) {}

    /// Scores at or below this change nothing.
    float threshold() const {
        return best_.size() < size_ ? -std::numeric_limits<float>::infinity() : best_.back().score;
    }
    const std::vector<Candidate>& best() const { return best_; }

    void offer(const Candidate& one) {
        const std::uint32_t artist = group(one);
        const auto same = std::find_if(best_.begin(), best_.end(),
                                       [&](const auto& other) { return group(other) == artist; });
        if (same != best_.end()) {
            if (!better(one, *same)) return;
            best_.erase(same);
        }
        best_.insert(std::upper_bound(best_.begin(), best_.end(), one, better), one);
        if (best_.size() > size_) best_.pop_back();
    }

 private:
    std::uint32_t group(const Candidate& one) const {
        return catalogue_.rows()[one.track_index].artist_group;
    }

    const Catalogue& catalogue_;
    std::size_t size_;
    std::vector<Candidate> best_;
};

float context_shift(const MatchRequest::Context& context) {
    constexpr std::array<std::string_view, 14> lively{"run",      "running", "jog",   "workout", "gym",
                                                      "exercise", "dance",   "party", "dancing", "운동",
                                                      "러닝",     "달리기",  "춤",    "파티"};
    constexpr std::array<std::string_view, 12> quiet{"sleep",   "rest",       "study", "studying",
                                                     "reading", "meditation", "yoga",  "공부",
                                                     "독서",    "휴식",       "명상",  "수면"};
    float shift = 0;
    if (context.local_hour && (*context.local_hour >= 22 || *context.local_hour < 5)) shift -= kContextShift;
    const std::string activity = folded_name(context.activity);
    if (std::find(lively.begin(), lively.end(), activity) != lively.end()) shift += kContextShift;
    if (std::find(quiet.begin(), quiet.end(), activity) != quiet.end()) shift -= kContextShift;
    return std::clamp(shift, -kContextShift, kContextShift);
}

ScanTarget scan_target(const FusedMood& mood, const MatchRequest& request) {
    ScanTarget target;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        target.root_mood[k] = std::sqrt(std::max(0.0F, mood.moods[k]));
    target.affect = mood.affect;
    target.affect.arousal = std::clamp(target.affect.arousal + context_shift(request.context), -1.0F, 1.0F);
    return target;
}

/// Standard Gumbel noise that belongs to this post and this track, whatever else is in the catalogue.
double gumbel(std::uint64_t seed, std::string_view track_id) {
    const std::uint64_t bits = mix64(seed ^ stable_hash(track_id)) >> 12U;
    const double uniform = (static_cast<double>(bits) + 0.5) * 0x1p-52;  // strictly between 0 and 1
    return -elementary_log(-elementary_log(uniform));
}

/// The tracks that are drawn from: the best ones down to the slack, and always the plainly best themselves.
std::vector<Candidate> draw_pool(const std::vector<float>& scores, const std::vector<Candidate>& plain,
                                 TrackFilter& filter, std::uint64_t seed, std::size_t wanted) {
    const float floor = plain.back().score - kScoreSlack;
    std::vector<Candidate> pool;
    for (std::uint32_t i = 0; i < scores.size(); ++i) {
        if (scores[i] >= floor && filter.allows(i)) pool.push_back(candidate(scores[i], i, seed));
    }
    const std::size_t size_max = std::max(kPoolMin, kPoolPerTrack * wanted);
    if (pool.size() > size_max) {
        std::nth_element(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(size_max), pool.end(),
                         better);
        pool.resize(size_max);
        // One artist's many tracks may have filled it; without these there might be too few artists left.
        const Candidate worst = *std::max_element(pool.begin(), pool.end(), better);
        for (const Candidate& one : plain) {
            if (better(worst, one)) pool.push_back(one);
        }
    }
    return pool;
}

std::vector<Candidate> draw(const Catalogue& catalogue, const std::vector<Candidate>& pool,
                            std::uint64_t seed, std::size_t wanted) {
    std::vector<std::pair<double, Candidate>> drawn;
    drawn.reserve(pool.size());
    for (const Candidate& one : pool) {
        drawn.emplace_back(one.score + kGumbelScale * gumbel(seed, catalogue.track_id(one.track_index)), one);
    }
    std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second.track_index < b.second.track_index;
    });
    std::vector<Candidate> picks;
    std::vector<std::uint32_t> artists;
    for (const auto& [noisy, one] : drawn) {
        if (picks.size() == wanted) break;
        const std::uint32_t artist = catalogue.rows()[one.track_index].artist_group;
        if (std::find(artists.begin(), artists.end(), artist) != artists.end()) continue;
        artists.push_back(artist);
        picks.push_back(one);
    }
    std::sort(picks.begin(), picks.end(), better);
    return picks;
}

MatchedTrack describe(const Catalogue& catalogue, const FusedMood& mood, const Candidate& pick) {
    const TrackView track = catalogue.track(pick.track_index);
    MatchedTrack matched;
    matched.track_index = pick.track_index;
    matched.score = std::min(pick.score, 1.0F);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        matched.mood_match += std::sqrt(std::max(0.0F, mood.moods[k])) * std::sqrt(track.moods[k]);
    }
    matched.mood_match = std::min(matched.mood_match, 1.0F);
    matched.affect_match = affect_match(track.affect, mood.affect);
    matched.shared_moods = shared_moods(mood.moods, track.moods);
    matched.reason = reason(mood, track, matched.score, matched.mood_match, matched.shared_moods);
    return matched;
}

}  // namespace

std::vector<MatchedTrack> match(const Catalogue& catalogue, const FusedMood& mood,
                                const MatchRequest& request) {
    const std::size_t wanted = std::min(request.tracks, kTracksMax);
    if (wanted == 0 || catalogue.empty()) return {};

    TrackFilter filter(catalogue, request);
    const ScanTarget target = scan_target(mood, request);
    const bool safely = mood.ambiguous && !mood.likely.empty();
    std::vector<float> scores(catalogue.size());
    BestArtists best(catalogue, wanted);
    for (std::size_t b = 0; b < catalogue.blocks().size(); ++b) {
        const BlockScores block = safely ? score_block_safely(catalogue.blocks()[b], mood.likely)
                                         : score_block(catalogue.blocks()[b], target);
        const std::size_t first = b * kLanes;
        const std::size_t used = std::min(kLanes, catalogue.size() - first);
        std::copy_n(block.begin(), used, scores.begin() + static_cast<std::ptrdiff_t>(first));
        for (std::size_t lane = 0; lane < used; ++lane) {
            const auto index = static_cast<std::uint32_t>(first + lane);
            if (block[lane] > best.threshold() && filter.allows(index))
                best.offer(candidate(block[lane], index, request.seed));
        }
    }
    if (best.best().empty()) return {};

    std::vector<MatchedTrack> matched;
    for (const Candidate& pick : draw(catalogue, draw_pool(scores, best.best(), filter, request.seed, wanted),
                                      request.seed, wanted)) {
        matched.push_back(describe(catalogue, mood, pick));
    }
    return matched;
}

}  // namespace bgm
