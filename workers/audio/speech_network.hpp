// Silero's voice activity detector, for sound at 8 kHz: how likely it is that somebody speaks, every 32 ms.
//
// The numbers come from the ONNX file of npm's @ricky0123/vad-web (silero_vad_v5.onnx and its successor v6,
// which differ in their numbers only); the arithmetic is here: a short-time spectrum, four convolutions over
// its four frames, an LSTM that goes on from chunk to chunk, and a logistic unit. Immutable: any number of
// threads may use one.
#pragma once

#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/onnx/onnx_weights.hpp"

namespace bgm {

class SpeechNetwork {
 public:
    static constexpr int kRateHz = 8'000;
    static constexpr std::size_t kChunk = 256;  // samples behind each probability

    /// Takes the graph for 8 kHz, known by its shapes. `unsupported` where there is none.
    static Result<SpeechNetwork> make(const std::vector<OnnxGraph>& graphs);

    /// One probability for each whole chunk; what is left over at the end is not looked at.
    std::vector<float> probabilities(std::span<const float> samples) const;

 private:
    struct Layer {
        std::size_t inputs, outputs, width, stride;
        std::vector<float> weights;  // [outputs, inputs, width]
        std::vector<float> bias;     // [outputs]
    };

    SpeechNetwork() = default;
    std::vector<float> basis_;  // [2 * bins, window]: the real rows of the spectrum, then the imaginary ones
    std::vector<Layer> convolutions_;
    std::vector<float> recurrent_;  // [state, gates]: turned round, so that the gates lie side by side
    std::vector<float> output_;     // [state]
    float output_bias_ = 0;
};

}  // namespace bgm
