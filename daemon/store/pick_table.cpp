#include "daemon/store/pick_table.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/overtaken.hpp"
#include "daemon/store/pick_rows.hpp"
#include "daemon/store/post_keys.hpp"
#include "daemon/store/seed_table.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/pick_origin.hpp"
#include "schemas/pick_seeds.hpp"

namespace bgm {
namespace {

// What another host did meanwhile is seen in the second round; a third would be another host's again.
constexpr int kRoundsMax = 6;

using Keys = std::vector<PostKey>;

Result<std::vector<StoredRow>> lock_stored(MySqlConnection& connection, const Keys& keys,
                                           std::string_view table, std::string_view time_column) {
    std::vector<StoredRow> stored;
    Status status = for_each_condition(keys, [&](const std::string& condition) {
        std::string sql = "SELECT tenant, post_id, revision, ";
        // Without the hint a small table is scanned, and the scan waits for every row that another writer has
        // locked.
        sql.append(time_column).append(", HEX(content_hash), HEX(messages) FROM ").append(table);
        sql.append(" FORCE INDEX (PRIMARY) WHERE ").append(condition).append(" FOR UPDATE");
        return connection.query(sql, [&](MySqlRow row) {
            StoredRow& one = stored.emplace_back();
            one.tenant = row[0].value_or("");
            one.post_id = row[1].value_or("");
            one.decision.revision = sql_number<std::uint32_t>(row[2]);
            one.decision.dead = table == "dead_posts";
            std::int32_t nanoseconds = 0;
            parse_sql_time(row[3].value_or(""), one.time.seconds, nanoseconds);
            one.time.microseconds = nanoseconds / 1000;
            one.decision.content_hash = sql_bytes_from_hex(row[4]);
            one.decision.messages = sql_bytes_from_hex(row[5]);
        });
    });
    if (!status) return status.error();
    std::ranges::sort(stored, {}, &StoredRow::key);
    return stored;
}

Status note_messages(MySqlConnection& connection, const WritePlan::Note& note) {
    std::string sql = note.dead ? "UPDATE dead_posts SET messages = " : "UPDATE picks SET messages = ";
    append_sql_bytes(sql, note.messages);
    return connection.run(sql + " WHERE " + condition_of(note.key));
}

RowHistory history_of(const WritePlan::Row& row) {
    const auto& origin = row.decision->origin;
    return {.revision = row.revision,
            .content_hash = origin ? std::string_view(origin->content_hash()) : std::string_view(),
            .messages = row.messages};
}

Status insert_rows(MySqlConnection& connection, std::span<const WritePlan::Row> rows) {
    std::string scratch;
    InsertStatement picks(connection, kPicksInsert);
    for (const WritePlan::Row& row : rows) {
        if (row.decision->pick == nullptr) continue;
        append_row(picks.begin_row(), *row.decision->pick, history_of(row), scratch);
        if (Status status = picks.end_row({"picks", row.decision->index, {}}); !status) return status;
    }
    if (Status status = picks.finish(); !status) return status;

    InsertStatement tracks(connection, kPickTracksInsert);
    for (const WritePlan::Row& row : rows) {
        const v1::Pick* pick = row.decision->pick;
        if (pick == nullptr) continue;
        // Positions are counted here: the row set is 1..n whatever a caller filled in.
        for (int at = 0; at < pick->tracks_size(); ++at) {
            append_row(tracks.begin_row(), *pick, pick->tracks(at), static_cast<std::uint32_t>(at) + 1,
                       scratch);
            const RowOrigin origin{"picks", row.decision->index, static_cast<std::size_t>(at)};
            if (Status status = tracks.end_row(origin); !status) return status;
        }
    }
    if (Status status = tracks.finish(); !status) return status;

    InsertStatement seeds(connection, kSeedsInsert);
    for (const WritePlan::Row& row : rows) {
        if (row.decision->pick == nullptr) continue;
        const v1::Pick& pick = *row.decision->pick;
        const v1::Seeds taught = seeds_of(pick);
        for (const v1::Seed& seed : taught.seeds()) {
            append_row(seeds.begin_row(), pick.tenant(), pick.post_id(), pick.user_id(), seed);
            if (Status status = seeds.end_row({"picks", row.decision->index, {}}); !status) return status;
        }
    }
    if (Status status = seeds.finish(); !status) return status;

    InsertStatement dead(connection, kDeadPostsInsert);
    for (const WritePlan::Row& row : rows) {
        if (row.decision->dead == nullptr) continue;
        const RowOrigin origin{"dead", row.decision->index, {}};
        Result<std::string> json = post_json(row.decision->dead->post());
        if (!json) {
            Error error = json.error();
            error.field = origin.to_string() + "." + error.field;
            return error;
        }
        append_row(dead.begin_row(), *row.decision->dead, history_of(row), *json);
        if (Status status = dead.end_row(origin); !status) return status;
    }
    return dead.finish();
}

template <typename Message>
Status check_all(std::span<const Message* const> messages, std::string_view name) {
    for (std::size_t at = 0; at < messages.size(); ++at) {
        const std::string path = std::string(name) + "[" + std::to_string(at) + "]";
        if (Status status = check(*messages[at], path); !status) return status;
        const auto origin = origin_of(*messages[at]);
        if (!origin) continue;
        if (Status status = check(*origin); !status) {
            Error error = status.error();
            error.field = path + "." + error.field;
            return error;
        }
    }
    return ok_status();
}

}  // namespace

Result<WriteEffects> PickTable::write(std::span<const v1::Pick* const> picks,
                                      std::span<const v1::DeadLetter* const> dead,
                                      const std::function<Status()>& last) {
    if (Status status = check_all(picks, "picks"); !status) return status.error();
    if (Status status = check_all(dead, "dead"); !status) return status.error();
    if (picks.empty() && dead.empty()) return WriteEffects{};
    std::vector<BatchedDecision> batch = batch_of(picks, dead);
    WriteEffects effects;
    for (int round = 0;; ++round) {
        Overtaken overtaken;
        const Status done = in_transaction(connection_, [&](int attempt) -> Status {
            overtaken = {};
            auto plan = write_once(batch, round + attempt);
            if (!plan) return plan.error();
            auto found = find_overtaken(connection_, plan->rows);
            if (!found) return found.error();
            overtaken = std::move(*found);
            if (overtaken.any())
                return Error{ErrorCode::resource_exhausted, "another host writes about the same posts", ""};
            effects = std::move(plan->effects);
            return last ? last() : ok_status();
        });
        if (done) return effects;
        if (!overtaken.any() || round + 1 == kRoundsMax) return done.error();
        for (BatchedDecision& decision : batch)
            decision.noted = decision.noted || overtaken.noted.contains(&decision);
    }
}

Result<WritePlan> PickTable::write_once(const std::vector<BatchedDecision>& batch, int attempt) {
    Keys keys;
    keys.reserve(batch.size());
    for (const BatchedDecision& decision : batch) {
        if (keys.empty() || keys.back() != decision.key()) keys.push_back(decision.key());
    }
    const auto stored_picks = lock_stored(connection_, keys, "picks", "picked_at");
    if (!stored_picks) return stored_picks.error();
    const auto stored_dead = lock_stored(connection_, keys, "dead_posts", "died_at");
    if (!stored_dead) return stored_dead.error();
    WritePlan plan = plan_write(batch, *stored_picks, *stored_dead);

    // Almost every post is new: then nothing is deleted, and the inserts are plain. A key that another
    // connection inserted since the look above comes back as a duplicate, and the whole transaction starts
    // over.
    if (Status status = delete_keys(connection_, "picks", plan.replaced_picks); !status)
        return status.error();
    // Tracks and seeds without their pick (somebody deleted rows by hand) would collide for ever; they show
    // on the second try.
    if (attempt > 0) {
        plan.replaced_picks.clear();
        for (const WritePlan::Row& row : plan.rows)
            plan.replaced_picks.push_back(row.decision->key());
    }
    for (const std::string_view table : {"pick_tracks", "mood_seeds"}) {
        if (Status status = delete_keys(connection_, table, plan.replaced_picks); !status)
            return status.error();
    }
    if (Status status = delete_keys(connection_, "dead_posts", plan.replaced_dead); !status)
        return status.error();
    if (Status status = insert_rows(connection_, plan.rows); !status) return status.error();
    for (const WritePlan::Note& note : plan.notes) {
        if (Status status = note_messages(connection_, note); !status) return status.error();
    }
    return plan;
}

Status PickTable::remove_dead(std::string_view tenant, std::string_view post_id) {
    return in_transaction(connection_, [&](int) {
        return delete_keys(connection_, "dead_posts", Keys{{tenant, post_id}});
    });
}

Result<std::optional<v1::Pick>> PickTable::find(std::string_view tenant, std::string_view post_id) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string key;
    append_sql_text(key, tenant);
    key += " AND post_id = ";
    append_sql_text(key, post_id);

    std::optional<Result<v1::Pick>> found;
    std::string sql = "SELECT ";
    sql.append(kPickColumns).append(" FROM picks WHERE tenant = ").append(key);
    if (Status status = connection_.query(sql, [&](MySqlRow row) { found = pick_from_row(row); }); !status) {
        return status.error();
    }
    if (!found) return std::optional<v1::Pick>{};
    if (!*found) return found->error();
    v1::Pick pick = std::move(**found);

    sql = "SELECT ";
    sql.append(kPickTrackColumns).append(" FROM pick_tracks p LEFT JOIN tracks t ON t.track_id = p.track_id");
    sql.append(" WHERE p.tenant = ").append(key).append(" ORDER BY p.position");
    std::optional<Error> failure;
    Status status = connection_.query(sql, [&](MySqlRow row) {
        Result<v1::PickTrack> track = pick_track_from_row(row);
        if (track) {
            *pick.add_tracks() = std::move(*track);
        } else {
            failure = track.error();
        }
    });
    if (!status) return status.error();
    if (failure) return *failure;
    return std::optional<v1::Pick>(std::move(pick));
}

}  // namespace bgm
