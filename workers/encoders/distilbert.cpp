#include "workers/encoders/distilbert.hpp"

#include <string>

#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

constexpr double kEpsilon = 1e-12;  // no key of config.json: the reference has it in its code

struct DistilBertShape {
    BlockShape block;
    std::int64_t layers = 6;
};

// transformers knows the sizes by two names each; the general one wins where a file has both.
std::int64_t either(const ConfigObject& config, std::string_view general, std::string_view own,
                    std::int64_t absent, std::int64_t most) {
    return config.whole(config.has(general) ? general : own, absent, 1, most);
}

DistilBertShape read_shape(const ConfigObject& config) {
    DistilBertShape shape{
        .block = {.width = either(config, "hidden_size", "dim", 768, 16384),
                  .heads = either(config, "num_attention_heads", "n_heads", 12, 256),
                  .mlp_width = config.whole("hidden_dim", 3072, 1, 65536),
                  .activation = activation(config, "activation", "gelu"),
                  .order = NormOrder::after},
        .layers = either(config, "num_hidden_layers", "n_layers", 6, 256),
    };
    if (shape.block.width % shape.block.heads != 0)
        config.refuse("n_heads", std::to_string(shape.block.heads) + " heads do not divide a width of " +
                                     std::to_string(shape.block.width));
    return shape;
}

std::vector<BlockWeights> read_blocks(const Weights& weights, const std::string& prefix,
                                      const DistilBertShape& shape) {
    const std::int64_t width = shape.block.width;
    std::vector<BlockWeights> blocks;
    for (std::int64_t i = 0; i < shape.layers && weights.status().ok(); ++i) {
        const std::string block = prefix + "transformer.layer." + std::to_string(i) + ".";
        const auto projection = [&](const char* name) {
            return LinearWeights::take(weights, block + "attention." + name, width, width);
        };
        blocks.push_back({
            .query = projection("q_lin"),
            .key = projection("k_lin"),
            .value = projection("v_lin"),
            .out = projection("out_lin"),
            .attention_norm = NormWeights::take(weights, block + "sa_layer_norm", width, kEpsilon),
            .mlp_in = LinearWeights::take(weights, block + "ffn.lin1", width, shape.block.mlp_width),
            .mlp_out = LinearWeights::take(weights, block + "ffn.lin2", shape.block.mlp_width, width),
            .mlp_norm = NormWeights::take(weights, block + "output_layer_norm", width, kEpsilon),
        });
    }
    return blocks;
}

}  // namespace

Result<DistilBert> DistilBert::load(const std::filesystem::path& directory, const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<DistilBert> {
        auto config = ConfigObject::read(directory / "config.json");
        if (!config) return config.error();
        if (config->text("model_type", "distilbert") != "distilbert")
            config->refuse("model_type", "must be distilbert");
        const DistilBertShape shape = read_shape(*config);
        const std::int64_t width = shape.block.width;
        const std::int64_t vocabulary = config->whole("vocab_size", 30522, 1, 4'000'000);
        const std::int64_t tokens_max = config->whole("max_position_embeddings", 512, 1, 4096);
        if (!config->status().ok()) return config->status().error();

        auto weights = Weights::open(directory, arithmetic.device);
        if (!weights) return weights.error();
        // A checkpoint of a model with a head on top has the whole trunk under a name of its own.
        const std::string prefix =
            weights->has("distilbert.embeddings.word_embeddings.weight") ? "distilbert." : "";
        auto blocks = read_blocks(*weights, prefix, shape);
        const std::string embeddings = prefix + "embeddings.";
        const torch::Tensor token_table =
            weights->table(embeddings + "word_embeddings.weight", {vocabulary, width});
        const torch::Tensor position_embedding =
            weights->take(embeddings + "position_embeddings.weight", {tokens_max, width});
        const NormWeights first_norm = NormWeights::take(*weights, embeddings + "LayerNorm", width, kEpsilon);
        if (!weights->status().ok()) return weights->status().error();

        DistilBert trunk(TransformerStack(shape.block, std::move(blocks), arithmetic));
        trunk.token_table_ = token_table;
        trunk.position_embedding_ = position_embedding;
        trunk.first_norm_ = first_norm;
        return trunk;
    });
}

torch::Tensor DistilBert::forward(const torch::Tensor& ids, const torch::Tensor& mask,
                                  TowerTrace* trace) const {
    const torch::Device device = position_embedding_.device();
    const torch::Tensor rows = ids.to(device);
    const torch::Tensor hidden =
        layer_norm(lookup(token_table_, rows) + position_embedding_.narrow(0, 0, rows.size(1)), first_norm_);
    AttentionBias bias;
    if (mask.defined()) bias.per_sequence = padding_mask(mask.to(device));
    if (trace != nullptr) trace->hidden_states.push_back(hidden);
    const torch::Tensor last =
        stack_.forward(hidden, bias, trace != nullptr ? &trace->hidden_states : nullptr);
    if (trace != nullptr) trace->last_hidden_state = last;
    return last;
}

}  // namespace bgm
