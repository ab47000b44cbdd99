// Picks and dead letters as rows: the columns, the limits of each, and the way there and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

inline constexpr std::string_view kPicksInsert =
    "INSERT INTO picks (tenant, post_id, revision, user_id, mood, confidence, ambiguous, valence, arousal, "
    "moods, "
    "modalities, degraded, likely_moods, language, model, created_at, picked_at, captions, facts, event_id, "
    "evidence, understood, content_hash, messages) "
    "VALUES ";
inline constexpr std::string_view kPickTracksInsert =
    "INSERT INTO pick_tracks (tenant, post_id, position, track_id, score, start_ms, reason) VALUES ";
inline constexpr std::string_view kDeadPostsInsert =
    "INSERT INTO dead_posts (tenant, post_id, revision, stage, code, message, attempts, post, died_at, "
    "event_id, content_hash, messages) "
    "VALUES ";
/// What a row says beside its decision.
struct RowHistory {
    std::uint32_t revision = 0;
    std::string_view content_hash = {};  // empty, like the messages: NULL
    std::string_view messages = {};
};

/// As row_checks.hpp.
Status check(const v1::Pick& pick, const std::string& path);
Status check(const v1::DeadLetter& dead, const std::string& path);

/// Each appends "(...)" for a checked value. `scratch` is a buffer to reuse.
void append_row(std::string& sql, const v1::Pick& pick, const RowHistory& history, std::string& scratch);
void append_row(std::string& sql, const v1::Pick& pick, const v1::PickTrack& track, std::uint32_t position,
                std::string& scratch);
void append_row(std::string& sql, const v1::DeadLetter& dead, const RowHistory& history,
                const std::string& post_json);

/// The proto3 JSON mapping with snake_case names.
Result<std::string> post_json(const v1::Post& post);

inline constexpr std::string_view kPickColumns =
    "tenant, post_id, revision, user_id, mood, confidence, ambiguous, valence, arousal, moods, modalities, "
    "degraded, "
    "likely_moods, language, model, created_at, picked_at, captions, facts, event_id, evidence, "
    "understood";
/// `corrupt` where somebody wrote JSON of another shape into the row.
Result<v1::Pick> pick_from_row(MySqlRow row);

inline constexpr std::string_view kDeadPostColumns =
    "tenant, post_id, revision, stage, code, message, attempts, died_at, event_id";
/// Without its post.
v1::DeadLetter dead_letter_from_row(MySqlRow row);

inline constexpr std::string_view kPickTrackColumns =
    "p.position, p.track_id, t.title, t.artist, t.uri, p.score, p.start_ms, p.reason";
Result<v1::PickTrack> pick_track_from_row(MySqlRow row);

}  // namespace bgm
