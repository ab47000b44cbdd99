#include "ops/teaching/seed_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

void mix(std::uint64_t& digest, const void* bytes, std::size_t count) {
    digest = fnv1a64({static_cast<const char*>(bytes), count}, digest);
}

bool usable(const SeedLabel& label) {
    const float sum = std::accumulate(label.moods.begin(), label.moods.end(), 0.0F);
    return std::abs(sum - 1) < 0.01F &&
           std::all_of(label.moods.begin(), label.moods.end(), [](float share) { return share >= 0; }) &&
           std::abs(label.affect.valence) <= 1 && std::abs(label.affect.arousal) <= 1 && label.weight > 0 &&
           label.weight <= 1;
}

}  // namespace

void SeedRows::fill_table() {
    for (std::size_t half = 0; half < table_.size(); ++half)
        table_[half] = half_to_float(static_cast<std::uint16_t>(half));
}

bool SeedRows::add(std::span<const std::uint16_t> embedding, const SeedLabel& label) {
    const bool finite = std::all_of(embedding.begin(), embedding.end(),
                                    [this](std::uint16_t half) { return std::isfinite(table_[half]); });
    if (embedding.size() != width_ || !finite || !usable(label)) return false;
    embeddings_.insert(embeddings_.end(), embedding.begin(), embedding.end());
    labels_.push_back(label);
    mix(digest_, embedding.data(), embedding.size_bytes());
    mix(digest_, label.moods.data(), sizeof label.moods);
    mix(digest_, &label.affect, sizeof label.affect);
    mix(digest_, &label.weight, sizeof label.weight);
    mix(digest_, &label.group, sizeof label.group);
    return true;
}

void SeedRows::embedding(std::size_t row, float* into) const {
    const std::uint16_t* const halves = &embeddings_[row * width_];
    for (std::size_t i = 0; i < width_; ++i)
        into[i] = table_[halves[i]];
}

std::size_t SeedRows::groups() const {
    std::unordered_set<std::uint32_t> all;
    for (const SeedLabel& label : labels_)
        all.insert(label.group);
    return all.size();
}

}  // namespace bgm
