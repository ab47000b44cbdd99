// A clip's sound on its way to the audio tower: decoded, judged, cut into windows, made a log-mel spectrum
// each.
//
// Belongs to one thread.
#pragma once

#include <span>

#include "workers/audio/clap_mel.hpp"
#include "workers/clip/clip_task.hpp"

namespace bgm {

class SoundStage {
 public:
    explicit SoundStage(ClapMel mel) : mel_(std::move(mel)) {}

    /// Errors as in decode_audio(). Up to three windows of the extractor's length (10 s) are taken from the
    /// 30 s that are decoded; a rest shorter than half a window is left out unless it is all there is.
    Result<ClipTask::Rows> prepare(std::span<const std::byte> file) const;

 private:
    ClapMel mel_;
};

}  // namespace bgm
