#include "workers/encoders/caption_decoder.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace bgm {
namespace {

// The causal mask for `length` tokens behind `past` others: [1, length, past + length].
torch::Tensor look_back_mask(std::int64_t past, std::int64_t length, const torch::Tensor& like) {
    return at::full({1, length, past + length}, kMasked, like.options()).triu(past + 1);
}

CaptionDecoder::KeysAndValues joined(const CaptionDecoder::KeysAndValues& past,
                                     const CaptionDecoder::KeysAndValues& next) {
    if (!past.keys.defined()) return next;
    return {.keys = at::cat({past.keys, next.keys}, 1), .values = at::cat({past.values, next.values}, 1)};
}

void select_rows(torch::Tensor& tensor, const torch::Tensor& rows) {
    if (tensor.defined()) tensor = tensor.index_select(0, rows);
}

torch::Tensor index(const std::vector<std::int64_t>& values, const torch::Tensor& like) {
    return at::tensor(values, torch::TensorOptions().dtype(torch::kInt64)).to(like.device());
}

}  // namespace

Result<CaptionDecoder> CaptionDecoder::open(const BlipConfig::Text& config, std::int64_t image_width,
                                            const Weights& weights) {
    const std::int64_t width = config.block.width;
    const double epsilon = config.epsilon;
    const auto square = [&](const std::string& name) {
        return LinearWeights::take(weights, name, width, width);
    };
    const auto norm = [&](const std::string& name) {
        return NormWeights::take(weights, name, width, epsilon);
    };
    CaptionDecoder decoder(config.block);
    const std::string embeddings = "text_decoder.bert.embeddings.";
    const std::string words = embeddings + "word_embeddings.weight";
    decoder.words_ = weights.table(words, {config.vocabulary, width});
    decoder.positions_ = weights.take(embeddings + "position_embeddings.weight", {config.positions, width});
    decoder.embedding_norm_ = norm(embeddings + "LayerNorm");
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string prefix = "text_decoder.bert.encoder.layer." + std::to_string(i) + ".";
        Layer layer;
        layer.self.query = square(prefix + "attention.self.query");
        layer.self.key = square(prefix + "attention.self.key");
        layer.self.value = square(prefix + "attention.self.value");
        layer.self.out = square(prefix + "attention.output.dense");
        layer.self.attention_norm = norm(prefix + "attention.output.LayerNorm");
        const std::string cross = prefix + "crossattention.";
        layer.image_query = square(cross + "self.query");
        layer.image_key = LinearWeights::take(weights, cross + "self.key", image_width, width);
        layer.image_value = LinearWeights::take(weights, cross + "self.value", image_width, width);
        layer.image_out = square(cross + "output.dense");
        layer.image_norm = norm(cross + "output.LayerNorm");
        layer.self.mlp_in =
            LinearWeights::take(weights, prefix + "intermediate.dense", width, config.block.mlp_width);
        layer.self.mlp_out =
            LinearWeights::take(weights, prefix + "output.dense", config.block.mlp_width, width);
        layer.self.mlp_norm = norm(prefix + "output.LayerNorm");
        decoder.layers_.push_back(std::move(layer));
    }
    const std::string predictions = "text_decoder.cls.predictions.";
    decoder.transform_ = square(predictions + "transform.dense");
    decoder.transform_norm_ = norm(predictions + "transform.LayerNorm");
    // A file may leave out what is tied: the output weights to the word embeddings, one bias to the other.
    decoder.vocabulary_.weight =
        weights.take_any({predictions + "decoder.weight", words}, {config.vocabulary, width});
    decoder.vocabulary_.bias =
        weights.take_any({predictions + "decoder.bias", predictions + "bias"}, {config.vocabulary});
    if (auto status = weights.status(); !status) return status.error();
    return decoder;
}

CaptionDecoder::State CaptionDecoder::begin(const torch::Tensor& image) const {
    State state;
    for (const Layer& layer : layers_) {
        state.image.push_back(
            {.keys = linear(image, layer.image_key), .values = linear(image, layer.image_value)});
    }
    state.past.resize(layers_.size());
    return state;
}

void CaptionDecoder::select(State& state, std::span<const std::size_t> parents) const {
    const torch::Tensor& first = state.past.front().keys;
    const auto images = state.image.front().keys.size(0);
    const std::int64_t rows_per_image = first.size(0) / images;
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> kept;
    for (const std::size_t parent : parents) {
        rows.push_back(static_cast<std::int64_t>(parent));
        const std::int64_t image = rows.back() / rows_per_image;
        if (kept.empty() || kept.back() != image) kept.push_back(image);
    }
    const torch::Tensor row_index = index(rows, first);
    for (auto& [keys, values] : state.past) {
        select_rows(keys, row_index);
        select_rows(values, row_index);
    }
    select_rows(state.hidden_past, row_index);
    if (static_cast<std::int64_t>(kept.size()) == images) return;
    const torch::Tensor image_index = index(kept, first);
    for (auto& [keys, values] : state.image) {
        select_rows(keys, image_index);
        select_rows(values, image_index);
    }
}

torch::Tensor CaptionDecoder::feed(State& state, const torch::Tensor& ids, const torch::Tensor& hidden_ids,
                                   std::vector<torch::Tensor>* hidden_states) const {
    const std::int64_t rows = ids.size(0);
    const std::int64_t length = ids.size(1);
    const std::int64_t images = state.image.front().keys.size(0);
    const std::int64_t width = shape_.width;

    torch::Tensor x =
        layer_norm(lookup(words_, ids) + positions_.narrow(0, state.tokens, length), embedding_norm_);
    if (hidden_states != nullptr) hidden_states->push_back(x);

    if (hidden_ids.defined() || state.hidden_past.defined()) {
        const torch::Tensor past =
            state.hidden_past.defined() ? state.hidden_past : at::zeros({rows, state.tokens}, x.options());
        const torch::Tensor now =
            hidden_ids.defined() ? hidden_ids.to(x.options()) : at::zeros({rows, length}, x.options());
        state.hidden_past = at::cat({past, now}, 1);
    }
    AttentionBias bias;
    if (length > 1) bias.shared = look_back_mask(state.tokens, length, x);
    if (state.hidden_past.defined()) bias.per_sequence = (state.hidden_past * kMasked).unsqueeze(1);

    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const Layer& layer = layers_[i];
        const BlockWeights& self = layer.self;
        KeysAndValues& past = state.past[i];
        past = joined(past, {.keys = linear(x, self.key), .values = linear(x, self.value)});
        const torch::Tensor seen =
            attention(linear(x, self.query), past.keys, past.values, shape_.heads, bias);
        x = layer_norm(x + linear(seen, self.out), self.attention_norm);
        // All rows of an image ask it at once: as if they were one longer sequence.
        const torch::Tensor asked = linear(x, layer.image_query).view({images, -1, width});
        const torch::Tensor shown =
            attention(asked, state.image[i].keys, state.image[i].values, shape_.heads, {});
        x = layer_norm(x + linear(shown.view({rows, length, width}), layer.image_out), layer.image_norm);
        x = layer_norm(x + linear(activate(linear(x, self.mlp_in), shape_.activation), self.mlp_out),
                       self.mlp_norm);
        if (hidden_states != nullptr) hidden_states->push_back(x);
    }
    state.tokens += length;
    return x;
}

torch::Tensor CaptionDecoder::logits(const torch::Tensor& hidden) const {
    const torch::Tensor transformed =
        layer_norm(activate(linear(hidden, transform_), shape_.activation), transform_norm_);
    return linear(transformed, vocabulary_);
}

}  // namespace bgm
