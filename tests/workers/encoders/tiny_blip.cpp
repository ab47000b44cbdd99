#include "tests/workers/encoders/tiny_blip.hpp"

#include <cstring>
#include <fstream>
#include <random>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

constexpr std::int64_t kVocabulary = 24, kPositions = 12, kWidth = 16, kMlp = 24, kLayers = 2;
constexpr std::int64_t kImageWidth = 12, kImageMlp = 20, kImageLayers = 2, kPatch = 4, kPatches = 4;

class Weighing {
 public:
    Weighing(TinyTensors& tensors, std::uint32_t seed) : tensors_(tensors), numbers_(seed) {}

    void add(const std::string& name, std::vector<std::int64_t> shape, float spread, float centre = 0) {
        std::size_t count = 1;
        for (const std::int64_t extent : shape)
            count *= static_cast<std::size_t>(extent);
        std::vector<float> values(count);
        // The standard's distributions differ between libraries, its generators do not.
        for (float& value : values)
            value = centre + spread * (static_cast<float>(numbers_() % 20001U) / 10000.0F - 1.0F);
        tensors_[name] = {std::move(shape), std::move(values)};
    }
    void linear(const std::string& name, std::int64_t in, std::int64_t out) {
        add(name + ".weight", {out, in}, 0.6F);
        add(name + ".bias", {out}, 0.3F);
    }
    void norm(const std::string& name, std::int64_t width) {
        add(name + ".weight", {width}, 0.5F, 1.0F);
        add(name + ".bias", {width}, 0.3F);
    }

 private:
    TinyTensors& tensors_;
    std::mt19937 numbers_;
};

void add_vision(Weighing& weights) {
    const std::string model = "vision_model.";
    weights.add(model + "embeddings.class_embedding", {1, 1, kImageWidth}, 1);
    weights.add(model + "embeddings.position_embedding", {1, 1 + kPatches, kImageWidth}, 1);
    weights.add(model + "embeddings.patch_embedding.weight", {kImageWidth, 3, kPatch, kPatch}, 0.3F);
    weights.add(model + "embeddings.patch_embedding.bias", {kImageWidth}, 0.3F);
    for (std::int64_t i = 0; i < kImageLayers; ++i) {
        const std::string layer = model + "encoder.layers." + std::to_string(i) + ".";
        weights.linear(layer + "self_attn.qkv", kImageWidth, 3 * kImageWidth);
        weights.linear(layer + "self_attn.projection", kImageWidth, kImageWidth);
        weights.linear(layer + "mlp.fc1", kImageWidth, kImageMlp);
        weights.linear(layer + "mlp.fc2", kImageMlp, kImageWidth);
        weights.norm(layer + "layer_norm1", kImageWidth);
        weights.norm(layer + "layer_norm2", kImageWidth);
    }
    weights.norm(model + "post_layernorm", kImageWidth);
}

void add_decoder(Weighing& weights) {
    const std::string bert = "text_decoder.bert.";
    weights.add(bert + "embeddings.word_embeddings.weight", {kVocabulary, kWidth}, 1);
    weights.add(bert + "embeddings.position_embeddings.weight", {kPositions, kWidth}, 0.5F);
    weights.norm(bert + "embeddings.LayerNorm", kWidth);
    for (std::int64_t i = 0; i < kLayers; ++i) {
        const std::string layer = bert + "encoder.layer." + std::to_string(i) + ".";
        for (const char* attention : {"attention.", "crossattention."}) {
            const std::int64_t seen = std::strcmp(attention, "attention.") == 0 ? kWidth : kImageWidth;
            weights.linear(layer + attention + "self.query", kWidth, kWidth);
            weights.linear(layer + attention + "self.key", seen, kWidth);
            weights.linear(layer + attention + "self.value", seen, kWidth);
            weights.linear(layer + attention + "output.dense", kWidth, kWidth);
            weights.norm(layer + attention + "output.LayerNorm", kWidth);
        }
        weights.linear(layer + "intermediate.dense", kWidth, kMlp);
        weights.linear(layer + "output.dense", kMlp, kWidth);
        weights.norm(layer + "output.LayerNorm", kWidth);
    }
    const std::string predictions = "text_decoder.cls.predictions.";
    weights.linear(predictions + "transform.dense", kWidth, kWidth);
    weights.norm(predictions + "transform.LayerNorm", kWidth);
    weights.add(predictions + "decoder.weight", {kVocabulary, kWidth}, 0.6F);
    weights.add(predictions + "bias", {kVocabulary}, 0.3F);
}

}  // namespace

TinyBlip::TinyBlip(std::uint32_t seed) {
    config = {{"model_type", "blip"},
              {"vision_config",
               {{"hidden_size", kImageWidth},
                {"intermediate_size", kImageMlp},
                {"num_hidden_layers", kImageLayers},
                {"num_attention_heads", 3},
                {"image_size", 8},
                {"patch_size", kPatch}}},
              {"text_config",
               {{"vocab_size", kVocabulary},
                {"hidden_size", kWidth},
                {"intermediate_size", kMlp},
                {"num_hidden_layers", kLayers},
                {"num_attention_heads", 2},
                {"max_position_embeddings", kPositions},
                {"bos_token_id", 22},
                {"sep_token_id", 2},
                {"max_length", 10}}}};
    Weighing weights(tensors, seed);
    add_vision(weights);
    add_decoder(weights);
}

void TinyBlip::write(const std::filesystem::path& directory) const {
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "config.json") << config.dump();
    std::vector<TensorToWrite> file;
    for (const auto& [name, tensor] : tensors) {
        std::string bytes(tensor.values.size() * sizeof(float), '\0');
        std::memcpy(bytes.data(), tensor.values.data(), bytes.size());
        file.push_back({name, "F32", tensor.shape, std::move(bytes)});
    }
    std::ofstream(directory / "model.safetensors", std::ios::binary) << write_safetensors(file, {});
}

}  // namespace bgm
