// Trains the network of workers/text/grave_network.hpp: sums of feature vectors, one hidden layer, five
// sigmoids.
//
// What is grave is drawn from patterns; what is not, from patterns that only sound so, from the lexicon of
// feelings, and from comments, in both of which the tables of grave_words.hpp find nothing. Deterministic for
// a seed on one machine: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ops/lab/train/grave_phrases.hpp"
#include "ops/lab/train/trained_text.hpp"
#include "workers/text/text_network.hpp"

namespace bgm::train {

/// What to learn from. All of it is borrowed.
struct GraveTexts {
    const GravePhrases& phrases;
    const std::vector<std::string>& comments;  // nothing grave in them
    const std::vector<GraveExample>& judged;   // comments, by hand
    const std::vector<std::string>& ordinary;  // patterns of drawn_from(); what is grave of it is left out
    const TextNetwork& feelings;               // of the text encoder that it will run with
};

struct GraveTrainOptions {
    int epochs = 6;
    std::uint64_t seed = 1;
    std::size_t grave = 32000;  // drawn an epoch
    std::size_t traps = 56000;
    std::size_t comments = 110000;
    std::size_t ordinary = 16000;  // from the lexicon
    std::size_t judged_grave = 6;  // times an epoch, each of them
    std::size_t judged_harmless = 3;
    std::size_t width = 8;  // of a feature's vector
    std::size_t hidden = 24;
    std::uint32_t word_texts_min = 10;  // of one epoch's texts, to give a feature a vector
    std::uint32_t character_texts_min = 40;
    double feeling_dropout = 0.2;  // share of the texts of which the text encoder says nothing
    double feature_dropout = 0.7;
    double surrounded_share = 0.25;  // of what is drawn: with a comment before or behind it
    double sparse_rate = 0.05;
    double dense_rate = 0.01;
    std::size_t batch = 16;
};

/// `progress` hears one line an epoch. TrainedGrave::phrases stays empty.
TrainedGrave train_grave(const GraveTexts& texts, const GraveTrainOptions& options,
                         const std::function<void(const std::string&)>& progress);

}  // namespace bgm::train
