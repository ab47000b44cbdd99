#include "fusion/mood/pool_settings.hpp"

#include <string>

#include "fusion/mood/named_numbers.hpp"

namespace bgm {
namespace {

// A mood of no share at all could never be answered.
constexpr float kShareMin = 0.001F;
constexpr float kFactorMax = 4.0F;
// Shares are measured and rounded: those of all 13 moods add up to 1 within this.
constexpr float kSumTolerance = 0.01F;

}  // namespace

Result<MoodDistribution> read_prior(std::string_view setting) {
    if (trimmed(setting) == "uniform") return uniform_moods();
    if (trimmed(setting).empty()) return refuse_setting(setting, "must be uniform or shares of moods");
    const auto shares =
        named_numbers<kMoodCount>(setting, kShareMin, 1, "from 0.001 to 1", "mood", mood_from_name);
    if (!shares) return shares.error();
    float sum = 0;
    int unnamed = 0;
    for (const auto& share : *shares) {
        sum += share.value_or(0);
        unnamed += share ? 0 : 1;
    }
    const float left = unnamed > 0 ? (1 - sum) / static_cast<float>(unnamed) : 0;
    if (unnamed > 0 && left < kShareMin)
        return refuse_setting(setting, "leaves nothing for the moods that it does not name");
    if (unnamed == 0 && (sum < 1 - kSumTolerance || sum > 1 + kSumTolerance))
        return refuse_setting(setting, "names all moods, yet its shares do not add up to 1");
    MoodDistribution prior{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        prior[k] = (*shares)[k].value_or(left);
    return prior;
}

Result<std::array<float, kOpinionCount>> read_reliability(std::string_view setting) {
    if (trimmed(setting).empty()) return PoolOptions{}.reliability;
    const auto factors =
        named_numbers<kOpinionCount>(setting, 0, kFactorMax, "from 0 to 4", "modality", opinion_from_name);
    if (!factors) return factors.error();
    std::array<float, kOpinionCount> reliability{};
    for (std::size_t m = 0; m < kOpinionCount; ++m)
        reliability[m] = (*factors)[m].value_or(1);
    return reliability;
}

}  // namespace bgm
