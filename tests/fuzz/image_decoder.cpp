// Pictures of every kind, decoded. The first byte chooses what is asked for.
#include "workers/media/picture/image_decoder.hpp"

#include "tests/fuzz/promise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    static const ImageDecoder decoder({.bytes_max = 1'000'000, .pixels_max = 250'000});
    std::string_view input = fuzz::as_text(data, size);
    const unsigned choice = fuzz::take_choice(input);
    const DecodeOptions options{.shorter_side_min = (choice & 1U) != 0 ? 8 : 0,
                                .pixels_min = (choice & 2U) != 0 ? 100 : 0,
                                .alpha = (choice & 4U) != 0 ? AlphaRule::dropped : AlphaRule::on_white,
                                .upright = (choice & 8U) == 0};
    const auto decoded = decoder.decode(std::as_bytes(std::span(input)), options);
    if (decoded) {
        fuzz::require(!decoded->image.empty() && decoded->image.consistent(), "a decoded picture is whole");
        fuzz::require(decoded->image.pixels.size() <= 3 * 250'000U, "a decoded picture is within the limit");
    } else {
        fuzz::require(!decoded.error().message.empty(), "a refused picture has a reason");
    }
    return 0;
}
