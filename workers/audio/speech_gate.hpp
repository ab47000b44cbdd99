// How much of a sound is somebody speaking, by Silero's network.
//
// Immutable: any number of threads may use one.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/audio/speech_network.hpp"
#include "workers/media/av/waveform.hpp"

namespace bgm {

/// Below the folder of npm's packages; one of network_packages().
inline constexpr std::string_view kSpeechNetworkFile = "@ricky0123/vad-web/dist/silero_vad_v6.onnx";

class SpeechGate {
 public:
    explicit SpeechGate(SpeechNetwork network) : network_(std::move(network)) {}

    /// 0..1: the share of the sounding time in which the network hears speech. Singing is hardly ever speech
    /// for it; speech over music is. 0 where nothing sounds.
    float share_of_speech(const Waveform& waveform) const;

 private:
    SpeechNetwork network_;
};

/// The gate of the packages in `folder`. Nothing where the file is not there, or is not, byte for byte, the
/// one that is meant, which is then said on standard error: sound is judged without it. Open it before the
/// process is confined.
std::shared_ptr<const SpeechGate> open_speech_gate(const std::filesystem::path& folder);

}  // namespace bgm
