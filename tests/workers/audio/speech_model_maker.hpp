// An ONNX file of the form of Silero's voice activity detector, with numbers of its own: a graph whose If has
// a branch for each rate, where the weights are constants.
#pragma once

#include <cstdint>
#include <string>

namespace bgm::test {

/// The same bytes for the same seed.
std::string make_speech_model(std::uint32_t seed = 1);

}  // namespace bgm::test
