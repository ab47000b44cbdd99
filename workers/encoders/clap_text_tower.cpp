#include "workers/encoders/clap_text_tower.hpp"

#include <ATen/ops/cumsum.h>
#include <ATen/ops/tanh.h>

#include <string>

#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

struct TextShape {
    BlockShape block;
    std::int64_t layers = 12;
    double epsilon = 1e-12;
    std::int64_t vocabulary = 50265;
    std::int64_t positions = 514;
    std::int64_t types = 1;
    std::int64_t padding_id = 1;
};

TextShape read_shape(const ConfigObject& section) {
    TextShape shape{
        .block = {.width = section.whole("hidden_size", 768, 1, 16'384),
                  .heads = section.whole("num_attention_heads", 12, 1, 256),
                  .mlp_width = section.whole("intermediate_size", 3072, 1, 65'536),
                  .activation = activation(section, "hidden_act", "gelu"),
                  .order = NormOrder::after},
        .layers = section.whole("num_hidden_layers", 12, 1, 256),
        .epsilon = section.number("layer_norm_eps", 1e-12, 0, 1),
        .vocabulary = section.whole("vocab_size", 50265, 1, 4'000'000),
        .positions = section.whole("max_position_embeddings", 514, 2, 4096),
        .types = section.whole("type_vocab_size", 1, 1, 1024),
        .padding_id = section.whole("pad_token_id", 1, 0, 4'000'000),
    };
    if (shape.block.width % shape.block.heads != 0)
        section.refuse("num_attention_heads", std::to_string(shape.block.heads) +
                                                  " heads do not divide a width of " +
                                                  std::to_string(shape.block.width));
    if (shape.padding_id + 1 >= shape.positions)
        section.refuse("max_position_embeddings",
                       "leaves no position for a token: they count from pad_token_id + 1");
    if (const std::string type = section.text("position_embedding_type", "absolute"); type != "absolute")
        section.refuse("position_embedding_type", "'" + type + "' is not handled, only absolute is");
    return shape;
}

std::vector<BlockWeights> read_blocks(const Weights& weights, const std::string& prefix,
                                      const TextShape& shape) {
    const std::int64_t width = shape.block.width;
    std::vector<BlockWeights> blocks;
    for (std::int64_t i = 0; i < shape.layers && weights.status().ok(); ++i) {
        const std::string block = prefix + "encoder.layer." + std::to_string(i) + ".";
        const auto projection = [&](const char* name) {
            return LinearWeights::take(weights, block + "attention." + name, width, width);
        };
        const auto norm = [&](const char* name) {
            return NormWeights::take(weights, block + name, width, shape.epsilon);
        };
        blocks.push_back({
            .query = projection("self.query"),
            .key = projection("self.key"),
            .value = projection("self.value"),
            .out = projection("output.dense"),
            .attention_norm = norm("attention.output.LayerNorm"),
            .mlp_in =
                LinearWeights::take(weights, block + "intermediate.dense", width, shape.block.mlp_width),
            .mlp_out = LinearWeights::take(weights, block + "output.dense", shape.block.mlp_width, width),
            .mlp_norm = norm("output.LayerNorm"),
        });
    }
    return blocks;
}

}  // namespace

Result<ClapTextTower> ClapTextTower::load(const std::filesystem::path& directory,
                                          const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<ClapTextTower> {
        auto config = ConfigObject::read(directory / "config.json");
        if (!config) return config.error();
        const TextShape shape = read_shape(clap_section(*config, "text"));
        const std::int64_t width = shape.block.width;
        const auto projection_shape = ClapProjection::Shape::read(*config, width);
        if (!config->status().ok()) return config->status().error();

        auto weights = Weights::open(directory, arithmetic.device);
        if (!weights) return weights.error();
        const std::string model = "text_model.";
        const std::string embeddings = model + "embeddings.";
        auto blocks = read_blocks(*weights, model, shape);
        const torch::Tensor token_table =
            weights->table(embeddings + "word_embeddings.weight", {shape.vocabulary, width});
        const torch::Tensor position_embedding =
            weights->take(embeddings + "position_embeddings.weight", {shape.positions, width});
        const torch::Tensor type_embeddings =
            weights->take(embeddings + "token_type_embeddings.weight", {shape.types, width});
        const NormWeights first_norm =
            NormWeights::take(*weights, embeddings + "LayerNorm", width, shape.epsilon);
        const LinearWeights pooler = LinearWeights::take(*weights, model + "pooler.dense", width, width);
        const ClapProjection projection = ClapProjection::take(*weights, "text_projection", projection_shape);
        const double logit_scale = clap_logit_scale(*weights, *config, "logit_scale_t");
        if (!weights->status().ok()) return weights->status().error();
        if (!config->status().ok()) return config->status().error();

        ClapTextTower tower(TransformerStack(shape.block, std::move(blocks), arithmetic));
        tower.padding_id_ = shape.padding_id;
        tower.token_table_ = token_table;
        tower.position_embedding_ = position_embedding;
        tower.type_embedding_ = type_embeddings[0];
        tower.first_norm_ = first_norm;
        tower.pooler_ = pooler;
        tower.projection_ = projection;
        tower.logit_scale_ = logit_scale;
        return tower;
    });
}

torch::Tensor ClapTextTower::features(const torch::Tensor& ids, const torch::Tensor& mask,
                                      TowerTrace* trace) const {
    const torch::Device device = position_embedding_.device();
    const torch::Tensor rows = ids.to(device);
    // By the ids, not by the mask: a padding id has the position of its own number, and the others count on
    // from there.
    const torch::Tensor counted = rows.ne(padding_id_).to(torch::kInt64);
    const torch::Tensor positions = at::cumsum(counted, 1) * counted + padding_id_;
    const torch::Tensor hidden = layer_norm(
        lookup(token_table_, rows) + type_embedding_ + lookup(position_embedding_, positions), first_norm_);
    AttentionBias bias;
    if (mask.defined()) bias.per_sequence = padding_mask(mask.to(device));
    if (trace != nullptr) trace->hidden_states.push_back(hidden);
    const torch::Tensor last =
        stack_.forward(hidden, bias, trace != nullptr ? &trace->hidden_states : nullptr);
    const torch::Tensor pooled = at::tanh(linear(last.select(1, 0).contiguous(), pooler_));
    if (trace != nullptr) {
        trace->last_hidden_state = last;
        trace->pooled = pooled;
    }
    return projection_.forward(pooled);
}

}  // namespace bgm
