// Weight files and mood heads.
#include "schemas/safetensors.hpp"

#include "fusion/mood/head.hpp"
#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const auto file = fuzz::as_bytes(data, size);
    if (const auto read = SafeTensors::parse(file)) {
        for (const auto& [name, tensor] : read->tensors()) {
            if (!tensor.data.empty()) {
                fuzz::require(tensor.data.data() >= file.data() &&
                                  tensor.data.data() + tensor.data.size() <= file.data() + file.size(),
                              "a tensor lies in the file");
            }
            if (const auto floats = to_floats(tensor)) {
                fuzz::require(floats->size() == static_cast<std::size_t>(tensor.elements()),
                              "as many numbers as its shape says");
            }
        }
    } else {
        fuzz::require(!read.error().message.empty(), "a refused file has a reason");
    }
    if (const auto head = LinearHead::parse(file)) {
        fuzz::require(head->width() > 0, "a head reads something");
        const std::vector<float> embedding(head->width(), 0.5F);
        if (const auto evidence = head->read(embedding, 1.0F)) (void)*evidence;
    }
    return 0;
}
