// DistilBERT (Sanh et al. 2019): token ids to one vector a token.
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

class DistilBert {
 public:
    /// Of a "distilbert" directory, with transformers 4.34's defaults for absent keys. The error names the
    /// file and its key or tensor.
    static Result<DistilBert> load(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// ids: [batch, length <= tokens_max()] whole numbers below vocabulary(). mask: as ids, 1 = token;
    /// undefined: all are. Gives [batch, length, width()].
    torch::Tensor forward(const torch::Tensor& ids, const torch::Tensor& mask,
                          TowerTrace* trace = nullptr) const;

    std::int64_t tokens_max() const { return position_embedding_.size(0); }
    std::int64_t vocabulary() const { return token_table_.size(0); }
    std::int64_t width() const { return token_table_.size(1); }

 private:
    explicit DistilBert(TransformerStack stack) : stack_(std::move(stack)) {}

    torch::Tensor token_table_;         // [vocabulary, width], as stored
    torch::Tensor position_embedding_;  // [tokens_max, width]
    NormWeights first_norm_;
    TransformerStack stack_;
};

}  // namespace bgm
