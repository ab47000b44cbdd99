#include "daemon/store/pick_rows.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/store/pick_json_columns.hpp"
#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"
#include "schemas/codec.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/one_line.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::uint32_t kTracksMax = 65'535;  // SMALLINT UNSIGNED position

Status check_finite(float value, const std::string& path, std::string_view column) {
    if (!std::isfinite(value)) return refused(path, column, "not a finite number");
    return ok_status();
}

Status check_finite(const google::protobuf::Map<std::string, float>& weights, const std::string& path,
                    std::string_view column) {
    const bool fine =
        std::ranges::all_of(weights, [](const auto& entry) { return std::isfinite(entry.second); });
    return fine ? ok_status() : Status(refused(path, column, "holds a weight that is not a finite number"));
}

// Within a JSON column: its text has no length, but must be UTF-8.
template <typename Entries, typename... Text>
Status check_entries(const Entries& entries, const std::string& path, std::string_view column, Text... text) {
    const bool fine =
        std::ranges::all_of(entries, [&](const auto& entry) { return (valid_utf8((entry.*text)()) && ...); });
    return fine ? ok_status() : Status(refused(path, column, "holds a text that is not UTF-8"));
}

Status check_facts(const google::protobuf::RepeatedPtrField<v1::Facts>& facts, const std::string& path) {
    for (const v1::Facts& one : facts) {
        if (Status status = check_finite(one.values(), path, "facts"); !status) return status;
    }
    return ok_status();
}

Status check_evidence(const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence,
                      const std::string& path) {
    for (const v1::Evidence& one : evidence) {
        for (const float value : {one.valence(), one.arousal(), one.precision(), one.felt()}) {
            if (Status status = check_finite(value, path, "evidence"); !status) return status;
        }
        if (Status status = check_finite(one.moods(), path, "evidence"); !status) return status;
    }
    return ok_status();
}

auto column_of(const google::protobuf::Timestamp& time) {
    return [&time](std::string& sql) { append_sql_time(sql, time.seconds(), time.nanos()); };
}

auto bytes_or_null(std::string_view bytes) {
    return [bytes](std::string& sql) {
        if (bytes.empty()) {
            sql += "NULL";
        } else {
            append_sql_bytes(sql, bytes);
        }
    };
}

const std::string& text_of(const std::optional<std::string>& column) {
    static const std::string empty;
    return column ? *column : empty;
}

void time_from(const std::optional<std::string>& column, google::protobuf::Timestamp* time) {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    if (!parse_sql_time(text_of(column), seconds, nanoseconds)) return;
    time->set_seconds(seconds);
    time->set_nanos(nanoseconds);
}

}  // namespace

Status check(const v1::Pick& pick, const std::string& path) {
    if (Status status = first_failure({
            check_id(pick.tenant(), path, "tenant"),
            check_id(pick.post_id(), path, "post_id"),
            check_text(pick.user_id(), kIdCharacters, path, "user_id"),
            check_text(pick.mood(), kCodeCharacters, path, "mood"),
            check_finite(pick.confidence(), path, "confidence"),
            check_finite(pick.valence(), path, "valence"),
            check_finite(pick.arousal(), path, "arousal"),
            check_finite(pick.moods(), path, "moods"),
            check_finite(pick.modalities(), path, "modalities"),
            check_entries(pick.degraded(), path, "degraded", &v1::Degraded::modality, &v1::Degraded::asset_id,
                          &v1::Degraded::code, &v1::Degraded::message),
            check_entries(pick.captions(), path, "captions", &v1::Caption::asset_id, &v1::Caption::text),
            check_entries(pick.facts(), path, "facts", &v1::Facts::asset_id, &v1::Facts::modality,
                          &v1::Facts::model, &v1::Facts::text, &v1::Facts::summary),
            check_facts(pick.facts(), path),
            check_entries(pick.evidence(), path, "evidence", &v1::Evidence::modality, &v1::Evidence::asset_id,
                          &v1::Evidence::model),
            check_evidence(pick.evidence(), path),
            check_text(pick.language(), kLanguageCharacters, path, "language"),
            check_text(pick.model(), kModelCharacters, path, "model"),
            check_time(pick.picked_at(), path, "picked_at"),
        });
        !status) {
        return status;
    }
    if (static_cast<std::uint32_t>(pick.tracks_size()) > kTracksMax) {
        return refused(path, "tracks", "more than 65535 tracks");
    }
    for (int at = 0; at < pick.tracks_size(); ++at) {
        const v1::PickTrack& track = pick.tracks(at);
        const v1::Reason& reason = track.reason();
        const bool finite = std::isfinite(track.score()) && std::isfinite(reason.mood_match()) &&
                            std::isfinite(reason.affect_match()) && std::isfinite(reason.sound_match()) &&
                            std::isfinite(reason.words_match()) && std::isfinite(reason.taste_match()) &&
                            std::isfinite(reason.chance());
        const std::string& id = track.track_id();
        if (finite && !id.empty() && id.size() <= kIdCharacters && id.back() != ' ' && valid_utf8(id))
            continue;
        const std::string track_path = path + ".tracks[" + std::to_string(at) + "]";
        if (!finite) return refused(track_path, "score", "or its reason is not a finite number");
        if (Status status = check_id(id, track_path, "track_id"); !status) return status;
    }
    return ok_status();
}

Status check(const v1::DeadLetter& dead, const std::string& path) {
    return first_failure({
        check_id(dead.tenant(), path, "tenant"),
        check_id(dead.post_id(), path, "post_id"),
        check_text(dead.stage(), kCodeCharacters, path, "stage"),
        check_text(dead.code(), kCodeCharacters, path, "code"),
        check_time(dead.died_at(), path, "died_at"),
    });
}

void append_row(std::string& sql, const v1::Pick& pick, const RowHistory& history, std::string& scratch) {
    const auto json = [&](const auto& entries, auto append) {
        return [&scratch, &entries, append](std::string& statement) {
            scratch.clear();
            append(scratch, entries);
            append_sql_text(statement, scratch);
        };
    };
    const auto json_or_null = [&](const auto& entries, auto append) {
        return [column = json(entries, append), &entries](std::string& statement) {
            if (entries.empty()) {
                statement += "NULL";
            } else {
                column(statement);
            }
        };
    };
    const auto created = [&](std::string& statement) {
        if (pick.has_created_at()) {
            column_of(pick.created_at())(statement);
        } else {
            statement += "NULL";
        }
    };
    append_sql_row(
        sql, pick.tenant(), pick.post_id(), history.revision, pick.user_id(), pick.mood(), pick.confidence(),
        pick.ambiguous(), pick.valence(), pick.arousal(), json(pick.moods(), append_mood_weights),
        json(pick.modalities(), append_modality_weights), json(pick.degraded(), append_degraded),
        json(pick.likely_moods(), append_texts), pick.language(), pick.model(), created,
        column_of(pick.picked_at()), json_or_null(pick.captions(), append_captions),
        json_or_null(pick.facts(), append_facts), pick.event_id(),
        json_or_null(pick.evidence(), append_evidence),
        [&](std::string& statement) {
            if (!pick.has_understood()) {
                statement += "NULL";
            } else {
                append_sql_text(statement, to_json(pick.understood()));
            }
        },
        bytes_or_null(history.content_hash), bytes_or_null(history.messages));
}

void append_row(std::string& sql, const v1::Pick& pick, const v1::PickTrack& track, std::uint32_t position,
                std::string& scratch) {
    scratch.clear();
    append_reason(scratch, track.reason());
    append_sql_row(sql, pick.tenant(), pick.post_id(), position, track.track_id(), track.score(),
                   track.start_ms(), scratch);
}

void append_row(std::string& sql, const v1::DeadLetter& dead, const RowHistory& history,
                const std::string& json) {
    append_sql_row(sql, dead.tenant(), dead.post_id(), history.revision, dead.stage(), dead.code(),
                   one_line(dead.message(), kMessageCharacters), dead.attempts(), json,
                   column_of(dead.died_at()), dead.event_id(), bytes_or_null(history.content_hash),
                   bytes_or_null(history.messages));
}

Result<std::string> post_json(const v1::Post& post) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(post, &json, options);
    if (!status.ok()) return Error{ErrorCode::invalid_argument, std::string(status.message()), "post"};
    return json;
}

Result<v1::Pick> pick_from_row(MySqlRow row) {
    v1::Pick pick;
    pick.set_tenant(text_of(row[0]));
    pick.set_post_id(text_of(row[1]));
    pick.set_revision(sql_number<std::uint32_t>(row[2]));
    pick.set_user_id(text_of(row[3]));
    pick.set_mood(text_of(row[4]));
    pick.set_confidence(sql_number<float>(row[5]));
    pick.set_ambiguous(text_of(row[6]) != "0");
    pick.set_valence(sql_number<float>(row[7]));
    pick.set_arousal(sql_number<float>(row[8]));
    try {
        read_weights(text_of(row[9]), *pick.mutable_moods());
        read_weights(text_of(row[10]), *pick.mutable_modalities());
        read_degraded(text_of(row[11]), pick);
        for (const auto& mood : nlohmann::json::parse(text_of(row[12])))
            pick.add_likely_moods(mood.get<std::string>());
        if (row[17]) read_captions(*row[17], pick);
        if (row[18]) read_facts(*row[18], pick);
        if (row[20]) read_evidence(*row[20], pick);
        if (row[21]) {
            if (Status read = from_json(*row[21], *pick.mutable_understood()); !read)
                return Error{ErrorCode::corrupt, read.error().to_string(), "picks.understood"};
        }
    } catch (const nlohmann::json::exception& exception) {
        return Error{ErrorCode::corrupt, exception.what(), "picks"};
    }
    pick.set_language(text_of(row[13]));
    pick.set_model(text_of(row[14]));
    if (row[15]) time_from(row[15], pick.mutable_created_at());
    time_from(row[16], pick.mutable_picked_at());
    pick.set_event_id(sql_number<std::uint64_t>(row[19]));
    return pick;
}

v1::DeadLetter dead_letter_from_row(MySqlRow row) {
    v1::DeadLetter dead;
    dead.set_tenant(text_of(row[0]));
    dead.set_post_id(text_of(row[1]));
    dead.set_revision(sql_number<std::uint32_t>(row[2]));
    dead.set_stage(text_of(row[3]));
    dead.set_code(text_of(row[4]));
    dead.set_message(text_of(row[5]));
    dead.set_attempts(sql_number<std::uint32_t>(row[6]));
    time_from(row[7], dead.mutable_died_at());
    dead.set_event_id(sql_number<std::uint64_t>(row[8]));
    return dead;
}

Result<v1::PickTrack> pick_track_from_row(MySqlRow row) {
    v1::PickTrack track;
    track.set_position(sql_number<std::uint32_t>(row[0]));
    track.set_track_id(text_of(row[1]));
    track.set_title(text_of(row[2]));
    track.set_artist(text_of(row[3]));
    track.set_uri(text_of(row[4]));
    track.set_score(sql_number<float>(row[5]));
    track.set_start_ms(sql_number<std::uint32_t>(row[6]));
    try {
        read_reason(text_of(row[7]), *track.mutable_reason());
    } catch (const nlohmann::json::exception& exception) {
        return Error{ErrorCode::corrupt, exception.what(), "pick_tracks.reason"};
    }
    return track;
}

}  // namespace bgm
