// Animated GIF and WebP as the short clips that they are: a few small pictures spread over the frames, and
// how much moves, as sample_video() gives them.
//
// The file comes from a stranger: every size that it declares is checked before memory is taken for it.
// Keeps nothing; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/video_sample.hpp"
#include "workers/media/cpu_budget.hpp"

namespace bgm {

/// As many times what one picture may have are decoded over all frames, each counted as the canvas (or
/// itself, where it is larger): a frame of one pixel is shown on all of it. Of 67 megapixels: 900 frames of
/// 863 x 863.
inline constexpr std::int64_t kAnimationPixelsTimes = 10;
inline constexpr std::size_t kAnimationFramesMax = 900;

/// GIF or WebP with more than one frame, by their headers. What is made as an animation but has one frame
/// only is a still picture.
bool is_animation(std::span<const std::byte> file);

/// Decodes from the first frame until one of the limits is met (a note says so) and keeps at most
/// `frames_max` pictures, evenly spread. Transparency is shown on white; frames that ask for 10 ms or less
/// are shown for 100 ms. An animation that is damaged or cut off is used as far as it goes (a note, too).
/// Fails with `unsupported` (neither GIF nor WebP), `corrupt` (not one frame decodes), `too_large` (file or
/// canvas), `deadline_exceeded`, `resource_exhausted`.
Result<VideoSample> sample_animation(std::span<const std::byte> file, const VideoLimits& limits,
                                     const CpuBudget& budget);

}  // namespace bgm
