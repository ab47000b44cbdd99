#include "schemas/strict_json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kNameBytesMax = 200;

JsonFault malformed(const std::string& whole, std::string message) {
    return {.error = {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = whole},
            .malformed = true};
}

// Where the parser is, and the first name that it has met twice.
class Place {
 public:
    bool see(json::parse_event_t event, const json& parsed) {
        using enum json::parse_event_t;
        switch (event) {
            case object_start:
            case array_start:
                next();
                if (levels_.size() == kDepthMax) too_deep_ = true;
                if (!too_deep_) levels_.push_back({.list = event == array_start, .name = {}, .names = {}});
                break;
            case object_end:
            case array_end:
                if (!too_deep_) levels_.pop_back();
                break;
            case key:
                if (!too_deep_) meet(parsed.get_ref<const std::string&>());
                break;
            case value:
                next();
                break;
        }
        return !too_deep_;
    }
    bool too_deep() const { return too_deep_; }
    const std::string& twice() const { return twice_; }

 private:
    struct Level {
        bool list = false;
        std::size_t items = 0;
        std::string name;
        std::set<std::string, std::less<>> names;
    };

    void next() {
        if (!levels_.empty() && levels_.back().list) ++levels_.back().items;
    }
    void meet(const std::string& name) {
        Level& level = levels_.back();
        level.name = name;
        if (level.names.insert(name).second || !twice_.empty()) return;
        for (const Level& each : levels_)
            twice_ = each.list ? twice_ + "[" + std::to_string(each.items - 1) + "]"
                               : joined_path(twice_, each.name);
    }

    std::vector<Level> levels_;
    std::string twice_;
    bool too_deep_ = false;
};

std::string place_of_byte(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte > 0 ? byte - 1 : 0);
    const std::size_t line_end = before.rfind('\n');
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t column = before.size() - (line_end == std::string_view::npos ? 0 : line_end + 1) + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

std::string joined_path(const std::string& path, std::string_view name) {
    std::string joined = path.empty() ? "" : path + ".";
    return joined.append(name.empty() ? "\"\"" : truncate_utf8(name, kNameBytesMax));
}

std::variant<json, JsonFault> read_strict_json(std::string_view text, const std::string& whole) {
    // The library steps over the one, and takes the other for the end.
    if (text.starts_with("\xEF\xBB\xBF"))
        return malformed(whole, "is no JSON: begins with a byte order mark");
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        return malformed(whole, "is no JSON: see " + place_of_byte(text, nul + 1));
    Place place;
    try {
        json document = json::parse(text, [&place](int, json::parse_event_t event, const json& parsed) {
            return place.see(event, parsed);
        });
        if (place.too_deep())
            return malformed(whole, "is nested more than " + std::to_string(kDepthMax) + " deep");
        if (!place.twice().empty())
            return JsonFault{.error = {.code = ErrorCode::invalid_argument,
                                       .message = "stands twice",
                                       .field = place.twice()}};
        return document;
    } catch (const json::parse_error& error) {
        return malformed(whole, "is no JSON: see " + place_of_byte(text, error.byte));
    } catch (const json::exception&) {
        return malformed(whole, "holds a number that no reader can hold");
    }
}

}  // namespace bgm
