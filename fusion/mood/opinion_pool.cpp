#include "fusion/mood/opinion_pool.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <tuple>

#include "fusion/mood/elementary.hpp"

namespace bgm {
namespace {

using Scores = std::array<double, kMoodCount>;

constexpr double kPrecisionMax = 4.0;
// How far several assets of one modality, and several evidences of one asset, outweigh the best of them.
constexpr double kModalityGrowthMax = 2.0;
constexpr double kAssetGrowthMax = 1.25;
// Each expert's distribution is mixed with this much of the uniform one: nobody may veto a mood with a zero.
constexpr double kDoubt = 1e-3;
// Below this total weight the confidence falls to 0 in proportion.
constexpr double kFullConfidenceWeight = 0.25;
// However plain a post is, its evidence is still evidence.
constexpr double kFeltLeast = 0.02;
// A modality that leaves the odds of pleasant moods nearly as they were is in contrast with nobody: its share
// of the stronger one's pull must be at least this.
constexpr double kContrastShare = 0.15;
// What suits a post in which there is nothing to feel.
constexpr std::array kQuietMoods{Mood::calm, Mood::dreamy};
// A modality can only be in conflict with one of at most this many times its weight.
constexpr double kConflictWeightRatio = 2.0;

struct CleanEvidence {
    std::size_t modality = 0;
    std::uint32_t asset = 0;
    double precision = 0;  // before it is lowered by `felt`
    double felt = 1;
    MoodDistribution mood{};
    bool has_affect = false;
    Affect affect;

    auto key() const {
        return std::tie(modality, asset, precision, felt, mood, has_affect, affect.valence, affect.arousal);
    }
};

struct Expert {
    double weight = 0;         // W_m
    Scores log_mood{};         // log p_m, not normalised
    double affect_weight = 0;  // the part of `weight` whose evidence has an affect
    double valence = 0;
    double arousal = 0;
};

/// Sum 1, mixed with doubt; nothing where it is no distribution.
std::optional<Scores> normalised(const MoodDistribution& mood) {
    double sum = 0;
    for (float weight : mood) {
        if (!std::isfinite(weight) || weight < 0.0F) return std::nullopt;
        sum += weight;
    }
    if (!(sum > 0)) return std::nullopt;
    Scores clean{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        clean[k] = (1.0 - kDoubt) * (mood[k] / sum) + kDoubt / kMoodCount;
    return clean;
}

float clean_affect(float value) {
    return std::clamp(value, -1.0F, 1.0F) + 0.0F;
}  // + 0 turns -0 into 0

/// Whether there is more to feel than not is all that counts: among texts of which it is certain, those with
/// the higher probability are right no more often than their moods say.
double felt_weight(double felt) {
    return std::clamp(2 * felt, kFeltLeast, 1.0);
}

double trust(const PoolOptions& options, std::size_t modality) {
    const float reliability = options.reliability[modality];
    return std::isfinite(reliability) && reliability >= 0 ? reliability : 1.0;
}

std::vector<CleanEvidence> clean(std::span<const Evidence> evidence, const PoolOptions& options) {
    std::vector<CleanEvidence> usable;
    usable.reserve(evidence.size());
    for (const Evidence& one : evidence) {
        const auto modality = static_cast<std::size_t>(one.modality);
        if (modality >= kOpinionCount || !std::isfinite(one.precision) || !(one.precision > 0.0F)) continue;
        if (!normalised(one.mood) || trust(options, modality) == 0) continue;
        CleanEvidence kept{
            .modality = modality,
            .asset = one.asset,
            .precision = std::min(one.precision * trust(options, modality), kPrecisionMax),
            .felt = std::isfinite(one.felt) ? std::clamp<double>(one.felt, 0, 1) : 1.0,
            .mood = one.mood,
            .has_affect = std::isfinite(one.affect.valence) && std::isfinite(one.affect.arousal),
            .affect = {}};
        for (float& weight : kept.mood)
            weight += 0.0F;
        if (kept.has_affect)
            kept.affect = {clean_affect(one.affect.valence), clean_affect(one.affect.arousal)};
        usable.push_back(kept);
    }
    // Sums of floating-point numbers depend on their order, so the order is made one of content.
    std::sort(usable.begin(), usable.end(), [](const auto& a, const auto& b) { return a.key() < b.key(); });
    return usable;
}

/// Several experts as one: their means by weight, and the weight of all of them together.
Expert combine(std::span<const Expert> experts, double growth_max) {
    if (experts.size() == 1) return experts.front();
    Expert all;
    double sum = 0;
    double squares = 0;
    double largest = 0;
    double with_affect = 0;
    for (const Expert& one : experts) {
        sum += one.weight;
        squares += one.weight * one.weight;
        largest = std::max(largest, one.weight);
        for (std::size_t k = 0; k < kMoodCount; ++k)
            all.log_mood[k] += one.weight * one.log_mood[k];
        with_affect += one.affect_weight;
        all.valence += one.affect_weight * one.valence;
        all.arousal += one.affect_weight * one.arousal;
    }
    if (!(sum > 0)) return all;
    all.weight = std::min(std::sqrt(squares), growth_max * largest);
    for (double& value : all.log_mood)
        value /= sum;
    if (with_affect > 0) {
        all.affect_weight = all.weight * (with_affect / sum);
        all.valence /= with_affect;
        all.arousal /= with_affect;
    }
    return all;
}

Expert expert(const CleanEvidence& one) {
    Expert expert{.weight = one.precision * felt_weight(one.felt)};
    const Scores mood = *normalised(one.mood);
    for (std::size_t k = 0; k < kMoodCount; ++k)
        expert.log_mood[k] = elementary_log(mood[k]);
    if (one.has_affect) {
        expert.affect_weight = expert.weight;
        expert.valence = one.affect.valence;
        expert.arousal = one.affect.arousal;
    }
    return expert;
}

/// All evidences of one modality, sorted by asset, as one expert.
Expert combine(std::span<const CleanEvidence> evidences) {
    if (evidences.size() == 1) return expert(evidences.front());
    std::vector<Expert> assets;
    std::vector<Expert> of_asset;
    for (std::size_t i = 0; i < evidences.size(); ++i) {
        of_asset.push_back(expert(evidences[i]));
        if (i + 1 < evidences.size() && evidences[i + 1].asset == evidences[i].asset) continue;
        assets.push_back(combine(of_asset, kAssetGrowthMax));
        of_asset.clear();
    }
    return combine(assets, kModalityGrowthMax);
}

/// Probabilities of scores; exp(score - max) never overflows.
Scores softmax(const Scores& scores) {
    const double top = *std::max_element(scores.begin(), scores.end());
    Scores shares{};
    double sum = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        sum += shares[k] = elementary_exp(scores[k] - top);
    for (double& share : shares)
        share /= sum;
    return shares;
}

double affinity(const Scores& p, const Scores& q) {
    double sum = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        sum += std::sqrt(p[k] * q[k]);
    return sum;
}

std::size_t strongest(const Scores& scores) {
    return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

using Experts = std::array<Expert, kOpinionCount>;
constexpr auto kContext = static_cast<std::size_t>(Modality::context);

/// Moods that two comparably strong modalities hold against each other.
std::array<bool, kMoodCount> conflicting_moods(const Experts& experts, double affinity_min) {
    std::array<bool, kMoodCount> moods{};
    std::array<Scores, kModalityCount> shares{};
    for (std::size_t m = 0; m < kModalityCount; ++m) {
        if (experts[m].weight > 0) shares[m] = softmax(experts[m].log_mood);
    }
    for (std::size_t a = 0; a < kModalityCount; ++a) {
        for (std::size_t b = a + 1; b < kModalityCount; ++b) {
            const double weaker = std::min(experts[a].weight, experts[b].weight);
            const double stronger = std::max(experts[a].weight, experts[b].weight);
            if (!(weaker > 0) || stronger > kConflictWeightRatio * weaker) continue;
            if (affinity(shares[a], shares[b]) >= affinity_min) continue;
            moods[strongest(experts[a].log_mood)] = true;
            moods[strongest(experts[b].log_mood)] = true;
        }
    }
    return moods;
}

/// By how much the modality multiplies the odds of pleasant to unpleasant moods, as a logarithm.
double pleasant_lift(const Expert& expert) {
    Scores weighed = expert.log_mood;
    for (double& value : weighed)
        value *= expert.weight;
    const Scores shares = softmax(weighed);
    double pleasant = 0, unpleasant = 0, pleasant_moods = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const bool is_pleasant = affect(static_cast<Mood>(k)).valence > 0;
        (is_pleasant ? pleasant : unpleasant) += shares[k];
        pleasant_moods += is_pleasant ? 1 : 0;
    }
    return elementary_log(pleasant / unpleasant) -
           elementary_log(pleasant_moods / (kMoodCount - pleasant_moods));
}

/// The favourites of two modalities that pull to opposite sides: a smiling photo over a sad sentence.
void add_contrasting_moods(const Experts& experts, double lift_min, std::array<bool, kMoodCount>& moods) {
    std::array<double, kModalityCount> lifts{};
    for (std::size_t m = 0; m < kModalityCount; ++m) {
        if (experts[m].weight > 0) lifts[m] = pleasant_lift(experts[m]);
    }
    const auto up = static_cast<std::size_t>(std::max_element(lifts.begin(), lifts.end()) - lifts.begin());
    const auto down = static_cast<std::size_t>(std::min_element(lifts.begin(), lifts.end()) - lifts.begin());
    const double weaker = std::min(lifts[up], -lifts[down]);
    if (weaker < elementary_log(lift_min) || weaker < kContrastShare * std::max(lifts[up], -lifts[down]))
        return;
    moods[strongest(experts[up].log_mood)] = true;
    moods[strongest(experts[down].log_mood)] = true;
}

/// How likely there is anything to feel: in any of the evidences, so far as it says anything at all.
double felt_in_any(const std::vector<CleanEvidence>& evidence) {
    double nothing = 1;
    for (const CleanEvidence& one : evidence) {
        if (one.modality == kContext) continue;
        nothing *= 1 - one.felt * std::min(1.0, one.precision / kFullConfidenceWeight);
    }
    return 1 - nothing;
}

/// How far each modality lifts `top` above the (geometric) mean of the other moods; what speaks against it
/// counts as 0.
std::array<float, kOpinionCount> contributions(const Experts& experts, std::size_t top) {
    std::array<double, kOpinionCount> lifts{};
    double lift_sum = 0;
    double weight_sum = 0;
    for (std::size_t m = 0; m < kOpinionCount; ++m) {
        double others = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            if (k != top) others += experts[m].log_mood[k];
        }
        const double own = experts[m].log_mood[top];
        lifts[m] = std::max(0.0, experts[m].weight * (own - others / (kMoodCount - 1)));
        lift_sum += lifts[m];
        weight_sum += experts[m].weight;
    }
    std::array<float, kOpinionCount> shares{};
    if (!(weight_sum > 0)) return shares;
    for (std::size_t m = 0; m < kOpinionCount; ++m) {
        // Where nothing lifts the winner (flat evidence, or the prior won), the weights themselves are the
        // shares.
        shares[m] = static_cast<float>(lift_sum > 0 ? lifts[m] / lift_sum : experts[m].weight / weight_sum);
    }
    return shares;
}

Affect pooled_affect(const Experts& experts, const Scores& moods) {
    double weight = 0;
    double valence = 0;
    double arousal = 0;
    for (std::size_t m = 0; m < kModalityCount; ++m) {
        weight += experts[m].affect_weight;
        valence += experts[m].affect_weight * experts[m].valence;
        arousal += experts[m].affect_weight * experts[m].arousal;
    }
    if (weight > 0) {
        const Expert& context = experts[kContext];
        const double share = context.affect_weight / (weight + context.affect_weight);
        valence = valence / weight + share * context.valence;
        arousal = arousal / weight + share * context.arousal;
    } else {
        valence = arousal = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            valence += moods[k] * affect(static_cast<Mood>(k)).valence;
            arousal += moods[k] * affect(static_cast<Mood>(k)).arousal;
        }
    }
    return {clean_affect(static_cast<float>(valence)), clean_affect(static_cast<float>(arousal))};
}

}  // namespace

MoodDistribution uniform_moods() {
    MoodDistribution moods;
    moods.fill(1.0F / kMoodCount);
    return moods;
}

FusedMood fuse(std::span<const Evidence> evidence, const PoolOptions& options) {
    const std::vector<CleanEvidence> usable = clean(evidence, options);
    Experts experts{};
    FusedMood fused;
    double weight = 0;
    for (std::size_t m = 0; m < kOpinionCount; ++m) {
        if (m == kContext && !(weight > 0)) continue;
        const auto first =
            std::find_if(usable.begin(), usable.end(), [&](const auto& one) { return one.modality == m; });
        const auto last =
            std::find_if(first, usable.end(), [&](const auto& one) { return one.modality != m; });
        if (first == last) continue;
        experts[m] = combine({first, last});
        fused.present[m] = true;
        if (m != kContext) weight += experts[m].weight;
    }

    Scores log_prior = normalised(options.prior).value_or(*normalised(uniform_moods()));
    for (double& value : log_prior)
        value = elementary_log(value);
    // Measured from the prior's own maximum, a uniform prior adds exact zeros: the least precision still
    // decides.
    const double prior_top = *std::max_element(log_prior.begin(), log_prior.end());
    Scores scores{};
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        scores[k] = log_prior[k] - prior_top;
        for (const Expert& expert : experts)
            scores[k] += expert.weight * expert.log_mood[k];
    }

    const Scores moods = softmax(scores);
    const std::size_t top = strongest(scores);
    for (std::size_t k = 0; k < kMoodCount; ++k)
        fused.moods[k] = static_cast<float>(moods[k]);
    fused.top = static_cast<Mood>(top);
    fused.confidence = static_cast<float>(moods[top] * std::min(1.0, weight / kFullConfidenceWeight));
    fused.affect = pooled_affect(experts, moods);
    fused.contributions = contributions(experts, top);

    std::array<std::size_t, kMoodCount> order{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        order[k] = k;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    auto conflicting = conflicting_moods(experts, options.conflict_affinity);
    add_contrasting_moods(experts, options.contrast_lift, conflicting);
    fused.felt = static_cast<float>(felt_in_any(usable));
    const double before_felt = std::accumulate(
        usable.begin(), usable.end(), 0.0,
        [](double sum, const auto& one) { return one.modality == kContext ? sum : sum + one.precision; });
    fused.plain = fused.felt < options.felt_min && before_felt >= options.precision_min;
    fused.ambiguous = fused.plain || moods[order[0]] - moods[order[1]] < options.ambiguous_margin ||
                      weight < options.precision_min ||
                      std::count(conflicting.begin(), conflicting.end(), true) > 1;
    fused.likely = {fused.top};
    if (fused.plain) fused.likely.assign(kQuietMoods.begin(), kQuietMoods.end());
    if (!fused.ambiguous || fused.plain) return fused;
    for (std::size_t rank = 1; rank < kMoodCount; ++rank) {
        const std::size_t k = order[rank];
        // The runner-up is always one of them: "ambiguous" between one mood would mean nothing.
        if (rank == 1 || conflicting[k] || moods[k] >= options.likely_ratio * moods[top]) {
            fused.likely.push_back(static_cast<Mood>(k));
        }
    }
    return fused;
}

}  // namespace bgm
