#include "fusion/catalogue/catalogue_reader.hpp"

#include <algorithm>

#include "fusion/catalogue/delimited_rows.hpp"
#include "fusion/catalogue/header_names.hpp"
#include "fusion/catalogue/json_rows.hpp"
#include "schemas/ascii.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

struct FormatRow {
    CatalogueFormat format;
    std::string_view name;
    std::string_view ending;
};

constexpr FormatRow kFormats[] = {
    {CatalogueFormat::csv, "csv", ".csv"},       {CatalogueFormat::tsv, "tsv", ".tsv"},
    {CatalogueFormat::jsonl, "jsonl", ".jsonl"}, {CatalogueFormat::jsonl, "jsonl", ".ndjson"},
    {CatalogueFormat::json, "json", ".json"},    {CatalogueFormat::csv, "csv", ".txt"},
};

// Gathers what every format has in common: making tracks, counting, keeping the first errors.
class Reading {
 public:
    Reading(const ColumnMapping& mapping, const std::function<void(Track&&)>& sink)
        : mapping_(mapping), sink_(sink) {}

    void take(std::size_t line, const TrackRow& row) {
        auto track = track_from_row(row, mapping_);
        if (!track) return reject(line, track.error().field, track.error().message);
        ++report_.row_count;
        ++report_.track_count;
        const bool moodless =
            std::all_of(track->moods.begin(), track->moods.end(), [](float weight) { return weight == 0; });
        report_.without_mood_count += moodless ? 1 : 0;
        id_hashes_.push_back(std::hash<std::string>{}(track->track_id));
        sink_(*std::move(track));
    }

    ReadReport& report() { return report_; }

    void reject(std::size_t line, std::string field, std::string reason) {
        ++report_.row_count;
        ++report_.error_count;
        if (report_.errors.size() < kRowErrorsKept) {
            report_.errors.push_back({line, std::move(field), std::move(reason)});
        }
    }

    Result<ReadReport> finish() {
        if (report_.track_count == 0 && report_.error_count > 0) {
            const RowError& first = report_.errors.front();
            return Error{ErrorCode::corrupt,
                         "none of " + std::to_string(report_.row_count) +
                             " rows could be read; the first, on line " + std::to_string(first.line) + ": " +
                             first.reason,
                         first.field};
        }
        std::sort(id_hashes_.begin(), id_hashes_.end());
        const auto distinct = std::unique(id_hashes_.begin(), id_hashes_.end()) - id_hashes_.begin();
        report_.repeated_count = id_hashes_.size() - static_cast<std::size_t>(distinct);
        return std::move(report_);
    }

 private:
    const ColumnMapping& mapping_;
    const std::function<void(Track&&)>& sink_;
    ReadReport report_;
    std::vector<std::size_t> id_hashes_;
};

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);
using ColumnIndex = std::array<std::size_t, kTrackFieldCount>;

std::optional<std::size_t> column_number(std::string_view text) {
    const auto number = number_from<std::size_t>(text);
    if (!number || *number < 1 || *number > kCatalogueColumnsMax) return std::nullopt;
    return *number - 1;
}

std::size_t column_called(TrackField field, const std::vector<std::string>& header) {
    const auto found = std::find_if(header.begin(), header.end(), [&](const std::string& cell) {
        return valid_utf8(cell) && field_of_header(cell) == field;
    });
    return found == header.end() ? kNoColumn : static_cast<std::size_t>(found - header.begin());
}

std::string list_of(const std::vector<std::string>& header) {
    std::string list;
    for (const std::string& cell : header) {
        if (list.size() < 400 && valid_utf8(cell)) list.append(list.empty() ? "" : ", ").append(cell);
    }
    return list;
}

// Without a title no row can be read: better one word on the header than one on every row.
Status check_columns(const ColumnIndex& index, const ColumnMapping& mapping,
                     const std::vector<std::string>& header, char separator) {
    const auto has = [&](TrackField field) { return index.at(static_cast<std::size_t>(field)) != kNoColumn; };
    const bool title = has(TrackField::title);
    if (title && (has(TrackField::artist) || has(TrackField::track_id))) return ok_status();
    const std::string what = title ? "no column holds the artist or a track_id" : "no column holds the title";
    const std::string field(name(title ? TrackField::artist : TrackField::title));
    if (!mapping.has_header) {
        return Error{ErrorCode::invalid_argument,
                     what + ": without a header, say its number (" + field + "=1)", field};
    }
    std::string there = header.size() == 1 ? "the only column (no comma, semicolon or tab separates any) is "
                                           : "separated by " + separator_name(separator) + " there are ";
    return Error{ErrorCode::invalid_argument,
                 what + "; " + there + list_of(header) + ". Say which one it is (" + field + "=COLUMN)",
                 field};
}

Result<ColumnIndex> find_columns(const ColumnMapping& mapping, const std::vector<std::string>& header) {
    ColumnIndex index;
    index.fill(kNoColumn);
    for (std::size_t i = 0; i < kTrackFieldCount; ++i) {
        const std::string& column = mapping.columns[i];
        if (column.empty()) continue;
        const auto named = std::find(header.begin(), header.end(), column);
        const bool own_name = column == name(static_cast<TrackField>(i));
        if (named != header.end()) {
            index[i] = static_cast<std::size_t>(named - header.begin());
        } else if (const auto number = column_number(column)) {
            index[i] = *number;
        } else if (own_name) {
            index[i] = column_called(static_cast<TrackField>(i), header);
        } else {
            // A field's own name stands for a column that may be there or not; any other is a statement about
            // the file.
            return Error{ErrorCode::invalid_argument,
                         mapping.has_header
                             ? "no column '" + column + "' in the header; there are " + list_of(header)
                             : "'" + column + "' is not a column number; the file is said to have no header",
                         std::string(name(static_cast<TrackField>(i)))};
        }
    }
    return index;
}

bool looks_like_json(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), text.size()));
    if (text.empty() || (text[0] != '{' && text[0] != '[')) return false;
    const std::size_t next = text.find_first_not_of(" \t\r\n", 1);
    return next != std::string_view::npos && text[next] == (text[0] == '{' ? '"' : '{');
}

// What a spreadsheet writes where a cell far to the right once held something.
bool only_empty_cells_more(const std::vector<std::string>& fields, const std::vector<std::string>& header) {
    return fields.size() > header.size() &&
           std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(header.size()), fields.end(),
                       [](const std::string& cell) { return cell.empty(); });
}

Result<ReadReport> read_delimited(std::string_view text, const TableShape& shape,
                                  const ColumnMapping& mapping, Reading& reading) {
    DelimitedRows rows(text.substr(shape.begin), shape.dialect);
    const auto line = [&] { return rows.line() + shape.lines_before; };
    reading.report().separator = shape.dialect.separator;
    reading.report().line_ends = shape.line_ends;
    std::vector<std::string> header;
    if (mapping.has_header) {
        const auto outcome = rows.next();
        if (outcome == DelimitedRows::Outcome::end) return reading.finish();
        if (outcome == DelimitedRows::Outcome::malformed) {
            return Error{ErrorCode::corrupt, std::string("the header: ") + rows.reason(), ""};
        }
        header = rows.fields();
    }
    const auto index = find_columns(mapping, header);
    if (!index) return index.error();
    if (auto enough = check_columns(*index, mapping, header, shape.dialect.separator); !enough)
        return enough.error();
    for (std::size_t i = 0; i < kTrackFieldCount; ++i) {
        if ((*index)[i] == kNoColumn) continue;
        const std::string number = std::to_string((*index)[i] + 1);
        reading.report().columns.push_back(
            {static_cast<TrackField>(i), (*index)[i] < header.size() ? header[(*index)[i]] : number});
    }
    TrackRow row;
    while (true) {
        const auto outcome = rows.next();
        if (outcome == DelimitedRows::Outcome::end) return reading.finish();
        if (outcome == DelimitedRows::Outcome::malformed) {
            reading.reject(line(), "", rows.reason());
            continue;
        }
        if (!header.empty() && rows.fields().size() != header.size() &&
            !only_empty_cells_more(rows.fields(), header)) {
            // A shifted row would put artists into titles without anybody noticing.
            reading.reject(line(), "",
                           std::to_string(rows.fields().size()) + " columns where the header has " +
                               std::to_string(header.size()));
            continue;
        }
        for (std::size_t i = 0; i < kTrackFieldCount; ++i) {
            row[i] = (*index)[i] < rows.fields().size() ? rows.fields()[(*index)[i]] : std::string{};
        }
        reading.take(line(), row);
    }
}

Result<ReadReport> read_json(std::string_view text, JsonRows::Dialect dialect, const ColumnMapping& mapping,
                             Reading& reading) {
    JsonRows rows(text, dialect);
    TrackRow row;
    while (true) {
        const auto outcome = rows.next();
        if (outcome == JsonRows::Outcome::end) return reading.finish();
        if (outcome == JsonRows::Outcome::row && rows.values(mapping.columns, row)) {
            reading.take(rows.line(), row);
        } else {
            reading.reject(rows.line(), "", rows.reason());
        }
    }
}

}  // namespace

std::string_view name(CatalogueFormat format) {
    return std::find_if(std::begin(kFormats), std::end(kFormats),
                        [&](const FormatRow& row) { return row.format == format; })
        ->name;
}

std::optional<CatalogueFormat> catalogue_format_from_name(std::string_view wanted) {
    for (const FormatRow& row : kFormats) {
        if (row.name == wanted) return row.format;
    }
    return std::nullopt;
}

std::optional<CatalogueFormat> catalogue_format_of_file(std::string_view file_name) {
    const std::string small = ascii_lower(file_name);  // old Windows programs write SONGS.CSV
    for (const FormatRow& row : kFormats) {
        if (small.ends_with(row.ending)) return row.format;
    }
    return std::nullopt;
}

Result<ReadReport> read_tracks(std::string_view text, CatalogueFormat format, const ColumnMapping& mapping,
                               const std::function<void(Track&&)>& sink) {
    if (format == CatalogueFormat::csv || format == CatalogueFormat::tsv) {
        if (looks_like_json(text)) {
            return Error{ErrorCode::invalid_argument, "this is JSON and no table; say --format json or jsonl",
                         "format"};
        }
        const TableShape shape =
            format == CatalogueFormat::csv ? shape_of_csv(text, mapping.columns) : shape_of_tsv(text);
        // Where the decimal comma is used, something else separates.
        ColumnMapping own = mapping;
        own.decimal_comma = own.decimal_comma || shape.dialect.separator != ',';
        Reading reading(own, sink);
        return read_delimited(text, shape, own, reading);
    }
    Reading reading(mapping, sink);
    switch (format) {
        case CatalogueFormat::jsonl:
            return read_json(text, JsonRows::Dialect::lines, mapping, reading);
        case CatalogueFormat::json:
            return read_json(text, JsonRows::Dialect::array, mapping, reading);
        default:
            break;
    }
    return Error{ErrorCode::internal, "no such catalogue format", ""};
}

}  // namespace bgm
