// bgm-make-media-heads: writes the mood heads of the built-in encoders of sound and video, the same bytes
// every time.
//
//     bgm-make-media-heads data/builtin
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "ops/lab/make-media-heads/music_head.hpp"
#include "ops/lab/make-media-heads/video_head.hpp"
#include "ops/lab/make-media-heads/voice_head.hpp"

namespace {

bool write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    std::cout << (out ? "wrote " : "cannot write ") << path.string() << "\n";
    return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: bgm-make-media-heads DIR\n";
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    if (!write_file(folder / "music_head.safetensors", bgm::heads::make_music_head())) return 1;
    if (!write_file(folder / "voice_head.safetensors", bgm::heads::make_voice_head())) return 1;

    std::ostringstream image_head;
    image_head << std::ifstream(folder / "image_head.safetensors", std::ios::binary).rdbuf();
    const std::string bytes = image_head.str();
    const auto video_head = bgm::heads::make_video_head(std::as_bytes(std::span(bytes)));
    if (!video_head) {
        std::cerr << "image_head.safetensors: " << video_head.error().to_string() << "\n";
        return 1;
    }
    return write_file(folder / "video_head.safetensors", *video_head) ? 0 : 1;
}
