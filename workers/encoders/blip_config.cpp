#include "workers/encoders/blip_config.hpp"

#include <algorithm>

#include "workers/config_object.hpp"

namespace bgm {
namespace {

constexpr std::int64_t kWidthMax = 8192;
constexpr std::int64_t kLayersMax = 128;
constexpr std::int64_t kPatchesMax = 4096;  // attention takes memory by the square of them
constexpr std::int64_t kLengthMax = 1024;
constexpr std::int64_t kBeamsMax = 16;

BlockShape read_block(const ConfigObject& config, std::int64_t heads, NormOrder order) {
    BlockShape block;
    block.width = config.whole("hidden_size", 768, 1, kWidthMax);
    block.heads = config.whole("num_attention_heads", heads, 1, 256);
    block.mlp_width = config.whole("intermediate_size", 3072, 1, 8 * kWidthMax);
    block.activation = activation(config, "hidden_act", "gelu");
    block.order = order;
    if (block.width % block.heads != 0) config.refuse("num_attention_heads", "does not divide hidden_size");
    return block;
}

BlipConfig::Vision read_vision(const ConfigObject& config) {
    BlipConfig::Vision vision;
    vision.image_size = config.whole("image_size", 384, 1, 2048);
    vision.patch_size = config.whole("patch_size", 16, 1, 2048);
    vision.layers = config.whole("num_hidden_layers", 12, 1, kLayersMax);
    vision.epsilon = config.number("layer_norm_eps", 1e-5, 0, 1);
    vision.block = read_block(config, 12, NormOrder::before);
    if (config.whole("num_channels", 3, 1, 3) != 3) config.refuse("num_channels", "must be 3");
    if (vision.patch_size > vision.image_size) config.refuse("patch_size", "is larger than image_size");
    if (vision.patches() > kPatchesMax)
        config.refuse("patch_size", "makes more than " + std::to_string(kPatchesMax) + " patches");
    return vision;
}

TokenSearch read_search(const ConfigObject& config, std::int64_t vocabulary) {
    TokenSearch search;
    search.beams = static_cast<std::size_t>(config.whole("num_beams", 1, 1, kBeamsMax));
    search.length_min = static_cast<std::size_t>(config.whole("min_length", 0, 0, kLengthMax));
    search.length_max = static_cast<std::size_t>(config.whole("max_length", 20, 1, kLengthMax));
    // One outside a small vocabulary is never said, as in the reference: captions are of the full length.
    search.end_id = config.whole("sep_token_id", 102, 0, 1'000'000'000);
    search.pad_id = config.whole("pad_token_id", 0, 0, vocabulary - 1);
    search.length_penalty = config.number("length_penalty", 1.0, -10, 10);
    search.early_stopping = config.flag("early_stopping", false);
    return search;
}

// Ways of generating that would give other captions than the reference if they were passed over.
void refuse_what_is_missing(const ConfigObject& config) {
    if (config.flag("do_sample", false)) config.refuse("do_sample", "sampling is not supported");
    for (const char* key : {"no_repeat_ngram_size", "encoder_no_repeat_ngram_size"}) {
        if (config.whole(key, 0, 0, kLengthMax) != 0) config.refuse(key, "is not supported");
    }
    if (config.number("repetition_penalty", 1.0, 0, 100) != 1.0)
        config.refuse("repetition_penalty", "is not supported");
    if (config.whole("num_beam_groups", 1, 1, kBeamsMax) != 1)
        config.refuse("num_beam_groups", "is not supported");
    for (const char* key : {"bad_words_ids", "suppress_tokens", "begin_suppress_tokens",
                            "forced_bos_token_id", "forced_eos_token_id"}) {
        if (config.has(key)) config.refuse(key, "is not supported");
    }
}

BlipConfig::Text read_text(const ConfigObject& config) {
    BlipConfig::Text text;
    text.vocabulary = config.whole("vocab_size", 30524, 2, 1'000'000);
    text.positions = config.whole("max_position_embeddings", 512, 1, 65536);
    text.layers = config.whole("num_hidden_layers", 12, 1, kLayersMax);
    text.epsilon = config.number("layer_norm_eps", 1e-12, 0, 1);
    text.block = read_block(config, 8, NormOrder::after);
    text.bos_id = config.whole("bos_token_id", 30522, 0, text.vocabulary - 1);
    text.search = read_search(config, text.vocabulary);
    if (text.bos_id >= text.vocabulary) config.refuse("bos_token_id", "is outside the vocabulary");
    refuse_what_is_missing(config);
    // The last token is not fed, so there may be one more than positions.
    text.search.length_max = std::min(text.search.length_max, static_cast<std::size_t>(text.positions) + 1);
    return text;
}

}  // namespace

Result<BlipConfig> BlipConfig::read(const std::filesystem::path& directory) {
    const auto config = ConfigObject::read(directory / "config.json");
    if (!config) return config.error();
    const std::string family = config->text("model_type", "");
    if (family != "blip") config->refuse("model_type", "'" + family + "' is not blip");
    BlipConfig blip;
    blip.vision = read_vision(config->object("vision_config"));
    blip.text = read_text(config->object("text_config"));
    if (auto status = config->status(); !status) return status.error();
    return blip;
}

}  // namespace bgm
