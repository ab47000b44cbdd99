#include "fusion/recommend/first_look.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "fusion/catalogue/fetch_ahead.hpp"
#include "fusion/catalogue/quick_scan.hpp"
#include "fusion/recommend/track_scores.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLanes = CatalogueBlock::kTracks;
constexpr float kNever = -std::numeric_limits<float>::infinity();
// How far an estimated cosine may be below another estimate that would be needed, for its track to be kept.
constexpr float kEstimateMargin = 0.12F;
// Where it is the least of several scores: more tracks are close to the best.
constexpr float kEstimateMarginSafely = 0.25F;
// How far it may be below what is known to be needed: two deviations.
constexpr float kEstimateError = 0.15F;
// Of how many tracks the sounds are compared at first, and at most.
constexpr std::size_t kFirst = 256;
constexpr std::size_t kMost = 65'536;
constexpr float kRounding = 1e-4F;
constexpr std::size_t kAhead = 8;
constexpr std::size_t kAsked = 1024;

class Look {
 public:
    Look(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter)
        : catalogue_(catalogue),
          look_(look),
          filter_(filter),
          quick_(look.target),
          safely_(!look.likely.empty()),
          error_((safely_ ? kQuickSafelyError : quick_.error) + kRounding),
          margin_(2 * error_ +
                  (look.sound ? look.sound_share * (safely_ ? kEstimateMarginSafely : kEstimateMargin) : 0)),
          guessed_(catalogue, look.wanted) {}

    std::vector<Candidate> all() {
        const std::vector<float> bounds = bounds_of_blocks();
        const std::vector<std::uint32_t> order = best_first(bounds);
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (might_be(with_sound(bounds[order[i]])) < floor_) continue;
            if (i + 1 < order.size()) fetch(order[i + 1]);
            look_at(order[i], bounds[order[i]]);
        }
        return finish();
    }

 private:
    static bool by_score(const Candidate& a, const Candidate& b) {
        return a.score != b.score ? a.score > b.score : a.track_index < b.track_index;
    }

    /// Of what feels like this: as much with the sound that fits best.
    float with_sound(float feeling) const {
        return look_.sound ? feeling + look_.sound_share * std::max(1 - feeling, 0.0F) : feeling;
    }

    float might_be(float score) const { return look_.might_be ? look_.might_be(score) : score; }
    float with_others(std::uint32_t track, float score) const {
        return look_.with_others ? look_.with_others(track, score) : score;
    }

    std::vector<float> bounds_of_blocks() const {
        std::vector<float> all;
        all.reserve(catalogue_.quick_bounds().size() * QuickBounds::kBlocks);
        for (const QuickBounds& some : catalogue_.quick_bounds()) {
            const BlockScores bounds =
                safely_ ? quick_bounds_safely(some, look_.likely) : quick_bounds(some, quick_);
            all.insert(all.end(), bounds.begin(), bounds.end());
        }
        all.resize(catalogue_.quick_blocks().size());
        return all;
    }

    /// By steps of the bound; those of one step in the order of the scan.
    static std::vector<std::uint32_t> best_first(const std::vector<float>& bounds) {
        constexpr std::size_t kSteps = 256;
        const auto step = [](float bound) {
            return kSteps - 1 - static_cast<std::size_t>(std::clamp(bound, 0.0F, 1.0F) * (kSteps - 1));
        };
        std::array<std::uint32_t, kSteps + 1> begins{};
        for (const float bound : bounds)
            ++begins[step(bound) + 1];
        for (std::size_t i = 1; i < begins.size(); ++i)
            begins[i] += begins[i - 1];
        std::vector<std::uint32_t> order(bounds.size());
        for (std::uint32_t block = 0; block < bounds.size(); ++block)
            order[begins[step(bounds[block])]++] = block;
        return order;
    }

    void fetch(std::uint32_t block) const {
        if (look_.sound) {
            catalogue_.sounds().fetch_codes(block);
        } else {
            fetch_ahead(&catalogue_.quick_blocks()[block], sizeof(QuickBlock));
        }
    }

    /// What no track of a block scores whose feelings are bounded: by the codes of its sounds.
    float bound_by_ear(std::uint32_t block, float feeling) const {
        const SoundSpace& sounds = catalogue_.sounds();
        const float heard = std::max(sounds.most(block, *look_.sound), 0.0F);
        const float blended = feeling + look_.sound_share * (heard - feeling) + kRounding;
        return sounds.all_heard(block) ? blended : std::max(blended, feeling);
    }

    void look_at(std::uint32_t block, float bound) {
        const auto first = static_cast<std::uint32_t>(block * kLanes);
        const auto used = static_cast<std::uint32_t>(std::min(kLanes, catalogue_.size() - first));
        const bool asked = is_narrow();
        const std::uint64_t allowed = asked ? filter_.allowed_from(first) : ~std::uint64_t{0};
        if (asked) {
            asked_ += used;
            passed_ += static_cast<std::size_t>(std::popcount(allowed));
            if (allowed == 0) return;
        }
        if (look_.sound && might_be(bound_by_ear(block, bound)) < floor_) return;
        const QuickBlock& quick = catalogue_.quick_blocks()[block];
        const BlockScores feelings =
            safely_ ? quick_scores_safely(quick, look_.likely) : quick_scores(quick, quick_);
        BlockScores scores = feelings;
        if (look_.sound) catalogue_.sounds().blend(block, *look_.sound, look_.sound_share, scores);
        if (might_be(largest(scores)) < floor_) return;
        for (std::uint32_t lane = 0; lane < used; ++lane) {
            if (might_be(scores[lane]) < floor_) continue;
            if (asked ? (allowed >> lane & 1U) == 0 : !passes(first + lane)) continue;
            const std::uint32_t track = catalogue_.track_at(first + lane);
            const float score = with_others(track, scores[lane]);
            if (score < floor_) continue;
            found_.push_back({.track_index = track, .score = score, .feeling = feelings[lane]});
            guessed_.offer({.score = score, .track_index = track});
        }
        if (found_.size() > room_) raise_floor();
    }

    /// The filter leaves so few that it is to be asked before anything else.
    bool is_narrow() const { return !filter_.is_open() && asked_ >= kAsked && passed_ * kLanes < asked_; }

    bool passes(std::uint32_t position) {
        const bool allowed = filter_.allows_at(position);
        ++asked_;
        passed_ += allowed ? 1 : 0;
        return allowed;
    }

    /// What the last one scores that is needed of these, either as one of the best artists' or to draw from;
    /// the score of the best artists' last is known.
    float needed(std::span<Candidate> tracks, float best) const {
        const std::size_t pool = pool_size(look_.wanted);
        if (tracks.size() < pool) return kNever;
        const auto last = tracks.begin() + static_cast<std::ptrdiff_t>(pool - 1);
        std::nth_element(tracks.begin(), last, tracks.end(), by_score);
        return std::min(best, std::max(best - kScoreSlack, last->score));
    }

    void keep_from(float floor) {
        std::erase_if(found_, [floor](const Candidate& one) { return one.score < floor; });
    }

    void raise_floor() {
        floor_ = std::max(floor_, needed(found_, guessed_.threshold()) - margin_);
        keep_from(floor_);
        room_ = found_.size() + std::max(pool_size(look_.wanted), found_.size() / 4);
    }

    /// Compares the sounds of those that look best, until what is left cannot matter but for an error of the
    /// estimate beyond the usual.
    void listen() {
        const SoundSpace& sounds = catalogue_.sounds();
        BestArtists best(catalogue_, look_.wanted);
        std::size_t known = 0;
        floor_ = kNever;
        // There is no such bound while tracks of so many artists have not been found.
        for (std::size_t more = kFirst; known < found_.size() && (known < kMost || floor_ == kNever);
             more *= 2) {
            const std::size_t end = std::min(found_.size(), known + more);
            std::nth_element(at(known), at(end - 1), found_.end(), by_score);
            const float least = found_[end - 1].score;
            for (std::size_t i = known; i < end; ++i) {
                if (i + kAhead < end) fetch_sound(found_[i + kAhead]);
                Candidate& one = found_[i];
                if (sounds.has(one.track_index)) {
                    const float heard = std::max(sounds.cosine(one.track_index, *look_.sound), 0.0F);
                    one.score =
                        with_others(one.track_index, one.feeling + look_.sound_share * (heard - one.feeling));
                }
                best.offer({.score = one.score, .track_index = one.track_index});
            }
            known = end;
            const float enough = needed(std::span(found_).first(known), best.threshold());
            floor_ = enough - 2 * error_;
            if (least < enough - look_.sound_share * kEstimateError) break;
        }
        found_.resize(known);
        keep_from(floor_);
    }

    std::vector<Candidate>::iterator at(std::size_t index) {
        return found_.begin() + static_cast<std::ptrdiff_t>(index);
    }

    void fetch_sound(const Candidate& one) const {
        if (catalogue_.sounds().has(one.track_index)) catalogue_.sounds().fetch_vector(one.track_index);
    }

    std::vector<Candidate> finish() {
        raise_floor();
        if (look_.sound) listen();
        std::sort(found_.begin(), found_.end(),
                  [](const auto& a, const auto& b) { return a.track_index < b.track_index; });
        return std::move(found_);
    }

    const Catalogue& catalogue_;
    const FirstLook& look_;
    TrackFilter& filter_;
    const QuickTarget quick_;
    const bool safely_;
    const float error_;   // of a feeling
    const float margin_;  // how far a score of the first look may be below one that it is compared with
    BestArtists guessed_;
    float floor_ = kNever;  // only rises
    std::size_t room_ = 0;
    std::size_t asked_ = 0;  // of the filter, and how many passed
    std::size_t passed_ = 0;
    std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> candidates(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter) {
    return Look(catalogue, look, filter).all();
}

}  // namespace bgm
