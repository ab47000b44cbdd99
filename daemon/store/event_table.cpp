#include "daemon/store/event_table.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "daemon/store/pick_rows.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

// Behind `after`, in order.
std::string tail(std::string_view tenant, std::uint64_t after, std::size_t limit) {
    std::string sql = " WHERE tenant = ";
    append_sql_text(sql, tenant);
    sql += " AND event_id > ";
    append_sql_number(sql, after);
    sql += " ORDER BY event_id LIMIT ";
    append_sql_number(sql, std::uint64_t{limit});
    return sql;
}

}  // namespace

Result<EventPage> EventTable::page(std::string_view tenant, std::uint64_t after, std::size_t limit) {
    if (Status status = connection_.connect(); !status) return status.error();
    EventPage page;
    std::optional<Error> failure;
    std::string sql = "SELECT ";
    sql.append(kPickColumns).append(" FROM picks FORCE INDEX (picks_by_event)");
    Status status = connection_.query(sql + tail(tenant, after, limit), [&](MySqlRow row) {
        Result<v1::Pick> pick = pick_from_row(row);
        if (!pick) {
            failure = pick.error();
            return;
        }
        page.events.push_back({.event_id = pick->event_id(), .pick = *std::move(pick)});
    });
    if (!status) return status.error();
    sql = "SELECT ";
    sql.append(kDeadPostColumns).append(" FROM dead_posts FORCE INDEX (dead_posts_by_event)");
    status = connection_.query(sql + tail(tenant, after, limit), [&](MySqlRow row) {
        v1::DeadLetter dead = dead_letter_from_row(row);
        page.events.push_back({.event_id = dead.event_id(), .dead = std::move(dead)});
    });
    if (!status) return status.error();
    if (failure) return *failure;
    std::ranges::sort(page.events, {}, &StoredEvent::event_id);
    if (page.events.size() > limit) page.events.resize(limit);

    std::map<std::string, v1::Pick*, std::less<>> picks;
    std::string posts;
    for (StoredEvent& event : page.events) {
        if (!event.pick) continue;
        picks[event.pick->post_id()] = &*event.pick;
        posts += posts.empty() ? "" : ",";
        append_sql_text(posts, event.pick->post_id());
    }
    if (!picks.empty()) {
        sql = "SELECT ";
        sql.append(kPickTrackColumns)
            .append(
                ", p.post_id FROM pick_tracks p LEFT JOIN tracks t ON t.track_id = p.track_id WHERE "
                "p.tenant = ");
        append_sql_text(sql, tenant);
        sql.append(" AND p.post_id IN (").append(posts).append(") ORDER BY p.post_id, p.position");
        status = connection_.query(sql, [&](MySqlRow row) {
            Result<v1::PickTrack> track = pick_track_from_row(row);
            const auto pick = picks.find(row.back().value_or(""));
            if (track && pick != picks.end()) *pick->second->add_tracks() = *std::move(track);
            if (!track) failure = track.error();
        });
        if (!status) return status.error();
        if (failure) return *failure;
    }
    for (const std::string_view table : {"picks", "dead_posts"}) {
        sql = "SELECT MAX(event_id) FROM ";
        sql.append(table).append(" WHERE tenant = ");
        append_sql_text(sql, tenant);
        status = connection_.query(sql, [&](MySqlRow row) {
            page.newest = std::max(page.newest, sql_number<std::uint64_t>(row[0]));
        });
        if (!status) return status.error();
    }
    return page;
}

Result<std::uint64_t> EventTable::last_id() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::uint64_t last = 0;
    // By tenant, since the indexes begin with it: no more than one look into them each.
    for (const std::string_view table : {"picks", "dead_posts"}) {
        std::string sql = "SELECT MAX(newest) FROM (SELECT MAX(event_id) AS newest FROM ";
        sql.append(table).append(" GROUP BY tenant) AS each_tenant");
        Status status = connection_.query(
            sql, [&](MySqlRow row) { last = std::max(last, sql_number<std::uint64_t>(row[0])); });
        if (!status) return status.error();
    }
    return last;
}

}  // namespace bgm
