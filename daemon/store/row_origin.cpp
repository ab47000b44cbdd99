#include "daemon/store/row_origin.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace bgm {

std::string RowOrigin::to_string() const {
    std::string path = std::string(batch) + "[" + std::to_string(index) + "]";
    if (track) path += ".tracks[" + std::to_string(*track) + "]";
    return path;
}

std::optional<RefusedRow> refused_row(const Error& error) {
    if (error.code != ErrorCode::invalid_argument && error.code != ErrorCode::too_large) return {};
    using enum RefusedRow::Kind;
    constexpr std::array<std::pair<std::string_view, RefusedRow::Kind>, 4> batches{
        {{"picks[", pick}, {"dead[", dead_letter}, {"tracks[", track}, {"feedback[", feedback}}};
    for (const auto& [prefix, kind] : batches) {
        if (!error.field.starts_with(prefix)) continue;
        RefusedRow row{kind, 0};
        const char* begin = error.field.data() + prefix.size();
        const auto [end, failure] =
            std::from_chars(begin, error.field.data() + error.field.size(), row.index);
        if (failure == std::errc{} && end != begin) return row;
    }
    return {};
}

}  // namespace bgm
