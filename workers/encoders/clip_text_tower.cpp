#include "workers/encoders/clip_text_tower.hpp"

#include "workers/encoders/clip_config.hpp"
#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

// OpenAI's files name token 2 the end token, which it is not: with them the reference takes the largest id of
// the row, which is the end token in their vocabulary.
constexpr std::int64_t kLargestIdEnds = 2;

}  // namespace

Result<ClipTextTower> ClipTextTower::load(const std::filesystem::path& directory,
                                          const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<ClipTextTower> {
        auto config = ConfigObject::read(directory / "config.json");
        if (!config) return config.error();
        const ConfigObject section = clip_section(*config, "text");
        const ClipShape shape = ClipShape::read(*config, section, 512, 8, 2048);
        const std::int64_t width = shape.block.width;
        const std::int64_t vocabulary = section.whole("vocab_size", 49408, 1, 4'000'000);
        const std::int64_t tokens_max = section.whole("max_position_embeddings", 77, 1, 4096);
        const std::int64_t end_id = section.whole("eos_token_id", 49407, 0, 4'000'000);
        if (!config->status().ok()) return config->status().error();

        auto weights = Weights::open(directory, arithmetic.device);
        if (!weights) return weights.error();
        const std::string model = "text_model.";
        auto blocks = clip_blocks(*weights, model + "encoder.layers", shape);
        const torch::Tensor token_table =
            weights->table(model + "embeddings.token_embedding.weight", {vocabulary, width});
        const torch::Tensor position_embedding =
            weights->take(model + "embeddings.position_embedding.weight", {tokens_max, width});
        const NormWeights last_norm =
            NormWeights::take(*weights, model + "final_layer_norm", width, shape.epsilon);
        const LinearWeights projection =
            LinearWeights::take(*weights, "text_projection", width, shape.projection, false);
        const double logit_scale = clip_logit_scale(*weights, *config);
        if (!weights->status().ok()) return weights->status().error();
        if (!config->status().ok()) return config->status().error();

        ClipTextTower tower(TransformerStack(shape.block, std::move(blocks), arithmetic));
        tower.end_id_ = end_id;
        tower.token_table_ = token_table;
        tower.position_embedding_ = position_embedding;
        tower.last_norm_ = last_norm;
        tower.projection_ = projection;
        tower.logit_scale_ = logit_scale;
        return tower;
    });
}

torch::Tensor ClipTextTower::end_positions(const torch::Tensor& ids) const {
    // The first of equals; a row without an end token gives its first position.
    return end_id_ == kLargestIdEnds ? ids.argmax(1) : ids.eq(end_id_).to(torch::kInt64).argmax(1);
}

torch::Tensor ClipTextTower::features(const torch::Tensor& ids, const torch::Tensor& mask,
                                      TowerTrace* trace) const {
    const torch::Device device = position_embedding_.device();
    const torch::Tensor rows = ids.to(device);
    const std::int64_t length = rows.size(1);
    const torch::Tensor hidden = lookup(token_table_, rows) + position_embedding_.narrow(0, 0, length);
    AttentionBias bias{.shared = causal_mask(length, device), .per_sequence = {}};
    if (mask.defined()) bias.per_sequence = padding_mask(mask.to(device));
    if (trace != nullptr) trace->hidden_states.push_back(hidden);
    const torch::Tensor last =
        stack_.forward(hidden, bias, trace != nullptr ? &trace->hidden_states : nullptr);

    const torch::Tensor ends = end_positions(rows).view({-1, 1, 1}).expand({last.size(0), 1, last.size(2)});
    const torch::Tensor pooled = layer_norm(last.gather(1, ends).squeeze(1), last_norm_);
    if (trace != nullptr) {
        trace->last_hidden_state = layer_norm(last, last_norm_);
        trace->pooled = pooled;
    }
    return linear(pooled, projection_);
}

}  // namespace bgm
