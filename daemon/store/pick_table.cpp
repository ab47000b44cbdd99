#include "daemon/store/pick_table.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/insert_statement.hpp"
#include "daemon/store/pick_rows.hpp"
#include "daemon/store/seed_table.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "schemas/pick_seeds.hpp"

namespace bgm {
namespace {

constexpr std::size_t kKeysPerStatement = 500;

struct Moment {
    std::int64_t seconds = 0;
    std::int32_t microseconds = 0;  // what the columns keep
    // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler writes here compares with a literal 0
    auto operator<=>(const Moment&) const = default;
};

Moment moment(const google::protobuf::Timestamp& time) {
    return {time.seconds(), time.nanos() / 1000};
}

/// A decision about one post: exactly one of the two.
struct Decision {
    const v1::Pick* pick = nullptr;
    const v1::DeadLetter* dead = nullptr;
    std::size_t index = 0;  // in the caller's span

    std::string_view tenant() const { return pick != nullptr ? pick->tenant() : dead->tenant(); }
    std::string_view post_id() const { return pick != nullptr ? pick->post_id() : dead->post_id(); }
    std::uint32_t revision() const { return pick != nullptr ? pick->revision() : dead->revision(); }
    Moment time() const { return moment(pick != nullptr ? pick->picked_at() : dead->died_at()); }
    std::pair<std::string_view, std::string_view> key() const { return {tenant(), post_id()}; }
};

/// What is stored about a post already.
struct Stored {
    std::string tenant;
    std::string post_id;
    std::uint32_t revision = 0;
    Moment time;
    std::pair<std::string_view, std::string_view> key() const { return {tenant, post_id}; }
};

/// One decision for each post, in the order of the keys: writers that lock in one order rarely deadlock.
std::vector<Decision> latest_of_each(std::span<const v1::Pick* const> picks,
                                     std::span<const v1::DeadLetter* const> dead) {
    std::vector<Decision> decisions;
    decisions.reserve(picks.size() + dead.size());
    for (std::size_t at = 0; at < picks.size(); ++at)
        decisions.push_back({picks[at], nullptr, at});
    for (std::size_t at = 0; at < dead.size(); ++at)
        decisions.push_back({nullptr, dead[at], at});
    // Within one batch the later revision counts, then the later time, then the pick (picks come first
    // above).
    std::ranges::stable_sort(decisions, [](const Decision& left, const Decision& right) {
        if (left.key() != right.key()) return left.key() < right.key();
        if (left.revision() != right.revision()) return left.revision() > right.revision();
        return left.time() > right.time();
    });
    const auto same_post = [](const Decision& left, const Decision& right) {
        return left.key() == right.key();
    };
    decisions.erase(std::unique(decisions.begin(), decisions.end(), same_post), decisions.end());
    return decisions;
}

/// Hands out conditions over (tenant, post_id) that both servers answer from the primary key. They do not
/// both do so for (tenant, post_id) IN ((..), (..)), which would read the whole table.
Status for_each_condition(std::span<const std::pair<std::string_view, std::string_view>> keys,
                          const std::function<Status(const std::string&)>& run) {
    for (std::size_t begin = 0; begin < keys.size(); begin += kKeysPerStatement) {
        const auto part = keys.subspan(begin, std::min(kKeysPerStatement, keys.size() - begin));
        std::string condition;
        for (std::size_t at = 0; at < part.size(); ++at) {
            const auto& [tenant, post_id] = part[at];
            if (at == 0 || tenant != part[at - 1].first) {
                condition += at == 0 ? "(tenant = " : ")) OR (tenant = ";
                append_sql_text(condition, tenant);
                condition += " AND post_id IN (";
            } else {
                condition.push_back(',');
            }
            append_sql_text(condition, post_id);
        }
        condition += "))";
        if (Status status = run(condition); !status) return status;
    }
    return ok_status();
}

using Keys = std::vector<std::pair<std::string_view, std::string_view>>;

Result<std::vector<Stored>> lock_stored(MySqlConnection& connection, const Keys& keys, std::string_view table,
                                        std::string_view time_column) {
    std::vector<Stored> stored;
    Status status = for_each_condition(keys, [&](const std::string& condition) {
        std::string sql = "SELECT tenant, post_id, revision, ";
        // Without the hint a small table is scanned, and the scan waits for every row that another writer has
        // locked.
        sql.append(time_column).append(" FROM ").append(table).append(" FORCE INDEX (PRIMARY) WHERE ");
        sql.append(condition).append(" FOR UPDATE");
        return connection.query(sql, [&](MySqlRow row) {
            Stored& one = stored.emplace_back();
            one.tenant = row[0].value_or("");
            one.post_id = row[1].value_or("");
            one.revision = sql_number<std::uint32_t>(row[2]);
            std::int32_t nanoseconds = 0;
            parse_sql_time(row[3].value_or(""), one.time.seconds, nanoseconds);
            one.time.microseconds = nanoseconds / 1000;
        });
    });
    if (!status) return status.error();
    std::ranges::sort(stored, {}, &Stored::key);
    return stored;
}

const Stored* find_stored(const std::vector<Stored>& stored, const Decision& decision) {
    const auto found = std::ranges::lower_bound(stored, decision.key(), {}, &Stored::key);
    return found != stored.end() && found->key() == decision.key() ? &*found : nullptr;
}

bool outdated(const Decision& decision, const Stored* stored) {
    return stored != nullptr && stored->revision > decision.revision() && stored->time >= decision.time();
}

Status delete_keys(MySqlConnection& connection, std::string_view table, const Keys& keys) {
    return for_each_condition(keys, [&](const std::string& condition) -> Status {
        const auto deleted = connection.execute("DELETE FROM " + std::string(table) + " WHERE " + condition);
        return deleted ? ok_status() : Status(deleted.error());
    });
}

Status insert_decisions(MySqlConnection& connection, std::span<const Decision> decisions) {
    std::string scratch;
    InsertStatement picks(connection, kPicksInsert);
    for (const Decision& decision : decisions) {
        if (decision.pick == nullptr) continue;
        append_row(picks.begin_row(), *decision.pick, scratch);
        if (Status status = picks.end_row({"picks", decision.index, {}}); !status) return status;
    }
    if (Status status = picks.finish(); !status) return status;

    InsertStatement tracks(connection, kPickTracksInsert);
    for (const Decision& decision : decisions) {
        if (decision.pick == nullptr) continue;
        // Positions are counted here: the row set is 1..n whatever a caller filled in.
        for (int at = 0; at < decision.pick->tracks_size(); ++at) {
            append_row(tracks.begin_row(), *decision.pick, decision.pick->tracks(at),
                       static_cast<std::uint32_t>(at) + 1, scratch);
            const RowOrigin origin{"picks", decision.index, static_cast<std::size_t>(at)};
            if (Status status = tracks.end_row(origin); !status) return status;
        }
    }
    if (Status status = tracks.finish(); !status) return status;

    InsertStatement seeds(connection, kSeedsInsert);
    for (const Decision& decision : decisions) {
        if (decision.pick == nullptr) continue;
        const v1::Pick& pick = *decision.pick;
        const v1::Seeds taught = seeds_of(pick);
        for (const v1::Seed& seed : taught.seeds()) {
            append_row(seeds.begin_row(), pick.tenant(), pick.post_id(), pick.user_id(), seed);
            if (Status status = seeds.end_row({"picks", decision.index, {}}); !status) return status;
        }
    }
    if (Status status = seeds.finish(); !status) return status;

    InsertStatement dead(connection, kDeadPostsInsert);
    for (const Decision& decision : decisions) {
        if (decision.dead == nullptr) continue;
        const RowOrigin origin{"dead", decision.index, {}};
        Result<std::string> json = post_json(decision.dead->post());
        if (!json) {
            Error error = json.error();
            error.field = origin.to_string() + "." + error.field;
            return error;
        }
        append_row(dead.begin_row(), *decision.dead, *json);
        if (Status status = dead.end_row(origin); !status) return status;
    }
    return dead.finish();
}

}  // namespace

Status PickTable::write(std::span<const v1::Pick* const> picks, std::span<const v1::DeadLetter* const> dead) {
    for (std::size_t at = 0; at < picks.size(); ++at) {
        if (Status status = check(*picks[at], "picks[" + std::to_string(at) + "]"); !status) return status;
    }
    for (std::size_t at = 0; at < dead.size(); ++at) {
        if (Status status = check(*dead[at], "dead[" + std::to_string(at) + "]"); !status) return status;
    }
    if (picks.empty() && dead.empty()) return ok_status();
    return in_transaction(connection_, [&](int attempt) { return write_once(picks, dead, attempt); });
}

Status PickTable::write_once(std::span<const v1::Pick* const> picks,
                             std::span<const v1::DeadLetter* const> dead, int attempt) {
    std::vector<Decision> decisions = latest_of_each(picks, dead);
    Keys keys;
    keys.reserve(decisions.size());
    for (const Decision& decision : decisions)
        keys.push_back(decision.key());
    const auto stored_picks = lock_stored(connection_, keys, "picks", "picked_at");
    if (!stored_picks) return stored_picks.error();
    const auto stored_dead = lock_stored(connection_, keys, "dead_posts", "died_at");
    if (!stored_dead) return stored_dead.error();

    Keys replaced_picks;
    Keys replaced_dead;
    std::erase_if(decisions, [&](const Decision& decision) {
        const Stored* pick = find_stored(*stored_picks, decision);
        const Stored* letter = find_stored(*stored_dead, decision);
        if (outdated(decision, pick) || outdated(decision, letter)) return true;
        if (pick != nullptr) replaced_picks.push_back(decision.key());
        if (letter != nullptr) replaced_dead.push_back(decision.key());
        return false;
    });

    // Almost every post is new: then nothing is deleted, and the inserts are plain. A key that another
    // connection inserted since the look above comes back as a duplicate, and the whole transaction starts
    // over.
    if (Status status = delete_keys(connection_, "picks", replaced_picks); !status) return status;
    // Tracks and seeds without their pick (somebody deleted rows by hand) would collide for ever; they show
    // on the second try.
    if (attempt > 0) {
        replaced_picks.clear();
        for (const Decision& decision : decisions)
            replaced_picks.push_back(decision.key());
    }
    for (const std::string_view table : {"pick_tracks", "mood_seeds"}) {
        if (Status status = delete_keys(connection_, table, replaced_picks); !status) return status;
    }
    if (Status status = delete_keys(connection_, "dead_posts", replaced_dead); !status) return status;
    return insert_decisions(connection_, decisions);
}

Status PickTable::remove_dead(std::string_view tenant, std::string_view post_id) {
    return in_transaction(connection_, [&](int) {
        return delete_keys(connection_, "dead_posts", {{tenant, post_id}});
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
