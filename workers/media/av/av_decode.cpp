#include "workers/media/av/av_decode.hpp"

extern "C" {
#include <libavutil/frame.h>
}

namespace bgm::av {
namespace {

constexpr int kErrorsMax = 200;  // undecodable packets before the rest is given up

}  // namespace

Result<DecodeReport> decode_frames(const Input& input, const AVStream& stream, AVCodecContext& decoder,
                                   const DecodeRange& range, FrameSink& sink) {
    DecodeReport report;
    const Packet packet(av_packet_alloc());
    const Frame frame(av_frame_alloc());
    if (!packet || !frame) return out_of_memory();

    const auto take_frames = [&] {
        while (!sink.full() && avcodec_receive_frame(&decoder, frame.get()) == 0) {
            const bool early =
                frame->pts != AV_NOPTS_VALUE && range.from_s > 0 &&
                static_cast<double>(frame->pts) * av_q2d(stream.time_base) < range.from_s - 0.1;
            if (!early && !sink.add(*frame)) ++report.errors;
            av_frame_unref(frame.get());
        }
    };

    for (std::int64_t packets = 0; packets < range.packets_max && !sink.full(); ++packets) {
        if (input.budget().spent()) {
            report.out_of_time = true;
            break;
        }
        if (const int read = input.read_packet(*packet); read < 0) {
            report.encrypted = read == AVERROR(EACCES);
            break;
        }
        if (packet->stream_index == stream.index) {
            ++report.packets;
            if (avcodec_send_packet(&decoder, packet.get()) < 0 && ++report.errors > kErrorsMax) break;
            take_frames();
        }
        av_packet_unref(packet.get());
    }
    if (!sink.full() && !report.out_of_time && avcodec_send_packet(&decoder, nullptr) >= 0) take_frames();
    sink.drain();
    return report;
}

}  // namespace bgm::av
