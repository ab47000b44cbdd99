// Batch sizes come from a short list: oneDNN keeps a program for every shape that it has seen, and memory
// grows with each.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace bgm {

inline constexpr std::array<std::size_t, 5> kRowBuckets{16, 8, 4, 2, 1};

/// Calls `run(first, count)` over all rows, `count` from the list and at most `rows_max`. A rest is parted
/// (11 rows are 8, 2 and 1), not padded: a small product on a processor is nearly as efficient as a large
/// one.
template <typename Run>
void for_each_bucket(std::size_t rows, std::size_t rows_max, Run&& run) {
    for (std::size_t first = 0; first < rows;) {
        const std::size_t most = std::min(rows - first, std::max<std::size_t>(rows_max, 1));
        const std::size_t count = *std::find_if(kRowBuckets.begin(), kRowBuckets.end(),
                                                [&](std::size_t size) { return size <= most; });
        run(first, count);
        first += count;
    }
}

}  // namespace bgm
