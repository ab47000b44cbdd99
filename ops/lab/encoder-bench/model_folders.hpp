// Folders that look as the public models do once downloaded, with random weights: full size, for measuring
// speed and memory where the real ones cannot be had, or tiny, for trying the whole way of a post. Their
// tokenizers know single characters only.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::bench {

enum class ModelSize { full, tiny };

struct ModelFolder {
    std::string_view name;  // of the folder, as the configuration names the model
    Status (*write)(const std::filesystem::path& folder, ModelSize size);
};

/// CLIP ViT-B/32, the multilingual DistilBERT aligned to it, CLAP.
const std::vector<ModelFolder>& model_folders();

/// Writes those that `root` does not have yet.
Status write_model_folders(const std::filesystem::path& root, ModelSize size = ModelSize::full);

}  // namespace bgm::bench
