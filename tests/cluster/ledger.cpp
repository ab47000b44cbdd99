#include "tests/cluster/ledger.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "tests/cluster/waiting_mark.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPatience{3'000};  // for an answer
// A host that was asked over a connection that broke has done it by then, or never will.
constexpr seconds kLostAnswer{20};

std::string two_digits(int number) {
    char text[16];
    std::snprintf(text, sizeof text, "%02d", number);
    return text;
}

/// Of microseconds since 1970: minutes, seconds and what is below.
std::string clock_text(std::int64_t time_us) {
    char text[32];
    std::snprintf(text, sizeof text, "%02d:%09.6f", static_cast<int>(time_us / 60'000'000 % 60),
                  static_cast<double>(time_us % 60'000'000) / 1e6);
    return text;
}

/// "... version 3 of ..." -> 3; 0 where it does not say.
int version_in(const std::string& text) {
    const std::size_t at = text.find("version ");
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + 8));
}

}  // namespace

Ledger::Ledger(Cluster& cluster, const Options& options)
    : cluster_(cluster), options_(options), random_(options.seed), clients_(cluster.host_count()) {}

void Ledger::listen(std::size_t host) {
    auto client = EventsClient::connect(cluster_.host(host).events(), "default", seconds(10));
    if (!client) throw std::runtime_error(client.error().to_string());
    events_.emplace(std::move(*client));
}

void Ledger::run_until(const std::function<bool()>& done) {
    while (!done()) {
        while (active_.size() < options_.window && Clock::now() >= next_item_)
            add_item();
        turn();
    }
}

void Ledger::run_until_every_host_is_busy() {
    const auto begin = Clock::now();
    run_until([&] {
        return std::ranges::all_of(clients_, [&](const Client& client) { return client.busy_with > begin; });
    });
}

bool Ledger::finish(seconds within) {
    const auto until = Clock::now() + within;
    while (!active_.empty()) {
        if (Clock::now() > until) return false;
        turn();
    }
    return true;
}

std::string Ledger::open_text() const {
    std::string all = std::to_string(active_.size()) + " posts are open\n";
    constexpr int kSaid = 10;
    int said = 0;
    for (const std::string& id : active_) {
        const Item& item = items_.at(id);
        all += "    " + id + ", version " + std::to_string(item.version) + ", " + std::to_string(item.tries) +
               " tries" + (item.acknowledged ? ", acknowledged" : "");
        for (const auto& [host, tries] : item.on_the_way)
            all += ", host " + std::to_string(host + 1) + " has " + std::to_string(tries.size());
        all += "\n";
        if (++said == kSaid) break;
    }
    return all;
}

void Ledger::host_was_killed(std::size_t host) {
    clients_[host].posts.reset();
    for (const std::string& id : active_)
        items_[id].on_the_way.erase(host);
}

void Ledger::avoid(std::size_t host, bool yes) {
    clients_[host].avoided = yes;
}

bool Ledger::has_client(std::size_t host) {
    Client& client = clients_[host];
    if (client.posts) return true;
    if (Clock::now() < client.connect_after) return false;
    client.connect_after = Clock::now() + seconds(1);
    auto made = PostsClient::connect(cluster_.host(host).posts(), milliseconds(300));
    if (!made) return false;
    client.posts.emplace(std::move(*made));
    client.lost = client.posts->connections_lost();
    return true;
}

std::optional<std::size_t> Ledger::next_host() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const std::size_t host = next_host_++ % clients_.size();
        if (!clients_[host].avoided && has_client(host)) return host;
    }
    return std::nullopt;
}

void Ledger::add_item() {
    next_item_ = std::max(next_item_, Clock::now() - seconds(1)) +
                 std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / options_.posts_per_s));
    const std::string id = options_.prefix + std::to_string(items_.size());
    Item& item = items_[id];
    item.versions = std::uniform_int_distribution<int>(1, options_.versions_max)(random_);
    item.backfill = std::uniform_int_distribution<int>(0, 99)(random_) < options_.backfill_percent;
    item.unreadable.push_back(false);
    for (int version = 1; version <= item.versions; ++version)
        item.unreadable.push_back(std::uniform_int_distribution<int>(0, 99)(random_) <
                                  options_.unreadable_percent);
    active_.insert(id);
}

Json Ledger::post(const std::string& id, const Item& item) const {
    std::string text = "version " + std::to_string(item.version) + " of " + id + ", a long and rainy day";
    if (options_.takes_ms > 0) text += ", " + takes(options_.takes_ms);
    if (item.unreadable[static_cast<std::size_t>(item.version)]) text += ", " + std::string(kUnreadable);
    return {{"post_id", id},
            {"user_id", "user-" + std::to_string(std::hash<std::string>()(id) % 100)},
            {"text", text},
            {"priority", item.backfill ? "BACKFILL" : "LIVE"},
            {"created_at", "2026-01-01T00:00:" + two_digits(item.version) + "Z"}};
}

void Ledger::send(const std::string& id, Item& item) {
    const auto host = next_host();
    if (!host) return;
    if (!clients_[*host].posts->send(WireFormat::json, post(id, item).dump())) return;
    note(item, "v" + std::to_string(item.version) + " to host " + std::to_string(*host + 1));
    item.last_sent = Clock::now();
    item.on_the_way[*host].push_back(item.last_sent);
    ++item.tries;
    ++tries_;
}

// True where there is nothing more to do for it.
bool Ledger::advance(const std::string& id, Item& item) {
    const auto now = Clock::now();
    if (now < item.wait_until) return false;
    if (!item.acknowledged) {
        const bool waits = !item.on_the_way.empty() && now - item.last_sent < kPatience;
        if (!waits) send(id, item);
        return false;
    }
    if (!item.repeated) {
        item.repeated = true;
        if (std::uniform_int_distribution<int>(0, 99)(random_) < options_.duplicates_percent) {
            send(id, item);
            return false;
        }
    }
    if (!item.on_the_way.empty()) return false;
    if (item.version == item.versions) return true;
    ++item.version;
    item.acknowledged = item.repeated = false;
    send(id, item);
    return false;
}

void Ledger::take_answers(std::size_t host) {
    Client& client = clients_[host];
    if (!client.posts) return;
    while (client.posts) {
        const auto answer = client.posts->receive(milliseconds(0));
        if (!answer) throw std::runtime_error(answer.error().to_string());
        if (!*answer) break;
        const PostAck& ack = **answer;
        if (ack.status == PostAck::Status::rejected)
            throw std::runtime_error(ack.post_id + " was rejected: " + ack.error_field + " " +
                                     ack.error_message);
        const auto found = items_.find(ack.post_id);
        if (found == items_.end()) throw std::runtime_error("an answer about '" + ack.post_id + "'");
        Item& item = found->second;
        const auto asked = item.on_the_way.find(host);
        if (asked == item.on_the_way.end()) continue;  // given up: the connection had been lost
        const auto sent = asked->second.front();
        asked->second.pop_front();
        if (asked->second.empty()) item.on_the_way.erase(asked);
        note(item, "host " + std::to_string(host + 1) + " says " +
                       (ack.status == PostAck::Status::busy ? "BUSY" : "ACCEPTED"));
        if (ack.status == PostAck::Status::busy) {
            ++busy_;
            client.busy_with = std::max(client.busy_with, sent);
            item.wait_until = Clock::now() + milliseconds(ack.retry_after_ms);
        } else if (!item.acknowledged) {
            item.acknowledged = true;
            ++acknowledged_;
        }
    }
    if (const std::uint64_t lost = client.posts->connections_lost(); lost != client.lost) {
        client.lost = lost;
        for (const std::string& id : active_) {
            Item& item = items_[id];
            if (item.on_the_way.erase(host) == 0) continue;
            note(item, "host " + std::to_string(host + 1) + " is lost");
            item.wait_until = Clock::now() + kLostAnswer;
        }
    }
}

void Ledger::take_events() {
    while (events_) {
        const auto event = events_->receive(milliseconds(0));
        if (!event) throw std::runtime_error(event.error().to_string());
        if (!*event) return;
        ++heard_[(*event)->post_id()][(*event)->revision()];
    }
}

void Ledger::turn() {
    bool waits = true;
    for (auto id = active_.begin(); id != active_.end();) {
        const std::size_t before = tries_;
        const bool done = advance(*id, items_[*id]);
        waits = waits && !done && tries_ == before;
        id = done ? active_.erase(id) : std::next(id);
    }
    for (std::size_t host = 0; host < clients_.size(); ++host)
        take_answers(host);
    take_events();
    if (!waits) return;
    std::vector<ClientSocket*> sockets;
    for (Client& client : clients_) {
        if (client.posts) sockets.push_back(&client.posts->socket());
    }
    if (sockets.empty())
        std::this_thread::sleep_for(milliseconds(10));
    else
        ClientSocket::wait_any(sockets, milliseconds(20));
}

Ledger::Findings Ledger::look() {
    struct Found {
        int picks = 0, dead = 0, version = 0, revision = 0, tracks = 0;
    };
    std::map<std::string, Found> found;
    const std::string ours = " WHERE tenant = 'default' AND post_id LIKE '" + options_.prefix + "%'";
    for (const auto& row : cluster_.database().rows("SELECT post_id, revision, SECOND(created_at), (SELECT "
                                                    "COUNT(*) FROM pick_tracks t WHERE t.tenant = "
                                                    "p.tenant AND t.post_id = p.post_id) FROM picks p" +
                                                    ours)) {
        Found& entry = found[row[0]];
        ++entry.picks;
        entry.revision = std::stoi(row[1]);
        entry.version = std::stoi(row[2]);
        entry.tracks = std::stoi(row[3]);
    }
    for (const auto& row :
         cluster_.database().rows("SELECT post_id, revision, post FROM dead_posts" + ours)) {
        Found& entry = found[row[0]];
        ++entry.dead;
        entry.revision = std::stoi(row[1]);
        entry.version = version_in(row[2]);
    }
    Findings findings;
    for (const auto& [id, item] : items_) {
        const auto at = found.find(id);
        const bool promised = item.acknowledged || item.version > 1;
        if (at == found.end()) {
            if (promised) findings.lost.push_back(id);
            continue;
        }
        const Found& entry = at->second;
        if (entry.picks + entry.dead > 1) findings.doubled.push_back(id + " is a pick and a dead letter");
        if (entry.picks == 1 && entry.tracks != 5)
            findings.doubled.push_back(id + " has " + std::to_string(entry.tracks) + " tracks");
        const std::string has = id + " is at version " + std::to_string(entry.version) + ", revision " +
                                std::to_string(entry.revision) + ", of " + std::to_string(item.version) +
                                " in " + std::to_string(item.tries) + " tries";
        if (item.acknowledged && entry.version != item.version)
            findings.wrong.push_back(has);
        else if (entry.revision < 1 || entry.revision > item.tries ||
                 (item.acknowledged && entry.revision < item.version))
            findings.wrong.push_back(has + ": revisions are not counted so");
        else if (item.acknowledged &&
                 item.unreadable[static_cast<std::size_t>(item.version)] != (entry.dead == 1))
            findings.wrong.push_back(has + (entry.dead == 1 ? ": died" : ": did not die"));
        found.erase(at);
    }
    for (const auto& [id, entry] : found)
        findings.doubled.push_back(id + " was never sent");
    for (std::string& wrong : findings.wrong)
        wrong += history(wrong.substr(0, wrong.find(' ')));
    if (!events_) return findings;
    take_events();
    for (const auto& [id, revisions] : heard_) {
        for (const auto& [revision, times] : revisions) {
            if (times > 1)
                findings.events.push_back(id + " revision " + std::to_string(revision) + " came " +
                                          std::to_string(times) + " times");
        }
    }
    for (const auto& row :
         cluster_.database().rows("SELECT post_id, revision FROM picks" + ours +
                                  " UNION ALL SELECT post_id, revision FROM dead_posts" + ours)) {
        const auto revision = static_cast<std::uint32_t>(std::stoul(row[1]));
        if (!heard_[row[0]].contains(revision))
            findings.events.push_back(row[0] + " revision " + row[1] + " was not heard of");
    }
    return findings;
}

void Ledger::note(Item& item, const std::string& what) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    item.history += "\n        " +
                    clock_text(std::chrono::duration_cast<std::chrono::microseconds>(now).count()) + " " +
                    what;
}

std::string Ledger::history(const std::string& id) {
    std::string all = items_.at(id).history;
    for (const char* table : {"picks", "dead_posts"}) {
        for (const auto& row : cluster_.database().rows("SELECT HEX(messages) FROM " + std::string(table) +
                                                        " WHERE post_id = '" + id + "'")) {
            for (std::size_t at = 0; at + 32 <= row[0].size(); at += 32) {
                const std::string message = row[0].substr(at, 32);
                all += "\n        " + clock_text(std::stoll(message.substr(0, 16), nullptr, 16)) + " sent " +
                       message + ", in " + table;
            }
        }
    }
    return all;
}

Ledger::Findings Ledger::check(seconds within) {
    const auto until = Clock::now() + within;
    Findings findings = look();
    while (!findings.clean() && Clock::now() < until) {
        std::this_thread::sleep_for(milliseconds(100));
        findings = look();
    }
    return findings;
}

std::string Ledger::Findings::text() const {
    std::string all;
    const auto say = [&all](const char* what, const std::vector<std::string>& which) {
        constexpr std::size_t kSaid = 10;
        all += std::to_string(which.size()) + " " + what + "\n";
        for (std::size_t i = 0; i < std::min(kSaid, which.size()); ++i)
            all += "    " + which[i] + "\n";
    };
    say("lost", lost);
    say("doubled", doubled);
    say("wrong", wrong);
    say("events missing or repeated", events);
    return all;
}

}  // namespace bgm::test
