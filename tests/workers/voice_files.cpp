#include "tests/workers/voice_files.hpp"

#include <random>

#include "tests/workers/av_maker.hpp"

namespace bgm::test {
namespace {

std::string joined(std::string file, const std::vector<std::string>& frames) {
    for (const std::string& frame : frames)
        file += frame;
    return file;
}

}  // namespace

std::vector<std::string> amr_frames(bool wide_band, double seconds) {
    // Modes and sizes: 3GPP TS 26.101 and 26.201, as RFC 4867 stores them.
    const char mode = wide_band ? '\x44' : '\x3c';
    const std::size_t bytes = wide_band ? 60 : 31;
    std::minstd_rand random(5);
    std::uniform_int_distribution<int> bits(0, 255);
    std::vector<std::string> frames(static_cast<std::size_t>(seconds * 50));
    for (std::string& frame : frames) {
        frame = mode;
        for (std::size_t i = 0; i < bytes; ++i)
            frame += static_cast<char>(bits(random));
    }
    return frames;
}

std::string amr_nb() {
    return joined("#!AMR\n", amr_frames(false));
}

std::string amr_wb() {
    return joined("#!AMR-WB\n", amr_frames(true));
}

std::string amr_nb_in_3gp() {
    AvTrack voice;
    voice.codec = "amr_nb";
    voice.rate_hz = 8'000;
    voice.layout = "mono";
    voice.packets = amr_frames(false);
    voice.packet_ms = 20;
    return make_av_file({.container = "3gp", .tracks = {voice}});
}

}  // namespace bgm::test
