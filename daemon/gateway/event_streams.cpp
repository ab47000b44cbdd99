#include "daemon/gateway/event_streams.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"

namespace bgm::gateway {
namespace {

using nlohmann::json;

constexpr std::size_t kPage = 200;
// A client that leaves more than this untaken is given no more until it has taken it.
constexpr std::size_t kUnsentMost = 256UL * 1024;
constexpr std::chrono::seconds kHeartbeat{15};
// Without an event: what is lost on its way is found so late.
constexpr std::chrono::seconds kLookAnyway{5};
constexpr std::chrono::milliseconds kLookForHeldBack{50};
// With the two seconds of the key cache, and the one in which bgmd looks into MySQL, less than the five that
// are promised.
constexpr std::chrono::seconds kCheckKey{1};
constexpr int kRetryAfter_s = 5;

// 64 bits are a text in the JSON of protobuf, and a number elsewhere.
std::uint64_t number_of(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return 0;
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    std::uint64_t number = 0;
    if (found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), number);
    }
    return number;
}

json question(const Exchange& exchange, std::uint64_t after, std::size_t limit) {
    return {{"op", "events"}, {"key", exchange.key->digest}, {"after", after}, {"limit", limit}};
}

}  // namespace

void EventStreams::open(const std::shared_ptr<Exchange>& exchange) {
    std::string_view last = exchange->head.field("Last-Event-ID");
    std::string_view in = "header";
    std::string_view field = "Last-Event-ID";
    if (last.empty()) {
        if (const std::string* parameter = exchange->target.parameter("last_event_id")) {
            last = *parameter;
            in = "query";
            field = "last_event_id";
        }
    }
    std::uint64_t after = 0;
    const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), after);
    if (!last.empty() && (error != std::errc{} || end != last.data() + last.size()))
        return exchange->answer(problem(Problem{.status = 400,
                                                .code = "invalid_argument",
                                                .detail = "must be the id of an event",
                                                .field = std::string(field),
                                                .in = in}));
    if (exchange->head.method == "HEAD")
        return exchange->answer({.status = 200, .type = "text/event-stream"});
    if (streams_ >= streams_max_)
        return exchange->answer(problem(Problem{.status = 503,
                                                .code = "resource_exhausted",
                                                .detail = "there are as many event streams as may be",
                                                .retry_after_s = kRetryAfter_s}));
    if (!last.empty()) return begin(exchange, after);
    // From now on: behind the newest event that there is.
    daemon_.ask(question(*exchange, 0, 0), [this, exchange](const DoorAnswer& answer) {
        if (answer.error) {
            Problem refusal{
                .status = 503, .code = "unavailable", .detail = answer.error->message, .retry_after_s = 1};
            if (answer.error->code == "unauthenticated" || answer.error->code == "forbidden") {
                refusal = {.status = answer.error->code == "forbidden" ? 403 : 401,
                           .code = answer.error->code,
                           .detail = answer.error->message,
                           .field = "Authorization",
                           .in = "header"};
            }
            return exchange->answer(problem(refusal));
        }
        const auto page = read_page(answer);
        begin(exchange, page ? page->newest : 0);
    });
}

void EventStreams::begin(const std::shared_ptr<Exchange>& exchange, std::uint64_t last) {
    if (exchange->gone()) return;
    const auto now = Clock::now();
    auto stream = std::make_shared<Stream>(
        Stream{.exchange = exchange, .last = last, .written = now, .key_checked = now});
    exchange->begin_stream({.status = 200, .type = "text/event-stream"});
    // The id alone dispatches nothing, but a client that loses us right now knows where it was.
    if (!exchange->send("retry: 1000\nid: " + std::to_string(last) + "\n\n")) return;
    ++streams_;
    const std::string& name = exchange->key->tenant;
    const auto [tenant, is_new] = tenants_.try_emplace(name);
    if (is_new) {
        daemon_.listen(name);
        tenant->second.looked = now;
    }
    tenant->second.streams.push_back(stream);
    catch_up(stream);
}

// Its own pages, until it stands where the others are.
void EventStreams::catch_up(const std::shared_ptr<Stream>& stream) {
    const std::uint64_t shared = tenants_.at(stream->exchange->key->tenant).last;
    daemon_.ask(question(*stream->exchange, stream->last, kPage),
                [this, stream, shared](const DoorAnswer& answer) {
                    if (stream->exchange->gone()) return;
                    const auto page = read_page(answer);
                    if (!page) return;  // look_at_clock() tries again
                    const bool sent = send(*stream, page->events);
                    if (stream->exchange->gone()) return;
                    if (!sent || page->events.size() >= kPage) return go_on_when_drained(stream);
                    // An id from nowhere, or of an event that has been erased since: nothing is behind the
                    // newest.
                    if (page->events.empty()) stream->last = std::min(stream->last, page->newest);
                    // The others have seen what is held back here: as for one who does not answer.
                    if (page->held_back && page->newest < shared) {
                        tenants_.at(stream->exchange->key->tenant).held_back = true;
                        return;
                    }
                    join(stream, shared);
                });
}

void EventStreams::go_on_when_drained(const std::shared_ptr<Stream>& stream) {
    if (stream->exchange->unsent() == 0) return catch_up(stream);
    stream->exchange->on_drained = [this, weak = std::weak_ptr(stream)] {
        if (const auto again = weak.lock()) catch_up(again);
    };
}

void EventStreams::join(const std::shared_ptr<Stream>& stream, std::uint64_t shared) {
    Tenant& tenant = tenants_.at(stream->exchange->key->tenant);
    // A shared look has got further since the page was asked for. Where it had not, the page held whatever
    // there was up to it, even where that is nothing any more.
    if (tenant.last > shared) return catch_up(stream);
    stream->last = std::max(stream->last, shared);
    stream->caught_up = true;
    const bool alone = std::none_of(tenant.streams.begin(), tenant.streams.end(), [&](const auto& each) {
        return each != stream && each->caught_up && !each->exchange->gone();
    });
    if (alone) tenant.last = stream->last;
    look(stream->exchange->key->tenant);
}

void EventStreams::take_event(const DaemonEvent& event) {
    const auto found = tenants_.find(event.tenant);
    if (found == tenants_.end()) return;
    found->second.dirty = true;
    if (!found->second.looking) look(found->first);
}

void EventStreams::look(const std::string& name) {
    Tenant& tenant = tenants_.at(name);
    if (tenant.looking) {
        tenant.dirty = true;
        return;
    }
    const auto with = std::find_if(tenant.streams.begin(), tenant.streams.end(), [](const auto& stream) {
        return stream->caught_up && !stream->exchange->gone();
    });
    if (with == tenant.streams.end()) return;
    tenant.looking = true;
    tenant.dirty = false;
    tenant.looked = Clock::now();
    daemon_.ask(question(*(*with)->exchange, tenant.last, kPage),
                [this, name](const DoorAnswer& answer) { take_page(name, answer); });
}

void EventStreams::take_page(const std::string& name, const DoorAnswer& answer) {
    const auto found = tenants_.find(name);
    if (found == tenants_.end()) return;
    Tenant& tenant = found->second;
    tenant.looking = false;
    const auto page = read_page(answer);
    if (!page) return;
    const std::vector<Event>& events = page->events;
    tenant.held_back = page->held_back;
    for (const auto& stream : tenant.streams) {
        if (!stream->caught_up || stream->exchange->gone() || send(*stream, events)) continue;
        if (stream->exchange->gone()) continue;
        stream->caught_up = false;
        go_on_when_drained(stream);
    }
    if (!events.empty()) tenant.last = std::max(tenant.last, events.back().id);
    if (tenant.dirty || events.size() >= kPage) look(name);
}

std::optional<EventStreams::Page> EventStreams::read_page(const DoorAnswer& answer) {
    if (answer.error) return std::nullopt;
    const json result = json::parse(answer.result, nullptr, false);
    if (!result.is_object()) return std::nullopt;
    const auto items = result.find("items");
    if (items == result.end() || !items->is_array()) return std::nullopt;
    Page page{.events = {},
              .newest = number_of(result, "last"),
              .held_back = result.value("held_back", json()) == true};
    for (const json& item : *items) {
        Event event{.id = number_of(item, "event_id"), .text = {}};
        // JSON has no line ends outside of its strings, and escapes those inside.
        event.text = "id: " + std::to_string(event.id) + "\nevent: " + item.value("kind", "pick") +
                     "\ndata: " + json_line(item.value("data", json())) + "\n\n";
        page.events.push_back(std::move(event));
    }
    return page;
}

bool EventStreams::send(Stream& stream, const std::vector<Event>& events) {
    std::size_t sent = 0;
    bool whole = true;
    for (const Event& event : events) {
        if (event.id <= stream.last) continue;
        whole = stream.exchange->unsent() <= kUnsentMost && stream.exchange->send(event.text);
        if (!whole) break;
        stream.last = event.id;
        ++sent;
    }
    if (sent > 0) {
        stream.written = Clock::now();
        metrics_.count_event(sent);
    }
    return whole;
}

void EventStreams::check_key(const std::shared_ptr<Stream>& stream) {
    keys_.look_up(stream->exchange->key->digest, [stream](const KeyCache::Answer& key) {
        const bool allowed = !key || (*key && (*key)->scopes.has(Scope::read));
        if (!allowed) stream->exchange->hang_up();
    });
}

void EventStreams::look_at_clock() {
    const auto now = Clock::now();
    remove_gone();
    for (auto& [name, tenant] : tenants_) {
        const Clock::duration patience = tenant.held_back ? kLookForHeldBack : Clock::duration(kLookAnyway);
        const bool anyway = now - tenant.looked > patience;
        for (const auto& stream : std::list(tenant.streams)) {
            if (now - stream->written > kHeartbeat) {
                stream->written = now;
                if (!stream->exchange->send(": \n\n")) continue;
            }
            if (now - stream->key_checked > kCheckKey) {
                stream->key_checked = now;
                check_key(stream);
            }
            if (anyway && !stream->caught_up && !stream->exchange->gone() && stream->exchange->unsent() == 0)
                catch_up(stream);
        }
        if (!anyway) continue;
        tenant.looked = now;
        look(name);
    }
}

void EventStreams::remove_gone() {
    for (auto entry = tenants_.begin(); entry != tenants_.end();) {
        Tenant& tenant = entry->second;
        streams_ -=
            std::erase_if(tenant.streams, [](const auto& stream) { return stream->exchange->gone(); });
        if (tenant.streams.empty()) {
            daemon_.unlisten(entry->first);
            entry = tenants_.erase(entry);
        } else {
            ++entry;
        }
    }
}

}  // namespace bgm::gateway
