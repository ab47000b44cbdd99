#include "workers/encoders/swin_stage.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>

namespace bgm {
namespace {

torch::Tensor on_device(const TokenOrder& places, const torch::Device& device) {
    const torch::Tensor tensor = at::empty({static_cast<std::int64_t>(places.size())}, torch::kInt64);
    std::copy(places.begin(), places.end(), tensor.data_ptr<std::int64_t>());
    return tensor.to(device);
}

// Undefined where nothing is to be moved.
torch::Tensor places_on_device(const TokenOrder& from, const TokenOrder& to, const torch::Device& device) {
    return from == to ? torch::Tensor() : on_device(places(from, to), device);
}

BlockWeights take_block(const Weights& weights, const std::string& prefix, const SwinStageShape& shape) {
    const std::int64_t width = shape.block.width;
    const auto projection = [&](const char* name) {
        return LinearWeights::take(weights, prefix + "attention.self." + name, width, width,
                                   shape.projection_bias);
    };
    const auto norm = [&](const char* name) {
        return NormWeights::take(weights, prefix + name, width, shape.epsilon);
    };
    return {
        .query = projection("query"),
        .key = projection("key"),
        .value = projection("value"),
        .out = LinearWeights::take(weights, prefix + "attention.output.dense", width, width),
        .attention_norm = norm("layernorm_before"),
        .mlp_in = LinearWeights::take(weights, prefix + "intermediate.dense", width, shape.block.mlp_width),
        .mlp_out = LinearWeights::take(weights, prefix + "output.dense", shape.block.mlp_width, width),
        .mlp_norm = norm("layernorm_after"),
    };
}

// [heads, window tokens, window tokens]
torch::Tensor relative_bias(const torch::Tensor& table, std::int64_t window) {
    const std::int64_t tokens = window * window;
    const torch::Tensor index = on_device(relative_positions(window), table.device());
    return table.index_select(0, index).view({tokens, tokens, table.size(1)}).permute({2, 0, 1}).contiguous();
}

torch::Tensor mask_tensor(const WindowGrid& grid, const torch::Device& device) {
    const std::vector<float> mask = shift_mask(grid);
    const torch::Tensor tensor =
        at::empty({grid.windows(), grid.window_tokens(), grid.window_tokens()}, torch::kFloat32);
    std::copy(mask.begin(), mask.end(), tensor.data_ptr<float>());
    return tensor.to(device);
}

}  // namespace

WindowGrid SwinStageShape::grid(std::int64_t block_index) const {
    const bool shifted = block_index % 2 == 1 && std::min(height, width) > window;
    return {.height = height, .width = width, .window = window, .shift = shifted ? window / 2 : 0};
}

TokenOrder SwinStageShape::entry() const {
    const WindowGrid first = grid(0);
    return first.whole() ? window_order(first) : row_major(first.tokens());
}

torch::Tensor take_rows(const torch::Tensor& rows, const torch::Tensor& places) {
    if (!rows.is_cpu()) return rows.index_select(1, places);
    const torch::Tensor given = rows.contiguous();
    const std::int64_t batch = given.size(0), from_rows = given.size(1), width = given.size(2);
    const std::int64_t to_rows = places.size(0);
    const torch::Tensor taken = at::empty({batch, to_rows, width}, given.options());
    const float* from = given.data_ptr<float>();
    float* to = taken.data_ptr<float>();
    const auto* place = places.data_ptr<std::int64_t>();
    constexpr std::int64_t kRowsAtLeast = 256;  // for a thread of its own
    at::parallel_for(0, batch * to_rows, kRowsAtLeast, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            std::memcpy(to + row * width, from + (row / to_rows * from_rows + place[row % to_rows]) * width,
                        static_cast<std::size_t>(width) * sizeof(float));
    });
    return taken;
}

SwinStage SwinStage::take(const Weights& weights, const std::string& prefix, const SwinStageShape& shape,
                          const TokenOrder& exit, const Arithmetic& arithmetic) {
    const torch::Device& device = arithmetic.device;
    SwinStage stage;
    TokenOrder order = shape.entry();
    for (std::int64_t i = 0; i < shape.depth; ++i) {
        const std::string name = prefix + "blocks." + std::to_string(i) + ".";
        BlockWeights block = take_block(weights, name, shape);
        const std::int64_t table_side = 2 * shape.window - 1;
        const torch::Tensor table = weights.take(name + "attention.self.relative_position_bias_table",
                                                 {table_side * table_side, shape.block.heads});
        if (!weights.status().ok()) return stage;

        const WindowGrid grid = shape.grid(i);
        AttentionBias bias{.shared = relative_bias(table, grid.window), .per_sequence = {}};
        if (grid.shift > 0) bias.per_sequence = mask_tensor(grid, device);
        const TokenOrder windows = window_order(grid);
        const TokenOrder wanted = grid.whole() ? windows : row_major(grid.tokens());
        const torch::Tensor moved = places_on_device(order, wanted, device);
        order = wanted;
        if (grid.whole()) {
            std::vector<BlockWeights> blocks;
            blocks.push_back(std::move(block));
            stage.blocks_.push_back({moved, TransformerStack(shape.block, std::move(blocks), arithmetic),
                                     std::move(bias), grid.windows(), grid.window_tokens()});
        } else {
            stage.blocks_.push_back({moved,
                                     PaddedBlock{.shape = shape.block,
                                                 .weights = std::move(block),
                                                 .to_windows = on_device(windows, device),
                                                 .from_windows = on_device(places(windows, wanted), device)},
                                     std::move(bias), grid.windows(), grid.window_tokens()});
        }
    }
    stage.exit_places_ =
        places_on_device(order, shape.merges ? merged_fours(shape.width, exit) : exit, device);
    if (shape.merges) {
        constexpr double kMergeEpsilon = 1e-5;  // no key of config.json: the reference has it in its code
        const std::int64_t width = shape.block.width;
        const std::string name = prefix + "downsample.";
        const auto norm = NormWeights::take(weights, name + "norm", 4 * width, kMergeEpsilon);
        const auto reduction = LinearWeights::take(weights, name + "reduction", 4 * width, 2 * width, false);
        if (!weights.status().ok()) return stage;
        stage.merge_ = {.norm = norm, .reduction = PackedLinear(reduction, arithmetic)};
    }
    return stage;
}

torch::Tensor SwinStage::forward(const torch::Tensor& rows) const {
    torch::Tensor x = rows;
    const std::int64_t batch = x.size(0), tokens = x.size(1), width = x.size(2);
    for (const Block& block : blocks_) {
        if (block.places.defined()) x = take_rows(x, block.places);
        if (const auto* stack = std::get_if<TransformerStack>(&block.step)) {
            x = stack->forward(x.reshape({batch * block.windows, block.window_tokens, width}), block.bias)
                    .view({batch, tokens, width});
        } else {
            x = forward_padded(std::get<PaddedBlock>(block.step), block, x);
        }
    }
    if (exit_places_.defined()) x = take_rows(x, exit_places_);
    if (!merge_) return x;
    return merge_->reduction.forward(layer_norm(x.reshape({batch, tokens / 4, 4 * width}), merge_->norm));
}

torch::Tensor SwinStage::forward_padded(const PaddedBlock& step, const Block& block,
                                        const torch::Tensor& rows) {
    const BlockWeights& weights = step.weights;
    const std::int64_t batch = rows.size(0), width = rows.size(2);
    const torch::Tensor zeros = at::zeros({batch, 1, width}, rows.options());
    const torch::Tensor windows =
        take_rows(at::cat({layer_norm(rows, weights.attention_norm), zeros}, 1), step.to_windows)
            .view({batch * block.windows, block.window_tokens, width});
    const torch::Tensor attended =
        linear(attention(linear(windows, weights.query), linear(windows, weights.key),
                         linear(windows, weights.value), step.shape.heads, block.bias),
               weights.out);
    const torch::Tensor x =
        rows +
        take_rows(attended.view({batch, block.windows * block.window_tokens, width}), step.from_windows);
    const torch::Tensor inner =
        activate(linear(layer_norm(x, weights.mlp_norm), weights.mlp_in), step.shape.activation);
    return x + linear(inner, weights.mlp_out);
}

}  // namespace bgm
