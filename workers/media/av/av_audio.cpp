#include "workers/media/av/av_audio.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "workers/media/av/av_decode.hpp"
#include "workers/media/av/av_input.hpp"
#include "workers/media/av/av_mono.hpp"
#include "workers/media/av/half_of_a_film.hpp"
#include "workers/media/file_size.hpp"

namespace bgm {
namespace {

// 30 s in the smallest packets of any codec, and a wide margin.
constexpr std::int64_t kPacketsMax = 200'000;

constexpr std::size_t kTracksTried = 3;  // of a file that has several

struct Decoded {
    Waveform waveform;
    av::PhaseMeter phases;
};

// One track, the `nth` best: nothing where there are not as many.
Result<std::optional<Decoded>> decode_track(std::span<const std::byte> file, const AudioLimits& limits,
                                            const CpuBudget& budget, std::size_t nth, av::Mix mix) {
    auto opened = av::Input::open(file, budget, "audio");
    if (!opened) return opened.error();
    av::Input& input = **opened;
    const AVStream* stream = input.choose(AVMEDIA_TYPE_AUDIO, nth);
    if (stream == nullptr && nth > 0) return std::optional<Decoded>();
    if (stream == nullptr) {
        if (input.format()->nb_streams == 0) {
            return Error{.code = ErrorCode::corrupt, .message = "the file holds no stream"};
        }
        return Error{.code = ErrorCode::unsupported, .message = std::string(kNoSound)};
    }
    auto decoder = input.decoder_for(*stream);
    if (!decoder) return decoder.error();

    Decoded decoded_track;
    Waveform& waveform = decoded_track.waveform;
    waveform.sample_rate_hz = limits.sample_rate_hz;
    waveform.clip_duration_s = input.duration_s(*stream);
    const auto samples_max = static_cast<std::size_t>(std::ceil(limits.window_s * limits.sample_rate_hz));
    av::MonoSink sink(limits.sample_rate_hz, samples_max, mix);

    // At least a full window must lie behind the start.
    const double start_s = std::clamp(waveform.clip_duration_s - limits.window_s, 0.0,
                                      waveform.clip_duration_s * limits.start_share);
    av::DecodeReport report;
    bool truncated = false;
    if (start_s > 0) {
        // Broadcasts count from an arbitrary moment, not from zero.
        const double origin_s = stream->start_time == AV_NOPTS_VALUE
                                    ? 0
                                    : static_cast<double>(stream->start_time) * av_q2d(stream->time_base);
        const auto target = static_cast<std::int64_t>((origin_s + start_s) / av_q2d(stream->time_base));
        if (av_seek_frame(input.format(), stream->index, target, AVSEEK_FLAG_BACKWARD) >= 0) {
            auto decoded = av::decode_frames(
                input, *stream, **decoder, {.from_s = origin_s + start_s, .packets_max = kPacketsMax}, sink);
            if (!decoded) return decoded.error();
            report = *decoded;
            waveform.start_s = start_s;
        }
        if (sink.samples().size() < samples_max / 2 && !budget.spent()) {
            // The claimed length was a lie or the seek went wrong: a fresh demuxer, from the beginning.
            truncated = true;
            sink = av::MonoSink(limits.sample_rate_hz, samples_max, mix);
            opened = av::Input::open(file, budget, "audio");
            if (!opened) return opened.error();
            stream = (*opened)->choose(AVMEDIA_TYPE_AUDIO, nth);
            if (stream == nullptr) return Error{.code = ErrorCode::corrupt, .message = "the sound is gone"};
            decoder = (*opened)->decoder_for(*stream);
            if (!decoder) return decoder.error();
            waveform.start_s = 0;
        }
    }
    if (sink.samples().empty()) {
        auto decoded = av::decode_frames(**opened, *stream, **decoder, {.packets_max = kPacketsMax}, sink);
        if (!decoded) return decoded.error();
        report = *decoded;
    }

    if (sink.samples().empty()) {
        if (report.out_of_time || budget.spent()) {
            return Error{.code = ErrorCode::deadline_exceeded, .message = "decoding took too long"};
        }
        if (report.encrypted) return av::encrypted_track();
        return Error{.code = ErrorCode::corrupt, .message = "no sound could be decoded"};
    }
    waveform.samples = std::move(sink.samples());
    decoded_track.phases = sink.phases();
    const double decoded_s = static_cast<double>(waveform.samples.size()) / limits.sample_rate_hz;
    const double expected_s = std::min(limits.window_s, waveform.clip_duration_s);
    if (report.out_of_time) waveform.notes.emplace_back("decoding stopped at its time limit");
    // The first packets after a seek or a cut may lack what they refer to; that is how such streams are.
    if (report.errors > 3 + report.packets / 50)
        waveform.notes.emplace_back("parts of the sound could not be decoded");
    if (truncated || decoded_s + 0.5 < expected_s) {
        waveform.notes.emplace_back("the file breaks off before its claimed end");
    }
    return std::optional(std::move(decoded_track));
}

void scale(std::vector<float>& samples, float gain) {
    // A hostile float stream holds infinities; one of them would spoil every average.
    for (float& sample : samples) {
        if (gain != 1) sample *= gain;
        sample = std::isfinite(sample) ? std::clamp(sample, -4.0F, 4.0F) : 0.0F;
    }
}

// The track's sum, or the side of it that holds what the sum has lost.
Result<std::optional<Waveform>> hear_track(std::span<const std::byte> file, const AudioLimits& limits,
                                           const CpuBudget& budget, std::size_t nth) {
    auto decoded = decode_track(file, limits, budget, nth, av::Mix::sum);
    if (!decoded) return decoded.error();
    if (!*decoded) return std::optional<Waveform>();
    const av::PhaseMeter phases = (*decoded)->phases;
    float gain = phases.sum_gain();
    if (const av::Mix mix = phases.choice(); mix != av::Mix::sum) {
        auto side = decode_track(file, limits, budget, nth, mix);
        if (side && *side) {
            decoded = std::move(side);
            gain = phases.side_gain();
        }
    }
    scale((*decoded)->waveform.samples, gain);
    return std::optional(std::move((*decoded)->waveform));
}

}  // namespace

Result<Waveform> decode_audio(std::span<const std::byte> file, const AudioLimits& limits,
                              const CpuBudget& budget) {
    if (auto fits = check_file_size(file, limits.bytes_max); !fits) return fits.error();
    // A track without content need not be the only one.
    std::optional<Error> failure;
    for (std::size_t nth = 0; nth < kTracksTried; ++nth) {
        auto heard = hear_track(file, limits, budget, nth);
        if (heard && *heard) return std::move(**heard);
        if (!heard && !failure) failure = heard.error();
        if (heard || heard.error().code != ErrorCode::corrupt || budget.spent()) break;
    }
    return *failure;
}

}  // namespace bgm
