// What is measured on every channel of a track: programme loudness (libebur128) and the acoustic fingerprint
// (libchromaprint). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "workers/media/av/av_channels.hpp"

namespace bgm {

class TrackMeters final : public ChannelListener {
 public:
    TrackMeters();
    ~TrackMeters() override;

    Status begin(int sample_rate_hz, int channels) override;
    bool hear(std::span<const float> interleaved) override;
    void miss() override;

    double seconds() const;
    /// ITU-R BS.1770-4 with its gates, in LUFS; -70 where nothing passes them.
    double integrated_lufs() const;
    /// EBU Tech 3342, in LU.
    double range_lu() const;
    /// Of all channels; 1 is full scale.
    float peak() const;
    /// Whether a sample was no number (NaN or infinite).
    bool broken() const;
    /// Chromaprint's numbers of the first `fingerprint_s` seconds, one every 0.124 s; empty below about 3 s.
    std::vector<std::uint32_t> fingerprint();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm
