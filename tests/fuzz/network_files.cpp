// Files of npm packages: weights of TensorFlow.js, and the one value that a script exports. The first byte
// chooses which; of weights a byte 0 stands between manifest and data.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/fuzz/promise.hpp"
#include "workers/networks/script_literal.hpp"
#include "workers/networks/tfjs_weights.hpp"

namespace bgm::fuzz {
namespace {

void read_weights(std::string_view input) {
    std::string_view data = input;
    const std::string_view manifest = take_part(data, '\0');
    const auto read = read_tfjs_weights(manifest, std::as_bytes(std::span(data.data(), data.size())));
    if (!read) {
        require(!read.error().message.empty(), "a refused file has a reason");
        return;
    }
    for (const auto& [name, tensor] : *read) {
        std::int64_t numbers = 1;
        for (const std::int64_t extent : tensor.shape)
            numbers *= extent;
        require(static_cast<std::int64_t>(tensor.values.size()) == numbers, "as many as its shape says");
        require(tensor.values.size() <= data.size(), "no more numbers than bytes");
        for (const float value : tensor.values)
            require(std::isfinite(value), "numbers are finite");
        require(find_tensor(*read, name, tensor.shape).ok(), "a tensor is found by name and shape");
    }
}

void read_script(std::string_view input) {
    if (const auto json = read_script_json(input)) {
        require(json->size() <= 4 * input.size(), "JSON is not much longer than its literal");
        const bool parsed = nlohmann::json::accept(*json);
        require(parsed || !json->empty(), "a literal leaves something to parse");
    }
    if (const auto bytes = read_script_bytes(input))
        require(bytes->size() <= input.size(), "no more bytes than digits");
}

}  // namespace
}  // namespace bgm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    std::string_view input = fuzz::as_text(data, size);
    if ((fuzz::take_choice(input) & 1U) == 0) {
        fuzz::read_weights(input);
    } else {
        fuzz::read_script(input);
    }
    return 0;
}
