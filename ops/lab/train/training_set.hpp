// All labelled text that may shape the shipped weights, and what is held back from it.
//
// Never read for training: tweeteval (its licence) and every development split.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/evaluation/corpus.hpp"

namespace bgm::train {

struct TrainingSet {
    std::vector<Example> train;
    std::vector<Example> lexicon;  // hand-written: emoji, slang, everyday words of feeling

    // Development splits, for the temperature and for watching the training.
    std::vector<Example> goemotions_en;
    std::vector<Example> goemotions_ko;
    std::vector<Example> kote;
    std::vector<Example> nsmc;
    std::vector<Example> emobank;
};

/// `data_dir` holds label_to_mood13.tsv and text/ with one folder a set.
Result<TrainingSet> read_training_set(const std::filesystem::path& data_dir,
                                      const std::vector<std::filesystem::path>& lexicons);

}  // namespace bgm::train
