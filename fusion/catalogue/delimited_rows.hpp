// The rows of a CSV (RFC 4180) or TSV text, one at a time and without copying the text.
//
// CSV: fields may be quoted; a quoted field may hold separators, line ends and doubled quotes. TSV: no
// quoting, a quote is a character like any other. Lines end with LF or CRLF, where the dialect says so with
// CR, too; a byte order mark at the start is skipped; blank lines are not rows. A row with broken quoting is
// given as malformed, and reading goes on at the line after the one where it began, so that one stray quote
// costs one row and not the rest of the file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

/// No row of a catalogue is longer; what is, is a quote that was never closed, or hostile.
inline constexpr std::size_t kCatalogueRowBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kCatalogueColumnsMax = 1024;

class DelimitedRows {
 public:
    struct Dialect {
        char separator = ',';
        bool quotes = true;
        bool lone_cr = true;  // ends a line as LF does
    };
    enum class Outcome { row, malformed, end };

    /// `text` must outlive this object.
    DelimitedRows(std::string_view text, Dialect dialect);

    /// Reads the next row into fields(). After `malformed`, reason() says what was wrong.
    Outcome next();

    const std::vector<std::string>& fields() const { return fields_; }
    std::size_t line() const { return row_line_; }    // 1-based line on which the row began
    std::size_t begin() const { return row_start_; }  // of the row, in bytes behind the byte order mark
    const char* reason() const { return reason_; }

 private:
    Outcome malformed(const char* reason);
    Outcome read_row();
    bool take_quoted(std::string& field);
    bool at_line_end(std::size_t position) const;
    void skip_line_end();

    std::string_view text_;
    Dialect dialect_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
    std::size_t row_start_ = 0;
    std::size_t row_line_ = 1;
    std::vector<std::string> fields_;
    const char* reason_ = "";
};

}  // namespace bgm
