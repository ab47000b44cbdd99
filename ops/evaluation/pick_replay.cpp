#include "ops/evaluation/pick_replay.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "fusion/recommend/matcher.hpp"
#include "fusion/recommend/track_scores.hpp"

namespace bgm {
namespace {

// One track that was hardly ever picked must not speak for all: what is cut here is missed (Ionides 2008).
constexpr double kWeightMax = 50;

/// A ratio of sums, with the users as clusters.
class Ratio {
 public:
    void add(const std::string& user, double part, double whole) {
        auto& [parts, wholes] = sums_[user];
        parts += part;
        wholes += whole;
    }
    double value() const {
        double part = 0;
        double whole = 0;
        for (const auto& [user, sum] : sums_) {
            part += sum.first;
            whole += sum.second;
        }
        return whole > 0 ? part / whole : 0;
    }
    /// What it would move by without each user: the jackknife's, which minds those who weigh much.
    std::map<std::string, double> influences() const {
        const double ratio = value();
        double whole = 0;
        for (const auto& [user, sum] : sums_)
            whole += sum.second;
        std::map<std::string, double> all;
        for (const auto& [user, sum] : sums_)
            all[user] = whole > sum.second ? (sum.first - ratio * sum.second) / (whole - sum.second) : 0;
        return all;
    }

 private:
    std::map<std::string, std::pair<double, double>> sums_;
};

double half_width(const std::map<std::string, double>& influences) {
    if (influences.size() < 2) return 1;
    double squares = 0;
    for (const auto& [user, influence] : influences)
        squares += influence * influence;
    const auto users = static_cast<double>(influences.size());
    // Student's 97.5 % point, to two terms of its expansion.
    const double student = 1.96 + 2.37 / (users - 1);
    return student * std::sqrt(squares * users / (users - 1));
}

Interval interval(const Ratio& ratio) {
    return {.value = ratio.value(), .half_width = half_width(ratio.influences())};
}

Interval difference(const Ratio& one, const Ratio& other) {
    auto influences = one.influences();
    for (const auto& [user, influence] : other.influences())
        influences[user] -= influence;
    return {.value = one.value() - other.value(), .half_width = half_width(influences)};
}

double unlikeness(const Catalogue& catalogue, const std::vector<MatchedTrack>& picks) {
    const SoundSpace& sounds = catalogue.sounds();
    double sum = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < picks.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const std::uint32_t a = picks[i].track_index;
            const std::uint32_t b = picks[j].track_index;
            const Catalogue::Row& one = catalogue.rows()[a];
            const Catalogue::Row& other = catalogue.rows()[b];
            if (sounds.has(a) && sounds.has(b)) {
                sum += 1 - std::clamp(dot(sounds.vector(a), sounds.vector(b)), 0.0F, 1.0F);
            } else {
                sum += 0.5 * (one.artist_group != other.artist_group) + 0.5 * (one.genre != other.genre);
            }
            ++pairs;
        }
    }
    return pairs > 0 ? sum / pairs : 0;
}

struct UserBefore {
    Taste taste;
    std::shared_ptr<const Taste> known;  // null: has changed, or nothing is known
    std::vector<std::pair<std::int64_t, std::uint32_t>> had;
};

class Replay {
 public:
    Replay(const Catalogue& catalogue, const MatchWeights& weights)
        : catalogue_(catalogue), weights_(weights) {}

    void add(const PostBefore& post, MatchRequest request) {
        request.weights = weights_;
        weigh(post, request);
        rank(post, request);
        pick(post, request);
    }
    PickFigures figures(const Replay& first) const {
        return {.hit_rate = interval(hits_),
                .gained = difference(hits_, first.hits_),
                .ndcg = interval(ranks_),
                .mood_fit = interval(fits_),
                .diversity = interval(unlike_),
                .repeats = interval(again_),
                .coverage = catalogue_.empty() ? 0
                                               : static_cast<double>(picked_.size()) /
                                                     static_cast<double>(catalogue_.size()),
                .as_many = squares_ > 0 ? weight_ * weight_ / squares_ : 0,
                .reactions = reactions_};
    }

 private:
    void weigh(const PostBefore& post, const MatchRequest& request) {
        std::unordered_map<std::uint32_t, float> now;
        for (const TrackChance& one : chances(catalogue_, post.mood, request))
            now[one.track_index] = one.chance;
        for (const PickedBefore& pick : post.picks) {
            if (!pick.wanted || !(pick.chance > 0)) continue;
            ++reactions_;
            const auto found = now.find(pick.track_index);
            const double chance = found == now.end() ? 0 : found->second;
            const double weight = std::min(chance / pick.chance, kWeightMax);
            hits_.add(post.user_id, *pick.wanted ? weight : 0, weight);
            weight_ += weight;
            squares_ += weight * weight;
        }
    }
    void rank(const PostBefore& post, const MatchRequest& request) {
        TrackFilter filter(catalogue_, request);
        const TrackScores scores(catalogue_, post.mood, request, filter, request.tracks);
        std::vector<std::pair<float, bool>> order;
        for (const PickedBefore& pick : post.picks) {
            if (pick.wanted) order.emplace_back(-scores.score(pick.track_index), *pick.wanted);
        }
        const auto wanted =
            std::count_if(order.begin(), order.end(), [](const auto& one) { return one.second; });
        // Where all or none are wanted every order is as good.
        if (wanted == 0 || static_cast<std::size_t>(wanted) == order.size()) return;
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        double gain = 0;
        double most = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const double place = 1 / std::log2(static_cast<double>(i) + 2);
            gain += order[i].second ? place : 0;
            most += i < static_cast<std::size_t>(wanted) ? place : 0;
        }
        ranks_.add(post.user_id, gain / most, 1);
    }
    void pick(const PostBefore& post, const MatchRequest& request) {
        const auto picks = match(catalogue_, post.mood, request);
        unlike_.add(post.user_id, unlikeness(catalogue_, picks), 1);
        auto& had = had_[post.user_id];
        for (const MatchedTrack& one : picks) {
            fits_.add(post.user_id,
                      double{kMoodShare} * one.mood_match + double{kAffectShare} * one.affect_match, 1);
            again_.add(post.user_id, had.contains(one.track_index) ? 1 : 0, 1);
            picked_.insert(one.track_index);
        }
        for (const MatchedTrack& one : picks)
            had.insert(one.track_index);
    }

    const Catalogue& catalogue_;
    const MatchWeights weights_;
    Ratio hits_, ranks_, fits_, unlike_, again_;
    double weight_ = 0;
    double squares_ = 0;
    std::uint64_t reactions_ = 0;
    std::set<std::uint32_t> picked_;
    std::map<std::string, std::set<std::uint32_t>> had_;
};

}  // namespace

std::vector<PickFigures> replay_picks(const Catalogue& catalogue, std::span<const PostBefore> posts,
                                      std::span<const ReactionBefore> reactions,
                                      std::span<const MatchWeights> weights, std::int64_t repeat_after_ms) {
    std::vector<Replay> replays;
    for (const MatchWeights& one : weights)
        replays.emplace_back(catalogue, one);
    std::map<std::string, UserBefore> users;
    std::size_t next = 0;
    for (const PostBefore& post : posts) {
        for (; next < reactions.size() && reactions[next].at_ms < post.at_ms; ++next) {
            const ReactionBefore& one = reactions[next];
            UserBefore& user = users[one.user_id];
            user.known = nullptr;
            user.taste.learn(one.reaction, one.at_ms, reacted_track(catalogue, one.track_index));
        }
        MatchRequest request{.tracks = static_cast<std::uint32_t>(post.picks.size()), .seed = post.seed};
        if (!post.user_id.empty()) {
            UserBefore& user = users[post.user_id];
            if (!user.known && user.taste.reactions > 0)
                user.known = std::make_shared<const Taste>(user.taste);
            request.listener = {.taste = user.known, .now_ms = post.at_ms};
            std::erase_if(user.had,
                          [&](const auto& one) { return one.first <= post.at_ms - repeat_after_ms; });
            for (const auto& [at_ms, track] : user.had)
                request.listener.not_again.push_back(track);
            std::ranges::sort(request.listener.not_again);
            for (const PickedBefore& pick : post.picks)
                user.had.emplace_back(post.at_ms, pick.track_index);
        }
        for (Replay& replay : replays)
            replay.add(post, request);
    }
    std::vector<PickFigures> figures;
    for (const Replay& replay : replays)
        figures.push_back(replay.figures(replays.front()));
    return figures;
}

}  // namespace bgm
