// Every level of the processor that runs this gives what the formula says, computed here in double, for rows
// that fill registers and rows that do not.
#include "workers/encoders/onednn/row_kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "workers/encoders/onednn/aligned_buffer.hpp"

namespace bgm {
namespace {

float widened(Bf16 value) {
    const std::uint32_t bits = std::uint32_t{value} << 16U;
    float wide = 0;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
}

std::vector<float> normal_values(std::size_t count, std::uint32_t seed, float spread = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, spread);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

class RowKernelsTest : public ::testing::TestWithParam<const RowKernels*> {};

TEST_P(RowKernelsTest, NormGivesEachRowMeanAndVariance) {
    for (const std::int64_t width : {1, 3, 16, 24, 67, 96, 768}) {
        constexpr std::int64_t kRows = 5;
        const auto count = static_cast<std::size_t>(kRows * width);
        const auto from = normal_values(count, 1, 3);
        const auto weight = normal_values(static_cast<std::size_t>(width), 2);
        const auto bias = normal_values(static_cast<std::size_t>(width), 3);
        std::vector<float> to(count + 1, 99.0F);
        std::vector<Bf16> rounded(count + 1, 99);
        const bool has_bf16 = GetParam()->to_bf16 != nullptr;
        GetParam()->norm({.from = from.data(),
                          .rows = kRows,
                          .width = width,
                          .weight = weight.data(),
                          .bias = bias.data(),
                          .epsilon = 1e-3F,
                          .to_fp32 = to.data(),
                          .to_bf16 = has_bf16 ? rounded.data() : nullptr});
        for (std::size_t row = 0; row < kRows; ++row) {
            const float* x = from.data() + row * static_cast<std::size_t>(width);
            double mean = 0;
            double variance = 0;
            for (std::int64_t i = 0; i < width; ++i)
                mean += x[i] / static_cast<double>(width);
            for (std::int64_t i = 0; i < width; ++i)
                variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(width);
            for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
                const double expected = (x[i] - mean) / std::sqrt(variance + 1e-3) * weight[i] + bias[i];
                const std::size_t at = row * static_cast<std::size_t>(width) + i;
                EXPECT_NEAR(to[at], expected, 1e-5) << "width " << width;
                if (has_bf16) {
                    EXPECT_NEAR(widened(rounded[at]), expected, std::abs(expected) / 250 + 1e-5);
                }
            }
        }
        EXPECT_EQ(to.back(), 99.0F) << "wrote past the end";
        EXPECT_EQ(rounded.back(), 99) << "wrote past the end";
    }
}

TEST_P(RowKernelsTest, RoundsToTheNearestEven) {
    if (GetParam()->to_bf16 == nullptr) GTEST_SKIP() << "this level has no bf16";
    // 1 + 2^-8 lies half way between two bf16: the even one, 1, is taken; 1 + 3 * 2^-8 goes up to 1 + 2^-6.
    const std::vector<float> from{1.0F, 1.00390625F, 1.01171875F, -2.5F, 3.0e38F, 0.0F, 1.0e-30F};
    std::vector<Bf16> to(from.size());
    GetParam()->to_bf16(from.data(), static_cast<std::int64_t>(from.size()), to.data());
    EXPECT_EQ(widened(to[1]), 1.0F);
    EXPECT_EQ(widened(to[2]), 1.015625F);
    for (const std::size_t i : {0, 3, 5})
        EXPECT_EQ(widened(to[i]), from[i]);
    EXPECT_NEAR(widened(to[6]) / from[6], 1, 1.0 / 256);
}

struct Attention {
    std::int64_t length, width;
    bool biases;
};

// Heads lie side by side in wider rows; this is the second of three.
void expect_attention(const RowKernels& kernels, bool bf16, const Attention& shape) {
    SCOPED_TRACE((bf16 ? "bf16, length " : "fp32, length ") + std::to_string(shape.length) + ", width " +
                 std::to_string(shape.width) + (shape.biases ? ", biases" : ""));
    const auto length = static_cast<std::size_t>(shape.length);
    const auto width = static_cast<std::size_t>(shape.width);
    const std::size_t stride = 9 * width;
    const std::size_t out_stride = 3 * width;
    std::vector<float> rows = normal_values(length * stride, 4, 1.5F);
    std::vector<Bf16> rounded(rows.size());
    if (bf16) {
        kernels.to_bf16(rows.data(), static_cast<std::int64_t>(rows.size()), rounded.data());
        for (std::size_t i = 0; i < rows.size(); ++i)
            rows[i] = widened(rounded[i]);
    }
    const auto shared = normal_values(length * length, 5);
    std::vector<float> own(length * length, 0.0F);
    for (std::size_t i = 0; i < own.size(); i += 3)
        own[i] = -1e30F;

    const auto element = [&](std::size_t offset) -> const void* {
        return bf16 ? static_cast<const void*>(rounded.data() + offset) : rows.data() + offset;
    };
    std::vector<float> out(length * out_stride, 7.0F);
    std::vector<Bf16> rounded_out(out.size(), 7);
    AlignedBuffer scratch;
    AttentionHead head{.query = element(width),
                       .key = element(4 * width),
                       .value = element(7 * width),
                       .row_stride = static_cast<std::int64_t>(stride),
                       .length = shape.length,
                       .width = shape.width,
                       .scale = 0.3F,
                       .out = bf16 ? static_cast<void*>(rounded_out.data() + width) : out.data() + width,
                       .out_stride = static_cast<std::int64_t>(out_stride),
                       .scratch = scratch.at_least(attention_scratch_bytes(shape.length, shape.width))};
    if (shape.biases) {
        head.bias = shared.data();
        head.own_bias = own.data();
        head.own_bias_stride = shape.length;
    }
    (bf16 ? kernels.attention_bf16 : kernels.attention_fp32)(head);

    for (std::size_t query = 0; query < length; ++query) {
        std::vector<double> weights(length);
        double total = 0;
        for (std::size_t key = 0; key < length; ++key) {
            double score = 0;
            for (std::size_t i = 0; i < width; ++i)
                score += double{rows[query * stride + width + i]} * rows[key * stride + 4 * width + i];
            score *= 0.3;
            if (shape.biases) score += double{shared[query * length + key]} + own[query * length + key];
            weights[key] = std::exp(score);
            total += weights[key];
        }
        for (std::size_t column = 0; column < out_stride; ++column) {
            const std::size_t at = query * out_stride + column;
            const float ours = bf16 ? widened(rounded_out[at]) : out[at];
            if (column / width != 1) {
                EXPECT_EQ(ours, bf16 ? widened(7) : 7.0F) << "wrote into another head";
                continue;
            }
            double expected = 0;
            for (std::size_t key = 0; key < length; ++key)
                expected += weights[key] / total * rows[key * stride + 7 * width + column % width];
            EXPECT_NEAR(ours, expected, bf16 ? 0.02 : 1e-5);
        }
    }
}

TEST_P(RowKernelsTest, AttentionIsASoftmaxOverScaledScores) {
    for (const Attention& shape :
         {Attention{1, 1, false}, Attention{2, 6, true}, Attention{5, 7, true}, Attention{13, 12, false},
          Attention{50, 64, true}, Attention{64, 24, true}, Attention{77, 80, false}, Attention{33, 96, true},
          Attention{130, 16, true}}) {
        expect_attention(*GetParam(), false, shape);
        if (GetParam()->attention_bf16 != nullptr) expect_attention(*GetParam(), true, shape);
    }
}

// A row that may look at nothing still gives numbers: all keys weigh the same.
TEST_P(RowKernelsTest, AFullyMaskedRowIsTheMean) {
    const std::vector<float> rows{1, 2, 3, 4, 5, 6};  // 3 tokens of width 2, the same as query, key and value
    const std::vector<float> masked(3, -1e30F);
    std::vector<float> out(6);
    AlignedBuffer scratch;
    GetParam()->attention_fp32({.query = rows.data(),
                                .key = rows.data(),
                                .value = rows.data(),
                                .row_stride = 2,
                                .length = 3,
                                .width = 2,
                                .own_bias = masked.data(),
                                .out = out.data(),
                                .out_stride = 2,
                                .scratch = scratch.at_least(attention_scratch_bytes(3, 2))});
    for (std::size_t i = 0; i < out.size(); ++i)
        EXPECT_NEAR(out[i], i % 2 == 0 ? 3 : 4, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(EveryLevel, RowKernelsTest, ::testing::ValuesIn(supported_row_kernels()),
                         [](const auto& level) { return std::string(level.param->level); });

}  // namespace
}  // namespace bgm
