// What phones of 50 and 64 megapixels make is read, in every format, within the memory that a worker has for
// a task; what is larger is refused by its header. Each picture is decoded in a process of its own, whose
// address space is limited as the sandbox limits it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>
#include <functional>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/heif_parts.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::HasSubstr;

constexpr int kSide = 8192;
constexpr std::uint64_t kTaskMemoryBytes = 1536ULL << 20U;  // workers.task_memory_bytes as it is delivered
constexpr std::int64_t kCanvasPixels = 256LL * 256;         // what the builtin encoder asks for at least

std::uint64_t address_space_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// 0 where it was read; an error's code + 1, or 99.
int decode_within(std::uint64_t memory_bytes, const Bytes& file, const DecodeOptions& options = {}) {
    const pid_t child = fork();
    if (child == 0) {
        const ImageDecoder decoder;
        const rlim_t most = address_space_bytes() + memory_bytes;
        const rlimit both{most, most};
        if (setrlimit(RLIMIT_AS, &both) != 0) _exit(98);
        const auto decoded = decoder.decode(as_media(file), options);
        _exit(decoded.ok() ? 0 : static_cast<int>(decoded.error().code) + 1);
    }
    int status = 0;
    rusage used{};
    wait4(child, &status, 0, &used);
    std::cout << used.ru_utime.tv_sec + used.ru_stime.tv_sec +
                     (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6
              << " s of processor time, " << used.ru_maxrss / 1024 << " MiB\n";
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

// The pixels of a picture of one colour, however many.
Bytes png_of_zeros(int side, int bits, int colour_type, int channels) {
    const std::size_t row = 1 + static_cast<std::size_t>(side) * channels * bits / 8;
    return make_png(static_cast<std::uint32_t>(side), static_cast<std::uint32_t>(side), bits, colour_type, {},
                    Bytes(row * side, 0));
}

// One coded tile, named as often as it takes.
Bytes tiled_heif(HeifCodec codec, std::uint8_t alpha) {
    constexpr int kTile = 1024;
    constexpr int kTiles = kSide / kTile;
    HeifParts parts{.brand = codec == HeifCodec::av1 ? "avif" : "heic"};
    const auto tile = take_apart(encode_heif(draw_sunset(kTile, kTile), {.codec = codec, .alpha = alpha}));
    std::uint32_t next = 100;
    for (std::size_t layer = 0; layer < tile.size(); ++layer) {
        HeifItem grid{.id = static_cast<std::uint32_t>(1 + layer),
                      .type = "grid",
                      .data = grid_of(kTiles, kTiles, kSide, kSide),
                      .properties = {shown_size(kSide, kSide)},
                      .in_directory = true};
        if (layer > 0)
            grid.properties.push_back(auxiliary_kind("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"));
        parts.items.push_back(grid);
        HeifItem coded = tile[layer];
        coded.id = next++;
        coded.hidden = true;
        parts.items.push_back(coded);
        parts.relations.push_back(
            {"dimg", grid.id, std::vector<std::uint32_t>(std::size_t{kTiles} * kTiles, coded.id)});
    }
    if (tile.size() > 1) parts.relations.push_back({"auxl", 2, {1}});
    return put_together(parts);
}

TEST(LargePictures, OfPhonesAreReducedWhileTheyAreDecoded) {
    constexpr std::uint64_t kLittleBytes = 48ULL << 20U;
    for (const auto& [width, height] : {std::pair{8160, 6144}, {9280, 6944}}) {
        const Bytes file = encode(draw_flat(width, height, 200, 120, 40), ".jpg");
        EXPECT_EQ(decode_within(kLittleBytes, file, {.pixels_min = kCanvasPixels}), 0)
            << width << " x " << height;
    }
}

TEST(LargePictures, FitIntoATaskWhateverTheirFormat) {
    const RgbImage image = draw_flat(kSide, kSide, 200, 120, 40);
    const std::vector<std::pair<const char*, std::function<Bytes()>>> makers{
        {"progressive JPEG", [&] { return encode_progressive_jpeg(image); }},
        {"PNG of 16 bits with opacity", [] { return png_of_zeros(kSide, 16, 6, 4); }},
        {"HEIC with opacity", [] { return tiled_heif(HeifCodec::hevc, 100); }},
        {"AVIF with opacity", [] { return tiled_heif(HeifCodec::av1, 100); }},
    };
    for (const auto& [name, make] : makers) {
        const Bytes file = make();
        const auto header = probe_image(as_media(file));
        ASSERT_TRUE(header.ok()) << name << ": " << header.error().message;
        std::cout << name << ": ";
        EXPECT_EQ(decode_within(kTaskMemoryBytes, file), 0) << name;
    }
}

TEST(LargePictures, OfTwoHundredMegapixelsAreTooLarge) {
    const Bytes file = png_of_zeros(16, 8, 2, 3);
    Bytes larger = file;
    const auto put = [&larger](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            larger[at + i] = static_cast<std::uint8_t>(value >> (8 * (3 - i)));
    };
    put(16, 16'320);
    put(20, 12'240);
    const auto header = probe_image(as_media(larger));
    ASSERT_FALSE(header.ok());
    EXPECT_EQ(header.error().code, ErrorCode::too_large);
    EXPECT_THAT(header.error().message, HasSubstr("16320 x 12240 pixels, more than the 67108864 allowed"));
}

}  // namespace
}  // namespace bgm
