#include "workers/media/av/av_video.hpp"

extern "C" {
#include <libavutil/frame.h>
}

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "workers/media/av/av_alpha.hpp"
#include "workers/media/av/av_input.hpp"
#include "workers/media/av/av_picture.hpp"
#include "workers/media/av/av_timeline.hpp"
#include "workers/media/av/half_of_a_film.hpp"
#include "workers/media/file_size.hpp"
#include "workers/media/frame_spread.hpp"

namespace bgm {
namespace {

constexpr int kPacketsPerPlaceMax = 2'000;  // read after a seek before the place is given up
constexpr int kPacketsAfterKeyMax =
    4;  // the next reference frame is among these unless there are very many B-frames
constexpr std::size_t kEnoughPlaces = 4;  // fewer pictures than this: decode through
constexpr std::size_t kDecodedThroughMin =
    900;                                 // frames, half a minute at 30 a second; more while time is left
constexpr double kBudgetShareMax = 0.4;  // of decoding through more than these

// A stream with its decoder and the tools that every way of sampling it needs.
class Reader {
 public:
    static Result<std::unique_ptr<Reader>> open(std::span<const std::byte> file, const VideoLimits& limits,
                                                const CpuBudget& budget) {
        auto opened = av::Input::open(file, budget, "a video", limits.pixels_max);
        if (!opened) return opened.error();
        AVStream* stream = (*opened)->choose(AVMEDIA_TYPE_VIDEO);
        if (stream == nullptr && (*opened)->format()->nb_streams == 0) {
            return Error{.code = ErrorCode::corrupt, .message = "the video has no frames"};
        }
        if (stream == nullptr) {
            return Error{.code = ErrorCode::unsupported, .message = std::string(kNoPictures)};
        }
        auto decoder = (*opened)->decoder_for(*stream);
        if (!decoder) return decoder.error();
        std::unique_ptr<Reader> reader(
            new Reader(*std::move(opened), *stream, *std::move(decoder), limits.longer_side_px));
        if (!reader->packet || !reader->frame || !(av_q2d(stream->time_base) > 0)) return av::out_of_memory();
        return reader;
    }

    av::Input& input() { return *input_; }
    const AVStream& stream() const { return stream_; }
    AVCodecContext& decoder() { return *decoder_; }
    /// Packets of the stream that were read, as Timeline counts them.
    std::size_t packets() const { return packets_; }
    /// A packet was, and nothing is read behind it.
    bool encrypted() const { return encrypted_; }

    // The next packet of the stream; false at the end, after an error, or where the budget is spent.
    bool read() {
        while (!input_->budget().spent()) {
            av_packet_unref(packet.get());
            if (const int read = input_->read_packet(*packet); read < 0) {
                encrypted_ = encrypted_ || read == AVERROR(EACCES);
                return false;
            }
            if (packet->stream_index != stream_.index) continue;
            ++packets_;
            return true;
        }
        return false;
    }

    bool at_key() const { return (packet->flags & AV_PKT_FLAG_KEY) != 0; }

    bool send() {
        alpha_.send(*packet);
        return avcodec_send_packet(decoder_.get(), packet.get()) >= 0;
    }
    bool send_end() { return avcodec_send_packet(decoder_.get(), nullptr) >= 0; }

    bool receive() {
        av_frame_unref(frame.get());
        shown_ = false;
        return avcodec_receive_frame(decoder_.get(), frame.get()) == 0;
    }

    void flush() {
        avcodec_flush_buffers(decoder_.get());
        alpha_.flush();
    }

    bool to_picture(RgbImage& picture) { return show() && scaler_.to_picture(*frame, picture); }
    std::vector<std::uint8_t> to_luma() {
        return show() ? scaler_.to_luma(*frame) : std::vector<std::uint8_t>{};
    }

    av::Packet packet;
    av::Frame frame;

 private:
    Reader(std::unique_ptr<av::Input> input, const AVStream& stream, av::Codec decoder, int longer_side_px)
        : packet(av_packet_alloc()),
          frame(av_frame_alloc()),
          input_(std::move(input)),
          stream_(stream),
          decoder_(std::move(decoder)),
          scaler_(stream, longer_side_px),
          alpha_(*decoder_) {}

    // False where a part of the frame is missing.
    bool show() {
        if (shown_) return true;
        const AVFrame* alpha = alpha_.of(*frame);
        if (alpha_.expected(*frame) && alpha == nullptr) return false;
        shown_ = av::lay_on_white(*frame, alpha, scaler_.full_range(*frame));
        return shown_;
    }

    std::unique_ptr<av::Input> input_;
    const AVStream& stream_;
    av::Codec decoder_;
    av::PictureScaler scaler_;
    av::AlphaTrack alpha_;
    std::size_t packets_ = 0;
    bool encrypted_ = false;
    bool shown_ = false;  // the frame is as it is seen
};

// The packet at hand is a key frame: its picture, and the motion up to the reference frame after it, which is
// among the next `packets_after`. False where nothing decodes.
bool sample_place(Reader& reader, std::size_t packets_after, VideoFrame& sample) {
    bool found = false;
    std::int64_t found_at = AV_NOPTS_VALUE;
    std::vector<std::uint8_t> luma;
    // Takes what the decoder has ready; true when picture and motion are both there.
    const auto take_frames = [&] {
        while (sample.motion < 0 && reader.receive()) {
            const std::int64_t timestamp = reader.frame->best_effort_timestamp;
            if (!found) {
                found = reader.to_picture(sample.image);
                luma = reader.to_luma();
                found_at = timestamp;
            } else if (timestamp != AV_NOPTS_VALUE && found_at != AV_NOPTS_VALUE) {
                const double seconds =
                    static_cast<double>(timestamp - found_at) * av_q2d(reader.stream().time_base);
                sample.motion = motion_between(luma, reader.to_luma(), seconds).value_or(sample.motion);
            }
        }
        return sample.motion >= 0;
    };
    reader.decoder().skip_frame = AVDISCARD_NONKEY;
    if (!reader.send()) return false;
    take_frames();
    // Frames that no other is built on are skipped: the next reference frame is as good for seeing motion.
    reader.decoder().skip_frame = AVDISCARD_NONREF;
    for (std::size_t i = 0; i < packets_after && reader.read(); ++i) {
        if (reader.send() && take_frames()) return true;
    }
    // Decoders hold frames back in case an earlier one is still to come. Announcing the end of the stream
    // makes them hand out what they have, where otherwise a second of packets would have to be decoded.
    if (reader.send_end()) take_frames();
    return found;
}

// Where there is an index, key frames are sought by it; else the packets in between are read, which no
// container can spoil and which costs little beside decoding.
std::vector<VideoFrame> sample_key_frames(Reader& reader, const std::vector<av::KeyFrame>& keys, bool seek) {
    std::vector<VideoFrame> frames;
    for (std::size_t i = 0; i < keys.size() && !reader.input().budget().spent(); ++i) {
        std::size_t packets_after = kPacketsAfterKeyMax;
        if (seek) {
            if (av_seek_frame(reader.input().format(), reader.stream().index, keys[i].timestamp,
                              AVSEEK_FLAG_BACKWARD) < 0 ||
                !reader.read()) {
                continue;
            }
            for (int packets = 0; packets < kPacketsPerPlaceMax && !reader.at_key() && reader.read();
                 ++packets) {
            }
        } else {
            if (i + 1 < keys.size())
                packets_after = std::min(packets_after, keys[i + 1].packet - keys[i].packet - 1);
            while (reader.packets() <= keys[i].packet)
                if (!reader.read()) return frames;
        }
        if (!reader.at_key()) continue;
        reader.flush();
        VideoFrame sample;
        if (!sample_place(reader, packets_after, sample)) continue;
        sample.time_s = keys[i].time_s;
        frames.push_back(std::move(sample));
    }
    return frames;
}

// From the first key frame, frame by frame: what stands before it refers to pictures that are not there, and
// some decoders hand it out all the same, in gray. `end_s`: up to where it came; none where all was seen.
std::vector<VideoFrame> decode_through(Reader& reader, const VideoLimits& limits, std::size_t packets,
                                       std::optional<double>& end_s) {
    const CpuBudget& budget = reader.input().budget();
    const double enough_s = budget.left_s() * (1 - kBudgetShareMax);
    reader.decoder().skip_frame = packets > kDecodedThroughMin ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
    av::FilmClock clock(reader.stream());
    FrameSpread spread(limits.frames_max);
    bool begun = false;
    bool ended = false;
    double time_s = 0;
    while (!budget.spent()) {
        if (!reader.receive()) {
            if (ended) break;
            ended = !reader.read();
            if (!ended && reader.packets() == 1)
                clock.at(reader.packet->pts != AV_NOPTS_VALUE ? reader.packet->pts : reader.packet->dts);
            begun = begun || ended || reader.at_key();
            if (!begun) continue;
            ended ? reader.send_end() : reader.send();
            continue;
        }
        time_s = clock.at(reader.frame->best_effort_timestamp);
        if (time_s > limits.analysed_s) break;
        if (spread.seen() >= kDecodedThroughMin && budget.left_s() < enough_s) {
            end_s = time_s;
            break;
        }
        if (!spread.wants_next()) continue;
        spread.look_at(std::max(0.0, time_s), reader.to_luma(),
                       [&](RgbImage& picture) { return reader.to_picture(picture); });
    }
    if (budget.spent()) end_s = time_s;
    return spread.take();
}

// Both in order of time; those of `later` that are behind the others. Of too many the closest neighbours go.
std::vector<VideoFrame> joined(std::vector<VideoFrame> first, std::vector<VideoFrame> later,
                               std::size_t frames_max) {
    for (VideoFrame& frame : later) {
        if (first.empty() || frame.time_s > first.back().time_s) first.push_back(std::move(frame));
    }
    while (first.size() > std::max<std::size_t>(frames_max, 1)) {
        std::size_t closest = 1;
        for (std::size_t i = 2; i < first.size(); ++i) {
            if (first[i].time_s - first[i - 1].time_s < first[closest].time_s - first[closest - 1].time_s)
                closest = i;
        }
        first.erase(first.begin() + static_cast<std::ptrdiff_t>(closest));
    }
    return first;
}

// What the header claims, unless the pictures contradict it by more than their half.
double duration_of(double claimed_s, const av::Timeline& timeline) {
    const bool too_short = claimed_s < timeline.length_s / 2;
    const bool too_long = timeline.complete && claimed_s > timeline.length_s * 2 && timeline.packets > 1;
    return too_short || too_long ? timeline.length_s : claimed_s;
}

}  // namespace

Result<VideoSample> sample_video(std::span<const std::byte> file, const VideoLimits& limits,
                                 const CpuBudget& budget) {
    if (auto fits = check_file_size(file, limits.bytes_max); !fits) return fits.error();
    auto opened = Reader::open(file, limits, budget);
    if (!opened) return opened.error();
    std::unique_ptr<Reader> reader = *std::move(opened);
    const AVStream& stream = reader->stream();
    const av::Timeline timeline = av::measure(reader->input(), stream, file, limits.analysed_s);
    VideoSample sample;
    sample.duration_s = duration_of(reader->input().duration_s(stream), timeline);
    sample.width = stream.codecpar->width;
    sample.height = stream.codecpar->height;
    if (av::orientation_of(stream).clockwise_quarters % 2 == 1) std::swap(sample.width, sample.height);

    const auto open_anew = [&] {
        reader.reset();
        if (auto again = Reader::open(file, limits, budget)) reader = *std::move(again);
        return reader != nullptr;
    };
    const std::vector<av::KeyFrame> keys = timeline.spread(limits.frames_max);
    // Neighbours leave no packet in between to see motion by, where packets are only read forwards.
    const bool apart =
        timeline.indexed || std::adjacent_find(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
                                return b.packet == a.packet + 1;
                            }) == keys.end();
    if (!keys.empty() && apart && (timeline.indexed || open_anew()))
        sample.frames = sample_key_frames(*reader, keys, timeline.indexed);
    const bool enough = sample.frames.size() >= std::min(kEnoughPlaces, limits.frames_max);
    if (!(enough && av::covers(keys, timeline.length_s)) && !budget.spent() && open_anew()) {
        std::optional<double> end_s;
        std::vector<VideoFrame> frames = decode_through(*reader, limits, timeline.packets, end_s);
        if (!frames.empty()) {
            sample.decoded_through = true;
            sample.frames = joined(std::move(frames), std::move(sample.frames), limits.frames_max);
            if (end_s && *end_s < timeline.length_s) {
                sample.notes.push_back("only the first " + std::to_string(static_cast<int>(*end_s)) +
                                       " s were looked at frame by frame");
            }
        }
    }
    if (sample.frames.empty()) {
        if (budget.spent()) {
            return Error{.code = ErrorCode::deadline_exceeded, .message = "decoding took too long"};
        }
        if (reader && reader->encrypted()) return av::encrypted_track();
        return Error{.code = ErrorCode::corrupt, .message = "the video has no frames"};
    }
    if (timeline.longer || sample.duration_s > limits.analysed_s) {
        sample.notes.push_back("only the first " + std::to_string(static_cast<int>(limits.analysed_s)) +
                               " s were looked at");
    }
    return sample;
}

}  // namespace bgm
