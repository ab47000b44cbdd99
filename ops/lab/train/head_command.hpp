// `bgm-train head`: fits a mood head to labelled embeddings. `bgm-train head-eval`: heads side by side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::train {

struct HeadCommandOptions {
    std::vector<std::filesystem::path> embeddings;
    std::vector<std::filesystem::path> held_back;  // files to choose by; none: a share of `embeddings`
    double held_back_share = 0.2;
    std::uint64_t seed = 1;
    std::string model, modality;                 // empty: what the embeddings say of themselves
    std::vector<std::filesystem::path> compare;  // other heads, measured on the held-back rows as well
    std::filesystem::path out;
};

/// Writes the head and prints what was chosen and how good it is.
Status run_head(const HeadCommandOptions& options);

struct HeadEvalOptions {
    std::vector<std::filesystem::path> embeddings;
    std::vector<std::filesystem::path> heads;
};

/// Prints one line a head.
Status run_head_eval(const HeadEvalOptions& options);

}  // namespace bgm::train
