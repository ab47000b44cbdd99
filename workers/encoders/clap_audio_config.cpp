#include "workers/encoders/clap_audio_config.hpp"

#include <algorithm>
#include <string>

namespace bgm {
namespace {

constexpr std::int64_t kTokensMax = 16'384;
constexpr std::int64_t kScoresMax = 4'194'304;  // of a head: tokens times tokens of a window
constexpr std::int64_t kStagesMax = 8;

std::string numbers(std::int64_t one, std::int64_t other) {
    return std::to_string(one) + " x " + std::to_string(other);
}

// One number for both sides, or a list of two.
void read_sides(const ConfigObject& section, std::string_view key, std::int64_t (&sides)[2]) {
    constexpr std::int64_t kMost = 256;
    if (!section.has_list(key)) {
        sides[0] = sides[1] = section.whole(key, sides[0], 1, kMost);
        return;
    }
    const auto values = section.wholes(key, {sides[0], sides[1]}, 1, kMost);
    if (values.size() != 2) {
        section.refuse(key, "must be a whole number or two");
        return;
    }
    std::copy(values.begin(), values.end(), sides);
}

void read_image(const ConfigObject& section, ClapAudioShape& shape) {
    shape.bands = section.whole("num_mel_bins", 64, 1, 1024);
    shape.side = section.whole("spec_size", 256, 1, 2048);
    if (shape.bands > shape.side) {
        section.refuse("spec_size", "is smaller than num_mel_bins");
        return;
    }
    shape.folds = shape.side / shape.bands;
    if (shape.side % shape.folds != 0)
        section.refuse("spec_size", "cannot be filled by " + std::to_string(shape.folds) +
                                        " stretches of time, one above the other");
    if (section.whole("patch_embed_input_channels", 1, 1, 64) != 1)
        section.refuse("patch_embed_input_channels", "must be 1");
    if (!section.flag("flatten_patch_embeds", true)) section.refuse("flatten_patch_embeds", "must be true");
    read_sides(section, "patch_size", shape.patch);
    read_sides(section, "patch_stride", shape.stride);
    for (int i = 0; i < 2; ++i) {
        const std::int64_t patch = shape.patch[i], stride = shape.stride[i], grid = shape.side / stride;
        const std::int64_t reach = shape.side + (patch - stride) / 2 * 2 - patch;
        if (patch < stride || reach < 0 || reach / stride + 1 != grid)
            section.refuse("patch_size", "patches of " + std::to_string(patch) + ", a step of " +
                                             std::to_string(stride) + " apart, do not make a grid of " +
                                             std::to_string(grid));
    }
}

// Stage number `i` of `count`, on what the stages before it leave of the grid.
SwinStageShape read_stage(const ConfigObject& section, const SwinStageShape& common, std::int64_t i,
                          std::int64_t count, std::int64_t depth, std::int64_t heads) {
    SwinStageShape stage = common;
    stage.height >>= i;
    stage.width >>= i;
    stage.block.width <<= i;
    stage.block.heads = heads;
    stage.depth = depth;
    stage.merges = i + 1 < count;
    const double mlp_width = section.number("mlp_ratio", 4, 0, 64) * static_cast<double>(stage.block.width);
    stage.block.mlp_width = static_cast<std::int64_t>(mlp_width);

    const std::string which = " in stage " + std::to_string(i);
    if (stage.block.mlp_width < 1) section.refuse("mlp_ratio", "leaves no perceptron" + which);
    if (stage.block.width % heads != 0)
        section.refuse("num_attention_heads", std::to_string(heads) + " heads do not divide a width of " +
                                                  std::to_string(stage.block.width) + which);
    if (stage.merges && (stage.height % 2 != 0 || stage.width % 2 != 0))
        section.refuse("depths",
                       "a grid of " + numbers(stage.height, stage.width) + " cannot be halved" + which);
    if (std::min(stage.height, stage.width) < stage.window)
        section.refuse("window_size",
                       "is larger than the grid of " + numbers(stage.height, stage.width) + which);
    else if (const WindowGrid padded = stage.grid(0).padded();
             padded.tokens() * padded.window_tokens() > kScoresMax)
        section.refuse("window_size", "makes more than " + std::to_string(kScoresMax) + " scores" + which);
    return stage;
}

void read_stages(const ConfigObject& section, ClapAudioShape& shape) {
    const auto depths = section.wholes("depths", {2, 2, 6, 2}, 0, 64);
    const auto heads = section.wholes("num_attention_heads", {4, 8, 16, 32}, 1, 256);
    const auto count = static_cast<std::int64_t>(depths.size());
    if (count < 1 || count > kStagesMax || heads.size() < depths.size()) {
        section.refuse("depths", "must be 1 to " + std::to_string(kStagesMax) +
                                     " stages, each with its number in num_attention_heads");
        return;
    }
    shape.width = section.whole("patch_embeds_hidden_size", 96, 1, 4096);
    const SwinStageShape common{
        .height = shape.side / shape.stride[0],
        .width = shape.side / shape.stride[1],
        .window = section.whole("window_size", 8, 1, 64),
        .block = {.width = shape.width,
                  .activation = activation(section, "hidden_act", "gelu"),
                  .order = NormOrder::before},
        .epsilon = section.number("layer_norm_eps", 1e-5, 0, 1),
        .projection_bias = section.flag("qkv_bias", true),
    };
    if (common.tokens() > kTokensMax)
        section.refuse("patch_stride", "makes more than " + std::to_string(kTokensMax) + " patches");
    for (std::int64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        shape.stages.push_back(read_stage(section, common, i, count, depths[at], heads[at]));
    }
    const SwinStageShape& last = shape.stages.back();
    if (section.whole("hidden_size", 768, 1, 1'000'000) != last.block.width)
        section.refuse("hidden_size", "must be that of the last stage, " + std::to_string(last.block.width));
    const std::int64_t bands = last.height / shape.folds;
    if (bands < 1 || last.height % bands != 0)
        section.refuse("spec_size", "the last stage's grid is " + std::to_string(last.height) +
                                        " high, which " + std::to_string(shape.folds) +
                                        " stretches of time cannot share");
}

}  // namespace

ClapAudioShape ClapAudioShape::read(const ConfigObject& section) {
    ClapAudioShape shape;
    shape.patch_norm = section.flag("enable_patch_layer_norm", true);
    read_image(section, shape);
    if (section.status().ok()) read_stages(section, shape);
    return shape;
}

}  // namespace bgm
