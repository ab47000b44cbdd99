// What is known of the users whose posts are in analysis: their taste, and what they had not long ago.
//
// A thread with a connection of its own reads it from MySQL while workers look at the post, so that it is
// there when the mood is; kept here for as many listeners as kListenersMax, those longest unused go. Where
// MySQL does not answer in time the post goes on without. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/question_queue.hpp"
#include "daemon/config.hpp"
#include "daemon/pipeline/had_tracks.hpp"
#include "daemon/store/taste_table.hpp"
#include "fusion/taste/taste.hpp"

namespace bgm {

/// What the recommender is told of a listener; everything is null where nothing is known.
struct KnownListener {
    std::shared_ptr<const Taste> taste{};
    std::shared_ptr<const std::vector<RecentTrack>> recent{};  // as MySQL knows it
    std::shared_ptr<HadTracks> had{};                          // the recommender's thread's own
};

class Listeners {
 public:
    using Clock = std::chrono::steady_clock;
    using OnKnown = std::function<void(const KnownListener&)>;
    using Found = Result<std::vector<StoredListener>>;

    struct Options {
        std::int64_t repeat_after_ms = 0;
        std::size_t listeners_max = 20'000;
        /// Longer no post waits for MySQL.
        std::chrono::milliseconds patience{100};
        /// What is older is read again: another process may have learnt, and a person may have changed it.
        std::chrono::milliseconds fresh_for{10'000};
        /// And so much longer for each track that he had: who posts without end is not read without end.
        std::chrono::milliseconds fresh_for_track{100};
        std::function<Clock::time_point()> now = Clock::now;
        /// Asks MySQL on the thread. Tests play it.
        std::function<Found(const std::string& tenant, std::span<const std::string> user_ids,
                            std::int64_t since_ms)>
            read = {};
    };

    /// Reads from the configuration's MySQL.
    static std::unique_ptr<Listeners> open(const Config& config, EventLoop& loop, Metrics& metrics);
    Listeners(EventLoop& loop, Metrics& metrics, Options options);
    /// Calls nothing any more.
    ~Listeners();
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    /// A post of theirs is in analysis: what is known will be asked for.
    void expect(const std::string& tenant, const std::string& user_id);
    /// At once where it is known, or else in a later turn.
    void ask(const std::string& tenant, const std::string& user_id, OnKnown on_known);
    /// His taste has changed: the next one who asks gets the new one.
    void changed(const std::vector<ListenerKey>& listeners);
    /// Erased, with all that is kept here.
    void forget(const ListenerKey& listener);

    std::size_t kept() const { return entries_.size(); }

 private:
    struct Waiting {
        OnKnown on_known;
        Clock::time_point until;
    };
    struct Entry {
        KnownListener known;
        Clock::time_point read_at{};
        bool is_read = false;    // ever, or since it changed
        std::uint64_t read = 0;  // of which reading the answer is waited for; 0: of none
        std::vector<Waiting> waiting;
        std::list<ListenerKey>::iterator used;
    };
    struct Hash {
        std::size_t operator()(const ListenerKey& key) const {
            const std::hash<std::string> hash;
            return hash(key.user_id) * 31 + hash(key.tenant);
        }
    };

    void run(const std::stop_token& stop);
    Entry& entry(const ListenerKey& key);
    void want(const ListenerKey& key, Entry& entry);
    void send_wanted();
    void answered(const std::string& tenant, const std::vector<std::string>& user_ids, std::uint64_t reading,
                  Found found);
    void give_up_late();
    void serve(Entry& entry);
    void make_room();

    EventLoop& loop_;
    Metrics& metrics_;
    const Options options_;
    std::unordered_map<ListenerKey, Entry, Hash> entries_;
    std::list<ListenerKey> by_use_;                           // the last used first
    std::map<std::string, std::vector<std::string>> wanted_;  // in this turn, by tenant
    std::vector<ListenerKey> late_;                           // with somebody who waits
    std::uint64_t readings_ = 0;
    Clock::time_point away_until_{};  // MySQL has just failed: nobody waits for it
    QuestionQueue<int> questions_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
