// What is looked at before a picture is decoded: signature, header, JPEG markers, WebP chunks, Exif.
#include "tests/fuzz/promise.hpp"
#include "workers/media/animation/webp_stream.hpp"
#include "workers/media/picture/exif_orientation.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/media/picture/jpeg_stream.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const auto file = fuzz::as_bytes(data, size);
    (void)sniff_image(file);
    const ImageLimits limits{.bytes_max = 1'000'000, .pixels_max = 4'000'000};
    if (const auto header = probe_image(file, limits)) {
        fuzz::require(header->width > 0 && header->height > 0, "an accepted picture has a size");
        fuzz::require(std::int64_t{header->width} * header->height <= limits.pixels_max,
                      "an accepted picture is within the limit");
        fuzz::require(header->orientation >= 1 && header->orientation <= 8, "there are eight orientations");
    } else {
        fuzz::require(!header.error().message.empty(), "a refused picture has a reason");
    }
    (void)walk_jpeg(file);
    const WebpStream webp = walk_webp(file);
    if (webp.problem.empty()) {
        const auto still = still_webp(webp);
        fuzz::require(still.size() <= file.size() + 64, "a still is no larger than what it was taken from");
        fuzz::require(walk_webp(still).problem.empty(), "a still is a WebP");
    }
    if (const auto orientation = exif_orientation(file)) {
        fuzz::require(*orientation >= 1 && *orientation <= 8, "there are eight orientations");
        RgbImage stored{.width = 2, .height = 3, .pixels = std::vector<std::uint8_t>(18)};
        fuzz::require(apply_orientation(std::move(stored), *orientation).consistent(), "turned, it is whole");
    }
    return 0;
}
