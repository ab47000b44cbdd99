#include "workers/media/av/film_colour.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// Code points of H.273.
constexpr int kRgb = 0, kBt709 = 1, kFcc = 4, kBt470Bg = 5, kSmpte170M = 6, kSmpte240M = 7, kYCgCo = 8,
              kBt2020 = 9, kBt2020Constant = 10;
constexpr int kFromPrimaries = 12, kFromPrimariesConstant = 13;
constexpr int kPrimariesTheatre = 11, kPrimariesP3 = 12;
constexpr int kLinear = 8, kPq = 16, kHlg = 18;

constexpr double kScreenGamma = 2.4;     // BT.1886
constexpr double kWhiteNits = 203;       // BT.2408: the white of a sheet of paper, HLG at 75 %
constexpr double kPeakNits = 1'000;      // BT.2100's nominal HLG screen, and what most PQ films are made for
constexpr double kHlgSystemGamma = 1.2;  // BT.2100, of a screen of 1000 cd/m2
constexpr double kKnee = 0.8;            // of white: brighter light is rolled off
constexpr std::size_t kTableSteps = 4096;

// Share of red and blue in luma.
struct Luma {
    double red, blue;
};

Luma luma_of(int matrix) {
    switch (matrix) {
        case kBt709:
            return {0.2126, 0.0722};
        case kFcc:
            return {0.30, 0.11};
        case kSmpte240M:
            return {0.212, 0.087};
        case kBt2020:
            return {0.2627, 0.0593};
        default:
            return {0.299, 0.114};
    }
}

// Y, U, V (U and V in -0.5..0.5) to R, G, B.
Matrix to_rgb(int matrix) {
    if (matrix == kYCgCo) return {{{1, -1, 1}, {1, 1, 0}, {1, -1, -1}}};
    const auto [red, blue] = luma_of(matrix);
    const double green = 1 - red - blue;
    return {{{1, 0, 2 * (1 - red)},
             {1, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green},
             {1, 2 * (1 - blue), 0}}};
}

// Linear light of some primaries, all with a white of D65, to BT.709's: BT.2087 for BT.2020; P3 in the same
// way.
Matrix to_bt709(int primaries) {
    if (primaries == kBt2020) {
        return {{{1.6605, -0.5876, -0.0728}, {-0.1246, 1.1329, -0.0083}, {-0.0182, -0.1006, 1.1187}}};
    }
    if (primaries == kPrimariesP3 || primaries == kPrimariesTheatre) {
        return {{{1.2249, -0.2247, 0}, {-0.0420, 1.0419, 0}, {-0.0197, -0.0786, 1.0979}}};
    }
    return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

bool is_wide(int primaries) {
    return primaries == kBt2020 || primaries == kPrimariesP3 || primaries == kPrimariesTheatre;
}

// BT.2100, the inverse of the HLG camera curve: 0..1 to the scene's light, 0..1.
double hlg_scene(double coded) {
    constexpr double kA = 0.17883277, kB = 0.28466892, kC = 0.55991073;
    return coded <= 0.5 ? coded * coded / 3 : (std::exp((coded - kC) / kA) + kB) / 12;
}

// BT.2100, the PQ curve: 0..1 to cd/m2.
double pq_nits(double coded) {
    constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 4096 * 128;
    constexpr double kC1 = 3424.0 / 4096, kC2 = 2413.0 / 4096 * 32, kC3 = 2392.0 / 4096 * 32;
    const double root = std::pow(coded, 1 / kM2);
    return 10'000 * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

// Light relative to white, of which the screen can show 1: unchanged below the knee, above it by Reinhard's
// curve (2002, equation 4) scaled so that the peak becomes 1.
float rolled_off(float light) {
    constexpr auto kBegin = static_cast<float>(kKnee);
    if (light <= kBegin) return light;
    constexpr auto kTop = static_cast<float>((kPeakNits / kWhiteNits - kKnee) / (1 - kKnee));
    const float above = std::min((light - kBegin) / (1 - kBegin), kTop);
    return kBegin + (1 - kBegin) * above * (1 + above / (kTop * kTop)) / (1 + above);
}

// The nearest of `steps` + 1 numbers from 0 on; lround() would be a call for each.
std::size_t nearest(float share, std::size_t steps) {
    const float number = std::clamp(share, 0.0F, 1.0F) * static_cast<float>(steps) + 0.5F;
    return static_cast<std::size_t>(number);
}

std::size_t step(float share) {
    return nearest(share, kTableSteps - 1);
}

std::uint8_t as_byte(float share) {
    return static_cast<std::uint8_t>(nearest(share, 255));
}

}  // namespace

bool is_high_dynamic_range(const ColourTags& tags) {
    return tags.transfer == kPq || tags.transfer == kHlg;
}

ColourTags with_guesses(ColourTags tags, int width, int height) {
    const int by_size = height >= 720 || width >= 1280 ? kBt709 : kSmpte170M;
    if (tags.primaries == ColourTags::kUnspecified && is_high_dynamic_range(tags)) tags.primaries = kBt2020;
    if (tags.matrix == kFromPrimaries || tags.matrix == kFromPrimariesConstant)
        tags.matrix = ColourTags::kUnspecified;
    if (tags.matrix == kBt2020Constant) tags.matrix = kBt2020;
    const bool known = tags.matrix == kBt709 || (tags.matrix >= kFcc && tags.matrix <= kBt2020);
    if (!known) {
        switch (tags.primaries) {
            case kBt709:
            case kBt2020:
            case kSmpte240M:
            case kBt470Bg:
            case kSmpte170M:
                tags.matrix = tags.primaries;
                break;
            default:
                tags.matrix = by_size;
        }
    }
    return tags;
}

FilmColour::FilmColour(const ColourTags& tags, const Samples& samples) : samples_(samples) {
    const double unit = samples.sample_bits == 16 ? 256 : 1;  // of a step among eight bits
    const double full =
        ((1 << samples.depth_bits) - 1) * std::ldexp(1, samples.sample_bits - samples.depth_bits);
    const double luma_scale = 1 / (tags.full_range ? full : 219 * unit);
    const double chroma_scale = 1 / (tags.full_range ? full : 224 * unit);
    const double black = tags.full_range ? 0 : 16 * unit;
    const bool rgb = samples.layout == Layout::rgb;
    const Matrix from_yuv = to_rgb(tags.matrix);
    for (std::size_t i = 0; i < 3; ++i) {
        offsets_[i] = static_cast<float>(i == 0 || rgb ? black : 128 * unit);
        for (std::size_t j = 0; j < 3; ++j) {
            const double share = rgb ? (i == j ? 1 : 0) : from_yuv[i][j];
            matrix_[i][j] = static_cast<float>(share * (j == 0 || rgb ? luma_scale : chroma_scale));
        }
    }

    hlg_ = tags.transfer == kHlg;
    tone_mapped_ = is_high_dynamic_range(tags);
    through_light_ = tone_mapped_ || tags.transfer == kLinear || is_wide(tags.primaries);
    if (!through_light_) return;
    const Matrix primaries = to_bt709(tags.primaries);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            to_709_[i][j] = static_cast<float>(primaries[i][j]);
    light_.resize(kTableSteps);
    coded_.resize(kTableSteps);
    if (hlg_) hlg_gain_.resize(kTableSteps);
    for (std::size_t i = 0; i < kTableSteps; ++i) {
        const double share = static_cast<double>(i) / (kTableSteps - 1);
        const double light = hlg_                       ? hlg_scene(share)
                             : tags.transfer == kPq     ? pq_nits(share) / kWhiteNits
                             : tags.transfer == kLinear ? share
                                                        : std::pow(share, kScreenGamma);
        light_[i] = static_cast<float>(light);
        coded_[i] = as_byte(static_cast<float>(std::pow(share, 2 / kScreenGamma)));
        if (hlg_) {
            hlg_gain_[i] =
                static_cast<float>(std::pow(share, 4 * (kHlgSystemGamma - 1)) * kPeakNits / kWhiteNits);
        }
    }
}

void FilmColour::to_light(std::array<float, 3>& colour) const {
    for (float& channel : colour)
        channel = light_[step(channel)];
    if (hlg_) {
        // BT.2100's system gamma: by the scene's luminance, so that hues stay.
        const float luminance = 0.2627F * colour[0] + 0.6780F * colour[1] + 0.0593F * colour[2];
        const float gain = hlg_gain_[step(std::sqrt(std::sqrt(luminance)))];
        for (float& channel : colour)
            channel *= gain;
    }
    const std::array<float, 3> film = colour;
    for (std::size_t i = 0; i < 3; ++i) {
        colour[i] =
            std::max(0.0F, to_709_[i][0] * film[0] + to_709_[i][1] * film[1] + to_709_[i][2] * film[2]);
    }
    if (!tone_mapped_) return;
    const float brightest = std::max({colour[0], colour[1], colour[2]});
    if (brightest <= static_cast<float>(kKnee)) return;
    const float scale = rolled_off(brightest) / brightest;
    for (float& channel : colour)
        channel *= scale;
}

template <typename Sample>
void FilmColour::convert_row(const std::array<const std::uint8_t*, 3>& planes, std::size_t pixels,
                             std::uint8_t* rgb) const {
    const bool gray = samples_.layout == Layout::gray;
    const auto* first = reinterpret_cast<const Sample*>(planes[0]);
    const auto* second = gray ? first : reinterpret_cast<const Sample*>(planes[1]);
    const auto* third = gray ? first : reinterpret_cast<const Sample*>(planes[2]);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel, rgb += 3) {
        const float y = static_cast<float>(first[pixel]) - offsets_[0];
        const float u = gray ? 0 : static_cast<float>(second[pixel]) - offsets_[1];
        const float v = gray ? 0 : static_cast<float>(third[pixel]) - offsets_[2];
        std::array<float, 3> colour{};
        for (std::size_t i = 0; i < 3; ++i)
            colour[i] = matrix_[i][0] * y + matrix_[i][1] * u + matrix_[i][2] * v;
        if (!through_light_) {
            for (std::size_t i = 0; i < 3; ++i)
                rgb[i] = as_byte(colour[i]);
            continue;
        }
        to_light(colour);
        for (std::size_t i = 0; i < 3; ++i)
            rgb[i] = coded_[step(std::sqrt(colour[i]))];
    }
}

void FilmColour::convert(const std::array<const std::uint8_t*, 3>& planes, std::size_t pixels,
                         std::uint8_t* rgb) const {
    if (samples_.sample_bits == 16) {
        convert_row<std::uint16_t>(planes, pixels, rgb);
    } else {
        convert_row<std::uint8_t>(planes, pixels, rgb);
    }
}

}  // namespace bgm
