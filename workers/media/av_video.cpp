#include "workers/media/av_video.hpp"

extern "C" {
#include <libavutil/frame.h>
}

#include <algorithm>
#include <cstdint>

#include "workers/media/av_input.hpp"
#include "workers/media/av_picture.hpp"
#include "workers/media/frame_spread.hpp"
#include "workers/media/half_of_a_film.hpp"

namespace bgm {
namespace {

constexpr int kPacketsPerPlaceMax = 2'000;  // read after a seek before the place is given up
constexpr int kPacketsAfterKeyMax =
    4;  // the next reference frame is among these unless there are very many B-frames
constexpr std::size_t kEnoughPlaces = 4;         // fewer pictures than this: decode through
constexpr std::size_t kDecodedThroughMax = 900;  // frames, half a minute at 30 a second

// A stream with its decoder and the tools that every way of sampling it needs.
struct Reader {
    const av::Input& input;
    const AVStream& stream;
    AVCodecContext& decoder;
    av::PictureScaler scaler;
    av::Packet packet;
    av::Frame frame;
    double seconds_per_tick;
    double origin_s;
    bool encrypted = false;  // a packet was, and nothing is read behind it

    double time_of(std::int64_t timestamp) const {
        return timestamp == AV_NOPTS_VALUE ? -1
                                           : static_cast<double>(timestamp) * seconds_per_tick - origin_s;
    }

    // The next packet of the stream; false at the end, after an error, or where the budget is spent.
    bool read() {
        for (int skipped = 0; skipped < kPacketsPerPlaceMax && !input.budget().spent(); ++skipped) {
            av_packet_unref(packet.get());
            if (const int read = input.read_packet(*packet); read < 0) {
                encrypted = encrypted || read == AVERROR(EACCES);
                return false;
            }
            if (packet->stream_index == stream.index) return true;
        }
        return false;
    }

    bool receive() {
        av_frame_unref(frame.get());
        return avcodec_receive_frame(&decoder, frame.get()) == 0;
    }
};

// At the demuxer's place: the next key frame, and the reference frame after it. False where nothing decodes.
bool sample_place(Reader& reader, double not_before_s, VideoFrame& sample) {
    int packets = 0;
    do {
        if (++packets > kPacketsPerPlaceMax || !reader.read()) return false;
    } while ((reader.packet->flags & AV_PKT_FLAG_KEY) == 0);
    const double key_s =
        reader.time_of(reader.packet->pts != AV_NOPTS_VALUE ? reader.packet->pts : reader.packet->dts);
    if (key_s >= 0 && key_s <= not_before_s) return false;  // the same key frame as before

    bool found = false;
    std::vector<std::uint8_t> luma;
    // Takes what the decoder has ready; true when picture and motion are both there.
    const auto take_frames = [&] {
        while (sample.motion < 0 && reader.receive()) {
            const double time_s = reader.time_of(reader.frame->best_effort_timestamp);
            if (!found) {
                found = reader.scaler.to_picture(*reader.frame, sample.image);
                luma = reader.scaler.to_luma(*reader.frame);
                sample.time_s = std::max(0.0, time_s);
            } else {
                const auto after = reader.scaler.to_luma(*reader.frame);
                sample.motion = motion_between(luma, after, time_s - sample.time_s).value_or(sample.motion);
            }
        }
        return sample.motion >= 0;
    };
    reader.decoder.skip_frame = AVDISCARD_NONKEY;
    if (avcodec_send_packet(&reader.decoder, reader.packet.get()) < 0) return false;
    take_frames();
    // Frames that no other is built on are skipped: the next reference frame is as good for seeing motion.
    reader.decoder.skip_frame = AVDISCARD_NONREF;
    for (int packets_after = 0; packets_after < kPacketsAfterKeyMax && reader.read(); ++packets_after) {
        if (avcodec_send_packet(&reader.decoder, reader.packet.get()) >= 0 && take_frames()) return true;
    }
    // Decoders hold frames back in case an earlier one is still to come. Announcing the end of the stream
    // makes them hand out what they have, where otherwise a second of packets would have to be decoded.
    if (avcodec_send_packet(&reader.decoder, nullptr) >= 0) take_frames();
    return found;
}

void sample_key_frames(Reader& reader, double length_s, std::size_t places, std::vector<VideoFrame>& frames) {
    double last_s = -1;
    for (std::size_t place = 0; place < places && !reader.input.budget().spent(); ++place) {
        if (length_s > 0) {
            const double target_s =
                length_s * (static_cast<double>(place) + 0.5) / static_cast<double>(places);
            const auto target =
                static_cast<std::int64_t>((target_s + reader.origin_s) / reader.seconds_per_tick);
            if (av_seek_frame(reader.input.format(), reader.stream.index, target, AVSEEK_FLAG_BACKWARD) < 0)
                continue;
        } else if (place > 0) {
            break;  // nothing known about the length: the first key frame only, then decoding through
        }
        avcodec_flush_buffers(&reader.decoder);
        VideoFrame sample;
        if (!sample_place(reader, last_s, sample)) continue;
        last_s = std::max(last_s, sample.time_s);
        frames.push_back(std::move(sample));
    }
    avcodec_flush_buffers(&reader.decoder);
}

// From the first key frame, frame by frame: what stands before it refers to pictures that are not there, and
// some decoders hand it out all the same, in gray.
std::vector<VideoFrame> decode_through(Reader& reader, std::size_t frames_max, double until_s) {
    reader.decoder.skip_frame = AVDISCARD_DEFAULT;
    FrameSpread spread(frames_max);
    bool begun = false;
    bool ended = false;
    while (spread.seen() < kDecodedThroughMax && !reader.input.budget().spent()) {
        if (!reader.receive()) {
            if (ended) break;
            ended = !reader.read();
            begun = begun || ended || (reader.packet->flags & AV_PKT_FLAG_KEY) != 0;
            if (!begun) continue;
            avcodec_send_packet(&reader.decoder, ended ? nullptr : reader.packet.get());
            continue;
        }
        const double time_s = reader.time_of(reader.frame->best_effort_timestamp);
        if (time_s > until_s) break;
        if (!spread.wants_next()) continue;
        spread.look_at(time_s, reader.scaler.to_luma(*reader.frame),
                       [&](RgbImage& picture) { return reader.scaler.to_picture(*reader.frame, picture); });
    }
    return spread.take();
}

}  // namespace

Result<VideoSample> sample_video(std::span<const std::byte> file, const VideoLimits& limits,
                                 const CpuBudget& budget) {
    if (file.size() > limits.bytes_max) {
        return Error{.code = ErrorCode::too_large,
                     .message = std::to_string(file.size()) + " bytes; the limit is " +
                                std::to_string(limits.bytes_max),
                     .field = {}};
    }
    VideoSample sample;
    bool encrypted = false;
    for (const bool through : {false, true}) {
        auto opened = av::Input::open(file, budget, "a video", limits.pixels_max);
        if (!opened) return opened.error();
        av::Input& input = **opened;
        const AVStream* stream = input.choose(AVMEDIA_TYPE_VIDEO);
        if (stream == nullptr && input.format()->nb_streams == 0) {
            return Error{.code = ErrorCode::corrupt, .message = "the video has no frames", .field = {}};
        }
        if (stream == nullptr) {
            return Error{.code = ErrorCode::unsupported, .message = std::string(kNoPictures), .field = {}};
        }
        auto decoder = input.decoder_for(*stream);
        if (!decoder) return decoder.error();
        const double ticks_s = av_q2d(stream->time_base);
        Reader reader{.input = input,
                      .stream = *stream,
                      .decoder = **decoder,
                      .scaler = av::PictureScaler(*stream, limits.longer_side_px),
                      .packet = av::Packet(av_packet_alloc()),
                      .frame = av::Frame(av_frame_alloc()),
                      .seconds_per_tick = ticks_s,
                      .origin_s = stream->start_time == AV_NOPTS_VALUE
                                      ? 0
                                      : static_cast<double>(stream->start_time) * ticks_s};
        if (!reader.packet || !reader.frame || !(ticks_s > 0)) return av::out_of_memory();
        sample.duration_s = input.duration_s(*stream);
        sample.width = stream->codecpar->width;
        sample.height = stream->codecpar->height;
        if (av::orientation_of(*stream).clockwise_quarters % 2 == 1) std::swap(sample.width, sample.height);

        std::vector<VideoFrame> frames;
        if (through) {
            frames = decode_through(reader, limits.frames_max, limits.analysed_s);
        } else {
            sample_key_frames(reader, std::min(sample.duration_s, limits.analysed_s), limits.frames_max,
                              frames);
        }
        encrypted = encrypted || reader.encrypted;
        if (frames.size() > sample.frames.size()) {
            sample.frames = std::move(frames);
            sample.decoded_through = through;
        }
        if (sample.frames.size() >= std::min(kEnoughPlaces, limits.frames_max) || budget.spent()) break;
    }
    if (sample.frames.empty()) {
        if (budget.spent()) {
            return Error{
                .code = ErrorCode::deadline_exceeded, .message = "decoding took too long", .field = {}};
        }
        if (encrypted) return av::encrypted_track();
        return Error{.code = ErrorCode::corrupt, .message = "the video has no frames", .field = {}};
    }
    if (sample.duration_s > limits.analysed_s) {
        sample.notes.push_back("only the first " + std::to_string(static_cast<int>(limits.analysed_s)) +
                               " s were looked at");
    }
    return sample;
}

}  // namespace bgm
