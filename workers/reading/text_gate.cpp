#include "workers/reading/text_gate.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "workers/reading/gray_picture.hpp"

namespace bgm {
namespace {

constexpr int kLongerSide = 512;  // pixels; larger pictures are reduced to this
constexpr int kCellWidth = 16;
constexpr int kCellHeight = 8;
constexpr int kStep = 30;         // of 255: a light-dark edge from one pixel to the next
constexpr int kTurnsPerRow = 3;   // such edges, each against the one before
constexpr int kRowsPerCell = 3;   // rows of a cell that have them
constexpr int kCellsBeside = 2;   // in a line
constexpr int kContrast = 120;    // of 255: of letters and what they stand on
constexpr double kBetween = 0.1;  // of a cell: pixels of other shades in the middle third of its range
constexpr int kCellsOfWriting =
    6;  // over both scales; these figures are from drawn cards, screenshots and photos
constexpr double kTextureShare = 0.7;  // of all cells: it is texture, and no text

GrayPicture halved(const GrayPicture& gray) {
    GrayPicture half{.width = gray.width / 2, .height = gray.height / 2, .pixels = {}};
    half.pixels.resize(static_cast<std::size_t>(half.width) * half.height);
    for (int y = 0; y < half.height; ++y) {
        const std::uint8_t* above = &gray.pixels[static_cast<std::size_t>(2 * y) * gray.width];
        const std::uint8_t* below = above + gray.width;
        for (int x = 0; x < half.width; ++x)
            half.pixels[static_cast<std::size_t>(y) * half.width + x] = static_cast<std::uint8_t>(
                (above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 2) / 4);
    }
    return half;
}

int turns(const std::uint8_t* row) {
    int last = 0;
    int found = 0;
    for (int x = 1; x < kCellWidth; ++x) {
        const int step = row[x] - row[x - 1];
        const int sign = step > kStep ? 1 : step < -kStep ? -1 : 0;
        if (sign == 0 || sign == last) continue;
        ++found;
        last = sign;
    }
    return found;
}

// Letters, perhaps with an outline, and their ground, and little between them: hair and leaves have every
// shade.
bool has_few_shades(const GrayPicture& gray, int left, int top) {
    std::array<int, 257> below{};  // pixels darker than the index
    for (int y = 0; y < kCellHeight; ++y) {
        const std::uint8_t* row = &gray.pixels[static_cast<std::size_t>(top + y) * gray.width + left];
        for (int x = 0; x < kCellWidth; ++x)
            ++below[row[x] + 1];
    }
    int darkest = 255;
    int lightest = 0;
    for (int shade = 0; shade < 256; ++shade) {
        if (below[shade + 1] == 0) continue;
        darkest = std::min(darkest, shade);
        lightest = shade;
    }
    std::partial_sum(below.begin(), below.end(), below.begin());
    const int range = lightest - darkest;
    if (range < kContrast) return false;
    const int low = darkest + range / 3 + 1;
    const int high = lightest - range / 3;
    int one_shade = 0;  // the fullest eighth of the range in between: a ground behind outlined letters
    for (int from = low; from + range / 8 <= high; ++from)
        one_shade = std::max(one_shade, below[from + range / 8] - below[from]);
    return below[high] - below[low] - one_shade <= kBetween * kCellWidth * kCellHeight;
}

struct Cells {
    int in_lines = 0;
    double share = 0;  // of all cells, whether in a line or not
};

Cells look(const GrayPicture& gray) {
    const int across = gray.width / kCellWidth;
    const int down = gray.height / kCellHeight;
    Cells cells;
    int busy = 0;
    for (int cell_y = 0; cell_y < down; ++cell_y) {
        int beside = 0;
        const auto end_line = [&] {
            if (beside >= kCellsBeside) cells.in_lines += beside;
            beside = 0;
        };
        for (int cell_x = 0; cell_x < across; ++cell_x) {
            int rows = 0;
            for (int y = 0; y < kCellHeight; ++y) {
                const std::size_t line = static_cast<std::size_t>(cell_y * kCellHeight + y) * gray.width;
                if (turns(&gray.pixels[line + static_cast<std::size_t>(cell_x) * kCellWidth]) >= kTurnsPerRow)
                    ++rows;
            }
            if (rows < kRowsPerCell || !has_few_shades(gray, cell_x * kCellWidth, cell_y * kCellHeight)) {
                end_line();
                continue;
            }
            ++busy;
            ++beside;
        }
        end_line();
    }
    if (across * down > 0) cells.share = static_cast<double>(busy) / (across * down);
    return cells;
}

}  // namespace

bool may_hold_writing(const RgbImage& image) {
    if (image.empty()) return false;
    const GrayPicture gray = gray_picture(reduced(image, kLongerSide), brightness);
    const Cells fine = look(gray);
    const Cells coarse = look(halved(gray));
    return fine.in_lines + coarse.in_lines >= kCellsOfWriting && fine.share <= kTextureShare;
}

}  // namespace bgm
