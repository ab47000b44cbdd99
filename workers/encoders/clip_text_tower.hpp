// CLIP's text tower: a causal transformer whose state at the end token, projected, is the embedding.
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/tower_trace.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {

class ClipTextTower {
 public:
    /// No position sees a later one: padding on the right that repeats the last id changes nothing.
    static constexpr bool kSeesPadding = false;

    /// Of a "clip" or "clip_text_model" directory. The error names the file and its key or tensor.
    static Result<ClipTextTower> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// ids: [batch, length <= tokens_max()] whole numbers below vocabulary(). mask: as ids, 1 = token;
    /// undefined: all are. Gives [batch, dimensions()], not of length 1: what get_text_features of
    /// transformers gives.
    torch::Tensor features(const torch::Tensor& ids, const torch::Tensor& mask,
                           TowerTrace* trace = nullptr) const;

    std::int64_t tokens_max() const { return position_embedding_.size(0); }
    std::int64_t vocabulary() const { return token_table_.size(0); }
    std::int64_t dimensions() const { return projection_.weight.size(0); }
    double logit_scale() const { return logit_scale_; }

 private:
    explicit ClipTextTower(TransformerStack stack) : stack_(std::move(stack)) {}
    // The end token of each row: [batch].
    torch::Tensor end_positions(const torch::Tensor& ids) const;

    std::int64_t end_id_ = 0;
    torch::Tensor token_table_;         // [vocabulary, width], as stored
    torch::Tensor position_embedding_;  // [tokens_max, width]
    TransformerStack stack_;
    NormWeights last_norm_;
    LinearWeights projection_;  // without bias
    double logit_scale_ = 100;
};

}  // namespace bgm
