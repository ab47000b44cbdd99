// How a CSV text is laid out: what separates its fields, how its lines end, where its header stands.
//
// Excel separates with what the system's region says: a comma in Korea and America, a semicolon in most of
// Europe, tabs in "Unicode text"; its line "sep=;" says so. Told from the first rows, by which separator
// gives a header of known names and rows as wide as it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fusion/catalogue/delimited_rows.hpp"

namespace bgm {

enum class LineEnds : std::uint8_t { none, lf, crlf, cr, mixed };
std::string_view name(LineEnds line_ends);

struct TableShape {
    DelimitedRows::Dialect dialect;
    LineEnds line_ends = LineEnds::none;
    std::size_t begin = 0;  // of the header, behind a byte order mark, a line "sep=;" and rows above it
    std::size_t lines_before = 0;  // of such lines
};

/// `wanted` are the headers that the caller knows by name, if any.
TableShape shape_of_csv(std::string_view text, std::span<const std::string> wanted);
/// Tabs, no quotes.
TableShape shape_of_tsv(std::string_view text);

/// For a person: "comma", "semicolon", "tab", "|".
std::string separator_name(char separator);

}  // namespace bgm
