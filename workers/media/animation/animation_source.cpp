#include "workers/media/animation/animation_source.hpp"

#include <webp/decode.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "workers/media/animation/gif_reader.hpp"
#include "workers/media/animation/webp_stream.hpp"
#include "workers/media/picture/image_signature.hpp"

namespace bgm {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();

class GifSource final : public AnimationSource {
 public:
    explicit GifSource(std::span<const std::byte> file) : file_(file), reader_(file) {
        width_ = reader_.screen_width();
        height_ = reader_.screen_height();
        // Like browsers, let a first frame that reaches over the edge widen the canvas.
        GifReader first(file);
        if (const auto frame = first.next_frame()) {
            width_ = std::max(width_, frame->place.left + frame->place.width);
            height_ = std::max(height_, frame->place.top + frame->place.height);
        }
    }

    std::int64_t width() const override { return width_; }
    std::int64_t height() const override { return height_; }
    double duration_s() const override { return measure_gif(file_, kAll).duration_s; }
    bool ended() const override { return reader_.ended(); }

    std::optional<Frame> next() override {
        auto frame = reader_.next_frame();
        if (!frame) return std::nullopt;
        frame_ = *frame;
        return Frame{.place = frame_.place, .shown_s = shown_s(frame_.delay_hundredths / 100.0)};
    }

    bool paint(AnimationCanvas& canvas) override {
        const auto width = static_cast<std::size_t>(frame_.place.width);
        std::vector<std::uint8_t> indices(static_cast<std::size_t>(frame_.place.pixels()));
        if (!reader_.read_pixels(indices)) return false;
        std::array<std::array<std::uint8_t, 4>, 256> colours{};
        for (std::size_t i = 0; i < colours.size(); ++i) {
            const auto colour = gif_colour(frame_.palette, static_cast<std::uint8_t>(i));
            for (std::size_t c = 0; c < 3; ++c)
                colours[i][c] = std::to_integer<std::uint8_t>(colour[c]);
            colours[i][3] = static_cast<int>(i) == frame_.transparent ? 0 : 255;
        }
        std::vector<std::uint8_t> row(width * 4);
        for (int y = 0; y < frame_.place.height; ++y) {
            const auto stored = std::span(indices).subspan(static_cast<std::size_t>(y) * width, width);
            for (std::size_t x = 0; x < width; ++x)
                std::copy_n(colours[stored[x]].begin(), 4, row.begin() + static_cast<std::ptrdiff_t>(4 * x));
            canvas.paint_row(gif_row(y, frame_.place.height, frame_.interlaced), row, true);
        }
        return true;
    }

 private:
    std::span<const std::byte> file_;
    GifReader reader_;
    GifFrame frame_;
    int width_ = 0, height_ = 0;
};

class WebpSource final : public AnimationSource {
 public:
    explicit WebpSource(std::span<const std::byte> file) : file_(file), reader_(file) {}

    std::int64_t width() const override { return reader_.canvas_width(); }
    std::int64_t height() const override { return reader_.canvas_height(); }
    double duration_s() const override { return measure_webp(file_, kAll).duration_s; }
    bool ended() const override { return reader_.ended(); }

    std::optional<Frame> next() override {
        auto frame = reader_.next_frame();
        if (!frame) return std::nullopt;
        frame_ = *frame;
        return Frame{.place = frame_.place, .shown_s = shown_s(frame_.seconds)};
    }

    bool paint(AnimationCanvas& canvas) override {
        const std::vector<std::byte> still = still_webp(frame_.still);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(still.data());
        int width = 0;
        int height = 0;
        if (WebPGetInfo(bytes, still.size(), &width, &height) == 0 || width != frame_.place.width ||
            height != frame_.place.height) {
            return false;
        }
        const std::size_t row_bytes = static_cast<std::size_t>(width) * 4;
        std::vector<std::uint8_t> pixels(row_bytes * static_cast<std::size_t>(height));
        if (WebPDecodeRGBAInto(bytes, still.size(), pixels.data(), pixels.size(),
                               static_cast<int>(row_bytes)) == nullptr) {
            return false;
        }
        for (int y = 0; y < height; ++y)
            canvas.paint_row(y, std::span(pixels).subspan(static_cast<std::size_t>(y) * row_bytes, row_bytes),
                             frame_.blended);
        return true;
    }

 private:
    std::span<const std::byte> file_;
    WebpReader reader_;
    WebpFrame frame_;
};

}  // namespace

std::unique_ptr<AnimationSource> open_animation(std::span<const std::byte> file) {
    switch (sniff_image(file).kind) {
        case ImageKind::gif:
            return std::make_unique<GifSource>(file);
        case ImageKind::webp:
            return std::make_unique<WebpSource>(file);
        default:
            return nullptr;
    }
}

}  // namespace bgm
