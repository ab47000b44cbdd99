#include "workers/media/av/av_allowed.hpp"

#include <algorithm>
#include <array>

namespace bgm::av {
namespace {

using namespace std::string_view_literals;

// No playlists, no concatenation, no image sequences: each of these would make libav open further files by
// name.
constexpr std::array kDemuxers{"mov"sv, "matroska"sv, "ogg"sv,  "mp3"sv, "wav"sv, "flac"sv, "aac"sv,
                               "avi"sv, "mpegts"sv,   "aiff"sv, "amr"sv, "caf"sv, "flv"sv};

constexpr std::array kDecoders{
    // sound
    "aac"sv, "mp3float"sv, "mp2"sv, "vorbis"sv, "opus"sv, "flac"sv, "alac"sv, "ac3"sv, "eac3"sv, "amrnb"sv,
    "amrwb"sv, "pcm_s8"sv, "pcm_u8"sv, "pcm_s16le"sv, "pcm_s16be"sv, "pcm_s24le"sv, "pcm_s24be"sv,
    "pcm_s32le"sv, "pcm_s32be"sv, "pcm_f32le"sv, "pcm_f32be"sv, "pcm_f64le"sv, "pcm_alaw"sv, "pcm_mulaw"sv,
    "adpcm_ms"sv, "adpcm_ima_wav"sv, "adpcm_ima_qt"sv,
    // pictures
    "h264"sv, "hevc"sv, "vp8"sv, "vp9"sv, "libdav1d"sv, "mpeg4"sv, "mpeg1video"sv, "mpeg2video"sv, "h263"sv,
    "flv"sv, "msmpeg4v2"sv, "msmpeg4"sv, "mjpeg"sv, "cinepak"sv, "theora"sv};

std::string joined(std::span<const std::string_view> names) {
    std::string list;
    for (const std::string_view name : names)
        list.append(list.empty() ? "" : ",").append(name);
    return list;
}

}  // namespace

std::span<const std::string_view> allowed_demuxers() {
    return kDemuxers;
}

std::span<const std::string_view> allowed_decoders() {
    return kDecoders;
}

bool decoder_allowed(std::string_view name) {
    return std::find(kDecoders.begin(), kDecoders.end(), name) != kDecoders.end();
}

const std::string& demuxer_list() {
    static const std::string list = joined(kDemuxers);
    return list;
}

const std::string& decoder_list() {
    static const std::string list = joined(kDecoders);
    return list;
}

}  // namespace bgm::av
