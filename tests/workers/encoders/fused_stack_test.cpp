// The stack on oneDNN gives what plain torch operators give, for any shape that a config.json may ask for:
// both orders of the norms, every activation, every kind of bias, widths and heads that fill no register.
#include "workers/encoders/onednn/fused_stack.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "workers/encoders/layers.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/encoders/tower_opening.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {
namespace {

LinearWeights random_linear(std::int64_t in, std::int64_t out, bool has_bias = true) {
    return {.weight = at::randn({out, in}) / std::sqrt(static_cast<double>(in)),
            .bias = has_bias ? at::randn({out}) * 0.3 : torch::Tensor()};
}

NormWeights random_norm(std::int64_t width) {
    return {.weight = at::randn({width}) * 0.2 + 1, .bias = at::randn({width}) * 0.2, .epsilon = 1e-5};
}

std::vector<BlockWeights> random_blocks(const BlockShape& shape, int depth) {
    std::vector<BlockWeights> blocks;
    for (int i = 0; i < depth; ++i) {
        blocks.push_back({.query = random_linear(shape.width, shape.width),
                          .key = random_linear(shape.width, shape.width, i % 2 == 1),
                          .value = random_linear(shape.width, shape.width),
                          .out = random_linear(shape.width, shape.width),
                          .attention_norm = random_norm(shape.width),
                          .mlp_in = random_linear(shape.width, shape.mlp_width),
                          .mlp_out = random_linear(shape.mlp_width, shape.width),
                          .mlp_norm = random_norm(shape.width)});
    }
    return blocks;
}

double largest_difference(const torch::Tensor& ours, const torch::Tensor& theirs) {
    return ((ours - theirs).abs().max() / theirs.abs().max()).item<double>();
}

double cosine(const torch::Tensor& ours, const torch::Tensor& theirs) {
    const auto a = ours.flatten().to(torch::kFloat64);
    const auto b = theirs.flatten().to(torch::kFloat64);
    return (a.dot(b) / (a.norm() * b.norm())).item<double>();
}

class FusedStackTest : public ::testing::Test {
 protected:
    void SetUp() override { at::manual_seed(3); }

    // Runs one input through the same weights in all ways that this processor has.
    static void expect_alike(const BlockShape& shape, const torch::Tensor& hidden, const AttentionBias& bias,
                             int depth = 2) {
        const auto blocks = random_blocks(shape, depth);
        std::vector<torch::Tensor> expected_states;
        const torch::Tensor expected =
            TransformerStack(shape, blocks, {.fused = false}).forward(hidden, bias, &expected_states);
        for (const Precision precision : {Precision::fp32, Precision::bf16}) {
            if (precision == Precision::bf16 && !processor_has_bf16()) continue;
            const TransformerStack stack(shape, blocks, {.precision = precision});
            std::vector<torch::Tensor> states;
            const torch::Tensor ours = stack.forward(hidden, bias, &states);
            ASSERT_EQ(ours.sizes(), expected.sizes());
            ASSERT_EQ(states.size(), expected_states.size());
            for (std::size_t i = 0; i < states.size(); ++i)
                expect_near(states[i], expected_states[i], precision);
            expect_near(ours, expected, precision);
            EXPECT_TRUE(at::equal(stack.forward(hidden, bias), ours)) << "a second call must not differ";
        }
    }

    static void expect_near(const torch::Tensor& ours, const torch::Tensor& theirs, Precision precision) {
        if (precision == Precision::fp32) {
            EXPECT_LE(largest_difference(ours, theirs), 5e-6);
        } else {
            EXPECT_GE(cosine(ours, theirs), 0.9995);
        }
    }
};

TEST_F(FusedStackTest, GivesWhatTorchGivesForEveryOrderAndActivation) {
    for (const NormOrder order : {NormOrder::before, NormOrder::after}) {
        for (const Activation activation : {Activation::gelu, Activation::gelu_tanh, Activation::quick_gelu,
                                            Activation::relu, Activation::silu}) {
            SCOPED_TRACE(static_cast<int>(activation));
            expect_alike({.width = 48, .heads = 3, .mlp_width = 96, .activation = activation, .order = order},
                         at::randn({3, 10, 48}), {});
        }
    }
}

TEST_F(FusedStackTest, TakesWidthsAndLengthsThatFillNoRegister) {
    struct Case {
        std::int64_t width, heads, mlp_width, batch, length;
    };
    for (const auto& [width, heads, mlp_width, batch, length] :
         {Case{24, 4, 33, 2, 9}, Case{36, 3, 144, 1, 1}, Case{7, 1, 5, 5, 17}, Case{96, 4, 384, 8, 64},
          Case{160, 2, 40, 2, 50}, Case{15, 5, 16, 1, 3}, Case{64, 1, 64, 1, 131},
          Case{768, 12, 3072, 2, 33}}) {
        SCOPED_TRACE("width " + std::to_string(width) + ", length " + std::to_string(length));
        expect_alike({.width = width, .heads = heads, .mlp_width = mlp_width},
                     at::randn({batch, length, width}), {}, 1);
    }
}

TEST_F(FusedStackTest, AddsEveryKindOfBiasToTheScores) {
    const BlockShape shape{.width = 32, .heads = 4, .mlp_width = 64};
    const std::int64_t length = 11;
    const auto hidden = at::randn({6, length, 32});
    const auto padding = at::ones({6, length});
    padding.narrow(1, 7, 4).zero_();
    padding.select(0, 2).narrow(0, 2, 9).zero_();
    const std::map<std::string, AttentionBias> biases{
        {"causal", {.shared = causal_mask(length, torch::kCPU), .per_sequence = {}}},
        {"of each head", {.shared = at::randn({4, length, length}), .per_sequence = {}}},
        {"padding", {.shared = {}, .per_sequence = padding_mask(padding)}},
        {"windows",
         {.shared = at::randn({4, length, length}), .per_sequence = at::randn({3, length, length})}},
        {"causal and padding",
         {.shared = causal_mask(length, torch::kCPU), .per_sequence = padding_mask(padding)}},
        {"not contiguous", {.shared = at::randn({length, length, 4}).permute({2, 0, 1}), .per_sequence = {}}},
    };
    for (const auto& [name, bias] : biases) {
        SCOPED_TRACE(name);
        expect_alike(shape, hidden, bias);
    }
}

// A large batch goes through in parts; each sequence must still meet its own bias.
TEST_F(FusedStackTest, ManySequencesKeepTheirOwnBias) {
    const BlockShape shape{.width = 16, .heads = 2, .mlp_width = 32};
    expect_alike(shape, at::randn({140, 16, 16}), {.shared = {}, .per_sequence = at::randn({70, 16, 16}) * 3},
                 1);
}

// Whether threads split each product or take whole sequences, and which of them takes what.
TEST_F(FusedStackTest, GivesTheSameOnAnyNumberOfThreads) {
    for (const NormOrder order : {NormOrder::before, NormOrder::after}) {
        const BlockShape shape{.width = 64, .heads = 4, .mlp_width = 128, .order = order};
        const auto blocks = random_blocks(shape, 2);
        for (const Precision precision : {Precision::fp32, Precision::bf16}) {
            if (precision == Precision::bf16 && !processor_has_bf16()) continue;
            const TransformerStack stack(shape, blocks, {.precision = precision});
            for (const std::int64_t batch : {1, 9, 16}) {
                SCOPED_TRACE("batch " + std::to_string(batch));
                const auto hidden = at::randn({batch, 50, 64});
                const AttentionBias bias{.shared = {}, .per_sequence = at::randn({5, 50, 50})};
                use_threads(1);
                const auto expected = stack.forward(hidden, bias);
                for (const int threads : {2, 3}) {
                    use_threads(threads);
                    SCOPED_TRACE(std::to_string(threads) + " threads");
                    const auto ours = stack.forward(hidden, bias);
                    expect_near(ours, expected, precision);
                    EXPECT_TRUE(at::equal(stack.forward(hidden, bias), ours)) << "a second call";
                }
            }
        }
    }
    use_threads(0);
}

TEST_F(FusedStackTest, TakesSlicesOfLargerTensors) {
    const BlockShape shape{.width = 32, .heads = 2, .mlp_width = 48};
    auto blocks = random_blocks(shape, 1);
    const auto joined = at::randn({96, 32}) * 0.2;
    blocks[0].query.weight = joined.narrow(0, 0, 32);
    blocks[0].key.weight = joined.narrow(0, 32, 32);
    blocks[0].value.weight = at::randn({32, 32}).t();
    const auto hidden = at::randn({9, 2, 32}).transpose(0, 1);
    const auto expected = TransformerStack(shape, blocks, {.fused = false}).forward(hidden, {});
    expect_near(TransformerStack(shape, blocks, {}).forward(hidden, {}), expected, Precision::fp32);
}

// Batches of many sizes must not make the process grow: what oneDNN compiles for a number of rows is kept for
// the latest ones only, and a stack that has forgotten a size compiles it anew.
TEST_F(FusedStackTest, ForgetsSizesAndLearnsThemAgain) {
    const BlockShape shape{.width = 16, .heads = 2, .mlp_width = 16};
    const auto blocks = random_blocks(shape, 1);
    const TransformerStack stack(shape, blocks, {});
    const auto hidden = at::randn({1, 3, 16});
    const auto first = stack.forward(hidden, {});
    for (std::int64_t length = 1; length <= 80; ++length)
        stack.forward(at::randn({1, length, 16}), {});
    EXPECT_TRUE(at::equal(stack.forward(hidden, {}), first));
}

}  // namespace
}  // namespace bgm
