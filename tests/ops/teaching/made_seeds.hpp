// Seeds that a test makes up: people post photos, and what a photo feels like shows in one direction of its
// embedding, clearer or less clear; the text beside it says it, in its own uncertain way. The head in use
// knows a part of that direction.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "fusion/mood/head.hpp"
#include "fusion/mood/head_file.hpp"
#include "ops/teaching/seed_rows.hpp"
#include "schemas/safetensors.hpp"

namespace bgm::testing {

struct MadeSeeds {
    std::size_t rows = 2'500;
    std::size_t width = 99;
    std::size_t per_person = 5;
    double seen = 0.45;  // how far valence shows in a photo: the correlation of the best linear head
    double known = 0.4;  // and how far the head in use looks in that direction, 1: it looks nowhere else
    std::uint64_t seed = 1;
};

/// The direction in which valence lies, of length 1.
inline std::vector<double> true_direction(const MadeSeeds& of) {
    std::mt19937_64 numbers(7);
    std::normal_distribution<double> normal;
    std::vector<double> direction(of.width);
    double length = 0;
    for (double& one : direction) {
        one = normal(numbers);
        length += one * one;
    }
    for (double& one : direction)
        one /= std::sqrt(length);
    return direction;
}

inline SeedRows made_rows(const MadeSeeds& of) {
    SeedRows rows(of.width);
    const auto direction = true_direction(of);
    std::mt19937_64 numbers(of.seed);
    std::normal_distribution<double> normal;
    // Drawn once: a hundred thousand embeddings take longer to make than to learn from.
    std::vector<double> drawn(1 << 16);
    std::vector<std::uint16_t> drawn_halves(drawn.size());
    for (std::size_t n = 0; n < drawn.size(); ++n) {
        drawn[n] = normal(numbers);
        drawn_halves[n] = float_to_half(static_cast<float>(0.3 * drawn[n] + 0.1));
    }
    std::uint64_t state = of.seed;
    for (std::size_t i = 0; i < of.rows; ++i) {
        std::vector<std::uint16_t> halves(of.width);
        double shown = 0;
        for (std::size_t d = 0; d < of.width; ++d) {
            state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
            const std::size_t n = state >> 48U;
            shown += direction[d] * drawn[n];
            halves[d] = drawn_halves[n];
        }
        const double felt = of.seen * shown + std::sqrt(1 - of.seen * of.seen) * normal(numbers);
        const double said = std::clamp(0.4 * felt, -1.0, 1.0);
        SeedLabel label{
            .affect = {.valence = static_cast<float>(said),
                       .arousal = static_cast<float>(std::clamp(0.3 * normal(numbers), -1.0, 1.0))},
            .weight = 0.5F,
            .group = static_cast<std::uint32_t>(mix64(of.seed * 1'000'003 + i / of.per_person) >> 32U)};
        double sum = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const Affect place = affect(static_cast<Mood>(k));
            const double away = place.valence - 2 * said;
            sum += label.moods[k] = static_cast<float>(std::exp(-2 * away * away));
        }
        for (float& share : label.moods)
            share = static_cast<float>(share / sum);
        (void)rows.add(halves, label);
    }
    return rows;
}

inline LinearHead made_head(const MadeSeeds& of, const std::string& model = "made-1") {
    const auto direction = true_direction(of);
    std::mt19937_64 numbers(11);
    std::normal_distribution<double> normal;
    std::vector<double> other(of.width);
    double along = 0;
    for (std::size_t d = 0; d < of.width; ++d) {
        other[d] = normal(numbers);
        along += other[d] * direction[d];
    }
    double length = 0;
    for (std::size_t d = 0; d < of.width; ++d) {
        other[d] -= along * direction[d];
        length += other[d] * other[d];
    }
    HeadWeights weights{.mood = std::vector<float>(kMoodCount * of.width),
                        .mood_bias = std::vector<float>(kMoodCount),
                        .affect = std::vector<float>(2 * of.width),
                        .affect_bias = {0.05F, -0.02F}};
    for (std::size_t d = 0; d < of.width; ++d) {
        const double weight = 0.3 * (of.known * direction[d] +
                                     std::sqrt(1 - of.known * of.known) * other[d] / std::sqrt(length));
        weights.affect[d] = static_cast<float>(weight);
        for (std::size_t k = 0; k < kMoodCount; ++k)
            weights.mood[k * of.width + d] =
                static_cast<float>(weight * affect(static_cast<Mood>(k)).valence);
    }
    weights.felt.assign(of.width, 0.25F);
    weights.felt_bias = 0.5F;
    const std::string file = write_head(
        weights, {{"model", model}, {"modality", "image"}, {"temperature", "0.5"}, {"precision", "0.35"}});
    return LinearHead::parse(std::as_bytes(std::span(file))).value();
}

inline LinearHead parsed(const std::string& file) {
    return LinearHead::parse(std::as_bytes(std::span(file))).value();
}

}  // namespace bgm::testing
