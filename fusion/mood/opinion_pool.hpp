// From the evidence of all modalities to one mood: a logarithmic opinion pool (Genest & Zidek 1986), also
// known as a product of experts (Hinton 2002).
//
//     log p(k) = log prior(k) + sum over modalities m of W_m * log p_m(k) + constant
//
// An evidence is calibrated under a uniform prior (head.hpp), so it is divided by none: what it says is all
// likelihood, and the prior counts once, however many modalities there are.
//
// p_m is the geometric mean, weighted by W_a, of the assets a of one modality, and
// W_m = min(sqrt(sum of W_a^2), 2 * largest W_a): n equally good photos weigh as sqrt(n), at most as two,
// since photos of one post are not independent experts; and an evidence of next to no precision changes next
// to nothing.
//
// An asset is pooled from its evidences (Evidence::asset) in the same way, by precision, but with
// W_a = min(sqrt(sum of precision^2), 1.25 * largest precision): whatever is read from one photo depends on
// that one photo, so however many readers it has they weigh hardly more than the best of them.
//
// Precision here is Evidence::precision times the modality's reliability, times min(1, 2 * Evidence::felt): a
// sentence in which there is nothing to feel leaves the word to the photo beside it.
//
// The context (Modality::context) shades what the others say and judges nothing: it counts only where another
// evidence does, adds its affect as a tilt instead of being averaged, and neither confidence nor ambiguity
// hear of it, other than through the moods.
//
// Pure functions of their arguments, safe from any thread; the order of the evidence does not change a bit of
// the result.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "fusion/mood/evidence.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"

namespace bgm {

/// The same probability for each of the 13 moods.
MoodDistribution uniform_moods();

struct PoolOptions {
    /// The mix of moods that posts have before they are read. The default leaves the last word to the
    /// evidence: with a uniform prior a single evidence keeps its strongest mood at any precision above 0,
    /// and more precision never speaks against an evidence's own strongest mood. With any other prior weak
    /// evidence is pulled towards the prior's moods. A prior that is no distribution (negative, not finite,
    /// all zero) counts as uniform.
    MoodDistribution prior = uniform_moods();

    /// By how much an installation trusts each modality more or less than its head says; not finite or below
    /// 0 counts as 1.
    std::array<float, kOpinionCount> reliability{1, 1, 1, 1, 1};

    // When the answer is ambiguous. Raise them for more cautious picks.
    float ambiguous_margin = 0.02F;  // the two best moods are closer than this
    float precision_min = 0.2F;      // the modalities' weights add up to less than this
    float felt_min = 0.5F;           // it is less likely than this that there is anything to feel
    float conflict_affinity =
        0.25F;  // two comparably strong modalities overlap less than this (Bhattacharyya, 0..1)
    float contrast_lift = 1.25F;  // one modality lifts the odds of pleasant to unpleasant moods by this
                                  // factor and another lowers them by it, after weighing
    float likely_ratio = 0.6F;    // a mood is still likely from this share of the best one's probability on
};

struct FusedMood {
    MoodDistribution moods{};  // sums to 1
    Mood top =
        Mood::amusing;      // the strongest; decided before rounding, so it holds where `moods` shows a tie
    float confidence = 0;   // 0..1: probability of `top`, less where the evidence hardly weighs anything
    bool ambiguous = true;  // the evidence does not decide
    std::vector<Mood> likely;  // strongest first, begins with `top`; more than one only where ambiguous. The
                               // quiet moods instead where `plain`
    float felt = 0;            // 0..1: how likely there is anything to feel in the post
    bool plain = false;        // ambiguous because there is nothing to feel, not for want of evidence
    Affect affect;             // mean weighted by precision; of `moods` where no evidence has a usable one
    std::array<float, kOpinionCount>
        contributions{};  // share in the log-odds of `top`; sums to 1 where any is present
    std::array<bool, kOpinionCount> present{};  // had usable evidence
};

/// Evidence that is unusable counts as missing, so nothing hostile reaches the result: a precision or mood
/// that is not finite, a negative mood, moods that are all zero, a precision of 0 or less. An affect that is
/// not finite is left out alone; one beyond -1..1 is cut. Precision counts up to 4; a `felt` that is not
/// finite counts as 1. With no usable evidence: the prior, confidence 0, ambiguous.
FusedMood fuse(std::span<const Evidence> evidence, const PoolOptions& options = {});

}  // namespace bgm
