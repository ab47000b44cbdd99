// A linear head: turns an embedding into mood evidence.
//
//     mood   = softmax((mood.weight x + mood.bias) / temperature)      temperature: Guo et al. 2017
//     affect = cut(affect.weight x + affect.bias, -1, 1)               valence, arousal
//     felt   = 1 / (1 + exp(-(felt.weight x + felt.bias)))         whether there is anything to feel
//     precision = the head's own precision * quality of this embedding
//
// `mood` is to be read under a uniform prior: whoever fits a head takes the class frequencies of the training
// set out of mood.bias (logit adjustment, Menon et al. 2021), and the pool adds the prior that it is told.
//
// A head is a safetensors file: tensors mood.weight [13, d], mood.bias [13], affect.weight [2, d],
// affect.bias [2], optionally felt.weight [1, d] and felt.bias [1] (F32, F16 or BF16), and the metadata
// `model` (what the worker calls its embedding), `modality`, and optionally `temperature` (default 1) and
// `precision` (default 1). Rows are in mood order.
//
// Immutable once parsed: share it between threads. Keeps a copy of the weights, not the file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "fusion/mood/evidence.hpp"
#include "fusion/mood/head_file.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

class LinearHead {
 public:
    /// `corrupt` for bytes that are no such file or hold numbers that are not finite, `invalid_argument` for
    /// missing or senseless metadata, `too_large` past 65,536 inputs. The message names the tensor or key.
    static Result<LinearHead> parse(std::span<const std::byte> safetensors_file);

    const std::string& model() const { return model_; }
    Modality modality() const { return modality_; }
    /// Length of the embedding it reads.
    std::size_t width() const { return width_; }
    float precision() const { return precision_; }
    float temperature() const { return temperature_; }
    /// As they were in the file.
    HeadWeights weights() const;

    /// `quality` (0..1, cut to it) scales the precision. `invalid_argument` for an embedding of another
    /// width, with a number that is not finite, or so large that the sums overflow, and for a quality that is
    /// not finite.
    Result<Evidence> read(std::span<const float> embedding, float quality) const;

 private:
    LinearHead() = default;

    std::string model_;
    Modality modality_ = Modality::text;
    std::size_t width_ = 0;
    float temperature_ = 1;
    float precision_ = 1;
    bool judges_felt_ = false;
    std::vector<float> columns_;  // [width + 1, 16]: per input its 13 mood, 2 affect and 1 felt weights; the
                                  // last row: the biases
};

}  // namespace bgm
