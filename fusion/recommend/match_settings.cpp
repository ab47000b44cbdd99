#include "fusion/recommend/match_settings.hpp"

#include <array>
#include <optional>

#include "fusion/mood/named_numbers.hpp"

namespace bgm {
namespace {

constexpr float kWeightMax = 100;
constexpr std::array<std::string_view, 3> kTerms{"mood", "sound", "taste"};

std::optional<std::size_t> term_from_name(std::string_view wanted) {
    for (std::size_t i = 0; i < kTerms.size(); ++i) {
        if (kTerms.at(i) == wanted) return i;
    }
    return std::nullopt;
}

Result<MatchWeights> read_weights(std::string_view setting, MatchWeights weights) {
    const auto found =
        named_numbers<kTerms.size()>(setting, 0, kWeightMax, "from 0 to 100", "term", term_from_name);
    if (!found) return found.error();
    weights.mood = (*found)[0].value_or(weights.mood);
    weights.sound = (*found)[1].value_or(weights.sound);
    weights.taste = (*found)[2].value_or(weights.taste);
    // Most posts have no music of their own: by sound alone all tracks would be alike to them.
    if (!(weights.mood > 0)) return refuse_setting(setting, "leaves the mood no weight");
    return weights;
}

}  // namespace

Result<MatchSettings> read_match_settings(std::string_view common, std::string_view tenants) {
    MatchSettings settings;
    auto weights = read_weights(common, {});
    if (!weights) return weights.error();
    settings.common = *weights;
    while (!trimmed(tenants).empty()) {
        const std::size_t end = std::min(tenants.find(';'), tenants.size());
        const std::string_view entry = trimmed(tenants.substr(0, end));
        tenants.remove_prefix(std::min(end + 1, tenants.size()));
        if (entry.empty()) continue;
        const std::size_t colon = entry.find(':');
        const std::string_view tenant = trimmed(entry.substr(0, std::min(colon, entry.size())));
        if (colon == std::string_view::npos || tenant.empty())
            return refuse_setting(entry, "must be a tenant, : and weights");
        auto own = read_weights(entry.substr(colon + 1), settings.common);
        if (!own) return own.error();
        if (!settings.of_tenant.emplace(tenant, *own).second)
            return refuse_setting(tenant, "is the second of its name");
    }
    return settings;
}

}  // namespace bgm
