// ONNX files, and the network that is read from one.
#include "workers/onnx/onnx_weights.hpp"

#include "tests/fuzz/promise.hpp"
#include "workers/audio/speech_network.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const auto graphs = parse_onnx_weights(fuzz::as_bytes(data, size));
    if (!graphs) {
        fuzz::require(!graphs.error().message.empty(), "a refused file has a reason");
        return 0;
    }
    for (const OnnxGraph& graph : *graphs) {
        fuzz::require(!graph.empty(), "a graph holds something");
        for (const auto& [name, tensor] : graph) {
            std::size_t count = 1;
            for (const std::int64_t dim : tensor.shape)
                count *= static_cast<std::size_t>(dim);
            fuzz::require(count == tensor.values.size(), "as many numbers as its shape says");
            fuzz::require(count * sizeof(float) <= size, "no more numbers than the file holds");
        }
    }
    if (const auto network = SpeechNetwork::make(*graphs)) {
        for (const float probability : network->probabilities(std::vector<float>(600, 0.1F)))
            fuzz::require(!(probability < 0 || probability > 1), "a probability");
    }
    return 0;
}
