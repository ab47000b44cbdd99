// The fixed-length vectors that the mood heads read: one for music, one for a voice. What they hold, in which
// order, on which scale.
//
// Each is its cues, standardised, then the means and the deviations of the cepstrum. Every value lies in
// -3..3. Music and voices have an embedding and a head each: loud and fast is pleasant in the one and not in
// the other, and half of what is measured means something in one of them only.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "workers/audio/audio_features.hpp"

namespace bgm {

inline constexpr std::string_view kMusicModel = "builtin-music-1";
inline constexpr std::string_view kVoiceModel = "builtin-voice-1";

/// One cue: the value that counts as average and the one deviation that counts as "clearly more". They are
/// round figures; docs/features-audio.md says of what.
struct AudioCue {
    std::string_view name;
    float (*read)(const AudioFeatures&);
    float mean;
    float deviation;
};

/// What is heard in music.
std::span<const AudioCue> music_cues();
/// What is heard in a voice.
std::span<const AudioCue> voice_cues();

constexpr std::size_t embedding_size(std::size_t cues) {
    return cues + 2 * kCepstrumSize;
}

std::vector<float> embed_audio(const AudioFeatures& features, std::span<const AudioCue> cues);

}  // namespace bgm
