// Where a frame of an animation stands on its canvas, and what becomes of that place afterwards.
#pragma once

#include <cstdint>

namespace bgm {

enum class Disposal { keep, to_background, to_previous };

struct FramePlace {
    int left = 0, top = 0;
    int width = 0, height = 0;
    Disposal disposal = Disposal::keep;  // before the next frame is shown

    std::int64_t pixels() const { return std::int64_t{width} * height; }
};

/// How long a frame is shown whose file asks for `seconds`. Browsers take 10 ms and less, which old files
/// have for "as fast as you can", for 100 ms; people have seen these files no other way.
inline double shown_s(double seconds) {
    return seconds < 0.0105 ? 0.1 : seconds;
}

}  // namespace bgm
