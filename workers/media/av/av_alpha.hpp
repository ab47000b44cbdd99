// See-through films on white: planes of alpha in the frame, and the second stream that VP8 and VP9 have for
// it in WebM. Included by workers/media/av/*.cpp only. One thread.
#pragma once

#include <optional>

#include "workers/media/av/av_handles.hpp"

namespace bgm::av {

/// The alpha of VP8 and VP9: every block of WebM may carry a second packet of the same codec, whose luma is
/// how opaque the picture is. libav's own decoders leave it aside (libvpx's would not, a library more that
/// strangers feed); so it is decoded here by the same one that decodes the pictures.
class AlphaTrack {
 public:
    explicit AlphaTrack(const AVCodecContext& pictures) : pictures_(pictures) {}

    /// To be called with each packet that the pictures' decoder gets.
    void send(const AVPacket& packet);
    void flush();

    /// True where this frame's packet came with alpha.
    bool expected(const AVFrame& picture) const;
    /// The alpha of the frame (in its luma plane), or nullptr where it did not decode.
    const AVFrame* of(const AVFrame& picture) const;

 private:
    bool open();

    const AVCodecContext& pictures_;
    Codec decoder_;
    Frame frame_;
    Packet packet_;
    std::int64_t sent_pts_ = AV_NOPTS_VALUE;  // of the last packet that had alpha
    bool refused_ = false;
};

/// Lays the frame on white where it has alpha: its own, or `alpha`'s luma (nullptr: none). `full_range`: of
/// the frame's luma. False where the alpha is of another size or memory ends.
bool lay_on_white(AVFrame& frame, const AVFrame* alpha, bool full_range);

}  // namespace bgm::av
