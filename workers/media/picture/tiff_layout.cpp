#include "workers/media/picture/tiff_layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace bgm {
namespace {

using Rgb = std::array<std::uint8_t, 3>;

// a * b / 255, rounded, for bytes.
unsigned part(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return ((product >> 8U) + product) >> 8U;
}

std::uint8_t clamped(unsigned value) {
    return static_cast<std::uint8_t>(std::min(value, 255U));
}

// What each ink leaves of the light that black leaves (Pillow's cmyk2rgb()).
Rgb from_inks(const std::uint8_t* ink) {
    const unsigned light = 255U - ink[3];
    Rgb colour{};
    for (std::size_t c = 0; c < 3; ++c)
        colour[c] = static_cast<std::uint8_t>(light - part(ink[c], light));
    return colour;
}

// The gamma of sRGB (IEC 61966-2-1) in steps fine enough for eight bits.
const std::array<std::uint8_t, 4096>& gamma_table() {
    static const auto table = [] {
        std::array<std::uint8_t, 4096> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const double linear = static_cast<double>(i) / (bytes.size() - 1);
            const double coded =
                linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
            bytes[i] = static_cast<std::uint8_t>(std::lround(255 * coded));
        }
        return bytes;
    }();
    return table;
}

// CIE 15: XYZ relative to D50 from L*, a*, b*; from there to linear sRGB by the matrix that contains
// Bradford's adaptation to D65 (Lindbloom).
Rgb from_lab(float lightness, float a, float b) {
    const auto inverse = [](float t) {
        constexpr float kDelta = 6.0F / 29.0F;
        return t > kDelta ? t * t * t : 3 * kDelta * kDelta * (t - 4.0F / 29.0F);
    };
    const float middle = (lightness + 16.0F) / 116.0F;
    const float x = 0.9642F * inverse(middle + a / 500.0F);
    const float y = inverse(middle);
    const float z = 0.8251F * inverse(middle - b / 200.0F);
    const std::array<float, 3> linear{3.1338561F * x - 1.6168667F * y - 0.4906146F * z,
                                      -0.9787684F * x + 1.9161415F * y + 0.0334540F * z,
                                      0.0719453F * x - 0.2289914F * y + 1.4052427F * z};
    const auto& gamma = gamma_table();
    Rgb colour{};
    for (std::size_t c = 0; c < 3; ++c) {
        const float step = std::clamp(linear[c], 0.0F, 1.0F) * static_cast<float>(gamma.size() - 1);
        colour[c] = gamma[static_cast<std::size_t>(step + 0.5F)];
    }
    return colour;
}

Rgb colour_of(const std::uint8_t* value, const TiffSamples& samples) {
    switch (samples.colour) {
        case TiffColour::black_is_zero:
            return {value[0], value[0], value[0]};
        case TiffColour::white_is_zero: {
            const auto gray = static_cast<std::uint8_t>(255U - value[0]);
            return {gray, gray, gray};
        }
        case TiffColour::palette:
            return value[0] < samples.palette.size() ? samples.palette[value[0]] : Rgb{};
        case TiffColour::rgb:
            return {value[0], value[1], value[2]};
        case TiffColour::cmyk:
            return from_inks(value);
        case TiffColour::cie_lab:
            return from_lab(static_cast<float>(value[0]) * (100.0F / 255.0F),
                            static_cast<float>(static_cast<std::int8_t>(value[1])),
                            static_cast<float>(static_cast<std::int8_t>(value[2])));
        case TiffColour::icc_lab:
            return from_lab(static_cast<float>(value[0]) * (100.0F / 255.0F),
                            static_cast<float>(value[1]) - 128.0F, static_cast<float>(value[2]) - 128.0F);
    }
    return {};
}

std::uint8_t shown(std::uint8_t colour, std::uint8_t alpha, TiffAlpha kind, AlphaRule rule) {
    const unsigned opaque = alpha;
    if (kind == TiffAlpha::straight)
        return rule == AlphaRule::on_white
                   ? static_cast<std::uint8_t>((colour * opaque + 255U * (255U - opaque) + 127U) / 255U)
                   : colour;
    if (rule == AlphaRule::on_white) return clamped(colour + 255U - opaque);
    return opaque == 0 ? std::uint8_t{0} : clamped(colour * 255U / opaque);
}

}  // namespace

int channels_of(TiffColour colour) {
    switch (colour) {
        case TiffColour::black_is_zero:
        case TiffColour::white_is_zero:
        case TiffColour::palette:
            return 1;
        case TiffColour::cmyk:
            return 4;
        default:
            return 3;
    }
}

void unpack_channel(const PackedRow& row, int channel, int pixels, bool is_index, std::uint8_t* to,
                    int step) {
    const auto stride = static_cast<std::size_t>(row.stride);
    std::size_t sample = static_cast<std::size_t>(channel);
    if (row.bits == 8) {
        for (int i = 0; i < pixels; ++i, sample += stride, to += step)
            *to = row.bytes[sample];
    } else if (row.bits == 16) {
        for (int i = 0; i < pixels; ++i, sample += stride, to += step) {
            std::uint16_t value = 0;
            std::memcpy(&value, row.bytes + 2 * sample, sizeof value);
            *to = static_cast<std::uint8_t>(value >> 8U);
        }
    } else if (row.bits == 32) {
        for (int i = 0; i < pixels; ++i, sample += stride, to += step) {
            std::uint32_t value = 0;
            std::memcpy(&value, row.bytes + 4 * sample, sizeof value);
            *to = static_cast<std::uint8_t>(value >> 24U);
        }
    } else {
        const auto bits = static_cast<unsigned>(row.bits);
        const std::uint32_t most = (1U << bits) - 1U;
        for (int i = 0; i < pixels; ++i, sample += stride, to += step) {
            const std::size_t at = sample * bits;
            const std::uint8_t* from = row.bytes + at / 8;
            const std::uint32_t window = static_cast<std::uint32_t>(from[0]) << 16U |
                                         static_cast<std::uint32_t>(from[1]) << 8U | from[2];
            const std::uint32_t value = window >> (24U - at % 8 - bits) & most;
            *to = static_cast<std::uint8_t>(is_index   ? value
                                            : bits < 8 ? value * 255U / most
                                                       : value >> (bits - 8U));
        }
    }
}

RgbImage to_rgb(TiffSamples samples, AlphaRule rule) {
    RgbImage image{.width = samples.width, .height = samples.height, .pixels = {}};
    if (samples.colour == TiffColour::rgb && samples.alpha == TiffAlpha::none) {
        image.pixels = std::move(samples.values);
        return image;
    }
    const std::size_t pixels = static_cast<std::size_t>(samples.width) * samples.height;
    const auto channels = static_cast<std::size_t>(samples.channels());
    image.pixels.resize(pixels * 3);
    const std::uint8_t* from = samples.values.data();
    std::uint8_t* to = image.pixels.data();
    for (std::size_t i = 0; i < pixels; ++i, from += channels, to += 3) {
        const Rgb colour = colour_of(from, samples);
        for (std::size_t c = 0; c < 3; ++c)
            to[c] = samples.alpha == TiffAlpha::none
                        ? colour[c]
                        : shown(colour[c], from[channels - 1], samples.alpha, rule);
    }
    return image;
}

}  // namespace bgm
