#include "tests/workers/image/picture_files.hpp"

#include <random>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/tiff_files.hpp"

namespace bgm::test {
namespace {

Bytes noise(std::size_t count) {
    std::mt19937 random(static_cast<std::uint32_t>(count));
    Bytes bytes(count);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

void number(Bytes& to, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// Scan lines of noise behind filter bytes: of the whole picture, or of Adam7's passes.
Bytes png_rows(int width, int height, int bits_a_pixel, bool interlaced) {
    struct Pass {
        int left, top, right_step, down_step;
    };
    const std::vector<Pass> passes =
        interlaced ? std::vector<Pass>{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                       {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
                   : std::vector<Pass>{{0, 0, 1, 1}};
    Bytes rows;
    for (const Pass& pass : passes) {
        const int columns = (width - pass.left + pass.right_step - 1) / pass.right_step;
        const int lines = (height - pass.top + pass.down_step - 1) / pass.down_step;
        if (columns <= 0) continue;
        for (int y = 0; y < lines; ++y) {
            rows.push_back(static_cast<std::uint8_t>(y % 5));
            const Bytes line = noise(static_cast<std::size_t>((columns * bits_a_pixel + 7) / 8));
            rows.insert(rows.end(), line.begin(), line.end());
        }
    }
    return rows;
}

void add_pngs(std::vector<PictureFile>& files, int width, int height) {
    struct Type {
        int number, channels;
        std::vector<int> depths;
        Bytes transparent;
    };
    const Bytes palette = noise(3 * 256);
    const std::vector<Type> types{{0, 1, {1, 2, 4, 8, 16}, {0, 1}},
                                  {2, 3, {8, 16}, {0, 1, 0, 2, 0, 3}},
                                  {3, 1, {1, 2, 4, 8}, {0, 128}},
                                  {4, 2, {8, 16}, {}},
                                  {6, 4, {8, 16}, {}}};
    for (const Type& type : types) {
        for (const int depth : type.depths) {
            for (const bool interlaced : {false, true}) {
                for (const bool keyed : {false, true}) {
                    if (keyed && type.transparent.empty()) continue;
                    std::vector<PngChunk> chunks;
                    const auto colours = std::ptrdiff_t{3} << std::min(depth, 8);
                    if (type.number == 3)
                        chunks.push_back({"PLTE", Bytes(palette.begin(), palette.begin() + colours)});
                    if (keyed) chunks.push_back({"tRNS", type.transparent});
                    files.push_back(
                        {"PNG type " + std::to_string(type.number) + " depth " + std::to_string(depth) +
                             (interlaced ? " interlaced" : "") + (keyed ? " keyed" : ""),
                         make_png(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                                  depth, type.number, chunks,
                                  png_rows(width, height, depth * type.channels, interlaced), interlaced)});
                }
            }
        }
    }
    files.push_back({"PNG with numbers beyond its palette",
                     make_png(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), 8, 3,
                              {{"PLTE", {1, 2, 3, 4, 5, 6}}}, png_rows(width, height, 8, false))});
    const PngChunk moving{"acTL", {0, 0, 0, 1, 0, 0, 0, 0}};
    files.push_back({"APNG", make_png(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                                      8, 2, {moving}, png_rows(width, height, 24, false))});
}

void add_bmps(std::vector<PictureFile>& files, int width, int height) {
    const auto plain = [&](const std::string& name, const BmpShape& shape) {
        const std::size_t row = (static_cast<std::size_t>(width) * shape.bits + 31) / 32 * 4;
        files.push_back({"BMP " + name, make_bmp(width, height, shape, noise(row * height))});
    };
    for (const int bits : {1, 4, 8, 16, 24, 32}) {
        for (const bool from_top : {false, true})
            plain(std::to_string(bits) + " bits" + (from_top ? " from the top" : ""),
                  {.bits = bits, .from_top = from_top});
        if (bits <= 8) plain("few colours", {.bits = bits, .colours = 2});
        if (bits <= 8 || bits == 24) plain("of OS/2", {.bits = bits, .header_bytes = 12});
    }
    plain("masks 565", {.bits = 16, .compression = 3, .masks = {0xF800, 0x07E0, 0x001F}});
    plain("masks 555", {.bits = 16, .compression = 3, .masks = {0x7C00, 0x03E0, 0x001F}});
    plain("masks of 32", {.bits = 32, .compression = 3, .masks = {0xFF0000, 0xFF00, 0xFF}});
    // Runs, single values, an early end of a line, a jump, an early end: what they leave out is undefined by
    // the format, and must not be what was in memory.
    const Bytes runs{9,    0x21, 0, 6, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0, 0, 20,
                     0x43, 0,    2, 5, 3,    7,    0x11, 0,    0,    3,    5, 0, 1};
    files.push_back({"BMP run lengths", make_bmp(width, height, {.bits = 8, .compression = 1}, runs)});
}

void add_gifs(std::vector<PictureFile>& files, int width, int height) {
    const auto frame = [&](int left, int top, bool interlaced, int transparent) {
        GifFrame made{.left = left,
                      .top = top,
                      .width = width - left,
                      .height = height - top,
                      .interlaced = interlaced,
                      .transparent = transparent,
                      .indices = {}};
        made.indices = noise(static_cast<std::size_t>(made.width) * made.height);
        return made;
    };
    for (const bool interlaced : {false, true}) {
        for (const int transparent : {-1, 7})
            files.push_back(
                {"GIF", make_gif(width, height, noise(768), {frame(0, 0, interlaced, transparent)})});
    }
    files.push_back({"GIF of a part", make_gif(width, height, noise(9), {frame(9, 5, false, -1)})});
    files.push_back({"GIF of two frames",
                     make_gif(width, height, noise(768), {frame(0, 0, false, -1), frame(9, 5, true, 3)})});
}

}  // namespace

Bytes make_bmp(int width, int height, const BmpShape& shape, const Bytes& rows) {
    const bool os2 = shape.header_bytes == 12;
    const int colours = shape.bits > 8 ? 0 : shape.colours != 0 ? shape.colours : 1 << shape.bits;
    const std::size_t palette_bytes = static_cast<std::size_t>(colours) * (os2 ? 3 : 4);
    Bytes file{'B', 'M'};
    const auto head =
        static_cast<std::uint32_t>(14 + shape.header_bytes + 4 * shape.masks.size() + palette_bytes);
    number(file, head + static_cast<std::uint32_t>(rows.size()), 4);
    number(file, 0, 4);
    number(file, head, 4);
    number(file, static_cast<std::uint32_t>(shape.header_bytes), 4);
    number(file, static_cast<std::uint32_t>(width), os2 ? 2 : 4);
    number(file, static_cast<std::uint32_t>(shape.from_top ? -height : height), os2 ? 2 : 4);
    number(file, 1, 2);
    number(file, static_cast<std::uint32_t>(shape.bits), 2);
    if (!os2) {
        number(file, static_cast<std::uint32_t>(shape.compression), 4);
        number(file, static_cast<std::uint32_t>(rows.size()), 4);
        number(file, 2'835, 4);
        number(file, 2'835, 4);
        number(file, static_cast<std::uint32_t>(colours), 4);
        number(file, 0, 4);
    }
    for (const std::uint32_t mask : shape.masks)
        number(file, mask, 4);
    const Bytes palette = noise(palette_bytes);
    file.insert(file.end(), palette.begin(), palette.end());
    file.insert(file.end(), rows.begin(), rows.end());
    return file;
}

std::vector<PictureFile> pictures_of_every_layout(const RgbImage& image) {
    std::vector<PictureFile> files;
    const int width = image.width;
    const int height = image.height;
    files.push_back({"JPEG", encode(image, ".jpg")});
    files.push_back({"JPEG gray", encode_gray(image, ".jpg")});
    files.push_back({"JPEG progressive", encode_progressive_jpeg(image)});
    files.push_back({"JPEG held sideways", with_exif(encode(image, ".jpg"), exif_block(6, true))});
    const Bytes inks = noise(static_cast<std::size_t>(width) * height * 4);
    for (const bool turned : {false, true})
        files.push_back({turned ? "JPEG YCCK" : "JPEG CMYK", encode_cmyk_jpeg(inks, width, height, turned)});
    add_pngs(files, width, height);
    add_gifs(files, width, height);
    add_bmps(files, width, height);
    files.push_back({"WebP without loss", encode(image, ".webp")});
    files.push_back({"WebP without loss, see-through", encode_with_alpha(image, ".webp", 100)});
    files.push_back({"WebP lossy, see-through", encode_with_alpha(image, ".webp", 100, true)});
    files.push_back({"WebP lossy", encode_with_alpha(image, ".webp", 255, true)});
    files.push_back(
        {"WebP moving", animate_webp({encode(image, ".webp"), encode(image, ".webp")}, width, height)});
    for (const TiffShape& shape : tiff_shapes_to_read()) {
        if (tiff_can(shape.compression))
            files.push_back(
                {"TIFF " + shape.name,
                 encode_tiff(shape.kind == TiffKind::palette ? few_colours(width, height, shape.bits) : image,
                             shape)});
    }
    for (const HeifCodec codec : {HeifCodec::hevc, HeifCodec::av1}) {
        const std::string name = codec == HeifCodec::hevc ? "HEIC" : "AVIF";
        files.push_back({name, encode_heif(image, {.codec = codec})});
        files.push_back({name + " turned", encode_heif(image, {.codec = codec, .orientation = 6})});
        files.push_back({name + " see-through", encode_heif(image, {.codec = codec, .alpha = 100})});
    }
    return files;
}

}  // namespace bgm::test
