// `bgm-train eval`: the figures of the shipped encoder and head on one labelled file.
#pragma once

#include <filesystem>
#include <string>

#include "schemas/result.hpp"

namespace bgm::train {

struct EvalOptions {
    std::string task;  // five-moods, moods, valence, polarity, tweets
    std::filesystem::path file;
    std::string format;  // goemotions, kote, nsmc, emobank, tweets; empty = the usual one of the task
    std::filesystem::path model_dir;
    std::filesystem::path meanings;  // label_to_mood13.tsv; empty = the one next to or above the file
    bool held_back = false;          // only every tenth row, which training leaves out
};

/// Prints one readable line to standard output.
Status run_eval(const EvalOptions& options);

}  // namespace bgm::train
