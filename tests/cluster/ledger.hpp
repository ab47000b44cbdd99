// Keeps the book of what a cluster has promised, knowing nothing of how it keeps it: sends posts to every
// host in turn as a careful client would, notes each acknowledgement, and afterwards asks the database what
// became of each. For one thread.
//
// A post has several versions, sent one after the other: the next one only when the one before was
// acknowledged and every try of it has been answered (a try that is still on its way could arrive later, and
// would then rightly be the newest). A version says its number in its created_at, which is in the pick's row,
// and in its text, which is in the dead letter's.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ops/client/events_client.hpp"
#include "ops/client/posts_client.hpp"
#include "tests/cluster/cluster.hpp"

namespace bgm::test {

class Ledger {
 public:
    struct Options {
        std::string prefix = "post-";  // of the ids
        unsigned seed = 1;
        std::size_t window = 32;      // posts with something unacknowledged at once
        double posts_per_s = 1e9;     // new ones, at most
        int takes_ms = 0;             // each text
        int versions_max = 4;         // of a post, each number equally often
        int duplicates_percent = 20;  // of acknowledged versions are sent once more, to any host
        int unreadable_percent = 5;   // of versions end as dead letters
        int backfill_percent = 20;    // of posts
    };
    Ledger(Cluster& cluster, const Options& options);

    /// Goes on sending new posts, taking answers and events, until this holds.
    void run_until(const std::function<bool()>& done);
    /// The same until each host has answered BUSY to something that it is sent from now on.
    void run_until_every_host_is_busy();
    /// No new posts, but every version of those that there are, until all are acknowledged; false where that
    /// takes too long.
    bool finish(std::chrono::seconds within = std::chrono::seconds(180));

    /// What is not acknowledged yet, some of it, for a failure's message.
    std::string open_text() const;

    /// A host was killed: nothing that it had been sent will be answered.
    void host_was_killed(std::size_t host);
    /// From now on posts are not sent there; or are again.
    void avoid(std::size_t host, bool yes);

    /// Everything in the database is as promised. Waits until it is, and says what is not after the time.
    struct Findings {
        std::vector<std::string> lost, doubled, wrong, events;
        bool clean() const { return lost.empty() && doubled.empty() && wrong.empty() && events.empty(); }
        std::string text() const;
    };
    Findings check(std::chrono::seconds within = std::chrono::seconds(180));

    /// Hangs up: what is still to come is not waited for. check() may be asked all the same.
    void hang_up() { clients_ = std::vector<Client>(clients_.size()); }

    /// Listens to the events of a host that is not hurt from now on: each must come exactly once. Only to be
    /// called before anything was sent.
    void listen(std::size_t host);

    std::size_t posts() const { return items_.size(); }
    std::size_t acknowledged() const { return acknowledged_; }  // versions
    std::size_t tries() const { return tries_; }
    std::size_t busy() const { return busy_; }

 private:
    using Clock = std::chrono::steady_clock;
    struct Item {
        int version = 1, versions = 1;
        bool acknowledged = false, repeated = false;
        int tries = 0;  // of all versions
        // host -> when it was sent the tries that it has not answered
        std::map<std::size_t, std::deque<Clock::time_point>> on_the_way;
        Clock::time_point wait_until{};  // an answer may have been lost, a host may be busy
        Clock::time_point last_sent{};
        bool backfill = false;
        std::vector<bool> unreadable;  // by version
        std::string history = {};      // what was sent and answered
    };
    struct Client {
        std::optional<PostsClient> posts;
        std::uint64_t lost = 0;
        bool avoided = false;
        Clock::time_point connect_after{};
        Clock::time_point busy_with{};  // when the newest try that it has answered BUSY was sent
    };

    void turn();
    void add_item();
    void send(const std::string& id, Item& item);
    bool advance(const std::string& id, Item& item);
    void take_answers(std::size_t host);
    void take_events();
    nlohmann::json post(const std::string& id, const Item& item) const;
    bool open(const Item& item) const { return !item.acknowledged || item.version < item.versions; }
    std::optional<std::size_t> next_host();
    bool has_client(std::size_t host);
    Findings look();
    void note(Item& item, const std::string& what) const;
    /// What was sent and answered, and which messages its row has seen, by their senders' clocks.
    std::string history(const std::string& id);

    Cluster& cluster_;
    const Options options_;
    std::mt19937 random_;
    std::vector<Client> clients_;
    std::map<std::string, Item> items_;
    std::set<std::string> active_;  // not yet done
    Clock::time_point next_item_{};
    std::size_t next_host_ = 0, acknowledged_ = 0, tries_ = 0, busy_ = 0;
    std::optional<EventsClient> events_;
    std::map<std::string, std::map<std::uint32_t, int>> heard_;  // post, revision -> how often
};

}  // namespace bgm::test
