#include "daemon/store/analysis_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "daemon/store/analysis_rows.hpp"
#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"

namespace bgm {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are written as they lie in memory");

constexpr std::size_t kPageRows = 2'000;
constexpr std::size_t kModelCharacters = 100;
constexpr std::string_view kPath = "track_analysis";
constexpr std::string_view kColumns =
    "track_id, model, analysed_at, file_bytes, file_sha256, seconds, loudness_lufs, range_lu, tempo_bpm, "
    "tempo_confidence, key_tonic, key_minor, key_confidence, energy, speech, moment_ms, moods, valence, "
    "arousal, windows, beats, embedding_model, embedding, fingerprint";

Status check(const TrackAnalysis& analysis) {
    const std::string path(kPath);
    Status status =
        first_failure({check_id(analysis.track_id, path, "track_id"),
                       check_text(analysis.model, kModelCharacters, path, "model"),
                       check_text(analysis.embedding_model, kModelCharacters, path, "embedding_model")});
    if (!status) return status;
    struct Column {
        std::string_view name;
        float value;
    };
    for (const Column& column : {Column{"seconds", analysis.seconds},
                                 {"loudness_lufs", analysis.loudness_lufs},
                                 {"range_lu", analysis.range_lu},
                                 {"tempo_bpm", analysis.tempo_bpm},
                                 {"tempo_confidence", analysis.tempo_confidence},
                                 {"key_confidence", analysis.key_confidence},
                                 {"energy", analysis.energy},
                                 {"speech", analysis.speech},
                                 {"valence", analysis.mood.affect.valence},
                                 {"arousal", analysis.mood.affect.arousal}}) {
        if (!std::isfinite(column.value)) return refused(path, column.name, "not a number");
    }
    if (analysis.key_tonic > 11) return refused(path, "key_tonic", "not a pitch class");
    if (analysis.file_sha256.size() != 64) return refused(path, "file_sha256", "not a digest");
    return ok_status();
}

void append_moods(std::string& json, const MoodDistribution& moods) {
    json.push_back('{');
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        if (mood > 0) json.push_back(',');
        append_json_text(json, name(static_cast<Mood>(mood)));
        json.push_back(':');
        append_json_number(json, moods.at(mood));
    }
    json.push_back('}');
}

std::string windows_json(const std::vector<TrackAnalysis::Window>& windows) {
    std::string json = "[";
    for (const TrackAnalysis::Window& window : windows) {
        json += &window == windows.data() ? "{\"start_s\":" : ",{\"start_s\":";
        append_json_number(json, window.start_s);
        json += ",\"quality\":";
        append_json_number(json, window.quality);
        json += ",\"valence\":";
        append_json_number(json, window.mood.affect.valence);
        json += ",\"arousal\":";
        append_json_number(json, window.mood.affect.arousal);
        json += ",\"moods\":";
        append_moods(json, window.mood.moods);
        json.push_back('}');
    }
    return json + "]";
}

std::string beats_json(const std::vector<float>& beats_s) {
    std::string json = "[";
    for (const float beat : beats_s) {
        if (json.size() > 1) json.push_back(',');
        append_json_number(json, beat);
    }
    return json + "]";
}

template <typename Number>
std::string_view bytes_of(const std::vector<Number>& numbers) {
    const auto bytes = std::as_bytes(std::span(numbers));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

float float_of(const nlohmann::json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<float>() : 0;
}

MoodDistribution moods_of(const nlohmann::json& object) {
    MoodDistribution moods{};
    if (!object.is_object()) return moods;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood)
        moods.at(mood) = float_of(object, name(static_cast<Mood>(mood)));
    return moods;
}

std::vector<TrackAnalysis::Window> windows_of(const nlohmann::json& list) {
    std::vector<TrackAnalysis::Window> windows;
    if (!list.is_array()) return windows;
    for (const auto& each : list) {
        if (!each.is_object()) continue;
        const auto moods = each.find("moods");
        windows.push_back({.start_s = float_of(each, "start_s"),
                           .quality = float_of(each, "quality"),
                           .mood = {.moods = moods_of(moods != each.end() ? *moods : nlohmann::json()),
                                    .affect = {.valence = float_of(each, "valence"),
                                               .arousal = float_of(each, "arousal")}}});
    }
    return windows;
}

std::vector<float> beats_of(const nlohmann::json& list) {
    std::vector<float> beats;
    if (!list.is_array()) return beats;
    for (const auto& each : list) {
        if (each.is_number()) beats.push_back(each.get<float>());
    }
    return beats;
}

nlohmann::json json_of(const std::optional<std::string>& column) {
    return nlohmann::json::parse(column.value_or(""), nullptr, false);
}

std::string insert_statement(const TrackAnalysis& analysis) {
    std::string sql = "INSERT INTO track_analysis (" + std::string(kColumns) + ") VALUES (";
    const auto text = [&](std::string_view value) {
        append_sql_text(sql, value);
        sql.push_back(',');
    };
    const auto number = [&](auto value) {
        append_sql_number(sql, value);
        sql.push_back(',');
    };
    text(analysis.track_id);
    text(analysis.model);
    append_sql_time(sql, analysis.analysed_ms / 1000,
                    static_cast<std::int32_t>(analysis.analysed_ms % 1000) * 1'000'000);
    sql.push_back(',');
    number(analysis.file_bytes);
    text(analysis.file_sha256);
    for (const float value : {analysis.seconds, analysis.loudness_lufs, analysis.range_lu, analysis.tempo_bpm,
                              analysis.tempo_confidence})
        number(value);
    number(std::uint64_t{analysis.key_tonic});
    number(std::uint64_t{analysis.key_minor});
    for (const float value : {analysis.key_confidence, analysis.energy, analysis.speech})
        number(value);
    number(std::uint64_t{analysis.moment_ms});
    std::string moods;
    append_moods(moods, analysis.mood.moods);
    text(moods);
    number(analysis.mood.affect.valence);
    number(analysis.mood.affect.arousal);
    text(windows_json(analysis.windows));
    text(beats_json(analysis.beats_s));
    text(analysis.embedding_model);
    append_sql_bytes(sql, bytes_of(analysis.embedding));
    sql.push_back(',');
    append_sql_bytes(sql, bytes_of(analysis.fingerprint));
    return sql + ")" + sql_update_clause(kColumns);
}

TrackAnalysis analysis_from_row(MySqlRow row) {
    TrackAnalysis analysis;
    analysis.track_id = row[0].value_or("");
    analysis.model = row[1].value_or("");
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    if (parse_sql_time(row[2].value_or(""), seconds, nanoseconds))
        analysis.analysed_ms = seconds * 1000 + nanoseconds / 1'000'000;
    analysis.file_bytes = sql_number<std::uint64_t>(row[3]);
    analysis.file_sha256 = row[4].value_or("");
    analysis.seconds = sql_number<float>(row[5]);
    analysis.loudness_lufs = sql_number<float>(row[6]);
    analysis.range_lu = sql_number<float>(row[7]);
    analysis.tempo_bpm = sql_number<float>(row[8]);
    analysis.tempo_confidence = sql_number<float>(row[9]);
    analysis.key_tonic = std::min(sql_number<std::uint32_t>(row[10]), 11U);
    analysis.key_minor = row[11].value_or("0") != "0";
    analysis.key_confidence = sql_number<float>(row[12]);
    analysis.energy = sql_number<float>(row[13]);
    analysis.speech = sql_number<float>(row[14]);
    analysis.moment_ms = sql_number<std::uint32_t>(row[15]);
    analysis.mood.moods = moods_from_json(row[16]);
    analysis.mood.affect = {.valence = sql_number<float>(row[17]), .arousal = sql_number<float>(row[18])};
    analysis.windows = windows_of(json_of(row[19]));
    analysis.beats_s = beats_of(json_of(row[20]));
    analysis.embedding_model = row[21].value_or("");
    analysis.embedding = numbers_from_hex<float>(row[22]);
    analysis.fingerprint = numbers_from_hex<std::uint32_t>(row[23]);
    return analysis;
}

}  // namespace

MoodDistribution moods_from_json(const std::optional<std::string>& column) {
    return moods_of(json_of(column));
}

Result<bool> AnalysisTable::claim() {
    if (Status status = connection_.connect(); !status) return status.error();
    // There two programs at once only do it twice.
    if (connection_.galera()) return true;
    bool claimed = false;
    // The lock is the server's: its name holds the database's, as short as a name of a lock has to be.
    Status status = connection_.query("SELECT GET_LOCK(CONCAT('bgm-analysis-', MD5(DATABASE())), 0)",
                                      [&](MySqlRow row) { claimed = row[0].value_or("") == "1"; });
    if (!status) return status.error();
    return claimed;
}

Status AnalysisTable::upsert(const TrackAnalysis& analysis) {
    if (Status status = check(analysis); !status) return status;
    const std::string sql = insert_statement(analysis);
    return in_transaction(connection_, [&](int) -> Status { return connection_.run(sql); });
}

Result<std::optional<TrackAnalysis>> AnalysisTable::find(std::string_view track_id) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string columns(kColumns);
    columns.replace(columns.find("embedding, fingerprint"), std::string::npos,
                    "HEX(embedding), HEX(fingerprint)");
    std::string sql = "SELECT " + columns + " FROM track_analysis WHERE track_id = ";
    append_sql_text(sql, track_id);
    std::optional<TrackAnalysis> found;
    Status status = connection_.query(sql, [&](MySqlRow row) { found = analysis_from_row(row); });
    if (!status) return status.error();
    return found;
}

Result<std::vector<AnalysedFile>> AnalysisTable::files() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<AnalysedFile> files;
    std::size_t rows = kPageRows;
    while (rows == kPageRows) {
        std::string sql =
            "SELECT track_id, model, embedding_model, file_bytes, file_sha256 FROM track_analysis";
        if (!files.empty()) {
            sql += " WHERE track_id > ";
            append_sql_text(sql, files.back().track_id);
        }
        sql += " ORDER BY track_id LIMIT ";
        append_sql_number(sql, std::uint64_t{kPageRows});
        rows = 0;
        Status status = connection_.query(sql, [&](MySqlRow row) {
            ++rows;
            files.push_back({.track_id = row[0].value_or(""),
                             .model = row[1].value_or(""),
                             .embedding_model = row[2].value_or(""),
                             .bytes = sql_number<std::uint64_t>(row[3]),
                             .sha256 = row[4].value_or("")});
        });
        if (!status) return status.error();
    }
    return files;
}

}  // namespace bgm
