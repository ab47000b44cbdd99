#include "daemon/store/reaction_rows.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/store/sql_text.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

std::optional<Reaction> reaction_of(const std::string& action) {
    constexpr std::array<std::pair<v1::Feedback::Action, Reaction>, 4> kReactions{
        {{v1::Feedback::PLAYED, Reaction::played},
         {v1::Feedback::SKIPPED, Reaction::skipped},
         {v1::Feedback::LIKED, Reaction::liked},
         {v1::Feedback::REPLACED, Reaction::replaced}}};
    for (const auto& [known, reaction] : kReactions) {
        if (v1::Feedback::Action_Name(known) == action) return reaction;
    }
    return std::nullopt;
}

std::int64_t milliseconds_of(const std::optional<std::string>& column) {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    if (!column || !parse_sql_time(*column, seconds, nanoseconds)) return 0;
    return seconds * 1000 + nanoseconds / 1'000'000;
}

std::string sql_time_of(std::int64_t milliseconds) {
    std::string sql;
    const std::int64_t seconds = std::max<std::int64_t>(milliseconds, 0) / 1000;
    append_sql_time(sql, seconds,
                    static_cast<std::int32_t>(std::max<std::int64_t>(milliseconds, 0) % 1000) * 1'000'000);
    return sql;
}

}  // namespace bgm
