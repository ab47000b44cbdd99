// The GIF decoder, which is the project's own. The first byte chooses what becomes of transparency.
#include "tests/fuzz/promise.hpp"
#include "workers/media/animation/gif_decoder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    constexpr std::int64_t kPixelsMax = 100'000;
    std::string_view input = fuzz::as_text(data, size);
    const auto alpha = (fuzz::take_choice(input) & 1U) != 0 ? AlphaRule::dropped : AlphaRule::on_white;
    const auto picture = decode_gif(std::as_bytes(std::span(input)), kPixelsMax, alpha);
    if (picture) {
        fuzz::require(!picture->empty() && picture->consistent(), "a decoded picture is whole");
        fuzz::require(picture->pixels.size() <= 3 * kPixelsMax, "a decoded picture is within the limit");
    } else {
        fuzz::require(!picture.error().message.empty(), "a refused picture has a reason");
    }
    return 0;
}
