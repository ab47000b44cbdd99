#include "workers/image/resample.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "workers/image/resample_weights.hpp"

// The loops that take the time, compiled for what the CPU has and chosen when the program starts: before the
// thread sanitiser is ready, which therefore does without. They compute with integers only, so that every
// version gives the same bits.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define BGM_FOR_EACH_CPU [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define BGM_FOR_EACH_CPU
#endif

namespace bgm {
namespace {

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

// Sixteen rows of the source are resized together, one lane each: then nothing is ever added across lanes. A
// lane holds four bytes of its row, and three such words are four pixels.
constexpr int kLanes = 16;
constexpr int kGroupPixels = 4;
constexpr int kGroupWords = 3;
using Lanes [[gnu::vector_size(kLanes * 4)]] = std::int32_t;
using WordLanes [[gnu::vector_size(kLanes * 4)]] = std::uint32_t;

// Weights along a row, for whole groups of four pixels.
struct GroupedWeights {
    struct Span {
        int first = 0;  // group
        int count = 0;
    };
    std::vector<Span> spans;            // one a target column
    std::vector<std::int32_t> weights;  // `stride` a target column
    int stride = 0;
};

// Groups are counted from source column `origin` on.
GroupedWeights group_weights(const ResampleWeights& axis, int origin) {
    GroupedWeights grouped;
    grouped.stride = (axis.stride / kGroupPixels + 2) * kGroupPixels;
    grouped.spans.reserve(axis.spans.size());
    grouped.weights.assign(axis.spans.size() * grouped.stride, 0);
    for (std::size_t x = 0; x < axis.spans.size(); ++x) {
        const int begin = axis.spans[x].first - origin;
        const int end = begin + axis.spans[x].count;
        const int first = begin / kGroupPixels;
        std::copy_n(axis.of(x), axis.spans[x].count,
                    grouped.weights.data() + x * grouped.stride + (begin - first * kGroupPixels));
        grouped.spans.push_back({first, (end + kGroupPixels - 1) / kGroupPixels - first});
    }
    return grouped;
}

// `words[w * kLanes + r]` = bytes 4 w to 4 w + 3 of `rows[r]`, for `bytes` of each. What is missing in the
// last word stays as it is: its weight is 0.
void turn(const std::array<const std::uint8_t*, kLanes>& rows, std::size_t bytes, std::uint32_t* words) {
    const std::size_t whole = bytes / 4;
    for (std::size_t w = 0; w < whole; ++w) {
        for (int r = 0; r < kLanes; ++r)
            std::memcpy(words + w * kLanes + r, rows[r] + w * 4, 4);
    }
    for (int r = 0; r < kLanes; ++r)
        std::memcpy(words + whole * kLanes + r, rows[r] + whole * 4, bytes % 4);
}

// Along the rows. `resized` gets sixteen rows, `stride` samples apart.
BGM_FOR_EACH_CPU
void resize_rows(const std::uint32_t* words, const GroupedWeights& axis, std::int32_t* resized,
                 std::size_t stride) {
    for (std::size_t x = 0; x < axis.spans.size(); ++x) {
        const auto span = axis.spans[x];
        const std::int32_t* weight = axis.weights.data() + x * axis.stride;
        const std::uint32_t* group = words + static_cast<std::size_t>(span.first) * kGroupWords * kLanes;
        Lanes red = Lanes{} + kHalf;
        Lanes green = red;
        Lanes blue = red;
        for (int k = 0; k < span.count; ++k) {
            WordLanes word[kGroupWords];
            std::memcpy(word, group, sizeof word);
            red += (Lanes)(word[0] & 255U) * weight[0];
            green += (Lanes)(word[0] >> 8U & 255U) * weight[0];
            blue += (Lanes)(word[0] >> 16U & 255U) * weight[0];
            red += (Lanes)(word[0] >> 24U) * weight[1];
            green += (Lanes)(word[1] & 255U) * weight[1];
            blue += (Lanes)(word[1] >> 8U & 255U) * weight[1];
            red += (Lanes)(word[1] >> 16U & 255U) * weight[2];
            green += (Lanes)(word[1] >> 24U) * weight[2];
            blue += (Lanes)(word[2] & 255U) * weight[2];
            red += (Lanes)(word[2] >> 8U & 255U) * weight[3];
            green += (Lanes)(word[2] >> 16U & 255U) * weight[3];
            blue += (Lanes)(word[2] >> 24U) * weight[3];
            group += kGroupWords * kLanes;
            weight += kGroupPixels;
        }
        const Lanes sums[] = {red, green, blue};
        for (std::size_t c = 0; c < 3; ++c) {
            std::array<std::int32_t, kLanes> sum;
            std::memcpy(sum.data(), &sums[c], sizeof sum);
            for (int r = 0; r < kLanes; ++r)
                resized[r * stride + x * 3 + c] = std::clamp(sum[r] >> kWeightBits, 0, 255);
        }
    }
}

// Along the columns: adds `count` resized rows, weighed, to the sums of one target row.
BGM_FOR_EACH_CPU
void add_rows(const std::int32_t* resized, std::size_t stride, const std::int32_t* weights, int count,
              std::int32_t* sums) {
    for (std::size_t i = 0; i < stride; i += kLanes) {
        Lanes total;
        std::memcpy(&total, sums + i, sizeof total);
        for (int r = 0; r < count; ++r) {
            Lanes row;
            std::memcpy(&row, resized + r * stride + i, sizeof row);
            total += row * weights[r];
        }
        std::memcpy(sums + i, &total, sizeof total);
    }
}

struct Range {
    int first = 0;
    int end = 0;
};

// The source positions that any target reads. Spans only ever move forward.
Range reach(const ResampleWeights& axis) {
    return {axis.spans.front().first, axis.spans.back().first + axis.spans.back().count};
}

// The part of the window [start, start + count) that lies inside [0, size), counted from the window's start.
Range inside(std::int64_t start, int count, std::int64_t size) {
    const std::int64_t first = std::clamp<std::int64_t>(-start, 0, count);
    const std::int64_t end = std::clamp<std::int64_t>(size - start, first, count);
    return {static_cast<int>(first), static_cast<int>(end)};
}

}  // namespace

RgbImage resample(const RgbImage& source, const ResampleWindow& wanted, ResampleFilter filter) {
    RgbImage window;
    window.width = wanted.window_width;
    window.height = wanted.window_height;
    window.pixels.assign(static_cast<std::size_t>(window.width) * window.height * 3, 0);
    const Range across = inside(wanted.left, window.width, wanted.width);
    const Range down = inside(wanted.top, window.height, wanted.height);
    if (across.first == across.end || down.first == down.end) return window;

    const ResampleWeights horizontal = resample_weights(
        source.width, wanted.width, wanted.left + across.first, across.end - across.first, filter);
    const ResampleWeights vertical = resample_weights(source.height, wanted.height, wanted.top + down.first,
                                                      down.end - down.first, filter);
    const Range columns = reach(horizontal);
    const Range rows = reach(vertical);

    const GroupedWeights grouped = group_weights(horizontal, columns.first);

    const std::size_t row_samples = horizontal.spans.size() * 3;
    const std::size_t stride = (row_samples + kLanes - 1) / kLanes * kLanes;
    const std::size_t read_bytes = static_cast<std::size_t>(columns.end - columns.first) * 3;
    std::vector<std::uint32_t> words((read_bytes / (kGroupPixels * 3) + 1) * kGroupWords * kLanes);
    std::vector<std::int32_t> resized(stride * kLanes);
    std::vector<std::int32_t> sums(stride * vertical.spans.size(), kHalf);

    std::size_t begun = 0;  // target rows before this one have all their source rows
    for (int y = rows.first; y < rows.end; y += kLanes) {
        std::array<const std::uint8_t*, kLanes> lines{};
        for (int r = 0; r < kLanes; ++r) {
            const int line = std::min(y + r, rows.end - 1);  // repeated below the last one, and never used
            lines[r] =
                source.pixels.data() + (static_cast<std::size_t>(line) * source.width + columns.first) * 3;
        }
        turn(lines, read_bytes, words.data());
        resize_rows(words.data(), grouped, resized.data(), stride);
        const int end = std::min(y + kLanes, rows.end);
        for (std::size_t t = begun; t < vertical.spans.size() && vertical.spans[t].first < end; ++t) {
            const auto span = vertical.spans[t];
            const int from = std::max(span.first, y);
            const int to = std::min(span.first + span.count, end);
            if (from < to) {
                add_rows(resized.data() + static_cast<std::size_t>(from - y) * stride, stride,
                         vertical.of(t) + (from - span.first), to - from, sums.data() + t * stride);
            }
        }
        while (begun < vertical.spans.size() &&
               vertical.spans[begun].first + vertical.spans[begun].count <= end)
            ++begun;
    }

    for (std::size_t t = 0; t < vertical.spans.size(); ++t) {
        const std::int32_t* from = sums.data() + t * stride;
        std::uint8_t* to = window.pixels.data() +
                           ((down.first + t) * window.width + static_cast<std::size_t>(across.first)) * 3;
        for (std::size_t i = 0; i < row_samples; ++i)
            to[i] = static_cast<std::uint8_t>(std::clamp(from[i] >> kWeightBits, 0, 255));
    }
    return window;
}

}  // namespace bgm
