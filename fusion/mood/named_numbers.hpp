// Settings of the form "a=1, b=2".
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/ascii.hpp"
#include "schemas/result.hpp"

namespace bgm {

inline Error refuse_setting(std::string_view entry, std::string_view why) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "'" + std::string(entry) + "' " + std::string(why)};
}

/// "a=1, b=2" by the places that `place` gives the names.
template <std::size_t kCount, typename Place>
Result<std::array<std::optional<float>, kCount>> named_numbers(std::string_view setting, float least,
                                                               float most, std::string_view range,
                                                               std::string_view kind, Place place) {
    std::array<std::optional<float>, kCount> found{};
    while (!setting.empty()) {
        const std::size_t comma = std::min(setting.find(','), setting.size());
        const std::string_view entry = trimmed(setting.substr(0, comma));
        setting.remove_prefix(std::min(comma + 1, setting.size()));
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) return refuse_setting(entry, "must be a name, = and a number");
        const auto at = place(trimmed(entry.substr(0, equals)));
        if (!at) return refuse_setting(entry, "names no " + std::string(kind));
        auto& value = found[static_cast<std::size_t>(*at)];
        if (value) return refuse_setting(entry, "is the second of its name");
        const std::string_view number = trimmed(entry.substr(equals + 1));
        const auto read = number_from<float>(number);
        if (!read || !(*read >= least && *read <= most))
            return refuse_setting(entry, "needs a number " + std::string(range));
        value = read;
    }
    return found;
}

}  // namespace bgm
