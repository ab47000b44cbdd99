#include "fusion/mood/head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "fusion/mood/elementary.hpp"
#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWidthMax = 65'536;
constexpr std::size_t kAffectCount = 2;
constexpr std::size_t kLanes = 16;  // 13 moods, valence, arousal, felt: whole vector registers
constexpr std::size_t kFeltLane = kMoodCount + kAffectCount;
constexpr float kPrecisionMax = 4.0F;

Error failure(ErrorCode code, std::string message) {
    return Error{.code = code, .message = "head: " + std::move(message)};
}

/// The values of a tensor of exactly this shape, all finite.
Result<std::vector<float>> values(const SafeTensors& file, std::string_view name,
                                  const std::vector<std::int64_t>& shape) {
    const auto view = file.find(name);
    if (!view) return failure(ErrorCode::corrupt, "there is no tensor " + std::string(name));
    if (view->shape != shape)
        return failure(ErrorCode::corrupt, std::string(name) + " has another shape than expected");
    auto floats = to_floats(*view);
    if (!floats)
        return failure(ErrorCode::corrupt,
                       std::string(name) + " has the dtype " + view->dtype + ", not a float");
    for (float value : *floats) {
        if (!std::isfinite(value))
            return failure(ErrorCode::corrupt, std::string(name) + " holds a number that is not finite");
    }
    return floats;
}

/// A number above 0 and at most `most`; `otherwise` where the key is absent.
Result<float> positive(const SafeTensors& file, std::string_view key, float otherwise, float most) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return otherwise;
    const std::string& text = found->second;
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > 0.0F && value <= most)) {
        return failure(ErrorCode::invalid_argument,
                       "metadata " + std::string(key) + " is not a number in its range");
    }
    return value;
}

}  // namespace

Result<LinearHead> LinearHead::parse(std::span<const std::byte> safetensors_file) {
    const auto file = SafeTensors::parse(safetensors_file);
    if (!file) return file.error();
    const auto weight = file->find("mood.weight");
    if (!weight || weight->shape.size() != 2 || weight->shape[1] <= 0) {
        return failure(ErrorCode::corrupt, "there is no mood.weight of two dimensions");
    }
    const std::int64_t width = weight->shape[1];
    if (width > static_cast<std::int64_t>(kWidthMax))
        return failure(ErrorCode::too_large, "mood.weight is too wide");

    const auto mood_weight = values(*file, "mood.weight", {kMoodCount, width});
    if (!mood_weight) return mood_weight.error();
    const auto mood_bias = values(*file, "mood.bias", {kMoodCount});
    if (!mood_bias) return mood_bias.error();
    const auto affect_weight = values(*file, "affect.weight", {kAffectCount, width});
    if (!affect_weight) return affect_weight.error();
    const auto affect_bias = values(*file, "affect.bias", {kAffectCount});
    if (!affect_bias) return affect_bias.error();
    std::vector<float> felt_weight(static_cast<std::size_t>(width), 0.0F);
    std::vector<float> felt_bias(1, 0.0F);
    const bool judges_felt = file->find("felt.weight").ok();
    if (judges_felt) {
        auto weights = values(*file, "felt.weight", {1, width});
        if (!weights) return weights.error();
        auto bias = values(*file, "felt.bias", {1});
        if (!bias) return bias.error();
        felt_weight = *std::move(weights);
        felt_bias = *std::move(bias);
    }
    const auto temperature = positive(*file, "temperature", 1.0F, 1000.0F);
    if (!temperature) return temperature.error();
    const auto precision = positive(*file, "precision", 1.0F, kPrecisionMax);
    if (!precision) return precision.error();
    const auto model = file->metadata().find("model");
    if (model == file->metadata().end() || model->second.empty()) {
        return failure(ErrorCode::invalid_argument, "metadata model is missing");
    }
    const auto modality = file->metadata().find("modality");
    const auto known =
        modality == file->metadata().end() ? std::nullopt : modality_from_name(modality->second);
    if (!known) return failure(ErrorCode::invalid_argument, "metadata modality names no modality");

    LinearHead head;
    head.model_ = model->second;
    head.modality_ = *known;
    head.width_ = static_cast<std::size_t>(width);
    head.temperature_ = *temperature;
    head.precision_ = *precision;
    head.judges_felt_ = judges_felt;
    head.columns_.assign((head.width_ + 1) * kLanes, 0.0F);
    for (std::size_t i = 0; i < head.width_; ++i) {
        float* column = &head.columns_[i * kLanes];
        for (std::size_t k = 0; k < kMoodCount; ++k)
            column[k] = (*mood_weight)[k * head.width_ + i];
        for (std::size_t a = 0; a < kAffectCount; ++a)
            column[kMoodCount + a] = (*affect_weight)[a * head.width_ + i];
        column[kFeltLane] = felt_weight[i];
    }
    float* biases = &head.columns_[head.width_ * kLanes];
    std::copy(mood_bias->begin(), mood_bias->end(), biases);
    std::copy(affect_bias->begin(), affect_bias->end(), biases + kMoodCount);
    biases[kFeltLane] = felt_bias.front();
    return head;
}

HeadWeights LinearHead::weights() const {
    HeadWeights weights;
    const auto row = [this](std::size_t lane) {
        std::vector<float> values(width_);
        for (std::size_t i = 0; i < width_; ++i)
            values[i] = columns_[i * kLanes + lane];
        return values;
    };
    const float* const biases = &columns_[width_ * kLanes];
    for (std::size_t lane = 0; lane < kFeltLane; ++lane) {
        const auto values = row(lane);
        auto& into = lane < kMoodCount ? weights.mood : weights.affect;
        into.insert(into.end(), values.begin(), values.end());
    }
    weights.mood_bias.assign(biases, biases + kMoodCount);
    weights.affect_bias.assign(biases + kMoodCount, biases + kFeltLane);
    if (judges_felt_) {
        weights.felt = row(kFeltLane);
        weights.felt_bias = biases[kFeltLane];
    }
    return weights;
}

Result<Evidence> LinearHead::read(std::span<const float> embedding, float quality) const {
    if (embedding.size() != width_) {
        return failure(ErrorCode::invalid_argument, "the embedding has " + std::to_string(embedding.size()) +
                                                        " numbers, " + model_ + " needs " +
                                                        std::to_string(width_));
    }
    if (!std::isfinite(quality)) return failure(ErrorCode::invalid_argument, "the quality is not finite");

    // Each lane adds its products in the order of the inputs, so the compiler may use vectors of any length
    // without changing a bit (a library's dot product splits its sum by register width and alignment).
    std::array<float, kLanes> sums{};
    std::copy_n(&columns_[width_ * kLanes], kLanes, sums.begin());
    for (std::size_t i = 0; i < width_; ++i) {
        const float x = embedding[i];
        const float* column = &columns_[i * kLanes];
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            sums[lane] += x * column[lane];
        // A lane of zero weights hides a NaN no better than any other: 0 * NaN is NaN.
    }
    for (float sum : sums) {
        if (!std::isfinite(sum)) {
            return failure(ErrorCode::invalid_argument,
                           "the embedding holds a number that is not finite or far too large");
        }
    }

    Evidence evidence;
    evidence.modality = modality_;
    evidence.precision = precision_ * std::clamp(quality, 0.0F, 1.0F);
    const double top = *std::max_element(sums.begin(), sums.begin() + kMoodCount);
    std::array<double, kMoodCount> shares{};
    double total = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        total += shares[k] = elementary_exp((sums[k] - top) / temperature_);
    for (std::size_t k = 0; k < kMoodCount; ++k)
        evidence.mood[k] = static_cast<float>(shares[k] / total);
    if (judges_felt_) evidence.felt = static_cast<float>(1 / (1 + elementary_exp(-sums[kFeltLane])));
    evidence.affect.valence = std::clamp(sums[kMoodCount], -1.0F, 1.0F);
    evidence.affect.arousal = std::clamp(sums[kMoodCount + 1], -1.0F, 1.0F);
    return evidence;
}

}  // namespace bgm
