#include "daemon/door/event_pages.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "schemas/pick_json.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kLimitDefault = 100;
constexpr std::size_t kLimitMax = 1000;

std::optional<std::uint64_t> read_number(const json& request, const char* field, std::uint64_t fallback) {
    const auto found = request.find(field);
    if (found == request.end() || found->is_null()) return fallback;
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    if (!found->is_string()) return std::nullopt;
    const auto& digits = found->get_ref<const std::string&>();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

json page_json(const EventPage& page) {
    json items = json::array();
    for (const StoredEvent& event : page.events) {
        items.push_back({{"event_id", std::to_string(event.event_id)},
                         {"kind", event.pick ? "pick" : "dead"},
                         {"data", event.pick ? json::parse(pick_json(*event.pick)) : as_json(*event.dead)}});
    }
    json answer{{"items", std::move(items)}, {"last", std::to_string(page.newest)}};
    if (page.held_back) answer["held_back"] = true;
    return answer;
}

void append(EventPage& page, const JournalRow& row) {
    StoredEvent event{.event_id = row.event_id};
    if (row.state == PostState::dead) {
        event.dead = dead_letter(row, false);
    } else {
        v1::Pick pick;
        // What cannot be read is left out: the events behind it are not to blame.
        if (!pick.ParseFromString(row.pick)) return;
        pick.set_event_id(row.event_id);
        event.pick = std::move(pick);
    }
    page.events.push_back(std::move(event));
}

}  // namespace

void EventPages::page(const json& request, const AdminReply& reply) {
    const auto after = read_number(request, "after", 0);
    if (!after) return reply(invalid_request("after", "must be the id of an event"));
    const auto limit = read_number(request, "limit", kLimitDefault);
    if (!limit || *limit > kLimitMax)
        return reply(invalid_request("limit", "must be a number, 1000 at most"));
    const auto answer = [reply](const Result<EventPage>& page) {
        if (!page) return reply(page.error());
        reply(page_json(*page));
    };
    const std::string tenant = request_text(request, "tenant");
    if (find_) return find_(tenant, *after, *limit, answer);
    find_in_journal(tenant, *after, *limit, answer);
}

void EventPages::find_in_journal(const std::string& tenant, std::uint64_t after, std::size_t limit,
                                 const std::function<void(Result<EventPage>)>& done) {
    auto page = std::make_shared<EventPage>();
    look(
        journal_,
        [page, tenant, after, limit](JournalStore& store) -> Status {
            *page = {};
            auto rows = store.events(tenant, after, limit);
            if (!rows) return rows.error();
            for (const JournalRow& row : *rows)
                append(*page, row);
            auto newest = store.newest_event(tenant);
            if (!newest) return newest.error();
            page->newest = *newest;
            return ok_status();
        },
        [this, page, done](const Status& read) {
            loop_.post([page, done, read] {
                if (!read) return done(read.error());
                done(*page);
            });
        },
        [done](const Result<json>& refused) { done(refused.error()); });
}

}  // namespace bgm
