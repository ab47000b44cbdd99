// From model folders to an encoder that is ready: checks, loads, names and warms what a worker's modalities
// need.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/clip/clip_encoder.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

struct ModelOptions {
    std::filesystem::path image, text, audio;  // folders; only what the modalities need is looked at
    std::filesystem::path caption;             // empty: no captions
    bool sound_words = false;                  // texts and captions go through the audio model's text tower
    std::filesystem::path builtin;             // built-in models: what tells grave texts, and whole tracks
    std::filesystem::path prompts;             // empty: no head is made, bgmd has them as files
    std::filesystem::path head_cache;          // empty: nothing is kept between starts
    std::string precision = "auto";
    std::string device = "cpu";
    int threads = 0;
    std::size_t batch_max = 16;
    MediaLimits limits;
};

/// `not_found`, `corrupt` or `unsupported`, with the folder and the reason, where a model cannot be used:
/// nothing is served by half. Says on stderr, one line a model, what was loaded and with what precision.
Result<std::unique_ptr<StagedEncoder>> load_clip_encoder(const std::vector<std::string>& modalities,
                                                         const ModelOptions& options);

/// What analyses whole tracks (track_listener.hpp): the audio model of `options`, and the built-in analyser
/// with what it finds in `options.builtin` and `packages`. Errors as above.
Result<std::unique_ptr<Encoder>> load_track_listener(const ModelOptions& options,
                                                     const std::filesystem::path& packages);

}  // namespace bgm
