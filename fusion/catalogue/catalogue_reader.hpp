// Reads a catalogue, in whatever shape somebody has it, into Tracks.
//
// Pure: the caller brings the text (a mapped file, say) and takes each Track as it is read. Memory does not
// grow with the text, but for eight bytes a track to count repeated ids. A row that cannot be read is skipped
// and reported with its line, field and reason; only where no row at all could be read is the whole an error.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/catalogue/column_mapping.hpp"
#include "fusion/catalogue/table_shape.hpp"
#include "fusion/catalogue/track.hpp"
#include "fusion/catalogue/track_row.hpp"
#include "schemas/result.hpp"

namespace bgm {

enum class CatalogueFormat {
    csv,    // RFC 4180, with whatever separator
    tsv,    // tab-separated, without quoting
    jsonl,  // an object a line
    json,   // one array of objects
};

std::string_view name(CatalogueFormat format);
std::optional<CatalogueFormat> catalogue_format_from_name(std::string_view name);
/// By the ending of a file's name: .csv .txt .tsv .jsonl .ndjson .json
std::optional<CatalogueFormat> catalogue_format_of_file(std::string_view file_name);

struct RowError {
    std::size_t line = 0;  // on which the row began
    std::string field;     // empty: the row as a whole
    std::string reason;
};

/// A column that was read, under the name that the file has for it.
struct ColumnUse {
    TrackField field = TrackField::title;
    std::string column;
};

struct ReadReport {
    std::size_t row_count = 0;
    std::size_t track_count = 0;         // handed to the sink
    std::size_t without_mood_count = 0;  // of these, with no mood known
    /// Tracks whose id an earlier row had. All are handed on in order; a sink that upserts keeps the last.
    std::size_t repeated_count = 0;
    std::size_t error_count = 0;
    std::vector<RowError> errors;  // the first kRowErrorsKept
    // Of CSV and TSV, what was found:
    char separator = '\0';
    LineEnds line_ends = LineEnds::none;
    std::vector<ColumnUse> columns;
};
inline constexpr std::size_t kRowErrorsKept = 20;

/// `text` is UTF-8 (text_encoding.hpp). A CSV's separator and line ends are found out; a field that is mapped
/// to the column of its own name is also found under what people call it (header_names.hpp). Fails with
/// invalid_argument where a mapped column is not in the header or none holds the titles, with corrupt where
/// there are rows but none could be read. A text without rows is an empty, successful report.
Result<ReadReport> read_tracks(std::string_view text, CatalogueFormat format, const ColumnMapping& mapping,
                               const std::function<void(Track&&)>& sink);

}  // namespace bgm
