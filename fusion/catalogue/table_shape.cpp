#include "fusion/catalogue/table_shape.hpp"

#include <algorithm>
#include <tuple>

#include "fusion/catalogue/header_names.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLookedAtBytes = 256 * 1024;
constexpr std::size_t kLookedAtRows = 50;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr char kSeparators[] = {',', ';', '\t', '|'};  // the first wins where nothing decides

LineEnds line_ends_of(std::string_view text, bool quotes) {
    std::size_t lf = 0;
    std::size_t crlf = 0;
    std::size_t cr = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quotes && text[i] == '"') quoted = !quoted;
        if (quoted) continue;
        if (text[i] == '\n') {
            ++(i > 0 && text[i - 1] == '\r' ? crlf : lf);
        } else if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] != '\n') {
            ++cr;
        }
    }
    if (lf + crlf + cr == 0) return LineEnds::none;
    if ((lf > 0) + (crlf > 0) + (cr > 0) > 1) return LineEnds::mixed;
    if (lf > 0) return LineEnds::lf;
    return crlf > 0 ? LineEnds::crlf : LineEnds::cr;
}

// How well a separator fits, best last: known headers, rows as wide as the header (of 100), columns.
using Fit = std::tuple<std::size_t, std::size_t, std::size_t>;

Fit fit(std::string_view text, char separator, std::span<const std::string> wanted) {
    DelimitedRows rows(text, {.separator = separator});
    if (rows.next() != DelimitedRows::Outcome::row) return {};
    const std::size_t width = rows.fields().size();
    if (width < 2) return {};
    std::size_t known = 0;
    for (const std::string& cell : rows.fields()) {
        const bool by_name = !cell.empty() && std::find(wanted.begin(), wanted.end(), cell) != wanted.end();
        known += by_name || field_of_header(cell) ? 1 : 0;
    }
    std::size_t as_wide = 0;
    std::size_t row_count = 0;
    for (; row_count < kLookedAtRows && rows.next() == DelimitedRows::Outcome::row; ++row_count)
        as_wide += rows.fields().size() == width ? 1 : 0;
    return {known, row_count == 0 ? 0 : as_wide * 100 / row_count, width};
}

// A report's name and its date above the header, as spreadsheets have them: the first row with a title and
// one more known name is the header. True where there is such a row below the first, which then begins the
// table.
bool skip_rows_above_header(std::string_view text, std::span<const std::string> wanted, TableShape& shape) {
    constexpr std::size_t kRowsAboveMax = 20;
    const std::size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const auto is = [&](TrackField field) {
        const auto index = static_cast<std::size_t>(field);
        return [own = index < wanted.size() ? wanted[index] : std::string(), field](const std::string& cell) {
            return !cell.empty() && (cell == own || field_of_header(cell) == field);
        };
    };
    const auto holds = [&](const std::vector<std::string>& cells, TrackField field) {
        return std::any_of(cells.begin(), cells.end(), is(field));
    };
    for (const char separator : kSeparators) {
        DelimitedRows rows(text, {.separator = separator});
        for (std::size_t row = 0; row <= kRowsAboveMax && rows.next() == DelimitedRows::Outcome::row; ++row) {
            const auto& cells = rows.fields();
            if (!holds(cells, TrackField::title) ||
                !(holds(cells, TrackField::artist) || holds(cells, TrackField::track_id))) {
                continue;
            }
            if (row == 0) return false;
            shape.dialect.separator = separator;
            shape.begin += mark + rows.begin();
            shape.lines_before += rows.line() - 1;
            return true;
        }
    }
    return false;
}

// "sep=;" alone on the first line; 0 where there is none.
char stated_separator(std::string_view line) {
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
    if (line.size() != 5) return '\0';
    const auto lower = [&](std::size_t i) { return static_cast<char>(line[i] | 0x20); };
    if (lower(0) != 's' || lower(1) != 'e' || lower(2) != 'p' || line[3] != '=') return '\0';
    return line[4] == '"' ? '\0' : line[4];
}

}  // namespace

std::string_view name(LineEnds line_ends) {
    switch (line_ends) {
        case LineEnds::lf:
            return "LF";
        case LineEnds::crlf:
            return "CRLF";
        case LineEnds::cr:
            return "CR";
        case LineEnds::mixed:
            return "mixed";
        case LineEnds::none:
            break;
    }
    return "none";
}

std::string separator_name(char separator) {
    switch (separator) {
        case ',':
            return "comma";
        case ';':
            return "semicolon";
        case '\t':
            return "tab";
        default:
            return std::string(1, separator);
    }
}

TableShape shape_of_csv(std::string_view text, std::span<const std::string> wanted) {
    TableShape shape;
    if (text.starts_with(kByteOrderMark)) shape.begin = kByteOrderMark.size();
    std::string_view seen = text.substr(shape.begin, kLookedAtBytes);
    const std::size_t line_end = std::min(seen.find_first_of("\r\n"), seen.size());
    if (const char stated = stated_separator(seen.substr(0, line_end)); stated != '\0') {
        shape.dialect.separator = stated;
        shape.lines_before = 1;
        const bool crlf = seen.substr(line_end).starts_with("\r\n");
        const std::size_t length = line_end + (line_end == seen.size() ? 0 : crlf ? 2 : 1);
        shape.begin += length;
        seen.remove_prefix(length);
        shape.line_ends = line_ends_of(seen, true);
        return shape;
    }
    shape.line_ends = line_ends_of(seen, true);
    if (skip_rows_above_header(seen, wanted, shape)) return shape;
    Fit best{};
    for (const char separator : kSeparators) {
        const Fit own = fit(seen, separator, wanted);
        if (own <= best) continue;
        best = own;
        shape.dialect.separator = separator;
    }
    return shape;
}

TableShape shape_of_tsv(std::string_view text) {
    TableShape shape;
    shape.line_ends = line_ends_of(text.substr(0, kLookedAtBytes), false);
    // A carriage return inside a field is none of its business unless nothing else ends the lines.
    shape.dialect = {.separator = '\t', .quotes = false, .lone_cr = shape.line_ends == LineEnds::cr};
    return shape;
}

}  // namespace bgm
