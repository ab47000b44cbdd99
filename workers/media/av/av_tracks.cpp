// Which of a file's tracks is read, and by what: the second half of av_input.hpp.
#include "workers/media/av/av_input.hpp"

extern "C" {
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
}

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "workers/media/av/av_allowed.hpp"

namespace bgm::av {
namespace {

// "apac"; what is no letter or digit as its number in brackets, as libav's programs show it.
std::string tag_text(std::uint32_t tag) {
    std::array<char, AV_FOURCC_MAX_STRING_SIZE> text{};
    return av_fourcc_make_string(text.data(), tag);
}

// What the container calls an encrypted track of any codec.
bool encrypted(const AVStream& stream) {
    constexpr std::array kTags{"enca", "encv", "drms", "drmi", "aavd"};
    const std::string tag = tag_text(stream.codecpar->codec_tag);
    return std::find(kTags.begin(), kTags.end(), tag) != kTags.end() ||
           av_dict_get(stream.metadata, "enc_key_id", nullptr, 0) != nullptr ||  // Matroska, WebM
           av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr;
}

std::string codec_name(const AVCodecParameters& codec) {
    if (codec.codec_id != AV_CODEC_ID_NONE) return avcodec_get_name(codec.codec_id);
    return codec.codec_tag != 0 ? tag_text(codec.codec_tag) : "without a name";
}

const AVCodec* decoder_of(const AVStream& stream) {
    if (encrypted(stream)) return nullptr;
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    return codec != nullptr && decoder_allowed(codec->name) ? codec : nullptr;
}

// Greater is better. What can be decoded goes first: players take the default track that they can play, and
// an iPhone marks one that only its own can. Where several are left the one is heard that libav, and so other
// programs, would play.
auto rank(const AVStream& stream, int libavs_choice) {
    constexpr int kSpecial = AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED;
    constexpr int kBeside =
        AV_DISPOSITION_COMMENT | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_DEPENDENT;
    const int flags = stream.disposition;
    const int told = ((flags & kSpecial) == 0 ? 1 : 0) + ((flags & AV_DISPOSITION_DEFAULT) != 0 ? 1 : 0);
    return std::tuple(decoder_of(stream) != nullptr, (flags & kBeside) == 0, told,
                      stream.index == libavs_choice, stream.codecpar->bit_rate);
}

}  // namespace

AVStream* Input::choose(AVMediaType type, std::size_t nth) {
    const int libavs_choice = av_find_best_stream(format_.get(), type, -1, -1, nullptr, 0);
    std::vector<AVStream*> tracks;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
        AVStream* stream = format_->streams[i];
        stream->discard = AVDISCARD_ALL;
        // A picture of the album's cover is a video stream of one frame; it is not a film.
        if (stream->codecpar->codec_type != type || (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
            continue;
        tracks.push_back(stream);
    }
    std::stable_sort(tracks.begin(), tracks.end(), [&](const AVStream* one, const AVStream* other) {
        return rank(*one, libavs_choice) > rank(*other, libavs_choice);
    });
    if (nth >= tracks.size() || (nth > 0 && decoder_of(*tracks[nth]) == nullptr)) return nullptr;
    tracks[nth]->discard = AVDISCARD_DEFAULT;
    return tracks[nth];
}

Result<Codec> Input::decoder_for(const AVStream& stream) const {
    const AVCodecParameters& parameters = *stream.codecpar;
    if (encrypted(stream)) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "the track is encrypted ('" + codec_name(parameters) + "')"};
    }
    const AVCodec* codec = decoder_of(stream);
    if (codec == nullptr) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "the codec '" + codec_name(parameters) + "' is not supported"};
    }
    if (parameters.codec_type == AVMEDIA_TYPE_VIDEO &&
        std::int64_t{parameters.width} * parameters.height > pixels_max_) {
        return Error{.code = ErrorCode::too_large,
                     .message = "frames of " + std::to_string(parameters.width) + " x " +
                                std::to_string(parameters.height) + " pixels; the limit is " +
                                std::to_string(pixels_max_)};
    }
    Codec context(avcodec_alloc_context3(codec));
    if (!context || avcodec_parameters_to_context(context.get(), &parameters) < 0) {
        return out_of_memory();
    }
    context->thread_count = 1;
    context->max_pixels = pixels_max_;
    context->pkt_timebase = stream.time_base;
    if (const int opened = avcodec_open2(context.get(), codec, nullptr); opened < 0) {
        return Error{.code = ErrorCode::corrupt,
                     .message = std::string("the ") + codec->name +
                                " decoder refused the stream: " + describe(opened)};
    }
    return context;
}

// The boxes of Common Encryption (ISO/IEC 23001-7) leave a track its codec's name: its packets tell.
int Input::read_packet(AVPacket& packet) const {
    const int read = av_read_frame(format_.get(), &packet);
    if (read < 0 || av_packet_get_side_data(&packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) == nullptr)
        return read;
    if (format_->streams[packet.stream_index]->discard == AVDISCARD_ALL) return read;
    av_packet_unref(&packet);
    return AVERROR(EACCES);
}

}  // namespace bgm::av
