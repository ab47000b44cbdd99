#include "fusion/mood/pool_settings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bgm {
namespace {

// A mood of no share at all could never be answered.
constexpr float kShareMin = 0.001F;
constexpr float kFactorMax = 4.0F;
// Shares are measured and rounded: those of all 13 moods add up to 1 within this.
constexpr float kSumTolerance = 0.01F;

Error refuse(std::string_view entry, std::string_view why) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "'" + std::string(entry) + "' " + std::string(why)};
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// "a=1, b=2" by the places that `place` gives the names.
template <std::size_t kCount, typename Place>
Result<std::array<std::optional<float>, kCount>> entries(std::string_view setting, float least, float most,
                                                         std::string_view range, std::string_view kind,
                                                         Place place) {
    std::array<std::optional<float>, kCount> found{};
    while (!setting.empty()) {
        const std::size_t comma = std::min(setting.find(','), setting.size());
        const std::string_view entry = trimmed(setting.substr(0, comma));
        setting.remove_prefix(std::min(comma + 1, setting.size()));
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) return refuse(entry, "must be a name, = and a number");
        const auto at = place(trimmed(entry.substr(0, equals)));
        if (!at) return refuse(entry, "names no " + std::string(kind));
        auto& value = found[static_cast<std::size_t>(*at)];
        if (value) return refuse(entry, "is the second of its name");
        const std::string_view number = trimmed(entry.substr(equals + 1));
        float read = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), read);
        if (error != std::errc{} || end != number.data() + number.size() ||
            !(read >= least && read <= most)) {
            return refuse(entry, "needs a number " + std::string(range));
        }
        value = read;
    }
    return found;
}

}  // namespace

Result<MoodDistribution> read_prior(std::string_view setting) {
    if (trimmed(setting) == "uniform") return uniform_moods();
    if (trimmed(setting).empty()) return refuse(setting, "must be uniform or shares of moods");
    const auto shares = entries<kMoodCount>(setting, kShareMin, 1, "from 0.001 to 1", "mood", mood_from_name);
    if (!shares) return shares.error();
    float sum = 0;
    int unnamed = 0;
    for (const auto& share : *shares) {
        sum += share.value_or(0);
        unnamed += share ? 0 : 1;
    }
    const float left = unnamed > 0 ? (1 - sum) / static_cast<float>(unnamed) : 0;
    if (unnamed > 0 && left < kShareMin)
        return refuse(setting, "leaves nothing for the moods that it does not name");
    if (unnamed == 0 && (sum < 1 - kSumTolerance || sum > 1 + kSumTolerance))
        return refuse(setting, "names all moods, yet its shares do not add up to 1");
    MoodDistribution prior{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        prior[k] = (*shares)[k].value_or(left);
    return prior;
}

Result<std::array<float, kModalityCount>> read_reliability(std::string_view setting) {
    if (trimmed(setting).empty()) return PoolOptions{}.reliability;
    const auto factors =
        entries<kModalityCount>(setting, 0, kFactorMax, "from 0 to 4", "modality", modality_from_name);
    if (!factors) return factors.error();
    std::array<float, kModalityCount> reliability{};
    for (std::size_t m = 0; m < kModalityCount; ++m)
        reliability[m] = (*factors)[m].value_or(1);
    return reliability;
}

}  // namespace bgm
