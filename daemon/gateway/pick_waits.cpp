#include "daemon/gateway/pick_waits.hpp"

#include <nlohmann/json.hpp>
#include <vector>

namespace bgm::gateway {
namespace {

constexpr std::chrono::seconds kSubscriptionLingers{60};
constexpr std::chrono::milliseconds kFirstLook{200};
constexpr std::chrono::milliseconds kLongestPause{3'000};

std::string key_of(std::string_view tenant, std::string_view post_id) {
    std::string key(tenant);
    key += '\0';
    key += post_id;
    return key;
}

Response waited(std::string body, std::chrono::seconds asked_for) {
    Response response{.status = 200};
    response.body = std::move(body);
    response.fields.emplace_back("Preference-Applied", "wait=" + std::to_string(asked_for.count()));
    return response;
}

}  // namespace

std::string post_state_json(std::string_view state, std::uint32_t revision, std::string_view what,
                            std::string_view json) {
    std::string body = "{\"state\":\"";
    body += state;
    body += "\",\"revision\":" + std::to_string(revision) + ",\"";
    body += what;
    body += "\":";
    body += json;
    body += "}\n";
    return body;
}

void PickWaits::expect(const std::string& tenant) {
    const auto [entry, is_new] = tenants_.try_emplace(tenant);
    if (is_new) daemon_.listen(tenant);
    entry->second.idle_since = Clock::now();
}

void PickWaits::wait(std::shared_ptr<Exchange> exchange, const std::string& post_id, std::uint32_t revision,
                     std::chrono::seconds wait, bool known, Response else_answer) {
    if (exchange->gone()) return;
    const auto now = Clock::now();
    const std::string tenant = exchange->key->tenant;
    expect(tenant);
    ++tenants_[tenant].waits;
    const std::uint64_t number = ++last_number_;
    waits_.emplace(number, Wait{.exchange = std::move(exchange),
                                .tenant = tenant,
                                .post_id = post_id,
                                .revision = revision,
                                .asked_for = wait,
                                .until = now + wait,
                                .next_look = now + (known ? kLongestPause : kFirstLook),
                                .pause = kFirstLook,
                                .else_answer = std::move(else_answer)});
    by_post_.emplace(key_of(tenant, post_id), number);
    if (known) look(number, false);
}

void PickWaits::answer(Waits::iterator wait, Response response) {
    Wait done = std::move(wait->second);
    const auto [first, last] = by_post_.equal_range(key_of(done.tenant, done.post_id));
    for (auto each = first; each != last; ++each) {
        if (each->second != wait->first) continue;
        by_post_.erase(each);
        break;
    }
    waits_.erase(wait);
    Tenant& tenant = tenants_[done.tenant];
    --tenant.waits;
    tenant.idle_since = Clock::now();
    done.exchange->answer(std::move(response));
}

void PickWaits::take_event(const DaemonEvent& event) {
    const auto tenant = tenants_.find(event.tenant);
    if (tenant == tenants_.end() || tenant->second.waits == 0) return;
    const auto told = nlohmann::json::parse(event.json, nullptr, false);
    if (!told.is_object()) return;
    const auto [first, last] = by_post_.equal_range(key_of(tenant->first, told.value("post_id", "")));
    const auto revision = told.value("revision", std::uint32_t{0});
    std::vector<std::uint64_t> numbers;
    for (auto each = first; each != last; ++each)
        numbers.push_back(each->second);
    for (const std::uint64_t number : numbers) {
        const auto wait = waits_.find(number);
        if (wait == waits_.end() || revision < wait->second.revision) continue;
        std::string body = post_state_json(event.pick ? "delivered" : "dead", revision,
                                           event.pick ? "pick" : "dead", event.json);
        answer(wait, waited(std::move(body), wait->second.asked_for));
    }
}

void PickWaits::look(std::uint64_t number, bool last) {
    const Wait& wait = waits_.at(number);
    daemon_.ask({{"op", "post"}, {"key", wait.exchange->key->digest}, {"post_id", wait.post_id}},
                [this, number, last](const DoorAnswer& answer_of_door) {
                    const auto found = waits_.find(number);
                    if (found == waits_.end()) return;
                    Wait& waiting = found->second;
                    const auto state = nlohmann::json::parse(answer_of_door.result, nullptr, false);
                    const bool there =
                        state.is_object() && state.value("revision", 0U) >= waiting.revision &&
                        (state.value("state", "") == "delivered" || state.value("state", "") == "dead");
                    if (there) return answer(found, waited(answer_of_door.result, waiting.asked_for));
                    // Who may not ask any more has his ack, and waits no longer.
                    const auto& refusal = answer_of_door.error;
                    if (last || (refusal && refusal->code == kUnauthenticated))
                        answer(found, std::move(waiting.else_answer));
                });
}

void PickWaits::look_at_clock() {
    const auto now = Clock::now();
    std::vector<std::uint64_t> due;
    for (const auto& [number, wait] : waits_) {
        if (wait.exchange->gone() || now >= wait.next_look || now >= wait.until) due.push_back(number);
    }
    for (const std::uint64_t number : due) {
        const auto found = waits_.find(number);
        if (found == waits_.end()) continue;
        Wait& wait = found->second;
        if (wait.exchange->gone()) {
            answer(found, {});
            continue;
        }
        const bool last = now >= wait.until;
        wait.pause = std::min(wait.pause * 3, kLongestPause);
        wait.next_look = last ? Clock::time_point::max() : now + wait.pause;
        if (last) wait.until = Clock::time_point::max();  // answered when bgmd has
        look(number, last);
    }
    for (auto entry = tenants_.begin(); entry != tenants_.end();) {
        const Tenant& tenant = entry->second;
        if (tenant.waits == 0 && now - tenant.idle_since > kSubscriptionLingers) {
            daemon_.unlisten(entry->first);
            entry = tenants_.erase(entry);
        } else {
            ++entry;
        }
    }
}

}  // namespace bgm::gateway
