#include "workers/audio/track_meters.hpp"

#include <chromaprint.h>
#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace bgm {
namespace {

// As long as AcoustID's: enough to tell recordings apart, where one of them lacks its first seconds, too.
constexpr double kFingerprint_s = 120;
constexpr double kSilence_lufs = -70;

struct Free {
    void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
    void operator()(ChromaprintContext* context) const { chromaprint_free(context); }
};

}  // namespace

struct TrackMeters::Impl {
    std::unique_ptr<ebur128_state, Free> loudness;
    std::unique_ptr<ChromaprintContext, Free> print;
    std::vector<std::int16_t> scratch;
    float peak = 0;
    bool broken = false;
    std::size_t channels = 1;
    int rate_hz = 1;
    std::uint64_t frames = 0;
};

TrackMeters::TrackMeters() : impl_(std::make_unique<Impl>()) {}

TrackMeters::~TrackMeters() = default;

Status TrackMeters::begin(int sample_rate_hz, int channels) {
    impl_->rate_hz = sample_rate_hz;
    impl_->channels = static_cast<std::size_t>(channels);
    // The histogram keeps the memory of a film as small as that of a song.
    impl_->loudness.reset(ebur128_init(static_cast<unsigned>(channels),
                                       static_cast<unsigned long>(sample_rate_hz),
                                       EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_HISTOGRAM));
    impl_->print.reset(chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT));
    if (!impl_->loudness || !impl_->print ||
        chromaprint_start(impl_->print.get(), sample_rate_hz, channels) != 1)
        return Error{.code = ErrorCode::unsupported, .message = "sound of this rate cannot be measured"};
    return ok_status();
}

bool TrackMeters::hear(std::span<const float> interleaved) {
    const std::size_t frames = interleaved.size() / impl_->channels;
    for (const float sample : interleaved)
        impl_->peak = std::max(impl_->peak, std::abs(sample));
    ebur128_add_frames_float(impl_->loudness.get(), interleaved.data(), frames);
    if (static_cast<double>(impl_->frames) < kFingerprint_s * impl_->rate_hz) {
        impl_->scratch.resize(interleaved.size());
        std::transform(interleaved.begin(), interleaved.end(), impl_->scratch.begin(), [](float sample) {
            return static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32'767));
        });
        chromaprint_feed(impl_->print.get(), impl_->scratch.data(), static_cast<int>(impl_->scratch.size()));
    }
    impl_->frames += frames;
    return true;
}

void TrackMeters::miss() {
    impl_->broken = true;
}

double TrackMeters::seconds() const {
    return static_cast<double>(impl_->frames) / impl_->rate_hz;
}

double TrackMeters::integrated_lufs() const {
    double lufs = kSilence_lufs;
    if (!impl_->loudness || ebur128_loudness_global(impl_->loudness.get(), &lufs) != EBUR128_SUCCESS)
        return kSilence_lufs;
    return std::max(lufs, kSilence_lufs);
}

double TrackMeters::range_lu() const {
    double range = 0;
    if (!impl_->loudness || ebur128_loudness_range(impl_->loudness.get(), &range) != EBUR128_SUCCESS)
        return 0;
    return range;
}

float TrackMeters::peak() const {
    return impl_->peak;
}

bool TrackMeters::broken() const {
    return impl_->broken;
}

std::vector<std::uint32_t> TrackMeters::fingerprint() {
    std::uint32_t* numbers = nullptr;
    int count = 0;
    if (!impl_->print || chromaprint_finish(impl_->print.get()) != 1 ||
        chromaprint_get_raw_fingerprint(impl_->print.get(), &numbers, &count) != 1)
        return {};
    std::vector<std::uint32_t> print(numbers, numbers + count);
    chromaprint_dealloc(numbers);
    return print;
}

}  // namespace bgm
