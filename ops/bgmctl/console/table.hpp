// Text in columns on a terminal: Korean, emoji and combining marks take the cells that terminals give them.
//
// Cells may hold what strangers wrote: control characters (which could drive the terminal) and broken UTF-8
// are shown as U+FFFD. Not thread-safe; a Table belongs to whoever fills it.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

/// Terminal cells that the text takes: 2 for wide East Asian characters and emoji, 0 for what combines with
/// the character before, 1 for the rest. A grapheme cluster (family emoji, flag, conjoining jamo) counts
/// once.
std::size_t display_width(std::string_view utf8);

/// The text with control characters and broken UTF-8 replaced, safe to print on a terminal.
std::string printable(std::string_view text);

/// The longest prefix that fits, with "…" as its last cell where something was cut.
std::string fit_width(std::string_view utf8, std::size_t width_max);

/// A bar of `width` cells, `share` (0..1) of it filled, in eighths of a cell.
std::string bar(double share, std::size_t width);

class Table {
 public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
        std::size_t width_max = 0;  // 0 = as wide as its widest cell; longer cells are cut with "…"
    };

    explicit Table(std::vector<Column> columns);

    /// Missing cells are empty; more cells than columns is a programming error.
    void add_row(std::vector<std::string> cells);
    bool empty() const { return rows_.empty(); }

    /// A header line, then the rows, two spaces between columns, no trailing spaces.
    void print(std::ostream& out) const;

 private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace bgm
