// The text encoder's network: sums of feature vectors, one hidden layer.
//
//   x = [sum over word features, sum over character features, the same two over what is denied]
//   each divided by sqrt(known features of its group + 1); embedding = max(0, hidden.weight x + hidden.bias)
//
// A word that is denied speaks twice, so the layer can turn round what it means, whichever word it is.
//
// The file (metadata: `format` "bgm-text-1", `model`) holds two FeatureTables, "words" and "characters", and
// hidden.weight F32 [d, 4w], hidden.bias F32 [d]; [d, 2w] in files of before, which know no denied words.
// Immutable once opened; share it between threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "schemas/mapped_file.hpp"
#include "schemas/result.hpp"
#include "workers/text/feature_table.hpp"
#include "workers/text/features.hpp"

namespace bgm {

struct TextEmbedding {
    std::vector<float> values;
    std::size_t known_features = 0;
};

class TextNetwork {
 public:
    static Result<TextNetwork> open(const std::filesystem::path& file);

    const std::string& model() const { return model_; }
    std::size_t width() const { return bias_.size(); }
    TextEmbedding embed(const TextFeatures& features) const;
    /// Whether training saw this word feature often enough to give it a vector.
    bool knows_word(std::uint32_t feature) const { return words_.contains(feature); }

 private:
    explicit TextNetwork(MappedFile file) : file_(std::move(file)) {}

    MappedFile file_;
    std::string model_;
    FeatureTable words_;
    FeatureTable characters_;
    std::size_t inputs_ = 0;
    std::vector<float> weight_;  // [width, inputs]
    std::vector<float> bias_;
};

}  // namespace bgm
