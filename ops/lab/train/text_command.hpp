// `bgm-train text`: trains the text encoder and its head and writes both weight files.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/train/text_trainer.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct TextCommandOptions {
    std::filesystem::path data_dir;
    std::vector<std::filesystem::path> lexicons;
    std::filesystem::path out_dir;
    TextTrainOptions train;
};

/// Writes text.safetensors and text_head.safetensors to `out_dir` and prints the development figures.
Status run_text(const TextCommandOptions& options);

}  // namespace bgm::train
