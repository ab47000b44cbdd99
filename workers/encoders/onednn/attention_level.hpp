// Attention of one head, for the files that are compiled once a level.
//
// Keys and values are copied once into the order in which the products read them; then a few queries at a
// time go from scores over softmax to the result without leaving the first cache. One source for fp32 and
// bf16: a word is one float, or two bf16 that are multiplied and added together.
#pragma once

#include "workers/encoders/onednn/attention_scratch.hpp"
#include "workers/encoders/onednn/lanes.hpp"
#include "workers/encoders/onednn/norm_level.hpp"
#include "workers/encoders/onednn/row_kernels.hpp"

namespace bgm {
namespace {

// A product keeps kQueries (6) x kColumns registers of sums, one register of the right side each, and one to
// broadcast: what fits into 32 registers of AVX-512, or 16 of the levels below.
constexpr int kColumns = kLanes == 16 ? 4 : 2;

struct Fp32Words {
    using Element = float;
    static constexpr std::int64_t kPerWord = 1;

    [[gnu::always_inline]] static Floats multiply_add(float left, Words right, Floats sums) {
        Floats factors;
        __builtin_memcpy(&factors, &right, sizeof factors);
        return factors * left + sums;
    }
    [[gnu::always_inline]] static Words words(const Element* from, std::int64_t elements) {
        const Floats values = load(from, elements);
        Words words;
        __builtin_memcpy(&words, &values, sizeof words);
        return words;
    }
    // One row of a right side whose depth runs along the rows of `from`.
    [[gnu::always_inline]] static Words pairs(const Element* from, const Element* /*below*/,
                                              std::int64_t count) {
        return words(from, count);
    }
    [[gnu::always_inline]] static void put(Element* to, Floats values, std::int64_t count) {
        store(to, values, count);
    }
};

#if defined(__AVX512BF16__)
struct Bf16Words {
    using Element = Bf16;
    static constexpr std::int64_t kPerWord = 2;

    [[gnu::always_inline]] static Floats multiply_add(float left, Words right, Floats sums) {
        const __m512 pairs = _mm512_set1_ps(left);
        return _mm512_dpbf16_ps(sums, (__m512bh)pairs, (__m512bh)right);
    }
    [[gnu::always_inline]] static Words words(const Element* from, std::int64_t elements) {
        const auto mask = static_cast<__mmask32>((std::uint64_t{1} << static_cast<unsigned>(elements)) - 1U);
        return (Words)_mm512_maskz_loadu_epi16(mask, from);
    }
    [[gnu::always_inline]] static Words pairs(const Element* from, const Element* below, std::int64_t count) {
        const auto mask = static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
        const auto low = (Words)_mm512_maskz_cvtepu16_epi32(mask, _mm256_maskz_loadu_epi16(mask, from));
        if (below == nullptr) return low;
        const auto high = (Words)_mm512_maskz_cvtepu16_epi32(mask, _mm256_maskz_loadu_epi16(mask, below));
        return low | (high << 16);
    }
    [[gnu::always_inline]] static void put(Element* to, Floats values, std::int64_t count) {
        store_bf16(to, values, count);
    }
};
#endif

// out[r][c] = sum over d of left[r][d] * right[d][c]; columns in whole registers.
struct Product {
    const float* left;  // words, kept as floats: that is how they are broadcast
    std::int64_t left_stride;
    const std::int32_t* right;
    std::int64_t right_stride;
    std::int64_t depth;
    float* out;
    std::int64_t out_stride;
};

template <typename Kind, int Rows, int Columns>
void multiply_block(const Product& product) {
    Floats sums[Rows][Columns] = {};
    const std::int32_t* right = product.right;
    for (std::int64_t d = 0; d < product.depth; ++d, right += product.right_stride) {
        Words factors[Columns];
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            __builtin_memcpy(&factors[c], right + c * kLanes, sizeof(Words));
#pragma GCC unroll 6
        for (int r = 0; r < Rows; ++r) {
            const float left = product.left[r * product.left_stride + d];
#pragma GCC unroll 4
            for (int c = 0; c < Columns; ++c)
                sums[r][c] = Kind::multiply_add(left, factors[c], sums[r][c]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
        for (int c = 0; c < Columns; ++c)
            store(product.out + r * product.out_stride + c * kLanes, sums[r][c]);
    }
}

template <typename Kind, int Columns, int Rows = kQueries>
void multiply_rows(const Product& product, std::int64_t rows) {
    if constexpr (Rows > 1) {
        if (rows < Rows) return multiply_rows<Kind, Columns, Rows - 1>(product, rows);
    }
    multiply_block<Kind, Rows, Columns>(product);
}

template <typename Kind, int Columns = kColumns>
void multiply_columns(const Product& product, std::int64_t rows, std::int64_t columns) {
    if constexpr (Columns > 1) {
        if (columns < Columns) return multiply_columns<Kind, Columns - 1>(product, rows, columns);
    }
    multiply_rows<Kind, Columns>(product, rows);
}

// rows <= kQueries; `registers` of columns are shared out evenly, so that no block is left with one alone.
template <typename Kind>
void multiply(const Product& product, std::int64_t rows, std::int64_t registers) {
    const std::int64_t blocks = (registers + kColumns - 1) / kColumns;
    for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t first = registers * block / blocks;
        const std::int64_t end = registers * (block + 1) / blocks;
        Product part = product;
        part.right += first * kLanes;
        part.out += first * kLanes;
        multiply_columns<Kind>(part, rows, end - first);
    }
}

// Keys [length, width] -> words [words of the width, key_stride]; zeros past the end of both.
template <typename Kind>
void turn_keys(const AttentionHead& head, const ScratchPlan& plan, std::int32_t* to) {
    constexpr std::int64_t kElements = kLanes * Kind::kPerWord;  // of a row, at a time
    const auto* from = static_cast<const typename Kind::Element*>(head.key);
    for (std::int64_t column = 0; column < head.width; column += kElements) {
        const std::int64_t elements = head.width - column < kElements ? head.width - column : kElements;
        const std::int64_t depth = (elements + Kind::kPerWord - 1) / Kind::kPerWord;
        for (std::int64_t token = 0; token < head.length; token += kLanes) {
            Words rows[kLanes];
#pragma GCC unroll 16
            for (int i = 0; i < kLanes; ++i) {
                rows[i] = token + i < head.length
                              ? Kind::words(from + (token + i) * head.row_stride + column, elements)
                              : Words{};
            }
            transpose(rows);
            std::int32_t* square = to + column / Kind::kPerWord * plan.key_stride + token;
            for (std::int64_t i = 0; i < depth; ++i)
                __builtin_memcpy(square + i * plan.key_stride, &rows[i], sizeof(Words));
        }
    }
}

// Values [length, width] -> words [words of the length, value_stride].
template <typename Kind>
void gather_values(const AttentionHead& head, const ScratchPlan& plan, std::int32_t* to) {
    const auto* from = static_cast<const typename Kind::Element*>(head.value);
    for (std::int64_t token = 0; token < head.length; token += Kind::kPerWord) {
        const auto* row = from + token * head.row_stride;
        const auto* below = token + 1 < head.length ? row + head.row_stride : nullptr;
        for (std::int64_t column = 0; column < head.width; column += kLanes) {
            const std::int64_t count = head.width - column < kLanes ? head.width - column : kLanes;
            const Words words = Kind::pairs(row + column, below == nullptr ? nullptr : below + column, count);
            __builtin_memcpy(to + column, &words, sizeof words);
        }
        to += plan.value_stride;
    }
}

// Less than any score that is masked: what lies past the last key must not weigh anything.
constexpr float kNothing = -3e38F;

// Scales the scores of one query and adds its biases; gives the largest of each lane.
inline Floats bias_scores(const AttentionHead& head, std::int64_t query, float* scores) {
    const float* bias = head.bias == nullptr ? nullptr : head.bias + query * head.length;
    const float* own = head.own_bias == nullptr ? nullptr : head.own_bias + query * head.own_bias_stride;
    Floats best = splat(kNothing);
    each_register(head.length, [&](std::int64_t at, std::int64_t count) {
        Floats value = load(scores + at) * head.scale;
        if (bias != nullptr) value += load(bias + at, count);
        if (own != nullptr) value += load(own + at, count);
        if (count < kLanes) value = keep(value, count, kNothing);
        best = larger(best, value);
        store(scores + at, value);
    });
    return best;
}

// Scores of one query -> weights that are not yet divided by their sum; gives the sum of each lane.
template <typename Kind>
Floats soften(const float* scores, std::int64_t length, float highest, typename Kind::Element* weights) {
    Floats total{};
    each_register(length, [&](std::int64_t at, std::int64_t /*count*/) {
        const Floats weight = exponential(load(scores + at) - highest);
        total += weight;
        Kind::put(weights + at, weight, kLanes);
    });
    return total;
}

template <typename Kind>
void attend(const AttentionHead& head) {
    using Element = typename Kind::Element;
    const ScratchPlan at = plan(head.length, head.width, Kind::kPerWord, kLanes);
    const std::int64_t depth = (head.width + Kind::kPerWord - 1) / Kind::kPerWord;
    const std::int64_t steps = (head.length + Kind::kPerWord - 1) / Kind::kPerWord;
    auto* scratch = reinterpret_cast<std::int32_t*>(head.scratch);
    auto* floats = reinterpret_cast<float*>(head.scratch);
    turn_keys<Kind>(head, at, scratch + at.keys);
    gather_values<Kind>(head, at, scratch + at.values);

    const std::int64_t blocks = (head.length + kQueries - 1) / kQueries;
    for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t first = head.length * block / blocks;
        const std::int64_t rows = head.length * (block + 1) / blocks - first;
        for (std::int64_t r = 0; r < rows; ++r) {
            const auto* from = static_cast<const Element*>(head.query) + (first + r) * head.row_stride;
            std::int32_t* to = scratch + at.query + r * depth;
            to[depth - 1] = 0;  // an odd width ends in half a word
            __builtin_memcpy(to, from, static_cast<std::size_t>(head.width) * sizeof(Element));
        }
        multiply<Kind>({.left = floats + at.query,
                        .left_stride = depth,
                        .right = scratch + at.keys,
                        .right_stride = at.key_stride,
                        .depth = depth,
                        .out = floats + at.scores,
                        .out_stride = at.key_stride},
                       rows, at.key_stride / kLanes);
        // One step for all rows, then the next: a sum over lanes waits long for itself.
        Floats lanes[kQueries];
        float inverse[kQueries];
        for (std::int64_t r = 0; r < rows; ++r)
            lanes[r] = bias_scores(head, first + r, floats + at.scores + r * at.key_stride);
        for (std::int64_t r = 0; r < rows; ++r) {
            lanes[r] = soften<Kind>(floats + at.scores + r * at.key_stride, head.length, largest(lanes[r]),
                                    reinterpret_cast<Element*>(scratch + at.weights + r * at.key_stride));
        }
        for (std::int64_t r = 0; r < rows; ++r)
            inverse[r] = 1.0F / sum(lanes[r]);
        multiply<Kind>({.left = floats + at.weights,
                        .left_stride = at.key_stride,
                        .right = scratch + at.values,
                        .right_stride = at.value_stride,
                        .depth = steps,
                        .out = floats + at.result,
                        .out_stride = at.value_stride},
                       rows, at.value_stride / kLanes);
        for (std::int64_t r = 0; r < rows; ++r) {
            const float* from = floats + at.result + r * at.value_stride;
            auto* to = static_cast<Element*>(head.out) + (first + r) * head.out_stride;
            each_register(head.width, [&](std::int64_t column, std::int64_t count) {
                Kind::put(to + column, load(from + column) * inverse[r], count);
            });
        }
    }
}

}  // namespace
}  // namespace bgm
