// BLIP's text decoder: BERT blocks (norm after) whose tokens see those before them and the image.
//
// What was computed for earlier tokens is kept in a State, so each token is computed once; the image's keys
// and values are computed when the State begins. Immutable once made; any number of threads, each with its
// own State.
#pragma once

#include <torch/types.h>

#include <span>
#include <vector>

#include "workers/encoders/blip_config.hpp"

namespace bgm {

class CaptionDecoder {
 public:
    /// Takes the tensors `text_decoder.*`; the error is that of the first one that is missing or misshapen.
    /// `image_width`: numbers per image token, which may differ from the decoder's own width.
    static Result<CaptionDecoder> open(const BlipConfig::Text& config, std::int64_t image_width,
                                       const Weights& weights);

    /// Keys and values of one attention, each [rows, tokens, width].
    struct KeysAndValues {
        torch::Tensor keys, values;
    };
    /// The rows (sequences) under way. The rows of an image lie together and each image has as many as any
    /// other.
    struct State {
        std::vector<KeysAndValues> image;  // per layer, one entry per image
        std::vector<KeysAndValues> past;   // per layer, one entry per row; undefined before the first token
        torch::Tensor hidden_past;         // [rows, tokens]: 1 where a past token is not seen; or undefined
        std::int64_t tokens = 0;           // fed so far
    };

    /// No rows yet. `image`: [images, image tokens, image width].
    State begin(const torch::Tensor& image) const;
    /// Goes on with other rows: row i of the new state was row `parents[i]`. An image whose rows all go is
    /// dropped.
    void select(State& state, std::span<const std::size_t> parents) const;

    /// Feeds ids [rows, length] (whole numbers below the vocabulary) and gives the last hidden states [rows,
    /// length, width]. `hidden_ids`, where defined, is of the same shape, 1 where no later token may look.
    /// `hidden_states`, where given, receives the embeddings and what each block put out. At most `positions`
    /// tokens may be fed in all.
    torch::Tensor feed(State& state, const torch::Tensor& ids, const torch::Tensor& hidden_ids = {},
                       std::vector<torch::Tensor>* hidden_states = nullptr) const;
    /// Scores of every token of the vocabulary: [..., width] -> [..., vocabulary].
    torch::Tensor logits(const torch::Tensor& hidden) const;

 private:
    struct Layer {
        BlockWeights self;
        LinearWeights image_query, image_key, image_value, image_out;
        NormWeights image_norm;
    };
    explicit CaptionDecoder(BlockShape shape) : shape_(shape) {}

    BlockShape shape_;
    torch::Tensor words_;      // [vocabulary, width], as stored
    torch::Tensor positions_;  // [positions, width]
    NormWeights embedding_norm_;
    std::vector<Layer> layers_;
    LinearWeights transform_;
    NormWeights transform_norm_;
    LinearWeights vocabulary_;  // [vocabulary, width]
};

}  // namespace bgm
