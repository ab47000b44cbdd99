// A media file in memory, opened by libav without files, network or other streams than those in the bytes.
//
// libav is C code fed by strangers: only the containers and codecs listed in av_allowed.cpp are let in, one
// thread is used, the processor time is bounded by the budget, and declared sizes are checked before memory
// is taken. Included by workers/media/av/*.cpp only. One thread; the bytes and the budget must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "schemas/default_limits.hpp"
#include "schemas/result.hpp"
#include "workers/media/av/av_handles.hpp"
#include "workers/media/cpu_budget.hpp"

namespace bgm::av {

class Input {
 public:
    /// `wanted` names the modality in errors ("audio", "a video"). Fails with `unsupported` for what is not
    /// media, `corrupt` for media that cannot be opened, `deadline_exceeded` where the budget ran out.
    static Result<std::unique_ptr<Input>> open(std::span<const std::byte> file, const CpuBudget& budget,
                                               std::string_view wanted,
                                               std::int64_t pixels_max = kPixelsMaxDefault);

    AVFormatContext* format() const { return format_.get(); }

    /// The track that a player would choose of those that can be decoded here, or nullptr: the default one
    /// before the others, commentaries last. Where none can be decoded, the one whose codec decoder_for()
    /// names. With `nth` the next best, of those that can be decoded. All other streams are skipped from now
    /// on.
    AVStream* choose(AVMediaType type, std::size_t nth = 0);

    /// A decoder for the stream: `unsupported`, with the codec's name, where it is not on the list or
    /// the track is encrypted, `too_large` where a frame
    /// declares more than `pixels_max`.
    Result<Codec> decoder_for(const AVStream& stream) const;

    /// av_read_frame(). A packet that is encrypted is the end: AVERROR(EACCES).
    int read_packet(AVPacket& packet) const;

    /// Length in seconds, as claimed by the container; 0 where it does not say.
    double duration_s(const AVStream& stream) const;

    const CpuBudget& budget() const { return budget_; }

 private:
    Input(std::span<const std::byte> file, const CpuBudget& budget, std::int64_t pixels_max)
        : file_(file), budget_(budget), pixels_max_(pixels_max) {}

    static int read(void* opaque, std::uint8_t* buffer, int size);
    static std::int64_t seek(void* opaque, std::int64_t offset, int whence);
    static int interrupted(void* opaque);

    std::span<const std::byte> file_;
    const CpuBudget& budget_;
    const std::int64_t pixels_max_;
    std::size_t position_ = 0;
    Io io_;  // declared before format_: the demuxer goes first, then what it reads from
    Format format_;
};

inline Error encrypted_track() {
    return Error{.code = ErrorCode::unsupported, .message = "the track is encrypted"};
}

inline Error out_of_memory() {
    return Error{.code = ErrorCode::resource_exhausted, .message = "out of memory"};
}

/// libav's words for one of its error numbers, with the last thing it logged in this thread.
std::string describe(int code);

}  // namespace bgm::av
