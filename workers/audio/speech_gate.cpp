#include "workers/audio/speech_gate.hpp"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <span>
#include <vector>

#include "workers/media/av/av_rate.hpp"
#include "workers/networks/network_file.hpp"

namespace bgm {
namespace {

constexpr float kLoudChunk = 0.1F;      // root mean square of the loud chunks that the network is given
constexpr float kGainMax = 100;         // 40 dB: what needs more is noise
constexpr float kSilenceBelow = 1e-3F;  // of the power of the loud chunks: 30 dB

// Of a longer sound so many stretches are listened to, spread over it.
constexpr std::size_t kStretches = 6;
constexpr std::size_t kStretchSeconds = 2;

constexpr std::size_t kChunk = SpeechNetwork::kChunk;

// The network takes the seams for an editor's.
std::vector<std::span<const float>> stretches_of(std::span<const float> samples, int rate_hz) {
    const std::size_t length = kStretchSeconds * static_cast<std::size_t>(rate_hz);
    if (samples.size() <= kStretches * length) return {samples};
    std::vector<std::span<const float>> stretches;
    for (std::size_t i = 0; i < kStretches; ++i)
        stretches.push_back(samples.subspan(i * (samples.size() - length) / (kStretches - 1), length));
    return stretches;
}

std::vector<float> powers_of(const std::vector<float>& samples) {
    std::vector<float> powers(samples.size() / kChunk);
    for (std::size_t i = 0; i < powers.size(); ++i) {
        for (std::size_t at = i * kChunk; at < (i + 1) * kChunk; ++at)
            powers[i] += samples[at] * samples[at] / static_cast<float>(kChunk);
    }
    return powers;
}

float power_of_the_loud(std::vector<float> powers) {
    const auto loud = powers.begin() + static_cast<std::ptrdiff_t>(powers.size() * 95 / 100);
    std::nth_element(powers.begin(), loud, powers.end());
    return *loud;
}

Result<SpeechNetwork> read_network(const std::filesystem::path& folder) {
    const auto file = read_network_file(folder, kSpeechNetworkFile);
    if (!file) return file.error();
    const auto graphs = parse_onnx_weights(*file);
    if (!graphs) return graphs.error();
    return SpeechNetwork::make(*graphs);
}

}  // namespace

float SpeechGate::share_of_speech(const Waveform& waveform) const {
    std::vector<float> samples = at_rate(stretches_of(waveform.samples, waveform.sample_rate_hz),
                                         waveform.sample_rate_hz, SpeechNetwork::kRateHz);
    const std::vector<float> powers = powers_of(samples);
    if (powers.empty()) return 0;
    const float loud = power_of_the_loud(powers);
    if (!(loud > 0)) return 0;
    // The network was not made for a voice that was recorded from afar.
    const float gain = std::min(kLoudChunk / std::sqrt(loud), kGainMax);
    for (float& sample : samples)
        sample *= gain;
    const std::vector<float> speech = network_.probabilities(samples);
    std::size_t sounding = 0, spoken = 0;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        if (powers[i] < kSilenceBelow * loud) continue;
        ++sounding;
        if (speech[i] >= 0.5F) ++spoken;
    }
    return static_cast<float>(spoken) / static_cast<float>(sounding);
}

std::shared_ptr<const SpeechGate> open_speech_gate(const std::filesystem::path& folder) {
    const auto without = [](const Error& error) {
        std::cerr << "bgm-worker: speech and music are told apart without Silero's network: "
                  << error.to_string() << '\n';
        return nullptr;
    };
    std::error_code error;
    if (!std::filesystem::exists(folder / kSpeechNetworkFile, error)) return nullptr;
    auto network = read_network(folder);
    malloc_trim(0);  // the file and its graphs are three times as large as what is kept of them
    if (!network) return without(network.error());
    return std::make_shared<const SpeechGate>(*std::move(network));
}

}  // namespace bgm
