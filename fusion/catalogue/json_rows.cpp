#include "fusion/catalogue/json_rows.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fusion/catalogue/delimited_rows.hpp"

namespace bgm {
namespace {

constexpr int kJsonDepthMax = 16;

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string scalar_text(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return {};
}

std::string flat_text(const nlohmann::json& value) {
    std::string text;
    if (value.is_array()) {
        for (const auto& element : value)
            text.append(text.empty() ? "" : ";").append(scalar_text(element));
        return text;
    }
    if (value.is_object()) {
        for (const auto& [key, element] : value.items()) {
            text.append(text.empty() ? "" : ";").append(key).append(":").append(scalar_text(element));
        }
        return text;
    }
    return scalar_text(value);
}

const nlohmann::json* at_path(const nlohmann::json& row, std::string_view path) {
    const nlohmann::json* node = &row;
    // A key that holds dots itself is found before the dots are taken for a path.
    if (const auto whole = row.find(path); whole != row.end()) return &*whole;
    while (true) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        if (!node->is_object()) return nullptr;
        const auto found = node->find(path.substr(0, dot));
        if (found == node->end()) return nullptr;
        node = &*found;
        if (dot == path.size()) return node;
        path.remove_prefix(dot + 1);
    }
}

}  // namespace

JsonRows::JsonRows(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (text_.find('\n') == std::string_view::npos) line_end_ = '\r';
}

JsonRows::Outcome JsonRows::next() {
    const Outcome outcome = dialect_ == Dialect::lines ? next_line() : next_element();
    if (outcome == Outcome::row && row_.size() > kCatalogueRowBytesMax) {
        reason_ = "row longer than 1 MiB";
        return Outcome::malformed;
    }
    return outcome;
}

JsonRows::Outcome JsonRows::next_line() {
    while (position_ < text_.size()) {
        const std::size_t line_end = std::min(text_.find(line_end_, position_), text_.size());
        row_ = text_.substr(position_, line_end - position_);
        row_line_ = line_++;
        position_ = line_end + 1;
        if (!std::all_of(row_.begin(), row_.end(), blank)) return Outcome::row;
    }
    return Outcome::end;
}

// An element is cut out by counting braces outside strings; whether it is JSON inside is for values() to say.
JsonRows::Outcome JsonRows::next_element() {
    for (; position_ < text_.size(); ++position_) {
        const char c = text_[position_];
        if (c == '\n') ++line_;
        if (c == '{') break;
        if (!blank(c) && c != '[' && c != ']' && c != ',') {
            row_line_ = line_;
            reason_ = "expected an object of the array here";
            position_ = text_.size();
            return Outcome::malformed;
        }
    }
    if (position_ >= text_.size()) return Outcome::end;
    const std::size_t begin = position_;
    row_line_ = line_;
    int depth = 0;
    bool in_string = false;
    for (; position_ < text_.size(); ++position_) {
        const char c = text_[position_];
        if (c == '\n') ++line_;
        if (in_string) {
            if (c == '\\') {
                ++position_;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            ++position_;
            row_ = text_.substr(begin, position_ - begin);
            return Outcome::row;
        }
    }
    reason_ = "an object is opened here and never closed";
    position_ = text_.size();
    return Outcome::malformed;
}

bool JsonRows::values(std::span<const std::string> paths, std::span<std::string> texts) {
    nlohmann::json row;
    bool too_deep = false;
    try {
        row = nlohmann::json::parse(row_, [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
            too_deep = too_deep || depth > kJsonDepthMax;
            return depth <= kJsonDepthMax;
        });
    } catch (const nlohmann::json::exception& error) {
        const std::string_view what = error.what();
        const std::size_t detail = what.rfind("column ");
        reason_ = "not JSON";
        if (detail != std::string_view::npos)
            reason_.append(" (at ").append(what.substr(detail, 48)).append(")");
        return false;
    }
    if (too_deep || !row.is_object()) {
        reason_ = too_deep ? "nested too deeply" : "not a JSON object";
        return false;
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
        texts[i].clear();
        if (paths[i].empty()) continue;
        if (const nlohmann::json* value = at_path(row, paths[i])) texts[i] = flat_text(*value);
    }
    return true;
}

}  // namespace bgm
