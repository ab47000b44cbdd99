#include "fusion/recommend/match_settings.hpp"

#include <array>
#include <optional>

#include "fusion/mood/named_numbers.hpp"

namespace bgm {
namespace {

constexpr float kWeightMax = 100;
constexpr std::array<std::string_view, 4> kTerms{"mood", "sound", "words", "taste"};

// Of a tenant only: for all of them it is a setting of its own.
constexpr std::string_view kGuard = "guard";

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
    weights.words = (*found)[2].value_or(weights.words);
    weights.taste = (*found)[3].value_or(weights.taste);
    // Most posts have no music of their own: by sound alone all tracks would be alike to them.
    if (!(weights.mood > 0)) return refuse_setting(setting, "leaves the mood no weight");
    return weights;
}

/// Keeps the tenant's "guard=0" or "guard=1", and leaves the rest of its entry in `weights`.
Status take_guard(MatchSettings& settings, std::string_view tenant, std::string_view entry,
                  std::string& weights) {
    while (!entry.empty()) {
        const std::size_t comma = std::min(entry.find(','), entry.size());
        const std::string_view one = entry.substr(0, comma);
        entry.remove_prefix(std::min(comma + 1, entry.size()));
        const std::size_t equals = std::min(one.find('='), one.size());
        if (trimmed(one.substr(0, equals)) != kGuard) {
            if (!weights.empty()) weights += ',';
            weights += one;
            continue;
        }
        const std::string_view value = trimmed(one.substr(std::min(equals + 1, one.size())));
        if (value != "0" && value != "1") return refuse_setting(one, "must be 0 or 1");
        if (!settings.guard_of_tenant.emplace(tenant, value == "1").second)
            return refuse_setting(one, "is the second of its name");
    }
    return ok_status();
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
        std::string weights_alone;
        if (Status guard = take_guard(settings, tenant, entry.substr(colon + 1), weights_alone); !guard)
            return guard.error();
        auto own = read_weights(weights_alone, settings.common);
        if (!own) return own.error();
        if (!settings.of_tenant.emplace(tenant, *own).second)
            return refuse_setting(tenant, "is the second of its name");
    }
    return settings;
}

}  // namespace bgm
