// A clip's sound on its way to the audio tower: decoded, judged, cut into windows, made a log-mel spectrum
// each.
//
// Belongs to one thread.
#pragma once

#include <span>
#include <vector>

#include "workers/audio/clap_mel.hpp"
#include "workers/clip/clip_task.hpp"
#include "workers/media/media_limits.hpp"

namespace bgm {

/// One behind the other; a rest shorter than half a window is left out unless it is all there is.
std::vector<std::span<const float>> sound_windows(std::span<const float> samples, std::size_t window_samples);

class SoundStage {
 public:
    explicit SoundStage(ClapMel mel, const MediaLimits& limits = {})
        : mel_(std::move(mel)), limits_(limits) {}

    /// Errors as in decode_audio(). As many windows of the extractor's length (10 s) are taken as fit into
    /// what is decoded (30 s).
    /// `posted_as`: the sound of a video may lie in a file as large as a video.
    Result<ClipTask::Rows> prepare(std::span<const std::byte> file, Modality posted_as) const;

 private:
    ClapMel mel_;
    MediaLimits limits_;
};

}  // namespace bgm
