// bgm-make-media-heads: writes the mood heads of the built-in audio and video encoders, the same bytes every
// time.
//
//     bgm-make-media-heads data/builtin
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "ops/make-media-heads/audio_head.hpp"

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
    return write_file(folder / "audio_head.safetensors", bgm::make_audio_head()) ? 0 : 1;
}
