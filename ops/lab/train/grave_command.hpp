// `bgm-train grave`: the network that tells what a text speaks of.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/train/grave_trainer.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct GraveCommandOptions {
    std::filesystem::path data_dir;  // label_to_mood13.tsv and text/
    std::filesystem::path phrases;
    std::filesystem::path judged;
    std::vector<std::filesystem::path> lexicons;
    std::filesystem::path out_dir;  // holds text.safetensors, and gets grave.safetensors
    GraveTrainOptions train;
};

/// Trains, writes the weights, and prints how often the tables and the reader speak up where comments are
/// happy and where they are any: in those of the development rows, of which nothing was learnt.
Status run_grave(const GraveCommandOptions& options);

}  // namespace bgm::train
