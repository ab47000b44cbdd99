// One stage of a Swin transformer: blocks of attention within windows, every second one with the windows
// shifted, then, but for the last stage, each four neighbours merged into one token.
//
// Norms, perceptrons and sums treat each row alone, so the rows are put in the order of the windows once for
// each block, and a block is the transformer that all families share, over windows instead of sequences.
// Stages hand each other rows in the order in which they are wanted next.
//
// Owns its weights. Immutable, but belongs to one thread, as its blocks do.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/packed_linear.hpp"
#include "workers/encoders/swin_windows.hpp"
#include "workers/encoders/transformer.hpp"
#include "workers/encoders/weights.hpp"

namespace bgm {

struct SwinStageShape {
    std::int64_t height = 0;  // of the grid
    std::int64_t width = 0;
    std::int64_t window = 1;
    std::int64_t depth = 0;  // blocks
    BlockShape block;
    double epsilon = 1e-5;
    bool projection_bias = true;  // of queries, keys and values
    bool merges = false;

    /// The windows of a block: where one of them fills the grid from side to side, none are shifted.
    WindowGrid grid(std::int64_t block) const;
    /// In which order the rows go in.
    TokenOrder entry() const;
    std::int64_t tokens() const { return height * width; }
    /// What comes out.
    std::int64_t tokens_out() const { return merges ? tokens() / 4 : tokens(); }
    std::int64_t width_out() const { return merges ? 2 * block.width : block.width; }
};

/// [batch, rows, width], the rows taken at `places` [rows taken] (kInt64, of the same device).
torch::Tensor take_rows(const torch::Tensor& rows, const torch::Tensor& places);

class SwinStage {
 public:
    /// Tensors `prefix`blocks.0..., `prefix`downsample...; mistakes are in weights.status(), and then the
    /// stage is not to be used. `exit`: the order in which the rows are to come out.
    static SwinStage take(const Weights& weights, const std::string& prefix, const SwinStageShape& shape,
                          const TokenOrder& exit, const Arithmetic& arithmetic);

    /// [batch, tokens, width] in the order entry() to [batch, tokens_out, width_out] in the order `exit`.
    torch::Tensor forward(const torch::Tensor& rows) const;

 private:
    // Windows reach beyond the grid: there the reference pads with zeros between the norm and the attention,
    // which no stack of blocks can do.
    struct PaddedBlock {
        BlockShape shape;
        BlockWeights weights;
        torch::Tensor to_windows;    // places in the grid's rows and one row of zeros behind them
        torch::Tensor from_windows;  // places in the windows' rows
    };
    struct Block {
        torch::Tensor places;  // where its rows lie in the order before; undefined: they are in order
        std::variant<TransformerStack, PaddedBlock> step;
        AttentionBias bias;
        std::int64_t windows = 0;
        std::int64_t window_tokens = 0;
    };
    struct Merge {
        NormWeights norm;
        PackedLinear reduction;  // without bias
    };

    SwinStage() = default;
    static torch::Tensor forward_padded(const PaddedBlock& step, const Block& block,
                                        const torch::Tensor& rows);

    std::vector<Block> blocks_;
    torch::Tensor exit_places_;  // undefined: the rows are in order
    std::optional<Merge> merge_;
};

}  // namespace bgm
