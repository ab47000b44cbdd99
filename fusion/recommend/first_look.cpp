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
constexpr float kRounding = 1e-4F;
constexpr std::size_t kAsked = 1024;
// So much of each order is looked at before it is decided how far to go in which.
constexpr std::size_t kFirstGroups = 4;
constexpr std::size_t kFirstBlocks = 16;

/// Numbers of 0 to 1 by steps, the largest first; those of one step in their own order.
class BestFirst {
 public:
    explicit BestFirst(const std::vector<float>& numbers) {
        for (const float number : numbers)
            ++begins_[step(number) + 1];
        for (std::size_t i = 1; i < begins_.size(); ++i)
            begins_[i] += begins_[i - 1];
        std::array<std::uint32_t, kSteps + 1> next = begins_;
        order_.resize(numbers.size());
        for (std::uint32_t i = 0; i < numbers.size(); ++i)
            order_[next[step(numbers[i])]++] = i;
    }

    std::size_t size() const { return order_.size(); }
    std::uint32_t operator[](std::size_t rank) const { return order_[rank]; }
    /// How many are at least this, to a step more. Of what is no number (all are needed, and nothing is
    /// left): all.
    std::size_t count_from(float number) const { return begins_[step(number) + 1]; }

 private:
    static constexpr std::size_t kSteps = 512;
    static std::size_t step(float number) {
        const float within = number > 0 ? std::min(number, 1.0F) : 0.0F;
        return kSteps - 1 - static_cast<std::size_t>(within * (kSteps - 1));
    }

    std::array<std::uint32_t, kSteps + 1> begins_{};
    std::vector<std::uint32_t> order_;
};

class Look {
 public:
    Look(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter)
        : catalogue_(catalogue),
          look_(look),
          filter_(filter),
          quick_(look.target),
          safely_(!look.likely.empty()),
          margin_(2 * (look.others.error(safely_ ? kQuickSafelyError : quick_.error) + kRounding)),
          by_ear_(look.others.by_ear()),
          all_heard_(by_ear_ && catalogue.sounds().size() == catalogue.size()),
          most_by_group_(look.others.by_group()),
          seen_(most_by_group_.size(), false),
          guessed_(catalogue, look.wanted) {}

    std::vector<Candidate> all() {
        const std::vector<float> bounds = bounds_of_blocks();
        const BestFirst blocks(bounds);
        const BestFirst groups(most_by_group_);
        left_.assign(groups.size() + 1, kNever);
        for (std::size_t i = groups.size(); i-- > 0;)
            left_[i] = std::max(left_[i + 1], most_by_group_[groups[i]]);
        const float most_felt = *std::max_element(bounds.begin(), bounds.end());
        std::size_t group = 0;
        for (; group < std::min(kFirstGroups, groups.size()); ++group)
            look_in(groups[group]);
        std::size_t block = 0;
        for (; block < std::min(kFirstBlocks, blocks.size()); ++block)
            look_at(blocks[block], left_[group]);
        raise_floor();
        const std::size_t end = groups_to_see(group, groups, blocks);
        for (; group < end && most_felt >= needed(look_.others.share_heard(), left_[group]); ++group)
            look_in(groups[group]);
        for (; block < blocks.size(); ++block) {
            if (bounds[blocks[block]] < needed_unseen(left_[group])) continue;
            if (block + 1 < blocks.size()) fetch(blocks[block + 1]);
            look_at(blocks[block], left_[group]);
        }
        raise_floor();
        std::sort(found_.begin(), found_.end(),
                  [](const auto& a, const auto& b) { return a.track_index < b.track_index; });
        return std::move(found_);
    }

 private:
    static bool by_score(const Candidate& a, const Candidate& b) {
        return a.score != b.score ? a.score > b.score : a.track_index < b.track_index;
    }

    std::vector<float> bounds_of_blocks() const {
        const Catalogue::QuickOrder& order = catalogue_.by_feeling();
        std::vector<float> all;
        all.reserve(order.bounds.size() * QuickBounds::kBlocks);
        for (const QuickBounds& some : order.bounds) {
            const BlockScores bounds =
                safely_ ? quick_bounds_safely(some, look_.likely) : quick_bounds(some, quick_);
            all.insert(all.end(), bounds.begin(), bounds.end());
        }
        all.resize(order.blocks.size());
        return all;
    }

    void fetch(std::uint32_t block) const {
        const Catalogue::QuickOrder& order = catalogue_.by_feeling();
        const Catalogue::FactsBlock& facts = order.facts[block];
        if (is_narrow()) {
            fetch_ahead(&facts, sizeof facts);
            return;
        }
        fetch_ahead(&order.blocks[block], sizeof(QuickBlock));
        if (by_ear_)
            fetch_ahead(&catalogue_.groups_by_feeling()[block * kLanes], kLanes * sizeof(std::uint16_t));
        if (!look_.others.tastes()) return;
        fetch_ahead(&facts.artist_group, sizeof facts.artist_group);
        fetch_ahead(&facts.genre, sizeof facts.genre);
    }

    /// What a track has to feel like at least to whose score the other terms add at most `others`.
    float needed(float share, float others) const { return (floor_ - others) / share; }

    /// The same of any track by feeling, where unseen groups add at most `left`.
    float needed_unseen(float left) const {
        if (!by_ear_) return needed(look_.others.share_unheard(), look_.others.most_unheard());
        const float heard = needed(look_.others.share_heard(), left);
        return all_heard_
                   ? heard
                   : std::min(heard, needed(look_.others.share_unheard(), look_.others.most_unheard()));
    }

    /// Up to which group to look, where the floor is as it is now, so that with the blocks that are left
    /// then it costs least.
    std::size_t groups_to_see(std::size_t seen, const BestFirst& groups, const BestFirst& blocks) const {
        std::size_t best = seen;
        std::size_t least = std::numeric_limits<std::size_t>::max();
        std::size_t cost = 0;  // of groups
        for (std::size_t i = seen; i <= groups.size(); ++i) {
            const std::size_t all = cost + blocks.count_from(needed_unseen(left_[i]));
            if (all < least) {
                least = all;
                best = i;
            }
            if (i < groups.size()) cost += end_of(groups[i]) - begin_of(groups[i]) / kLanes;
        }
        return best;
    }

    std::size_t begin_of(std::uint32_t group) const { return catalogue_.sound_groups().begin(group); }
    /// In blocks.
    std::size_t end_of(std::uint32_t group) const { return (begin_of(group + 1) + kLanes - 1) / kLanes; }

    void look_in(std::uint32_t group) {
        seen_[group] = true;
        const std::size_t begin = begin_of(group);
        const std::size_t end = begin_of(group + 1);
        for (std::size_t block = begin / kLanes; block < end_of(group) && begin < end; ++block) {
            const std::size_t first = block * kLanes;
            std::uint64_t lanes = ~std::uint64_t{0};
            if (begin > first) lanes &= ~std::uint64_t{0} << (begin - first);
            if (end < first + kLanes) lanes &= ~(~std::uint64_t{0} << (end - first));
            look_at(catalogue_.by_sound(), block, lanes,
                    needed(look_.others.share_heard(), most_by_group_[group]),
                    {.all = static_cast<std::uint16_t>(group)});
        }
    }

    void look_at(std::uint32_t block, float left) {
        const std::size_t used = std::min(kLanes, catalogue_.size() - block * kLanes);
        const std::uint64_t lanes = ~std::uint64_t{0} >> (kLanes - used);
        TermBounds::Groups groups;
        if (by_ear_) groups.each = std::span(catalogue_.groups_by_feeling()).subspan(block * kLanes, used);
        look_at(catalogue_.by_feeling(), block, lanes, needed_unseen(left), groups);
    }

    /// Of those lanes of a block those that matter, which feel at least so much like it. A group that was
    /// seen by sound is passed over by feeling.
    void look_at(const Catalogue::QuickOrder& order, std::size_t block, std::uint64_t lanes, float least,
                 const TermBounds::Groups& groups) {
        const bool by_feeling = &order == &catalogue_.by_feeling();
        const auto first = static_cast<std::uint32_t>(block * kLanes);
        const bool asked = is_narrow();
        if (asked) {
            asked_ += static_cast<std::size_t>(std::popcount(lanes));
            lanes = filter_.allowed_of(order, first, lanes);
            passed_ += static_cast<std::size_t>(std::popcount(lanes));
            if (lanes == 0) return;
        }
        const QuickBlock& quick = order.blocks[block];
        const BlockScores feelings =
            safely_ ? quick_scores_safely(quick, look_.likely) : quick_scores(quick, quick_);
        lanes &= lanes_from(feelings, least);
        if (lanes == 0) return;
        BlockScores effects{};
        if (look_.others.any())
            lanes &=
                lanes_from(look_.others.most(quick, order.facts[block], groups, feelings, effects), floor_);
        kept_.clear();
        listened_.clear();
        for (; lanes != 0; lanes &= lanes - 1) {
            const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
            const std::uint32_t position = first + lane;
            TermBounds::OneTrack one{.group = groups.of(lane),
                                     .lane = lane,
                                     .slot = position,
                                     .feeling = feelings[lane],
                                     .effect = effects[lane]};
            if (by_feeling && one.group != SoundGroups::kNone && seen_[one.group]) continue;
            if (!asked && !passes(order, position)) continue;
            if (one.group != SoundGroups::kNone) {
                if (by_feeling) one.slot = catalogue_.slots_by_feeling()[position];
                catalogue_.sound_codes().fetch(one.slot);
            }
            kept_.push_back(one);
        }
        for (const TermBounds::OneTrack& one : kept_) {
            const std::uint32_t track = order.tracks[first + one.lane];
            if (one.group != SoundGroups::kNone) {
                if (!look_.others.may_reach_by_code(floor_, one)) continue;
                catalogue_.sounds().fetch_vector(track);
            }
            listened_.push_back({.track_index = track, .feeling = one.feeling, .effect = one.effect});
        }
        for (const QuickTrack& one : listened_)
            keep(one);
        if (found_.size() > room_) raise_floor();
    }

    void keep(const QuickTrack& track) {
        const float score = look_.others.any() ? look_.score(track) : track.feeling;
        if (score < floor_) return;
        found_.push_back({.track_index = track.track_index, .score = score});
        guessed_.offer({.score = score, .track_index = track.track_index});
    }

    /// The filter leaves so few that it is to be asked before anything else.
    bool is_narrow() const { return !filter_.is_open() && asked_ >= kAsked && passed_ * kLanes < asked_; }

    bool passes(const Catalogue::QuickOrder& order, std::uint32_t position) {
        const bool allowed = filter_.allows_at(order, position);
        ++asked_;
        passed_ += allowed ? 1 : 0;
        return allowed;
    }

    /// What the last one scores that is needed of these, either as one of the best artists' or to draw from.
    float enough() {
        const std::size_t pool = pool_size(look_.wanted);
        if (found_.size() < pool) return kNever;
        const auto last = found_.begin() + static_cast<std::ptrdiff_t>(pool - 1);
        std::nth_element(found_.begin(), last, found_.end(), by_score);
        const float best = guessed_.threshold();
        return std::min(best, std::max(best - kScoreSlack, last->score));
    }

    void raise_floor() {
        floor_ = std::max(floor_, enough() - margin_);
        std::erase_if(found_, [this](const Candidate& one) { return one.score < floor_; });
        room_ = found_.size() + std::max(pool_size(look_.wanted), found_.size() / 4);
    }

    const Catalogue& catalogue_;
    const FirstLook& look_;
    TrackFilter& filter_;
    const QuickTarget quick_;
    const bool safely_;
    const float margin_;  // how far a score of the first look may be below one that it is compared with
    const bool by_ear_;
    const bool all_heard_;
    const std::vector<float>& most_by_group_;
    std::vector<bool> seen_;   // groups
    std::vector<float> left_;  // by rank of a group: the most that it and those behind it add
    BestArtists guessed_;
    float floor_ = kNever;  // only rises
    std::size_t room_ = 0;
    std::size_t asked_ = 0;  // of the filter, and how many passed
    std::size_t passed_ = 0;
    std::vector<Candidate> found_;
    std::vector<TermBounds::OneTrack> kept_;  // of the block that is looked at
    std::vector<QuickTrack> listened_;        // of those
};

}  // namespace

std::vector<Candidate> candidates(const Catalogue& catalogue, const FirstLook& look, TrackFilter& filter) {
    return Look(catalogue, look, filter).all();
}

}  // namespace bgm
