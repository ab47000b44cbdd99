// Trains the text network on all sets at once.
//
// One hidden layer is shared by every task: mood (13, softmax), valence and arousal, the five-mood task, and
// the sets' own labels, which are dropped afterwards: they only make the hidden layer know more than 13 moods
// do. Deterministic for a seed on one machine: one thread, its own random numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ops/lab/train/trained_text.hpp"
#include "ops/lab/train/training_set.hpp"

namespace bgm::train {

struct TextTrainOptions {
    int epochs = 7;
    std::uint64_t seed = 1;

    // Size: the weight file is about (words + characters kept) * (width + 6) bytes.
    std::size_t width = 32;            // of a feature's vector
    std::size_t hidden = 128;          // of the embedding
    std::uint32_t word_texts_min = 6;  // texts that must hold a feature for it to get a vector
    std::uint32_t character_texts_min = 26;

    // Regularisation: raise where the development figures fall while the loss still does.
    double feature_dropout = 0.65;
    double hidden_dropout = 0.3;
    double augmented_share = 0.35;  // of the texts of an epoch
    double lexicon_share = 0.12;    // of the examples of an epoch

    // Balance between moods, see mood_targets.hpp.
    double adjustment = 0.6;  // the tau of the logit-adjusted loss (Menon et al. 2021); 0: none
    double rarity = 0.12;     // how far a text of several moods is taken for its rarest
    double felt_weight = 1.5;
    double group_weight = 0.15;
    double chat_weight = 0.3;

    // Speed of learning.
    double sparse_rate = 0.05;
    double dense_rate = 1e-3;
    std::size_t batch = 32;
};

/// `progress` hears one line an epoch.
TrainedText train_text(const TrainingSet& set, const TextTrainOptions& options,
                       const std::function<void(const std::string&)>& progress);

}  // namespace bgm::train
