// The frames of one stream of sound, from where the demuxer stands, into whatever collects them. Included by
// workers/media/av/*.cpp only.
#pragma once

#include <cstdint>

#include "schemas/result.hpp"
#include "workers/media/av/av_handles.hpp"
#include "workers/media/av/av_input.hpp"

namespace bgm::av {

class FrameSink {
 public:
    virtual ~FrameSink() = default;
    /// It wants no more.
    virtual bool full() const = 0;
    /// False where the frame's format is none that is handled; such a frame is dropped.
    virtual bool add(const AVFrame& frame) = 0;
    /// Nothing follows.
    virtual void drain() = 0;
};

struct DecodeRange {
    double from_s = 0;  // on the stream's clock: what lies before it is dropped
    std::int64_t packets_max = 0;
};

struct DecodeReport {
    std::int64_t packets = 0;
    int errors = 0;
    bool out_of_time = false;
    bool encrypted = false;
};

/// Until the sink is full, the stream ends, the input's budget is spent or too much of it cannot be decoded.
Result<DecodeReport> decode_frames(const Input& input, const AVStream& stream, AVCodecContext& decoder,
                                   const DecodeRange& range, FrameSink& sink);

}  // namespace bgm::av
