// A whole track of the catalogue under the clip preset: all that the built-in analyser measures, and beside
// it where the track lies in the audio model's space, where posts' own music and their words lie, too.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "workers/audio/clap_mel.hpp"
#include "workers/encoders/audio_tower.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

struct TrackListenerParts {
    std::unique_ptr<Encoder> analyser;  // make_track_analyser()
    ClapMel mel;
    std::unique_ptr<AudioTower> tower;
    std::string model;    // what the tower's embeddings are called
    std::string version;  // of the tower
    std::size_t rows_max = 16;
    std::size_t bytes_max = 0;  // of a file
};

/// Answers with two Encodings: the analyser's, with the track's parts, and one of `model`. Its embedding is
/// the mean, of length 1, of those of the windows that sound, each of the extractor's length (10 s; a rest
/// shorter than half a window is left out), of the track's first quarter of an hour; zeros where it is
/// silent. Model, version and heads are the analyser's. Errors of a task are the analyser's, and those of
/// decode_audio().
std::unique_ptr<Encoder> make_track_listener(TrackListenerParts parts);

}  // namespace bgm
