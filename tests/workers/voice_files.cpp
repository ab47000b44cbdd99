#include "tests/workers/voice_files.hpp"

#include <cstdint>
#include <random>

#include "tests/workers/av_maker.hpp"

namespace bgm::test {
namespace {

std::string joined(std::string file, const std::vector<std::string>& frames) {
    for (const std::string& frame : frames)
        file += frame;
    return file;
}

std::string big(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i)
        text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
}

std::string chunk(const std::string& type, const std::string& content) {
    return type + big(content.size(), 8) + content;
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

std::string aac_in_caf(const std::string& adts) {
    std::string sizes, data;
    std::size_t packets = 0;
    constexpr std::size_t kHeader = 7;
    for (std::size_t at = 0; at + kHeader < adts.size(); ++packets) {
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(adts[at + i]); };
        const std::size_t length = (byte(3) & 3U) << 11U | byte(4) << 3U | byte(5) >> 5U;
        if (length <= kHeader) break;
        const std::size_t size = length - kHeader;
        if (size > 127) sizes += static_cast<char>(0x80U | size >> 7U);
        sizes += static_cast<char>(size & 127U);
        data += adts.substr(at + kHeader, size);
        at += length;
    }
    // An elementary stream's description (ISO/IEC 14496-1) of AAC-LC, 44.1 kHz, two channels; lengths in four
    // bytes, as Apple writes them.
    const std::string of("\x80\x80\x80", 3);
    const std::string specific = "\x05" + of + std::string("\x02\x12\x10", 3);
    const std::string cookie = "\x03" + of + std::string("\x22\0\0\0", 4) + "\x04" + of +
                               std::string("\x14\x40\x15", 3) + std::string(11, '\0') + specific + "\x06" +
                               of + std::string("\x01\x02", 2);
    const std::string rate("\x40\xe5\x88\x80\0\0\0\0", 8);  // 44,100 as a double
    return std::string("caff\0\1\0\0", 8) +
           chunk("desc", rate + "aac " + big(2, 4) + big(0, 4) + big(1024, 4) + big(2, 4) + big(0, 4)) +
           chunk("kuki", cookie) +
           chunk("pakt", big(packets, 8) + big(packets * 1024, 8) + big(0, 8) + sizes) +
           chunk("data", big(0, 4) + data);
}

}  // namespace bgm::test
