#include "daemon/store/taste_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "daemon/store/analysis_rows.hpp"
#include "daemon/store/reaction_rows.hpp"
#include "daemon/store/sql_text.hpp"
#include "daemon/store/transaction.hpp"
#include "fusion/stable_hash.hpp"
#include "fusion/taste/taste_bytes.hpp"

namespace bgm {
namespace {

constexpr std::string_view kCounts = "1";
constexpr std::string_view kNothing = "2";

std::string sql_text(std::string_view text) {
    std::string sql;
    append_sql_text(sql, text);
    return sql;
}

std::string list(std::span<const std::string> texts) {
    std::string sql;
    for (const std::string& text : texts) {
        if (!sql.empty()) sql.push_back(',');
        append_sql_text(sql, text);
    }
    return sql;
}

/// Of picks and of plays, the newest of each.
std::string recent_tracks(const std::string& of_tenant, const std::string& users, std::int64_t since_ms) {
    const std::string since = sql_time_of(since_ms);
    const std::string most = " DESC LIMIT " + std::to_string(kRecentTracksMax) + ")";
    return "(SELECT p.user_id, t.track_id, p.post_id, p.picked_at FROM picks p JOIN pick_tracks t ON "
           "t.tenant = "
           "p.tenant AND t.post_id = p.post_id WHERE p." +
           of_tenant + " AND p.user_id " + users + " AND p.picked_at > " + since + " ORDER BY p.picked_at" +
           most + " UNION ALL (SELECT user_id, track_id, post_id, happened_at FROM feedback WHERE " +
           of_tenant + " AND user_id " + users + " AND happened_at > " + since +
           " AND action IN ('PLAYED', 'LIKED') ORDER BY happened_at" + most;
}

std::string of_listener(const ListenerKey& listener) {
    return "tenant = " + sql_text(listener.tenant) + " AND user_id = " + sql_text(listener.user_id);
}

std::optional<Taste> taste_of(const std::optional<std::string>& hexadecimal) {
    const auto bytes = numbers_from_hex<char>(hexadecimal);
    auto taste = taste_from_bytes({bytes.data(), bytes.size()});
    if (!taste) return std::nullopt;
    return std::move(*taste);
}

}  // namespace

struct TasteTable::Reacted {
    std::string feedback_id;
    ListenerKey listener;
    std::string track_id;
    std::string action;
    std::int64_t happened_ms = 0;
    bool picked = false;
    bool turned_away_again = false;  // the listener has turned the same pick away before
    std::string post_id;
};

Result<std::vector<StoredListener>> TasteTable::read(const std::string& tenant,
                                                     std::span<const std::string> user_ids,
                                                     std::int64_t since_ms) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<StoredListener> all(user_ids.size());
    std::map<std::string, StoredListener*, std::less<>> of_user;
    for (std::size_t i = 0; i < user_ids.size(); ++i) {
        all[i].user_id = user_ids[i];
        of_user[user_ids[i]] = &all[i];
    }
    if (user_ids.empty()) return all;
    const std::string of_tenant = "tenant = " + sql_text(tenant);
    Status status = connection_.query("SELECT user_id, HEX(taste) FROM user_taste WHERE " + of_tenant +
                                          " AND user_id IN (" + list(user_ids) + ")",
                                      [&](MySqlRow row) {
                                          const auto found = of_user.find(row[0].value_or(""));
                                          if (found != of_user.end()) found->second->taste = taste_of(row[1]);
                                      });
    if (!status) return status.error();
    std::size_t rows = 0;
    const auto take = [&](MySqlRow row) {
        ++rows;
        const auto found = of_user.find(row[0].value_or(""));
        if (found != of_user.end())
            found->second->recent.push_back(
                {row[1].value_or(""), stable_hash(row[2].value_or("")), milliseconds_of(row[3])});
    };
    status = connection_.query(recent_tracks(of_tenant, "IN (" + list(user_ids) + ")", since_ms), take);
    if (!status) return status.error();
    if (rows < kRecentTracksMax || user_ids.size() == 1) return all;
    // Who had thousands takes nothing from the others.
    for (StoredListener& one : all) {
        one.recent.clear();
        status = connection_.query(recent_tracks(of_tenant, "= " + sql_text(one.user_id), since_ms), take);
        if (!status) return status.error();
    }
    return all;
}

Result<std::vector<TasteTable::Reacted>> TasteTable::waiting() {
    std::vector<Reacted> rows;
    // Whoever erases a user locks his feedback first, and then his taste, as is done here.
    const Status status = connection_.query(
        "SELECT f.feedback_id, f.tenant, f.user_id, f.track_id, f.action, f.happened_at, EXISTS (SELECT 1 "
        "FROM pick_tracks t WHERE t.tenant = f.tenant AND t.post_id = f.post_id AND t.track_id = "
        "f.track_id), f.action IN ('SKIPPED', 'REPLACED') AND EXISTS (SELECT 1 FROM feedback g WHERE "
        "g.tenant = "
        "f.tenant AND g.post_id = f.post_id AND g.track_id = f.track_id AND g.user_id = f.user_id AND "
        "g.learnt = "
        "1 AND g.action IN ('SKIPPED', 'REPLACED')), f.post_id FROM feedback f WHERE f.learnt = 0 ORDER BY "
        "f.happened_at LIMIT " +
            std::to_string(kLearntTogether) + " FOR UPDATE",
        [&](MySqlRow row) {
            rows.push_back({.feedback_id = row[0].value_or(""),
                            .listener = {row[1].value_or(""), row[2].value_or("")},
                            .track_id = row[3].value_or(""),
                            .action = row[4].value_or(""),
                            .happened_ms = milliseconds_of(row[5]),
                            .picked = row[6].value_or("0") != "0",
                            .turned_away_again = row[7].value_or("0") != "0",
                            .post_id = row[8].value_or("")});
        });
    if (!status) return status.error();
    return rows;
}

// What is known of a listener, locked. What cannot be read is made again of what has counted.
Result<std::optional<Taste>> TasteTable::lock(const ListenerKey& listener, const CatalogueOf& catalogue_of) {
    bool there = false;
    std::optional<Taste> taste;
    const Status status =
        connection_.query("SELECT HEX(taste) FROM user_taste WHERE " + of_listener(listener) + " FOR UPDATE",
                          [&](MySqlRow row) {
                              there = true;
                              taste = taste_of(row[0]);
                          });
    if (!status) return status.error();
    if (!there || taste) return taste;
    return replay(listener, catalogue_of);
}

// The rows stay locked until the end: an erasure in between would be undone by what is written afterwards.
Result<std::optional<Taste>> TasteTable::replay(const ListenerKey& listener,
                                                const CatalogueOf& catalogue_of) {
    const Catalogue* const catalogue = catalogue_of(listener.tenant);
    if (catalogue == nullptr)
        return Error{.code = ErrorCode::unavailable, .message = "the catalogue is not loaded yet"};
    std::optional<Taste> taste;
    const Status status = connection_.query(
        "SELECT track_id, action, happened_at FROM feedback WHERE " + of_listener(listener) +
            " AND learnt = " + std::string(kCounts) + " ORDER BY happened_at, feedback_id FOR UPDATE",
        [&](MySqlRow row) {
            if (!taste) taste.emplace();
            const auto reaction = reaction_of(row[1].value_or(""));
            const auto track = catalogue->find(row[0].value_or(""));
            if (reaction && track)
                taste->learn(*reaction, milliseconds_of(row[2]), reacted_track(*catalogue, *track));
        });
    if (!status) return status.error();
    return taste;
}

Status TasteTable::write(const ListenerKey& listener, const Taste& taste) {
    std::string sql = "INSERT INTO user_taste (tenant, user_id, taste) VALUES (" + sql_text(listener.tenant) +
                      "," + sql_text(listener.user_id) + ",";
    append_sql_bytes(sql, taste_bytes(taste));
    sql += ") ON DUPLICATE KEY UPDATE taste = VALUES(taste)";
    return connection_.run(sql);
}

Status TasteTable::learn_once(const CatalogueOf& catalogue_of, std::int64_t now_ms, Learnt& learnt) {
    auto rows = waiting();
    if (!rows) return rows.error();
    std::map<ListenerKey, std::vector<const Reacted*>> of_listener;
    std::vector<std::string> counted;
    std::vector<std::string> nothing;
    // A finger that slips, or a client that says SKIPPED and then REPLACED, is no second track of an artist.
    std::set<std::tuple<ListenerKey, std::string, std::string>> turned_away;
    for (const Reacted& row : *rows) {
        const bool possible = row.picked && !row.listener.user_id.empty() && reaction_of(row.action) &&
                              row.happened_ms <= now_ms + kClockAheadMs;
        const bool again =
            row.turned_away_again || (possible && (row.action == "SKIPPED" || row.action == "REPLACED") &&
                                      !turned_away.emplace(row.listener, row.post_id, row.track_id).second);
        if (possible && !again) {
            of_listener[row.listener].push_back(&row);
        } else {
            nothing.push_back(row.feedback_id);
        }
    }
    for (const auto& [listener, reactions] : of_listener) {
        const Catalogue* const catalogue = catalogue_of(listener.tenant);
        if (catalogue == nullptr)
            return Error{.code = ErrorCode::unavailable, .message = "the catalogue is not loaded yet"};
        auto known = lock(listener, catalogue_of);
        if (!known) return known.error();
        Taste taste = known->value_or(Taste());
        for (const Reacted* row : reactions) {
            const auto track = catalogue->find(row->track_id);
            const bool counts = track && taste.learn(*reaction_of(row->action), row->happened_ms,
                                                     reacted_track(*catalogue, *track));
            (counts ? counted : nothing).push_back(row->feedback_id);
        }
        if (Status written = write(listener, taste); !written) return written;
        learnt.listeners.push_back(listener);
    }
    for (const auto& [ids, mark] : {std::pair(&counted, kCounts), {&nothing, kNothing}}) {
        if (ids->empty()) continue;
        const auto marked = connection_.execute("UPDATE feedback SET learnt = " + std::string(mark) +
                                                " WHERE feedback_id IN (" + list(*ids) + ")");
        if (!marked) return marked.error();
    }
    learnt.counted = counted.size();
    learnt.nothing = nothing.size();
    return ok_status();
}

Result<TasteTable::Learnt> TasteTable::learn(const CatalogueOf& catalogue_of, std::int64_t now_ms) {
    Learnt learnt;
    // Without a lock: most of the time there is nothing.
    bool any = false;
    if (Status status = connection_.connect(); !status) return status.error();
    Status status =
        connection_.query("SELECT 1 FROM feedback WHERE learnt = 0 LIMIT 1", [&](MySqlRow) { any = true; });
    if (!status) return status.error();
    if (!any) return learnt;
    status = in_transaction(connection_, [&](int) {
        learnt = {};
        return learn_once(catalogue_of, now_ms, learnt);
    });
    if (!status) return status.error();
    return learnt;
}

Result<bool> TasteTable::rebuild(const ListenerKey& listener, const CatalogueOf& catalogue_of) {
    bool there = false;
    const Status status = in_transaction(connection_, [&](int) -> Status {
        // What is being learnt meanwhile has locked the same row, or waits for it.
        const auto locked = connection_.query(
            "SELECT 1 FROM user_taste WHERE " + of_listener(listener) + " FOR UPDATE", [](MySqlRow) {});
        if (!locked) return locked;
        const auto taste = replay(listener, catalogue_of);
        if (!taste) return taste.error();
        there = taste->has_value();
        if (there) return write(listener, **taste);
        return connection_.run("DELETE FROM user_taste WHERE " + of_listener(listener));
    });
    if (!status) return status.error();
    return there;
}

Result<std::vector<std::string>> TasteTable::listeners(const std::string& tenant, const std::string& after,
                                                       std::size_t limit) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<std::string> users;
    const std::string who = "tenant = " + sql_text(tenant) + " AND user_id > " + sql_text(after);
    const std::string most = " ORDER BY user_id LIMIT " + std::to_string(limit);
    const Status status = connection_.query(
        "SELECT user_id FROM ((SELECT DISTINCT user_id FROM feedback WHERE " + who + most +
            ") UNION (SELECT user_id FROM user_taste WHERE " + who + most + ")) listeners" + most,
        [&](MySqlRow row) { users.push_back(row[0].value_or("")); });
    if (!status) return status.error();
    return users;
}

}  // namespace bgm
