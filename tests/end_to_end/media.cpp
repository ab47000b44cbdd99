#include "tests/end_to_end/media.hpp"

#include <array>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "ops/demo/scenes.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm::test {
namespace {

std::string big_endian(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>(number >> shift & 255U));
    return bytes;
}

std::uint32_t crc32(const std::string& bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (unsigned char byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
    return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& content) {
    return big_endian(static_cast<std::uint32_t>(content.size())) + type + content +
           big_endian(crc32(type + content));
}

}  // namespace

std::string jpeg_photo() {
    std::vector<unsigned char> bytes;
    cv::imencode(".jpg", demo::sunset_beach({480, 320}, 0), bytes);
    return {bytes.begin(), bytes.end()};
}

std::string ogg_music() {
    MusicSpec spec;
    spec.seconds = 6;
    spec.format = AudioFormat::ogg_vorbis;
    return make_music_clip(spec);
}

std::string mp4_video_with_sound() {
    VideoSpec spec;
    spec.seconds = 2;
    spec.sound = MusicSpec{};
    return make_video_clip(spec);
}

std::string moving_gif() {
    std::vector<GifFrame> frames;
    for (int phase = 0; phase < 4; ++phase) {
        GifFrame stripes{.width = 240, .height = 160, .indices = {}};
        for (int i = 0; i < 240 * 160; ++i)
            stripes.indices.push_back(static_cast<std::uint8_t>((i / 25 + phase) % 4));
        frames.push_back(stripes);
    }
    const Bytes file = make_gif(240, 160, {250, 10, 10, 10, 250, 10, 10, 10, 250, 250, 250, 10}, frames);
    return {file.begin(), file.end()};
}

std::string moving_webp() {
    const Bytes sunset = encode(draw_sunset(240, 160), ".webp");
    const Bytes forest = encode(draw_forest(240, 160), ".webp");
    const Bytes file = animate_webp({sunset, forest, sunset, forest}, 240, 160);
    return {file.begin(), file.end()};
}

std::string mp4_without_frames() {
    VideoSpec spec;
    spec.seconds = 0;
    return make_video_clip(spec);
}

std::string png_claiming(std::uint32_t width, std::uint32_t height) {
    const std::string header =
        big_endian(width) + big_endian(height) + std::string("\x08\x02\x00\x00\x00", 5);
    // An empty deflate stream: header, one final block without content, Adler-32 of nothing.
    const std::string no_pixels("\x78\x9C\x03\x00\x00\x00\x00\x01", 8);
    return "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", header) + png_chunk("IDAT", no_pixels) +
           png_chunk("IEND", "");
}

std::string zip_archive() {
    return std::string("PK\x05\x06", 4) + std::string(16, '\0') + std::string("\x05\x00holiday", 9);
}

std::string truncated(const std::string& file, double share) {
    return file.substr(0, static_cast<std::size_t>(static_cast<double>(file.size()) * share));
}

}  // namespace bgm::test
