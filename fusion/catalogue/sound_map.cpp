#include "fusion/catalogue/sound_map.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace bgm {
namespace {

constexpr std::size_t kSampleMax = 4'096;
constexpr int kRounds = 60;
constexpr double kShown = 0.98;

using Rows = std::vector<std::span<const float>>;

Rows sample_of(const SoundSpace& sounds) {
    Rows rows;
    const std::size_t step = std::max<std::size_t>(1, sounds.size() / kSampleMax);
    std::size_t seen = 0;
    for (std::uint32_t track = 0; track < sounds.tracks(); ++track) {
        if (sounds.has(track) && seen++ % step == 0) rows.push_back(sounds.vector(track));
    }
    return rows;
}

std::vector<float> mean_of(const Rows& rows) {
    std::vector<float> mean(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += row[i] / static_cast<float>(rows.size());
    }
    return mean;
}

bool normalise(std::vector<float>& direction) {
    const float length = std::sqrt(dot(direction, direction));
    if (!(length > 1e-6F)) return false;
    for (float& number : direction)
        number /= length;
    return true;
}

// The direction in which the rows vary most among those at right angles to `before`; empty where they do not.
std::vector<float> main_direction(const Rows& rows, const std::vector<float>& mean,
                                  const std::vector<float>& before) {
    std::vector<float> direction(mean.size());
    // Somewhere that is not by chance at right angles to what is looked for.
    for (std::size_t i = 0; i < direction.size(); ++i)
        direction[i] = std::cos(static_cast<float>(i) * 2.399963F);
    const auto leave_out = [&] {
        if (before.empty()) return;
        const float shared = dot(direction, before);
        for (std::size_t i = 0; i < direction.size(); ++i)
            direction[i] -= shared * before[i];
    };
    for (int round = 0; round < kRounds; ++round) {
        leave_out();
        if (!normalise(direction)) return {};
        const float middle = dot(mean, direction);
        std::vector<float> next(direction.size());
        for (const auto& row : rows) {
            const float along = dot(row, direction) - middle;
            for (std::size_t i = 0; i < next.size(); ++i)
                next[i] += along * (row[i] - mean[i]);
        }
        direction.swap(next);
    }
    leave_out();
    if (!normalise(direction)) return {};
    // Either way round would do: always the same one.
    const auto largest =
        std::ranges::max_element(direction, {}, [](float number) { return std::abs(number); });
    if (*largest < 0) {
        for (float& number : direction)
            number = -number;
    }
    return direction;
}

}  // namespace

SoundMap::SoundMap(const SoundSpace& sounds) {
    const Rows rows = sample_of(sounds);
    if (rows.empty()) return;
    const std::vector<float> mean = mean_of(rows);
    for (Axis& axis : axes_) {
        axis.direction = main_direction(rows, mean, axes_[0].direction);
        if (axis.direction.empty()) return;
        axis.middle = dot(mean, axis.direction);
        std::vector<float> distances;
        distances.reserve(rows.size());
        for (const auto& row : rows)
            distances.push_back(std::abs(dot(row, axis.direction) - axis.middle));
        const auto outermost = distances.begin() + static_cast<std::ptrdiff_t>(
                                                       kShown * static_cast<double>(distances.size() - 1));
        std::ranges::nth_element(distances, outermost);
        axis.reach = *outermost;
    }
}

std::optional<std::array<float, 2>> SoundMap::place(const SoundSpace& sounds,
                                                    std::uint32_t track_index) const {
    if (!sounds.has(track_index)) return std::nullopt;
    std::array<float, 2> at{};
    for (std::size_t i = 0; i < at.size(); ++i) {
        const Axis& axis = axes_[i];
        if (axis.reach > 0)
            at[i] = std::clamp((dot(sounds.vector(track_index), axis.direction) - axis.middle) / axis.reach,
                               -1.0F, 1.0F);
    }
    return at;
}

}  // namespace bgm
