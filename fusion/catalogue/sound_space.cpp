#include "fusion/catalogue/sound_space.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "fusion/catalogue/fetch_ahead.hpp"
#include "fusion/catalogue/two_processors.hpp"

namespace bgm {
namespace {

BGM_BODY float sum_of_products(std::span<const float> a, std::span<const float> b) {
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> sums{};
    const std::size_t whole = a.size() - a.size() % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            sums[lane] += a[i + lane] * b[i + lane];
    }
    for (std::size_t i = whole; i < a.size(); ++i)
        sums[i - whole] += a[i] * b[i];
    float sum = 0;
    for (const float lane : sums)
        sum += lane;
    return sum;
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 float wide_dot(std::span<const float> a, std::span<const float> b) {
    return sum_of_products(a, b);
}
#endif

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return wide_dot(a, b);
#endif
    return sum_of_products(a, b);
}

float length_of(std::span<const float> vector) {
    return std::sqrt(dot(vector, vector));
}

bool has_direction(std::span<const float> vector) {
    const float length = length_of(vector);
    return length > 0 && std::isfinite(length);
}

SoundSpace::SoundSpace(std::string model, std::size_t width, std::size_t tracks)
    : model_(std::move(model)), width_(width), slots_(tracks, kNone) {}

bool SoundSpace::set(std::uint32_t track_index, std::span<const float> embedding) {
    if (!has_direction(embedding)) return false;
    const float length = length_of(embedding);
    slots_[track_index] = static_cast<std::uint32_t>(size());
    for (const float number : embedding)
        vectors_.push_back(number / length);
    return true;
}

SoundSpace::Query SoundSpace::query(std::span<const float> embedding) const {
    Query query(embedding.begin(), embedding.end());
    const float length = length_of(embedding);
    for (float& number : query)
        number /= length;
    return query;
}

float SoundSpace::cosine(std::uint32_t track_index, const Query& query) const {
    return dot(vector(track_index), query);
}

void SoundSpace::fetch_vector(std::uint32_t track_index) const {
    const std::span<const float> numbers = vector(track_index);
    fetch_ahead(numbers.data(), numbers.size_bytes());
}

}  // namespace bgm
