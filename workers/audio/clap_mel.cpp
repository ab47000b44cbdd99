#include "workers/audio/clap_mel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "workers/config_object.hpp"

namespace bgm {
namespace {

constexpr double kPowerLeast = 1e-10;
constexpr std::int64_t kFramesMax = 20'000;
constexpr std::int64_t kSamplesMax = 20'000'000;

ClipPadding padding(const ConfigObject& config) {
    const std::string name = config.text("padding", "repeatpad");
    if (name == "repeat") return ClipPadding::repeat;
    if (name == "pad") return ClipPadding::pad;
    if (name != "repeatpad")
        config.refuse("padding", "'" + name + "' is not known (repeatpad, repeat, pad are)");
    return ClipPadding::repeat_pad;
}

Result<ClapMelLayout> read_layout(const std::filesystem::path& file) {
    const auto config = ConfigObject::read(file);
    if (!config) return config.error();
    const std::string type = config->text("feature_extractor_type", "ClapFeatureExtractor");
    const std::string truncation = config->text("truncation", "fusion");
    const std::int64_t rate = config->whole("sampling_rate", 48'000, 1000, 384'000);
    const std::int64_t samples = rate * config->whole("max_length_s", 10, 1, 3600);
    const std::int64_t fft_size = config->whole("fft_window_size", 1024, 2, 16'384);
    const std::int64_t hop = config->whole("hop_length", 480, 1, 1'000'000);
    const double low_hz = config->number("frequency_min", 0, 0, 192'000);
    const double high_hz = config->number("frequency_max", 14'000, 0, 192'000);
    if (samples > kSamplesMax)
        config->refuse("max_length_s", "makes more than " + std::to_string(kSamplesMax) + " samples");
    if (samples / hop >= kFramesMax)
        config->refuse("hop_length", "makes more than " + std::to_string(kFramesMax) + " frames");
    if (!FrameFft::possible(static_cast<std::size_t>(fft_size)))
        config->refuse("fft_window_size", "has a prime factor above " + std::to_string(FrameFft::kPrimeMost));
    if (!(low_hz < high_hz)) config->refuse("frequency_max", "must be above frequency_min");
    const ClapMelLayout layout{
        .sample_rate_hz = static_cast<int>(rate),
        .samples = static_cast<std::size_t>(samples),
        .fft_size = static_cast<std::size_t>(fft_size),
        .hop = static_cast<std::size_t>(hop),
        .bands = static_cast<std::size_t>(config->whole("feature_size", 64, 1, 1024)),
        .low_hz = low_hz,
        .high_hz = high_hz,
        .padding = padding(*config),
    };
    if (!config->status().ok()) return config->status().error();
    if (type != "ClapFeatureExtractor")
        return Error{.code = ErrorCode::unsupported,
                     .message = file.string() + ": feature_extractor_type: '" + type +
                                "' is not ClapFeatureExtractor"};
    if (truncation != "rand_trunc")
        return Error{.code = ErrorCode::unsupported,
                     .message = file.string() + ": truncation: '" + truncation +
                                "' is not handled, only rand_trunc is (models without fusion)"};
    return layout;
}

// Where the window with the most energy begins, to the hop; of equals the first.
std::size_t loudest(std::span<const float> clip, std::size_t window, std::size_t hop) {
    std::vector<double> energy{0};  // of all samples before each hop
    for (std::size_t first = 0; first < clip.size(); first += hop) {
        double sum = energy.back();
        for (const float sample : clip.subspan(first, std::min(hop, clip.size() - first)))
            sum += double{sample} * sample;
        energy.push_back(sum);
    }
    const std::size_t hops = window / hop;
    std::size_t best = 0;
    for (std::size_t i = 0; i * hop + window <= clip.size(); ++i) {
        if (energy[i + hops] - energy[i] > energy[best + hops] - energy[best]) best = i;
    }
    return best * hop;
}

}  // namespace

Result<ClapMel> ClapMel::open(const std::filesystem::path& directory) {
    const auto layout = read_layout(directory / "preprocessor_config.json");
    if (!layout) return layout.error();
    return ClapMel(*layout);
}

ClapMel::ClapMel(const ClapMelLayout& layout)
    : layout_(layout),
      fft_(layout.fft_size),
      filters_({.bands = layout.bands,
                .bins = fft_.bins(),
                .sample_rate_hz = layout.sample_rate_hz,
                .low_hz = layout.low_hz,
                .high_hz = layout.high_hz}),
      hann_(layout.fft_size) {
    for (std::size_t i = 0; i < hann_.size(); ++i)
        hann_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                        static_cast<double>(hann_.size()));
}

std::size_t ClapMel::frames() const {
    const std::size_t padded = layout_.samples + layout_.fft_size / 2 * 2;
    return padded < layout_.fft_size ? 0 : 1 + (padded - layout_.fft_size) / layout_.hop;
}

std::vector<double> ClapMel::window_of(std::span<const float> clip) const {
    const std::size_t length = layout_.samples;
    const std::size_t margin = layout_.fft_size / 2;
    std::vector<double> padded(length + 2 * margin, 0.0);
    const auto window = std::span(padded).subspan(margin, length);
    if (clip.size() > length) clip = clip.subspan(loudest(clip, length, layout_.hop), length);
    if (!clip.empty()) {
        std::size_t filled = clip.size();
        if (layout_.padding == ClipPadding::repeat) filled = length;
        if (layout_.padding == ClipPadding::repeat_pad) filled = length / clip.size() * clip.size();
        for (std::size_t first = 0; first < filled; first += clip.size())
            std::copy_n(clip.begin(), std::min(clip.size(), filled - first),
                        window.begin() + static_cast<std::ptrdiff_t>(first));
    }
    // Mirrored at both ends, without the sample at the end itself; again and again where the margin is longer
    // than the window.
    const std::size_t period = 2 * (length - 1);
    const auto mirrored = [&](std::size_t step) {
        const std::size_t at = step % period;
        return at < length ? at : period - at;
    };
    for (std::size_t i = 1; i <= margin; ++i) {
        padded[margin - i] = window[mirrored(i)];
        padded[margin + length - 1 + i] = window[length - 1 - mirrored(i)];
    }
    return padded;
}

void ClapMel::log_bands(std::span<const double> power, std::size_t count, std::span<float> rows) const {
    const double decibels = 10 / std::numbers::ln10;
    const auto bands = filters_.bands();
    for (std::size_t band = 0; band < bands.size(); ++band) {
        std::array<double, FrameFft::kFrames> sums{};
        const double* bin = power.data() + bands[band].first_bin * FrameFft::kFrames;
        for (const double weight : bands[band].weights) {
            for (std::size_t frame = 0; frame < FrameFft::kFrames; ++frame)
                sums[frame] += weight * bin[frame];
            bin += FrameFft::kFrames;
        }
        for (std::size_t frame = 0; frame < count; ++frame)
            rows[frame * bands.size() + band] =
                static_cast<float>(decibels * std::log(std::max(sums[frame], kPowerLeast)));
    }
}

void ClapMel::extract(std::span<const float> clip, std::span<float> mel) const {
    const std::vector<double> window = window_of(clip);
    FrameFft::Workspace workspace(fft_);
    std::vector<double> power(fft_.bins() * FrameFft::kFrames);
    for (std::size_t first = 0; first < frames(); first += FrameFft::kFrames) {
        const std::size_t count = std::min(FrameFft::kFrames, frames() - first);
        const double* begin = window.data() + first * layout_.hop;
        for (std::size_t sample = 0; sample < layout_.fft_size; ++sample) {
            // The frames beyond the last are of no interest, but must not be read beyond the end.
            for (std::size_t frame = 0; frame < count; ++frame)
                workspace.at(sample, frame) = begin[frame * layout_.hop + sample] * hann_[sample];
        }
        fft_.power(workspace, power);
        log_bands(power, count, mel.subspan(first * bands(), count * bands()));
    }
}

}  // namespace bgm
