// Small pictures of every kind, whole; damaging them is the fuzzer's work.
#include "tests/fuzz/seed_writer.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/heif_parts.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/image/tiff_files.hpp"

namespace bgm::fuzz {
namespace {

std::string_view as_text(const test::Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

test::Bytes four_colours() {
    return {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
}

test::Bytes indices(int width, int height) {
    test::Bytes result;
    for (int i = 0; i < width * height; ++i)
        result.push_back(static_cast<std::uint8_t>((i * 7 + i / width) % 4));
    return result;
}

// Every way to lay a frame over another.
void write_animations(SeedWriter& seeds) {
    for (const int disposal : {0, 1, 2, 3}) {
        const test::GifFrame whole{.width = 12, .height = 9, .indices = indices(12, 9)};
        const test::GifFrame part{.left = 9,
                                  .top = 7,
                                  .width = 5,
                                  .height = 4,
                                  .interlaced = disposal == 1,
                                  .transparent = 2,
                                  .hundredths = disposal * 40,
                                  .disposal = disposal,
                                  .indices = indices(5, 4)};
        seeds.add("animation",
                  as_text(test::make_gif(12, 9, four_colours(), {whole, part, whole, part, part})));
    }
    for (const bool replaces : {false, true}) {
        for (const bool lossy : {false, true}) {
            const auto still = [&](int side) {
                return test::encode_with_alpha(test::draw_quarters(side, side), ".webp", 100, lossy);
            };
            const test::MovingWebpFrame whole{.still = still(16), .width = 16, .height = 16};
            const test::MovingWebpFrame part{.still = still(6),
                                             .left = 4,
                                             .top = 10,
                                             .width = 6,
                                             .height = 6,
                                             .milliseconds = 0,
                                             .replaces = replaces,
                                             .to_background = !lossy};
            seeds.add("animation", as_text(test::make_moving_webp(16, 16, {whole, part, part})));
        }
    }
}

}  // namespace

void write_image_seeds(SeedWriter& seeds) {
    const auto both = [&](const test::Bytes& file) {
        seeds.add("image_headers", as_text(file));
        seeds.add("image_decoder", 0, as_text(file));
        seeds.add("image_decoder", 7, as_text(file));
    };
    const RgbImage scene = test::draw_quarters(24, 16);
    for (const char* extension : {".jpg", ".png", ".webp", ".bmp", ".tiff"})
        both(test::encode(scene, extension));
    for (const char* extension : {".png", ".jpg"})
        both(test::encode_gray(scene, extension));
    both(test::encode_progressive_jpeg(scene));
    both(test::encode_png_16_bit(scene));
    both(test::encode_with_alpha(scene, ".png", 100));
    const test::Bytes still = test::encode_with_alpha(scene, ".webp", 100, true);
    both(still);
    both(test::animate_webp({still, test::encode(scene, ".webp")}, 24, 16));
    for (const test::HeifCodec codec : {test::HeifCodec::hevc, test::HeifCodec::av1}) {
        both(test::encode_heif(scene, {.codec = codec, .orientation = 1, .alpha = 255}));
        both(test::encode_heif(scene, {.codec = codec, .orientation = 6, .alpha = 100}));
    }
    for (const bool wide : {false, true}) {
        test::HeifParts parts;
        parts.items = test::take_apart(test::encode_heif(scene, {.alpha = 100}));
        parts.primary = parts.items.at(0).id;
        parts.relations = {{"auxl", parts.items.at(1).id, {parts.primary, 99}}};
        parts.wide_numbers = wide;
        both(test::put_together(parts));
    }
    for (const bool planar : {false, true}) {
        for (const int bits : {4, 8, 16}) {
            both(test::encode_tiff(scene, {.bits = bits, .planar = planar}));
            both(test::encode_tiff(scene, {.bits = bits, .planar = planar, .tile = 16, .big_tiff = true}));
        }
    }
    for (const int compression : {5, 7, 8, 32773})
        both(test::encode_tiff(scene, {.compression = compression}));
    both(test::encode_tiff(scene, {.kind = test::TiffKind::ycbcr, .subsampling_x = 2, .subsampling_y = 2}));
    both(test::encode_tiff(scene, {.kind = test::TiffKind::cmyk, .opacity = test::TiffOpacity::straight}));
    both(test::encode_cmyk_jpeg(test::Bytes(16 * 8 * 4, 90), 16, 8));
    for (const int orientation : {1, 3, 6, 8}) {
        for (const bool big_endian : {false, true}) {
            const test::Bytes exif = test::exif_block(orientation, big_endian);
            seeds.add("image_headers", as_text(exif));
            both(test::with_exif(test::encode(scene, ".jpg"), exif));
        }
    }
    for (const bool interlaced : {false, true}) {
        for (const int transparent : {-1, 2}) {
            const test::Bytes gif = test::make_gif(12, 9, four_colours(),
                                                   {{.left = 1,
                                                     .top = 2,
                                                     .width = 9,
                                                     .height = 6,
                                                     .interlaced = interlaced,
                                                     .transparent = transparent,
                                                     .indices = indices(9, 6)},
                                                    {.width = 4, .height = 4, .indices = indices(4, 4)}});
            seeds.add("gif", 0, as_text(gif));
            seeds.add("gif", 1, as_text(gif));
            both(gif);
        }
    }
    write_animations(seeds);
}

}  // namespace bgm::fuzz
