// The fixed-length vector that the mood head reads: what it holds, in which order, on which scale.
//
// Three parts:
//   1. the cues, standardised, times (1 - speech): how the clip sounds as music
//   2. the same cues times speech: how it sounds as a voice
//   3. 1 - speech, speech, then the means and deviations of the cepstrum
// A linear head can so weigh a cue differently for music and for voices. Every value lies in -3..3.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "workers/audio/audio_features.hpp"

namespace bgm {

inline constexpr std::string_view kAudioModel = "builtin-audio-1";

/// One cue: the value that counts as average and the one deviation that counts as "clearly more". They are
/// round figures from the literature on recorded music and speech, not fitted to any data set.
struct AudioCue {
    std::string_view name;
    float (*read)(const AudioFeatures&);
    float mean;
    float deviation;
};

inline constexpr std::size_t kAudioCueCount = 24;
extern const std::array<AudioCue, kAudioCueCount> kAudioCues;

inline constexpr std::size_t kAudioVoiceBegin = kAudioCueCount;
inline constexpr std::size_t kAudioMusicGate = 2 * kAudioCueCount;
inline constexpr std::size_t kAudioSpeechGate = kAudioMusicGate + 1;
inline constexpr std::size_t kAudioCepstrumBegin = kAudioSpeechGate + 1;
inline constexpr std::size_t kAudioEmbeddingSize = kAudioCepstrumBegin + 2 * kCepstrumSize;

std::vector<float> embed_audio(const AudioFeatures& features);

}  // namespace bgm
