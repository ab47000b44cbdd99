#include "workers/media/animation/animation_canvas.hpp"

#include <algorithm>

namespace bgm {
namespace {

std::uint8_t over(std::uint32_t colour, std::uint32_t below, std::uint32_t alpha) {
    return static_cast<std::uint8_t>((colour * alpha + below * (255U - alpha) + 127U) / 255U);
}

}  // namespace

AnimationCanvas::AnimationCanvas(int width, int height)
    : shown_{.width = width,
             .height = height,
             .pixels = std::vector<std::uint8_t>(
                 static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 255)} {}

std::span<std::uint8_t> AnimationCanvas::row_of_frame(int y) {
    const std::size_t at = static_cast<std::size_t>(place_.top + y) * static_cast<std::size_t>(shown_.width) +
                           static_cast<std::size_t>(place_.left);
    return std::span(shown_.pixels).subspan(at * 3, static_cast<std::size_t>(place_.width) * 3);
}

void AnimationCanvas::dispose() {
    for (int y = 0; y < place_.height; ++y) {
        const auto row = row_of_frame(y);
        if (place_.disposal == Disposal::to_background) std::fill(row.begin(), row.end(), 255);
        if (place_.disposal == Disposal::to_previous)
            std::copy_n(before_.begin() + static_cast<std::ptrdiff_t>(row.size()) * y, row.size(),
                        row.begin());
    }
}

void AnimationCanvas::begin(const FramePlace& place) {
    if (place_.disposal != Disposal::keep) dispose();
    place_ = place;
    place_.left = std::min(place.left, shown_.width);
    place_.top = std::min(place.top, shown_.height);
    place_.width = std::min(place.width, shown_.width - place_.left);
    place_.height = std::min(place.height, shown_.height - place_.top);
    before_.clear();
    if (place_.disposal != Disposal::to_previous) return;
    before_.reserve(static_cast<std::size_t>(place_.pixels()) * 3);
    for (int y = 0; y < place_.height; ++y) {
        const auto row = row_of_frame(y);
        before_.insert(before_.end(), row.begin(), row.end());
    }
}

void AnimationCanvas::paint_row(int y, std::span<const std::uint8_t> rgba, bool blended) {
    if (y >= place_.height) return;
    const auto row = row_of_frame(y);
    for (std::size_t x = 0; 3 * x < row.size(); ++x) {
        const std::uint32_t alpha = rgba[4 * x + 3];
        if (alpha == 0 && blended) continue;
        if (alpha == 255) {  // nearly always
            std::copy_n(rgba.data() + 4 * x, 3, row.data() + 3 * x);
            continue;
        }
        for (std::size_t c = 0; c < 3; ++c) {
            std::uint8_t& shown = row[3 * x + c];
            shown = over(rgba[4 * x + c], blended ? shown : 255U, alpha);
        }
    }
}

}  // namespace bgm
