// Pictures that declare one thing and hold another. The sizes are chosen to stand on both sides of the
// limits: 60,000 x 60,000 must be refused by its header; 67 megapixels are allowed, and cost what they cost.
#include <zlib.h>

#include "tests/hostile/byte_writing.hpp"
#include "tests/hostile/corpus.hpp"
#include "tests/hostile/zero_stream.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"

namespace bgm::test {
namespace {

std::string png_chunk(std::string_view type, const std::string& data) {
    const std::string covered = std::string(type) + data;
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(covered.data()), static_cast<uInt>(covered.size()));
    return big(data.size(), 4) + covered + big(sum, 4);
}

struct PngShape {
    std::uint64_t width = 0, height = 0;
    int bits = 8, colour = 2, interlace = 0;
};

std::string png(const PngShape& shape, const std::string& pixels, const std::string& before = {}) {
    return "\x89PNG\r\n\x1A\n" +
           png_chunk("IHDR", big(shape.width, 4) + big(shape.height, 4) + big(shape.bits, 1) +
                                 big(shape.colour, 1) + zeros(2) + big(shape.interlace, 1)) +
           before + png_chunk("IDAT", pixels) + png_chunk("IEND", "");
}

void add_png(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".png", "IMAGE", std::move(bytes)});
    };
    const std::string nothing = zlib_of_zeros(0);
    add("60,000 x 60,000", png({60'000, 60'000}, nothing));
    add("4,294,967,295 each way", png({0xFFFFFFFF, 0xFFFFFFFF}, nothing));
    add("2,147,483,647 x 1", png({0x7FFFFFFF, 1}, nothing));
    add("no width", png({0, 100}, nothing));
    add("64 megapixels without any", png({8'000, 8'000}, nothing));
    add("25 megapixels of zeros in 75 KB", png({5'000, 5'000}, zlib_of_zeros(72)));
    add("67 megapixels of one bit, interlaced", png({8'192, 8'192, 1, 0, 1}, zlib_of_zeros(9)));
    add("a gigabyte in 64 x 64", png({64, 64}, zlib_of_zeros(1'024)));
    add("a gigabyte of text", png({64, 64}, zlib_of_zeros(1),
                                  png_chunk("zTXt", std::string("note\0\0", 6) + zlib_of_zeros(1'024))));
    add("a gigabyte of colour profile",
        png({64, 64}, zlib_of_zeros(1), png_chunk("iCCP", std::string("icc\0\0", 5) + zlib_of_zeros(1'024))));
    add("10,000 comments", png({64, 64}, zlib_of_zeros(1), repeated(png_chunk("tEXt", "a"), 10'000)));
    add("an impossible depth", png({64, 64, 255, 99, 77}, zlib_of_zeros(1)));
    add("a palette that is not there", png({64, 64, 8, 3}, zlib_of_zeros(1)));
    add("two headers", png({64, 64}, zlib_of_zeros(1), png_chunk("IHDR", zeros(13))));
    add("a chunk of 4 GB", patched(png({64, 64}, zlib_of_zeros(1)), 33, "\xFF\xFF\xFF\xFF"));
    add("wrong checksums", patched(png({64, 64}, zlib_of_zeros(1)), 29, "oops"));
    add("animated, 4 billion frames",
        png({64, 64}, zlib_of_zeros(1), png_chunk("acTL", big(0xFFFFFFFF, 4) + zeros(4))));
}

// The frame header's size, whatever kind of frame it is.
std::string resized_jpeg(std::string file, int width, int height) {
    for (const char* marker : {"\xFF\xC0", "\xFF\xC2"})
        file = patched_after(
            std::move(file), std::string(marker) + std::string("\0\x11\x08", 3), 5,
            big(static_cast<std::uint64_t>(height), 2) + big(static_cast<std::uint64_t>(width), 2));
    return file;
}

void add_jpeg(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".jpg", "IMAGE", std::move(bytes)});
    };
    const RgbImage scene = draw_forest(64, 64);
    const std::string baseline = text_of(encode(scene, ".jpg"));
    const std::string progressive = text_of(encode_progressive_jpeg(scene));
    add("65,500 x 65,500", resized_jpeg(baseline, 65'500, 65'500));
    add("progressive, 65,500 x 65,500", resized_jpeg(progressive, 65'500, 65'500));
    add("progressive, 67.1 megapixels in 3 KB", resized_jpeg(progressive, 8'192, 8'192));
    add("progressive, 67.2 megapixels", resized_jpeg(progressive, 8'200, 8'200));
    add("one row of 65,500", resized_jpeg(baseline, 65'500, 1));
    add("no height", resized_jpeg(baseline, 64, 0));
    const std::size_t frame = baseline.find("\xFF\xC0");
    const std::size_t scan = baseline.find("\xFF\xDA");
    const std::string end = "\xFF\xD9";
    add("two frame headers", baseline.substr(0, scan) +
                                 resized_jpeg(baseline.substr(frame, 19), 9'000, 9'000) +
                                 baseline.substr(scan));
    add("two sizes",
        baseline.substr(0, frame) + resized_jpeg(baseline.substr(frame, 19), 8, 8) + baseline.substr(frame));
    const std::size_t refinement = progressive.rfind("\xFF\xDA");
    const std::string last_scan = progressive.substr(refinement, progressive.size() - refinement - 2);
    const std::string body = progressive.substr(0, progressive.size() - 2);
    add("5,000 scans", body + repeated(last_scan, 5'000) + end);
    add("90 scans of 64 megapixels", resized_jpeg(body, 8'000, 8'000) + repeated(last_scan, 80) + end);
    add("12 bits a sample", patched_after(baseline, std::string("\xFF\xC0\0\x11", 4), 4, "\x0C"));
    add("255 components", patched_after(baseline, std::string("\xFF\xC0\0\x11\x08", 5), 9, "\xFF"));
    add("arithmetic codes without any", patched(baseline, frame, "\xFF\xC9"));
    add("lossless", patched(baseline, frame, "\xFF\xC3"));
    add("no tables", baseline.substr(0, 2) + baseline.substr(frame));
    add("100,000 restart markers", baseline.substr(0, scan) + repeated("\xFF\xD0", 100'000) + end);
    add("64 KB segments for 6 MB",
        baseline.substr(0, 2) + repeated("\xFF\xEF\xFF\xFF" + zeros(65'533), 90) + baseline.substr(2));
    for (int count : {0, 9, 0xFFFF}) {
        Bytes exif = exif_block(6, false);
        exif[14] = static_cast<std::uint8_t>(count);
        exif[15] = static_cast<std::uint8_t>(count >> 8);
        add("an Exif directory of " + std::to_string(count), text_of(with_exif(encode(scene, ".jpg"), exif)));
    }
    Bytes circle = exif_block(6, false);
    circle[28] = 8;  // the next directory is this one
    add("an Exif directory that leads to itself", text_of(with_exif(encode(scene, ".jpg"), circle)));
}

void add_gif(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".gif", "IMAGE", std::move(bytes)});
    };
    const GifFrame dot{.width = 1, .height = 1, .indices = {1}};
    const std::string one = text_of(make_gif(1, 1, {9, 9, 9, 200, 0, 0}, {dot}));
    const std::size_t picture = one.find(std::string("\x21\xF9\x04", 3));
    add("10,000 frames", text_of(make_gif(64, 64, {9, 9, 9, 200, 0, 0}, std::vector<GifFrame>(10'000, dot))));
    add("65,535 x 65,535", patched(one, 6, "\xFF\xFF\xFF\xFF"));
    add("8,000 x 8,000 with one pixel", patched(one, 6, little(8'000, 2) + little(8'000, 2)));
    const std::size_t frame = one.find(',', picture);
    add("a frame of 65,535 x 65,535", patched(one, frame + 5, "\xFF\xFF\xFF\xFF"));
    add("a frame of 8,000 x 8,000 without pixels",
        patched(one, frame + 5, little(8'000, 2) + little(8'000, 2)));
    add("a frame far outside", patched(one, frame + 1, "\x00\xFF\x00\xFF"));
    add("a frame of nothing", patched(one, frame + 5, zeros(4)));
    add("codes of 200 bits", patched(one, frame + 10, "\xC8"));
    add("no end of extensions", one.substr(0, picture) + repeated(std::string("\x21\xFE\1x\0", 5), 100'000));
    add("no end of a comment",
        one.substr(0, picture) + "\x21\xFE" + repeated("\xFF" + std::string(255, 'a'), 2'000));
    add("no palette", patched(one, 10, zeros(1)));
}

std::string riff(std::string_view form, std::string_view chunks, std::uint64_t claimed = 0) {
    return "RIFF" + little(claimed != 0 ? claimed : chunks.size() + 4, 4) + std::string(form) +
           std::string(chunks);
}

std::string riff_chunk(std::string_view type, std::string_view data) {
    return std::string(type) + little(data.size(), 4) + std::string(data) + zeros(data.size() % 2);
}

void add_webp(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".webp", "IMAGE", std::move(bytes)});
    };
    const std::string still = text_of(encode(draw_sky(64, 64), ".webp"));
    const std::string pixels = still.substr(12);
    const auto canvas = [&](std::uint64_t width, std::uint64_t height, unsigned flags) {
        return riff_chunk("VP8X", little(flags, 4) + little(width - 1, 3) + little(height - 1, 3));
    };
    add("16,384 x 16,384", riff("WEBP", canvas(16'384, 16'384, 0) + pixels));
    add("16,777,216 each way", riff("WEBP", canvas(1 << 24, 1 << 24, 0) + pixels));
    // 14 bits each way behind the signature byte of a lossless picture.
    const std::size_t size = pixels.find('\x2F') + 1;
    add("lossless, 16,383 x 16,383", riff("WEBP", patched(pixels, size, "\xFF\xFF\xFF\x0F")));
    add("lossless, 8,000 x 8,000 without pixels",
        riff("WEBP", patched(pixels, size, little(7'999U | 7'999U << 14U, 4))));
    add("lossy, 16,383 x 16,383",
        riff("WEBP",
             riff_chunk("VP8 ", std::string("\x10\0\0\x9D\x01\x2A\xFF\x3F\xFF\x3F", 10) + zeros(50))));
    add("a file of 4 GB", riff("WEBP", pixels, 0xFFFFFFFE));
    add("a chunk of 4 GB", riff("WEBP", patched(pixels, 4, "\xFE\xFF\xFF\xFF")));
    const std::string frame =
        riff_chunk("ANMF", zeros(6) + little(63, 3) + little(63, 3) + little(10, 3) + zeros(1) + pixels);
    add("2,000 frames",
        riff("WEBP", canvas(64, 64, 2) + riff_chunk("ANIM", zeros(6)) + repeated(frame, 2'000)));
    std::string nested = pixels;
    for (int depth = 0; depth < 1'000; ++depth)
        nested = riff_chunk("ANMF", zeros(16) + nested);
    add("1,000 frames within each other",
        riff("WEBP", canvas(64, 64, 2) + riff_chunk("ANIM", zeros(6)) + nested));
    add("a frame larger than its canvas",
        riff("WEBP", canvas(8, 8, 2) + riff_chunk("ANIM", zeros(6)) + frame));
    add("alpha of nothing", riff("WEBP", canvas(64, 64, 16) + riff_chunk("ALPH", "") + pixels));
}

void add_bmp(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".bmp", "IMAGE", std::move(bytes)});
    };
    const std::string good = text_of(encode(draw_night(32, 32), ".bmp"));
    add("60,000 x 60,000", patched(good, 18, little(60'000, 4) + little(60'000, 4)));
    add("8,000 x 8,000 without pixels", patched(good, 18, little(8'000, 4) + little(8'000, 4)));
    add("a height of the least number", patched(good, 22, little(0x80000000, 4)));
    add("a negative width", patched(good, 18, little(0xFFFFFFF0, 4)));
    add("from the top", patched(good, 22, little(0xFFFFFFE0, 4)));
    add("pixels behind the end", patched(good, 10, "\xFF\xFF\xFF\x7F"));
    add("pixels before the beginning", patched(good, 10, zeros(4)));
    add("4 billion colours", patched(patched(good, 28, little(8, 2)), 46, "\xFF\xFF\xFF\xFF"));
    add("run lengths without end", patched(patched(good, 28, little(8, 2)), 30, little(1, 4)));
    add("run lengths of 4 bits", patched(patched(good, 28, little(4, 2)), 30, little(2, 4)));
    add("99 bits a pixel", patched(good, 28, little(99, 2)));
    add("a header of 108 bytes", patched(good, 14, little(108, 4)));
}

// Tag, type, count, value.
std::string tiff_entry(unsigned tag, unsigned type, std::uint64_t count, std::uint64_t value) {
    return little(tag, 2) + little(type, 2) + little(count, 4) + little(value, 4);
}

std::string tiff(const std::vector<std::string>& entries, std::uint64_t next = 0) {
    std::string directory = little(entries.size(), 2);
    for (const std::string& entry : entries)
        directory += entry;
    return std::string("II*\0", 4) + little(8, 4) + directory + little(next, 4) + zeros(64);
}

void add_tiff(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name) + ".tiff", "IMAGE", std::move(bytes)});
    };
    const auto shaped = [](std::uint64_t width, std::uint64_t height, unsigned compression = 1,
                           std::uint64_t offset = 8, std::uint64_t bytes = 64, unsigned samples = 1) {
        return std::vector<std::string>{
            tiff_entry(256, 4, 1, width),       tiff_entry(257, 4, 1, height), tiff_entry(258, 3, 1, 8),
            tiff_entry(259, 3, 1, compression), tiff_entry(262, 3, 1, 1),      tiff_entry(273, 4, 1, offset),
            tiff_entry(277, 3, 1, samples),     tiff_entry(278, 4, 1, height), tiff_entry(279, 4, 1, bytes)};
    };
    add("60,000 x 60,000", tiff(shaped(60'000, 60'000)));
    add("4 billion each way", tiff(shaped(0xFFFFFFFF, 0xFFFFFFFF)));
    add("8,000 x 8,000 without pixels", tiff(shaped(8'000, 8'000)));
    add("no width", tiff(shaped(0, 64)));
    add("pixels behind the end", tiff(shaped(64, 64, 1, 0xFFFFFF00, 0xFFFFFFFF)));
    add("a strip of 4 GB", tiff(shaped(64, 64, 1, 8, 0xFFFFFFFF)));
    add("65,535 samples a pixel", tiff(shaped(64, 64, 1, 8, 64, 65'535)));
    for (const unsigned compression :
         {2U, 3U, 5U, 6U, 7U, 8U, 32'773U, 32'946U, 34'712U, 34'925U, 50'000U, 9'999U})
        add("compression " + std::to_string(compression) + " of nothing",
            tiff(shaped(640, 640, compression)));
    add("a directory that leads to itself", tiff(shaped(64, 64), 8));
    add("a directory behind the end", patched(tiff(shaped(64, 64)), 4, "\xF0\xFF\xFF\x7F"));
    add("65,535 entries", patched(tiff(shaped(64, 64)), 8, "\xFF\xFF"));
    add("4 billion strips", tiff({tiff_entry(256, 4, 1, 64), tiff_entry(257, 4, 1, 64),
                                  tiff_entry(273, 4, 0xFFFFFFFF, 8), tiff_entry(279, 4, 0xFFFFFFFF, 8)}));
    add("tiles of no size",
        tiff({tiff_entry(256, 4, 1, 64), tiff_entry(257, 4, 1, 64), tiff_entry(322, 4, 1, 0),
              tiff_entry(323, 4, 1, 0), tiff_entry(324, 4, 1, 8), tiff_entry(325, 4, 1, 8)}));
    add("tiles of 2 billion",
        tiff({tiff_entry(256, 4, 1, 64), tiff_entry(257, 4, 1, 64), tiff_entry(322, 4, 1, 0x7FFFFFF0),
              tiff_entry(323, 4, 1, 0x7FFFFFF0), tiff_entry(324, 4, 1, 8), tiff_entry(325, 4, 1, 8)}));
    add("of the large kind", std::string("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF", 20));
}

// A still picture in boxes, of which the size and the place of the pixels can be chosen.
struct BoxedPicture {
    std::string brand = "heic";
    std::string codec = "hvc1";
    std::uint64_t width = 64, height = 64;
    std::uint64_t offset = 0, length = 16;
    std::string more_properties{};
};

std::string boxed(const BoxedPicture& picture) {
    const std::string items = full_box("infe", big(1, 2) + zeros(2) + picture.codec + zeros(1), 2);
    const std::string place =
        full_box("iloc", big(0x44, 1) + zeros(1) + big(1, 2) + big(1, 2) + zeros(2) + big(1, 2) +
                             big(picture.offset, 4) + big(picture.length, 4));
    const std::string properties =
        box("iprp", box("ipco", full_box("ispe", big(picture.width, 4) + big(picture.height, 4)) +
                                    picture.more_properties) +
                        full_box("ipma", big(1, 4) + big(1, 2) + big(1, 1) + big(0x81, 1)));
    return box("ftyp", picture.brand + zeros(4) + "mif1" + picture.brand) +
           full_box("meta", full_box("hdlr", zeros(4) + "pict" + zeros(13)) + full_box("pitm", big(1, 2)) +
                                full_box("iinf", big(1, 2) + items) + place + properties) +
           box("mdat", zeros(64));
}

void add_heif(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes) {
        files.push_back({std::move(name), "IMAGE", std::move(bytes)});
    };
    add("60,000 x 60,000.heic", boxed({.width = 60'000, .height = 60'000}));
    add("4 billion each way.heic", boxed({.width = 0xFFFFFFFF, .height = 0xFFFFFFFF}));
    add("60,000 x 60,000.avif", boxed({.brand = "avif", .codec = "av01", .width = 60'000, .height = 60'000}));
    add("8,000 x 8,000 without pixels.avif",
        boxed({.brand = "avif", .codec = "av01", .width = 8'000, .height = 8'000}));
    add("no size.heic", boxed({.width = 0, .height = 0}));
    add("pixels behind the end.heic", boxed({.offset = 0xFFFFFF00, .length = 0xFFFFFF00}));
    add("a codec nobody knows.heic", boxed({.codec = "zzzz"}));
    add("a grid without tiles.heic", boxed({.codec = "grid"}));
    add("10,000 properties.heic", boxed({.more_properties = repeated(full_box("ispe", zeros(8)), 10'000)}));
    add("a box of 4 GB.heic", patched(boxed({}), 24, "\xFF\xFF\xFF\xFF"));
    add("only a name.heic", box("ftyp", "heic" + zeros(4) + "mif1heic"));
    add("only a name.avif", box("ftyp", "avif" + zeros(4) + "mif1avif"));
    std::string nested = "x";
    for (int depth = 0; depth < 2'000; ++depth)
        nested = full_box("meta", nested);
    add("2,000 boxes within each other.heic", box("ftyp", "heic" + zeros(4) + "mif1heic") + nested);
}

}  // namespace

std::vector<HostileFile> lying_pictures() {
    std::vector<HostileFile> files;
    add_png(files);
    add_jpeg(files);
    add_gif(files);
    add_webp(files);
    add_bmp(files);
    add_tiff(files);
    add_heif(files);
    return files;
}

}  // namespace bgm::test
