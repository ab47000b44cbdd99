// From the numbers that a film stores to the colours that are seen: matrix, range, transfer and primaries.
//
// Tags are the code points of ITU-T H.273, as containers and codecs write them and as libav hands them on.
// Standard films (BT.709, BT.601, ...) are shown as they are stored, as players do: their light is
// BT.1886's. HLG and PQ (ITU-R BT.2100) are shown as an ordinary screen would, whose white is the 203 cd/m2
// of BT.2408: what is darker keeps its light, what is brighter is rolled off. Plain values; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bgm {

struct ColourTags {
    static constexpr int kUnspecified = 2;

    int matrix = kUnspecified;     // H.273 table 4
    int primaries = kUnspecified;  // table 2
    int transfer = kUnspecified;   // table 3
    bool full_range = false;       // black at 0, not at 16

    bool operator==(const ColourTags&) const = default;
};

/// Fills in what the tags leave open: HLG and PQ are BT.2020, primaries tell the matrix; otherwise films of
/// 720 rows or 1280 columns and more are BT.709 and smaller ones BT.601, as players guess.
ColourTags with_guesses(ColourTags tags, int width, int height);

/// True where the light has to be mapped to an ordinary screen (HLG, PQ).
bool is_high_dynamic_range(const ColourTags& tags);

class FilmColour {
 public:
    enum class Layout { yuv, gray, rgb };

    /// How samples are stored: `sample_bits` is 8 or 16; in 16 the `depth_bits` that count are the upper
    /// ones.
    struct Samples {
        Layout layout = Layout::yuv;
        int depth_bits = 8;
        int sample_bits = 8;

        bool operator==(const Samples&) const = default;
    };

    /// `tags` without gaps: with_guesses().
    FilmColour(const ColourTags& tags, const Samples& samples);

    /// One row. Three planes (Y, U, V or R, G, B), of which gray reads the first only; `rgb` takes three
    /// bytes a pixel.
    void convert(const std::array<const std::uint8_t*, 3>& planes, std::size_t pixels,
                 std::uint8_t* rgb) const;

 private:
    template <typename Sample>
    void convert_row(const std::array<const std::uint8_t*, 3>& planes, std::size_t pixels,
                     std::uint8_t* rgb) const;
    void to_light(std::array<float, 3>& colour) const;

    Samples samples_;
    // Stored values to gamma-coded red, green, blue in 0..1: offsets are taken off first.
    std::array<float, 3> offsets_{};
    std::array<std::array<float, 3>, 3> matrix_{};
    bool through_light_ = false;  // else the gamma-coded values are the answer
    bool hlg_ = false;
    bool tone_mapped_ = false;
    std::vector<float> light_;         // of a gamma-coded value; 1 is the screen's white, or HLG's peak
    std::vector<float> hlg_gain_;      // of the fourth root of the scene's luminance
    std::vector<std::uint8_t> coded_;  // of the square root of light
    std::array<std::array<float, 3>, 3> to_709_{};  // light in the film's primaries to light in BT.709's
};

}  // namespace bgm
