#include "daemon/store/event_table.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "daemon/store/host_table.hpp"
#include "daemon/store/pick_rows.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

// Behind `after`, up to `through`, in order.
std::string part(std::string_view tenant, std::uint64_t after, std::uint64_t through, std::size_t limit) {
    std::string sql = " WHERE tenant = ";
    append_sql_text(sql, tenant);
    sql += " AND event_id > ";
    append_sql_number(sql, after);
    sql += " AND event_id <= ";
    append_sql_number(sql, through);
    sql += " ORDER BY event_id LIMIT ";
    append_sql_number(sql, std::uint64_t{limit});
    return sql;
}

}  // namespace

Result<std::uint64_t> EventTable::newest(std::string_view tenant) {
    std::uint64_t newest = 0;
    for (const std::string_view table : {"picks", "dead_posts"}) {
        std::string sql = "SELECT MAX(event_id) FROM ";
        sql.append(table).append(" WHERE tenant = ");
        append_sql_text(sql, tenant);
        Status status = connection_.query(
            sql, [&](MySqlRow row) { newest = std::max(newest, sql_number<std::uint64_t>(row[0])); });
        if (!status) return status.error();
    }
    return newest;
}

Result<EventPage> EventTable::page(std::string_view tenant, std::uint64_t after, std::size_t limit) {
    if (Status status = connection_.connect(); !status) return status.error();
    // In this order: what is committed from now on goes past the newest, or was announced before; and no
    // query that follows sees anything up to `through` that another one does not.
    const auto newest = this->newest(tenant);
    if (!newest) return newest.error();
    std::uint64_t through = *newest;
    if (writers_ == Writers::several) {
        const auto announced = HostTable(connection_).announced();
        if (!announced) return announced.error();
        through = std::min(through, announced->value_or(through));
    }
    EventPage page{
        .events = {}, .newest = std::clamp(after, through, *newest), .held_back = through < *newest};
    std::optional<Error> failure;
    std::string sql = "SELECT ";
    sql.append(kPickColumns).append(" FROM picks FORCE INDEX (picks_by_event)");
    Status status = connection_.query(sql + part(tenant, after, through, limit), [&](MySqlRow row) {
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
    status = connection_.query(sql + part(tenant, after, through, limit), [&](MySqlRow row) {
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
