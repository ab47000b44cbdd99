#include "workers/encoders/swin_windows.hpp"

#include <algorithm>
#include <numeric>

namespace bgm {
namespace {

constexpr float kWrapped = -100;  // not more: the reference lets a rest of attention through

std::int64_t rounded_up(std::int64_t value, std::int64_t step) {
    return (value + step - 1) / step * step;
}

// Calls visit(y, x) for each place of the shifted grid, window after window.
template <typename Visit>
void walk_windows(const WindowGrid& whole, Visit visit) {
    for (std::int64_t top = 0; top < whole.height; top += whole.window) {
        for (std::int64_t left = 0; left < whole.width; left += whole.window) {
            for (std::int64_t y = top; y < top + whole.window; ++y) {
                for (std::int64_t x = left; x < left + whole.window; ++x)
                    visit(y, x);
            }
        }
    }
}

// Along one side of the shifted grid: before the last window, in it but not wrapped, wrapped.
std::int64_t band(std::int64_t at, std::int64_t length, const WindowGrid& grid) {
    if (at < length - grid.window) return 0;
    return at < length - grid.shift ? 1 : 2;
}

}  // namespace

WindowGrid WindowGrid::padded() const {
    return {.height = rounded_up(height, window),
            .width = rounded_up(width, window),
            .window = window,
            .shift = shift};
}

TokenOrder row_major(std::int64_t tokens) {
    TokenOrder order(static_cast<std::size_t>(tokens));
    std::iota(order.begin(), order.end(), 0);
    return order;
}

TokenOrder window_order(const WindowGrid& grid) {
    const WindowGrid whole = grid.padded();
    TokenOrder order;
    order.reserve(static_cast<std::size_t>(whole.tokens()));
    walk_windows(whole, [&](std::int64_t y, std::int64_t x) {
        const std::int64_t from_y = (y + whole.shift) % whole.height;
        const std::int64_t from_x = (x + whole.shift) % whole.width;
        const bool padding = from_y >= grid.height || from_x >= grid.width;
        order.push_back(padding ? grid.tokens() : from_y * grid.width + from_x);
    });
    return order;
}

TokenOrder places(const TokenOrder& from, const TokenOrder& to) {
    TokenOrder place(static_cast<std::size_t>(*std::max_element(from.begin(), from.end())) + 1);
    for (std::size_t row = 0; row < from.size(); ++row)
        place[static_cast<std::size_t>(from[row])] = static_cast<std::int64_t>(row);
    TokenOrder found;
    found.reserve(to.size());
    for (const std::int64_t token : to)
        found.push_back(place[static_cast<std::size_t>(token)]);
    return found;
}

TokenOrder merged_fours(std::int64_t width, const TokenOrder& merged) {
    TokenOrder order;
    order.reserve(4 * merged.size());
    for (const std::int64_t token : merged) {
        const std::int64_t corner = token / (width / 2) * 2 * width + token % (width / 2) * 2;
        for (const std::int64_t offset : {std::int64_t{0}, width, std::int64_t{1}, width + 1})
            order.push_back(corner + offset);
    }
    return order;
}

std::vector<std::int64_t> relative_positions(std::int64_t window) {
    const std::int64_t tokens = window * window;
    std::vector<std::int64_t> index;
    index.reserve(static_cast<std::size_t>(tokens * tokens));
    for (std::int64_t query = 0; query < tokens; ++query) {
        for (std::int64_t key = 0; key < tokens; ++key) {
            const std::int64_t down = query / window - key / window + window - 1;
            const std::int64_t right = query % window - key % window + window - 1;
            index.push_back(down * (2 * window - 1) + right);
        }
    }
    return index;
}

std::vector<float> shift_mask(const WindowGrid& grid) {
    const WindowGrid whole = grid.padded();
    std::vector<std::int64_t> regions;
    walk_windows(whole, [&](std::int64_t y, std::int64_t x) {
        regions.push_back(3 * band(y, whole.height, whole) + band(x, whole.width, whole));
    });
    const std::int64_t tokens = whole.window_tokens();
    std::vector<float> mask;
    mask.reserve(regions.size() * static_cast<std::size_t>(tokens));
    for (auto first = regions.begin(); first != regions.end(); first += tokens) {
        for (std::int64_t query = 0; query < tokens; ++query) {
            for (std::int64_t key = 0; key < tokens; ++key)
                mask.push_back(first[query] == first[key] ? 0 : kWrapped);
        }
    }
    return mask;
}

}  // namespace bgm
