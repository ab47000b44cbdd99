// A text tower as sentence-transformers lays it out: a DistilBERT, then the modules that modules.json names
// in order (a pooling of the tokens' vectors into one, dense layers, a normalisation).
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <variant>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/distilbert.hpp"
#include "workers/encoders/tower_trace.hpp"

namespace bgm {

/// Which poolings are put side by side, in this order; as sentence-transformers 2.2 computes them.
struct SentencePooling {
    bool first_token = false;
    bool maximum = false;
    bool mean = true;
    bool mean_sqrt_length = false;  // the sum over the square root of the number of tokens

    std::int64_t count() const { return std::int64_t{first_token} + maximum + mean + mean_sqrt_length; }
};

enum class DenseActivation { identity, tanh, relu, gelu, sigmoid };

struct SentenceDense {
    LinearWeights linear;
    DenseActivation activation = DenseActivation::identity;
};

struct SentenceNormalise {};

class SentenceTower {
 public:
    static constexpr bool kSeesPadding = true;

    /// Without a modules.json: a mean over the tokens and nothing more. The error names the file and its key
    /// or tensor.
    static Result<SentenceTower> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// ids: [batch, length <= tokens_max()] whole numbers below vocabulary(). mask: as ids, 1 = token;
    /// undefined: all are. Gives [batch, dimensions()], of length 1 only where modules.json normalises.
    torch::Tensor features(const torch::Tensor& ids, const torch::Tensor& mask,
                           TowerTrace* trace = nullptr) const;

    std::int64_t tokens_max() const { return tokens_max_; }
    std::int64_t vocabulary() const { return trunk_.vocabulary(); }
    std::int64_t dimensions() const { return dimensions_; }

 private:
    using Step = std::variant<SentenceDense, SentenceNormalise>;
    explicit SentenceTower(DistilBert trunk) : trunk_(std::move(trunk)), dimensions_(trunk_.width()) {}
    // One module of modules.json after the trunk.
    Status add(const std::string& type, const std::filesystem::path& folder, const torch::Device& device);
    Status add_dense(const std::filesystem::path& folder, const torch::Device& device);

    DistilBert trunk_;
    SentencePooling pooling_;
    std::vector<Step> steps_;
    std::int64_t dimensions_ = 0;
    std::int64_t tokens_max_ = 0;
};

}  // namespace bgm
