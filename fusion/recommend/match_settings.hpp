// What an operator may say of the score, as it stands in a configuration.
//
// Pure; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "fusion/recommend/match_request.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct MatchSettings {
    MatchWeights common{};
    std::map<std::string, MatchWeights, std::less<>> of_tenant{};
    bool guard =
        true;  // posts of death, illness, disaster or violence get no music that mocks them (guard.hpp)
    std::map<std::string, bool, std::less<>> guard_of_tenant{};

    const MatchWeights& of(std::string_view tenant) const {
        const auto own = of_tenant.find(tenant);
        return own == of_tenant.end() ? common : own->second;
    }
    bool guards(std::string_view tenant) const {
        const auto own = guard_of_tenant.find(tenant);
        return own == guard_of_tenant.end() ? guard : own->second;
    }
};

/// `common` is "mood=1, sound=0.5, words=0.25, taste=0.25", `tenants` "acme: sound=0; other: mood=1, sound=2,
/// guard=0"; either may be empty. `invalid_argument`, naming the entry, for what is no term, is named twice,
/// is no number from 0 to 100, or leaves nothing to score by.
Result<MatchSettings> read_match_settings(std::string_view common, std::string_view tenants);

}  // namespace bgm
