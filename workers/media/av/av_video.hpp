// A few small pictures spread over a video, and how much moves, without decoding all of it.
#pragma once

#include <cstddef>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/video_sample.hpp"
#include "workers/media/cpu_budget.hpp"

namespace bgm {

/// Decodes the key frame at evenly spread places and the next reference frame, for the motion. Where that
/// gives fewer than four pictures or leaves half of the film unseen (clips of one key frame, decoders that
/// yield nothing without their neighbours), decodes from the beginning as well, within the budget. Fails with
/// `unsupported` (not media, no pictures in it), `corrupt` (no frame decodes: "the video has no frames"),
/// `too_large` (file, or a frame past the limit), `deadline_exceeded`. A video that breaks off is used as far
/// as it goes.
Result<VideoSample> sample_video(std::span<const std::byte> file, const VideoLimits& limits,
                                 const CpuBudget& budget);

}  // namespace bgm
