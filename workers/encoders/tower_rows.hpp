// What goes into a text tower and what comes out of every tower, between plain numbers and tensors.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct TokenBatch {
    torch::Tensor ids;   // [texts, longest], each text's last id repeated behind it
    torch::Tensor mask;  // the same shape, 1 = token; undefined where all are of one length
};

/// `invalid_argument` where there is no text, or a text without ids, with more than `tokens_max` of them or
/// with one that is not from 0 to `vocabulary` - 1.
Result<TokenBatch> token_batch(std::span<const std::vector<std::int64_t>> texts, std::int64_t tokens_max,
                               std::int64_t vocabulary);

/// The rows of [rows, width], made of length 1, one after the other. `corrupt` where they hold a NaN or an
/// infinity: then the weights do.
Result<std::vector<float>> unit_rows(const torch::Tensor& rows);

}  // namespace bgm
