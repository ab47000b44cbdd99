// The geometry of a Swin transformer's windows (Liu et al. 2021), as whole numbers: which token of a grid
// lies in which row when attention runs within windows.
//
// Free of libtorch; pure. Tokens are counted row by row over the grid.
#pragma once

#include <cstdint>
#include <vector>

namespace bgm {

struct WindowGrid {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t window = 1;  // on a side
    std::int64_t shift = 0;   // the windows begin so far down and to the right, and wrap around

    std::int64_t tokens() const { return height * width; }
    std::int64_t window_tokens() const { return window * window; }
    /// The grid made so high and wide that windows fill it.
    WindowGrid padded() const;
    bool whole() const { return height % window == 0 && width % window == 0; }
    std::int64_t windows() const { return padded().tokens() / window_tokens(); }

    bool operator==(const WindowGrid&) const = default;
};

/// Row r holds token order[r].
using TokenOrder = std::vector<std::int64_t>;

TokenOrder row_major(std::int64_t tokens);
/// Window after window, row by row within each. Where the grid is not whole, rows of the padding hold no
/// token: tokens(), one more than the last.
TokenOrder window_order(const WindowGrid& grid);

/// Where each token of `to` lies in `from`: rows in the order `from`, taken at these places, are in the order
/// `to`. Every token of `to` must be in `from`.
TokenOrder places(const TokenOrder& from, const TokenOrder& to);

/// Tokens of a grid, `width` wide, that merge in fours (left, left below, right, right below) into those of a
/// grid half as high and wide: four after four, for the merged tokens in their order.
TokenOrder merged_fours(std::int64_t width, const TokenOrder& merged);

/// For each query and each key of a window, which row of a table [(2 window - 1)^2, heads] is added:
/// [window_tokens, window_tokens].
std::vector<std::int64_t> relative_positions(std::int64_t window);

/// What a shifted window adds to the scores, 0 between tokens that are neighbours on the grid and -100
/// between those that only wrapping around has brought together: [windows, window_tokens, window_tokens].
std::vector<float> shift_mask(const WindowGrid& grid);

}  // namespace bgm
