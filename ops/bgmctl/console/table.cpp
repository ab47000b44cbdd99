#include "ops/bgmctl/console/table.hpp"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utext.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <ostream>

namespace bgm {
namespace {

constexpr UChar32 kReplacement = 0xFFFD;
constexpr UChar32 kEmojiVariation = 0xFE0F;

std::size_t code_point_width(UChar32 c) {
    switch (u_charType(c)) {
        case U_NON_SPACING_MARK:
        case U_ENCLOSING_MARK:
        case U_FORMAT_CHAR:
            return 0;
        default:
            break;
    }
    const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    if (width == U_EA_WIDE || width == U_EA_FULLWIDTH) return 2;
    // Vowels and finals of a decomposed Korean syllable are drawn into the cells of its first consonant.
    const int jamo = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
    if (jamo == U_HST_VOWEL_JAMO || jamo == U_HST_TRAILING_JAMO) return 0;
    return 1;
}

/// Cells of one grapheme cluster: the widest of its characters, as terminals draw them over each other.
std::size_t cluster_width(const icu::UnicodeString& text, int32_t begin, int32_t end) {
    std::size_t widest = 0;
    int regional = 0;
    for (int32_t i = begin; i < end; i = text.moveIndex32(i, 1)) {
        const UChar32 c = text.char32At(i);
        if (u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR)) ++regional;
        if (c == kEmojiVariation) widest = std::max<std::size_t>(widest, 2);
        widest = std::max(widest, code_point_width(c));
    }
    return regional >= 2 ? 2 : widest;
}

/// Calls visit(begin, end, width) for every grapheme cluster until it returns false.
template <typename Visit>
void for_each_cluster(const icu::UnicodeString& text, Visit visit) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::BreakIterator> breaks(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) {  // ICU without its data: every character counts for itself
        for (int32_t i = 0; i < text.length();) {
            const int32_t end = text.moveIndex32(i, 1);
            if (!visit(i, end, code_point_width(text.char32At(i)))) return;
            i = end;
        }
        return;
    }
    breaks->setText(text);
    int32_t begin = breaks->first();
    for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; begin = end, end = breaks->next()) {
        if (!visit(begin, end, cluster_width(text, begin, end))) return;
    }
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

icu::UnicodeString to_unicode(std::string_view utf8) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    if (is_ascii(utf8)) return utf8.size();
    std::size_t width = 0;
    for_each_cluster(to_unicode(utf8), [&](int32_t, int32_t, std::size_t cells) {
        width += cells;
        return true;
    });
    return width;
}

std::string printable(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    icu::UnicodeString unicode = to_unicode(text);  // broken UTF-8 becomes U+FFFD here
    for (int32_t i = 0; i < unicode.length(); ++i) {
        const UChar32 c = unicode.char32At(i);
        // Directional overrides could make a line read other than it is.
        const bool bidi_control = u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) != 0;
        if (u_charType(c) == U_CONTROL_CHAR || bidi_control) {
            unicode.replace(i, 1, c == '\n' || c == '\t' ? UChar32{' '} : kReplacement);
        }
    }
    std::string clean;
    unicode.toUTF8String(clean);
    return clean;
}

std::string fit_width(std::string_view utf8, std::size_t width_max) {
    if (display_width(utf8) <= width_max) return std::string(utf8);
    if (width_max == 0) return {};
    const icu::UnicodeString text = to_unicode(utf8);
    std::size_t width = 0;
    int32_t cut = 0;
    for_each_cluster(text, [&](int32_t, int32_t end, std::size_t cells) {
        if (width + cells > width_max - 1) return false;
        width += cells;
        cut = end;
        return true;
    });
    std::string fitted;
    text.tempSubString(0, cut).toUTF8String(fitted);
    return fitted + "…";
}

std::string bar(double share, std::size_t width) {
    static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double clamped = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
    const auto eighths = static_cast<std::size_t>(std::lround(clamped * static_cast<double>(width) * 8));
    std::string drawn;
    for (std::size_t i = 0; i < eighths / 8; ++i) {
        drawn += "█";
    }
    drawn += kEighths[eighths % 8];
    drawn.append(width - (eighths + 7) / 8, ' ');
    return drawn;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<std::string> cells) {
    assert(cells.size() <= columns_.size());
    cells.resize(columns_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i] = printable(cells[i]);
        if (columns_[i].width_max > 0) cells[i] = fit_width(cells[i], columns_[i].width_max);
    }
    rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = display_width(columns_[i].title);
        for (const auto& row : rows_) {
            widest = std::max(widest, display_width(row[i]));
        }
        widths.push_back(widest);
    }
    const auto print_line = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string& cell = cell_of(i);
            const std::string padding(widths[i] - display_width(cell), ' ');
            if (i > 0) line += "  ";
            line += columns_[i].align == Align::right ? padding + cell : cell + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    };
    print_line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
    for (const auto& row : rows_) {
        print_line([&](std::size_t i) -> const std::string& { return row[i]; });
    }
}

}  // namespace bgm
