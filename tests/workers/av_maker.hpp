// Files of any container and codec that libav can write, made at test time: for what media_maker.hpp, whose
// files are like those of phones, has no place: odd codecs, several tracks, tags, chapters, covers,
// encryption.
//
// A failure is a std::runtime_error: a broken test, not a finding.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bgm::test {

struct AvTrack {
    /// An encoder's name ("aac", "prores_ks"), or a codec's for `packets`.
    std::string codec = "aac";
    std::map<std::string, std::string> options = {};  // of the encoder
    std::map<std::string, std::string> tags = {};     // of the track: language, title
    int disposition = 0;                              // libav's bits
    std::int64_t bits_per_s = 0;                      // 0: the encoder's own
    double seconds = -1;                              // less than 0: as long as the file

    // sound
    int rate_hz = 44'100;
    std::string layout = "stereo";
    /// A sample of a channel at a time in seconds; without it a tone of 440 Hz and -14 dB on all channels.
    std::function<double(int channel, double time_s)> sound = {};

    // pictures: a disc that moves over a background
    int width = 0;  // 0: sound
    int height = 0;
    std::string pixel_format = {};  // empty: the encoder's first

    /// Written as they stand, without an encoder: subtitles, data, what libav cannot encode.
    std::vector<std::string> packets = {};
    int packet_ms = 1000;
};

struct AvFile {
    std::string container = "mp4";  // a muxer's name
    std::vector<AvTrack> tracks = {};
    double seconds = 2;
    std::map<std::string, std::string> options = {};  // of the muxer
    std::map<std::string, std::string> tags = {};     // of the file
    std::vector<std::string> chapters = {};           // titles
};

std::string make_av_file(const AvFile& file);

/// `text` with the `nth` (from 0) occurrence of `from` replaced by `to`, of the same length; the last where
/// there are fewer.
std::string with_replaced(std::string text, const std::string& from, const std::string& to,
                          std::size_t nth = 0);

}  // namespace bgm::test
