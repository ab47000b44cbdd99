// CLAP's text tower: a RoBERTa (Liu et al. 2019) whose first position, pooled and projected, is the
// embedding.
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/clap_config.hpp"
#include "workers/encoders/tower_trace.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {

class ClapTextTower {
 public:
    static constexpr bool kSeesPadding = true;

    /// Of a "clap" or "clap_text_model" directory. The error names the file and its key or tensor.
    static Result<ClapTextTower> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// ids: [batch, length] whole numbers below vocabulary(), at most tokens_max() of a row not the padding
    /// id. mask: as ids, 1 = token; undefined: all are. Gives [batch, dimensions()], not of length 1.
    torch::Tensor features(const torch::Tensor& ids, const torch::Tensor& mask,
                           TowerTrace* trace = nullptr) const;

    std::int64_t tokens_max() const { return position_embedding_.size(0) - padding_id_ - 1; }
    std::int64_t padding_id() const { return padding_id_; }
    std::int64_t vocabulary() const { return token_table_.size(0); }
    std::int64_t dimensions() const { return projection_.dimensions(); }
    /// What the cosine of a text and a sound is multiplied by before a softmax over sounds.
    double logit_scale() const { return logit_scale_; }

 private:
    explicit ClapTextTower(TransformerStack stack) : stack_(std::move(stack)) {}

    std::int64_t padding_id_ = 1;
    torch::Tensor token_table_;         // [vocabulary, width], as stored
    torch::Tensor position_embedding_;  // [positions, width]; tokens count from padding_id_ + 1 on
    torch::Tensor type_embedding_;      // [width], of the only type that is used
    NormWeights first_norm_;
    TransformerStack stack_;
    LinearWeights pooler_;
    ClapProjection projection_;
    double logit_scale_ = 0;
};

}  // namespace bgm
