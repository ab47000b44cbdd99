// A whole track of the catalogue: what it sounds like, part by part and altogether. See docs/catalogue.md.
#pragma once

#include <cstddef>
#include <memory>

#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

inline constexpr float kTrackWindow_s = 15;
/// What is analysed of a longer one: its first quarter of an hour.
inline constexpr double kTrackSecondsMax = 900;

/// Answers with one Encoding of the whole, and in its `track` each window of kTrackWindow_s, the beats and
/// the fingerprint. Embeddings and heads are the audio encoder's; the whole's is the mean of the windows that
/// sound. facts: seconds, loudness_lufs, range_lu, tempo_bpm (0: none is felt), tempo_confidence (0..1),
/// tonic (pitch class, 0 = C), minor (0 or 1), key_confidence (0..1), energy (0..1), speech (0..1), moment_s.
/// `bytes_max` is that of a file. Errors of a task: those of decode_audio(); `unsupported` for less than 3 s.
std::unique_ptr<Encoder> make_track_analyser(const EncoderFiles& files, std::size_t bytes_max);

}  // namespace bgm
