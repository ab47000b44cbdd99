// Films whose stored numbers are known: a test says the colour of every place in the film's own terms (Y, U,
// V or red, green, blue, in steps of the format's depth), and what the file claims about them.
//
// The same spec gives the same bytes on the same machine. Any failure is a std::runtime_error.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bgm::test {

struct FilmSpec {
    const char* container = "mp4";
    const char* codec = "libx264";
    const char* pixel_format = "yuv420p";
    int width = 320;
    int height = 240;
    int frames_per_s = 25;
    int frames = 10;
    int key_frame_every = 5;
    /// Values of the pixel at a place given in shares of width and height: Y, U, V or R, G, B, then alpha.
    /// Subsampled planes take that of the middle of their samples.
    std::function<std::array<int, 4>(double x, double y, int frame)> values{};
    // As H.273 counts them; 2 is unspecified. Range: 0 unspecified, 1 limited, 2 full.
    int matrix = 2, primaries = 2, transfer = 2, range = 0;
    bool tags_in_container = true;   // false: the codec alone knows
    bool seekable = true;            // false: written as a live recording is, nothing is filled in afterwards
    const char* muxer_options = "";  // "key=value;key=value", also of the encoder
    const char* encoder_options = "";
    double starts_at_s = 0;  // timestamp of the first frame
    std::array<int, 2> pixel_aspect{1, 1};
    int rotation_degrees = 0;                  // as a display matrix, clockwise
    bool mirrored = false;                     // left and right, after turning
    std::vector<int> key_frames{};             // forced, besides those of `key_frame_every`
    std::function<int(int frame)> frame_at{};  // number of frame durations after the first; default: `frame`
};

std::string make_film(const FilmSpec& spec);

}  // namespace bgm::test
