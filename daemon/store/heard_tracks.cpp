#include "daemon/store/heard_tracks.hpp"

#include <algorithm>
#include <array>

#include "daemon/store/analysis_rows.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/track_rows.hpp"
#include "daemon/store/track_table.hpp"
#include "daemon/store/transaction.hpp"

namespace bgm {
namespace {

constexpr std::string_view kHeardColumns =
    "a.model, a.seconds, a.loudness_lufs, a.tempo_bpm, a.key_tonic, a.key_minor, a.key_confidence, a.speech, "
    "a.moment_ms, a.moods, a.valence, a.arousal, a.embedding_model, HEX(a.embedding)";

std::string of_track(std::string_view columns) {
    std::string all = "t.";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        all.push_back(columns[i]);
        if (columns[i] == ' ' && i + 1 < columns.size()) all += "t.";
    }
    return all;
}

TrackSound sound_from_row(MySqlRow row) {
    TrackSound sound;
    sound.seconds = sql_number<float>(row[1]);
    sound.loudness_lufs = sql_number<float>(row[2]);
    sound.tempo_bpm = sql_number<float>(row[3]);
    // A key that nothing speaks for is none.
    if (sql_number<float>(row[6]) > 0)
        sound.key = key_code(std::min(sql_number<std::uint32_t>(row[4]), 11U), row[5].value_or("0") != "0");
    sound.speech = sql_number<float>(row[7]);
    sound.moment_ms = sql_number<std::uint32_t>(row[8]);
    sound.moods = moods_from_json(row[9]);
    sound.affect = {.valence = sql_number<float>(row[10]), .arousal = sql_number<float>(row[11])};
    sound.embedding_model = row[12].value_or("");
    sound.embedding = numbers_from_hex<float>(row[13]);
    return sound;
}

/// The rows of `select`, which begins with t.track_id and ends in a condition, a page at a time.
template <typename OnRow>
Status by_pages(MySqlConnection& connection, const std::string& select, const TrackPages& pages,
                const OnRow& on_row) {
    std::string after;
    for (bool first = true;; first = false) {
        std::string sql = select;
        if (!first) {
            sql += " AND t.track_id > ";
            append_sql_text(sql, after);
        }
        sql += " ORDER BY t.track_id LIMIT ";
        append_sql_number(sql, std::uint64_t{pages.rows});
        std::size_t rows = 0;
        Status status = connection.query(sql, [&](MySqlRow row) {
            ++rows;
            after = row[0].value_or("");
            on_row(row);
        });
        if (!status) return status;
        if (rows < pages.rows) return ok_status();
        if (pages.between && !pages.between()) return ok_status();
    }
}

}  // namespace

Result<std::string> HeardTracks::version() {
    auto tracks = TrackTable(connection_).version();
    if (!tracks) return tracks;
    std::string version;
    Status status = connection_.query(
        "SELECT COUNT(*), MAX(analysed_at), SUM(TIMESTAMPDIFF(MICROSECOND, '2020-01-01', analysed_at)) FROM "
        "track_analysis FORCE INDEX (track_analysis_by_time)",
        [&](MySqlRow row) {
            for (const auto& column : row)
                version += "/" + column.value_or("-");
        });
    if (!status) return status.error();
    return *tracks + version;
}

Status HeardTracks::for_each(std::string_view model, const OnTrack& on_track, const TrackPages& pages) {
    return in_snapshot(connection_, [&] { return read_pages(model, on_track, pages); });
}

Status HeardTracks::read_pages(std::string_view model, const OnTrack& on_track, const TrackPages& pages) {
    const std::size_t track_columns =
        static_cast<std::size_t>(std::count(kTrackColumns.begin(), kTrackColumns.end(), ',') + 1);
    const std::string select =
        "SELECT " + of_track(kTrackColumns) + ", " + std::string(kHeardColumns) +
        " FROM tracks t LEFT JOIN track_analysis a ON a.track_id = t.track_id WHERE t.active = 1";
    return by_pages(connection_, select, pages, [&](MySqlRow row) {
        const MySqlRow heard = row.subspan(track_columns);
        const std::string heard_by = heard[0].value_or("");
        if (heard_by != model) return on_track(track_from_row(row), nullptr, heard_by);
        const TrackSound sound = sound_from_row(heard);
        on_track(track_from_row(row), &sound, heard_by);
    });
}

Result<std::map<std::string, std::uint64_t>> HeardTracks::with_moods(std::string_view model) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string sql =
        "SELECT a.embedding_model, COUNT(*) FROM tracks t JOIN track_analysis a ON a.track_id = t.track_id "
        "WHERE t.active = 1 AND JSON_LENGTH(t.moods) > 0 AND a.embedding_model <> '' AND a.model = ";
    append_sql_text(sql, model);
    sql += " GROUP BY a.embedding_model";
    std::map<std::string, std::uint64_t> counts;
    Status status = connection_.query(
        sql, [&](MySqlRow row) { counts[row[0].value_or("")] = sql_number<std::uint64_t>(row[1]); });
    if (!status) return status.error();
    return counts;
}

Status HeardTracks::for_each_fingerprint(std::string_view model, const OnFingerprint& on_fingerprint) {
    if (Status status = connection_.connect(); !status) return status;
    std::string select =
        "SELECT t.track_id, t.title, t.artist, a.seconds, HEX(a.fingerprint) FROM tracks t LEFT JOIN "
        "track_analysis a ON a.track_id = t.track_id AND a.model = ";
    append_sql_text(select, model);
    select += " WHERE t.active = 1";
    return by_pages(connection_, select, {}, [&](MySqlRow row) {
        on_fingerprint({.track_id = row[0].value_or(""),
                        .title = row[1].value_or(""),
                        .artist = row[2].value_or(""),
                        .seconds = sql_number<float>(row[3]),
                        .fingerprint = numbers_from_hex<std::uint32_t>(row[4])});
    });
}

}  // namespace bgm
