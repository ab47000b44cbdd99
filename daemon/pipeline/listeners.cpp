#include "daemon/pipeline/listeners.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/store/mysql_options.hpp"

namespace bgm {
namespace {

// Users in one statement.
constexpr std::size_t kReadTogether = 64;
constexpr std::chrono::milliseconds kLateAfter{20};
constexpr std::chrono::seconds kAwayFor{1};

}  // namespace

std::unique_ptr<Listeners> Listeners::open(const Config& config, EventLoop& loop, Metrics& metrics) {
    struct Store {
        explicit Store(const Config& settings) : connection(mysql_options(settings)) {}
        MySqlConnection connection;
        TasteTable tastes{connection};
    };
    auto store = std::make_shared<Store>(config);
    Options options{.repeat_after_ms = config.matching.repeat_after_s * 1000};
    options.read = [store](const std::string& tenant, std::span<const std::string> user_ids,
                           std::int64_t since_ms) { return store->tastes.read(tenant, user_ids, since_ms); };
    return std::make_unique<Listeners>(loop, metrics, std::move(options));
}

Listeners::Listeners(EventLoop& loop, Metrics& metrics, Options options)
    : loop_(loop),
      metrics_(metrics),
      options_(std::move(options)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    loop_.at_end_of_turn([this] { send_wanted(); });
    loop_.every(kLateAfter, [this] { give_up_late(); });
}

Listeners::~Listeners() {
    thread_.request_stop();
    thread_.join();
}

void Listeners::run(const std::stop_token& stop) {
    name_this_thread("listeners");
    while (!stop.stop_requested()) {
        if (const auto question = questions_.next(stop, Clock::now() + std::chrono::hours(1))) (*question)(0);
    }
}

Listeners::Entry& Listeners::entry(const ListenerKey& key) {
    const auto [place, is_new] = entries_.try_emplace(key);
    Entry& entry = place->second;
    if (is_new) {
        by_use_.push_front(key);
        entry.used = by_use_.begin();
    } else {
        by_use_.splice(by_use_.begin(), by_use_, entry.used);
    }
    return entry;
}

void Listeners::want(const ListenerKey& key, Entry& entry) {
    if (entry.read != 0) return;
    entry.read = readings_ + 1;
    wanted_[key.tenant].push_back(key.user_id);
}

void Listeners::expect(const std::string& tenant, const std::string& user_id) {
    if (user_id.empty()) return;
    const ListenerKey key{tenant, user_id};
    Entry& found = entry(key);
    const auto tracks = static_cast<int>(found.known.recent ? found.known.recent->size() : 0);
    const auto fresh_for = options_.fresh_for + tracks * options_.fresh_for_track;
    if (!found.is_read || options_.now() - found.read_at > fresh_for) want(key, found);
}

void Listeners::ask(const std::string& tenant, const std::string& user_id, OnKnown on_known) {
    if (user_id.empty()) return on_known({});
    const ListenerKey key{tenant, user_id};
    Entry& found = entry(key);
    if (!found.known.had) found.known.had = std::make_shared<HadTracks>();
    if (found.is_read) {
        metrics_.count_taste_lookup("known");
        return on_known(found.known);
    }
    want(key, found);
    if (options_.now() < away_until_) {
        metrics_.count_taste_lookup("failed");
        return on_known(found.known);
    }
    found.waiting.push_back({.on_known = std::move(on_known), .until = options_.now() + options_.patience});
    late_.push_back(key);
}

void Listeners::send_wanted() {
    if (wanted_.empty()) return;
    const std::uint64_t reading = ++readings_;
    for (auto& [tenant, user_ids] : std::exchange(wanted_, {})) {
        for (std::size_t first = 0; first < user_ids.size(); first += kReadTogether) {
            const auto begin = user_ids.begin() + static_cast<std::ptrdiff_t>(first);
            const auto end = user_ids.begin() +
                             static_cast<std::ptrdiff_t>(std::min(first + kReadTogether, user_ids.size()));
            questions_.push([this, reading, tenant = tenant, users = std::vector(begin, end)](int) {
                Found found = options_.read(tenant, users, now_ms() - options_.repeat_after_ms);
                loop_.post([this, reading, tenant, users, found = std::move(found)]() mutable {
                    answered(tenant, users, reading, std::move(found));
                });
            });
        }
    }
    make_room();
}

void Listeners::answered(const std::string& tenant, const std::vector<std::string>& user_ids,
                         std::uint64_t reading, Found found) {
    if (!found) {
        if (options_.now() >= away_until_)
            log_warn("tastes cannot be read from MySQL; posts go on without",
                     {{"error", found.error().to_string()}});
        away_until_ = options_.now() + kAwayFor;
    }
    for (std::size_t i = 0; i < user_ids.size(); ++i) {
        const auto place = entries_.find({tenant, user_ids[i]});
        // Forgotten meanwhile, or changed: what was read is of before.
        if (place == entries_.end() || place->second.read != reading) continue;
        Entry& entry = place->second;
        entry.read = 0;
        if (found) {
            StoredListener& stored = (*found)[i];
            entry.known.taste =
                stored.taste ? std::make_shared<const Taste>(*std::move(stored.taste)) : nullptr;
            entry.known.recent = std::make_shared<const std::vector<RecentTrack>>(std::move(stored.recent));
            entry.read_at = options_.now();
            entry.is_read = true;
        }
        for (std::size_t n = 0; n < entry.waiting.size(); ++n)
            metrics_.count_taste_lookup(found ? "read" : "failed");
        serve(entry);
    }
}

void Listeners::serve(Entry& entry) {
    const KnownListener known = entry.known;
    for (Waiting& waiting : std::exchange(entry.waiting, {}))
        waiting.on_known(known);
}

void Listeners::give_up_late() {
    const auto now = options_.now();
    for (const ListenerKey& key : std::exchange(late_, {})) {
        const auto place = entries_.find(key);
        if (place == entries_.end() || place->second.waiting.empty()) continue;
        if (now < place->second.waiting.front().until) {
            late_.push_back(key);
            continue;
        }
        for (std::size_t n = 0; n < place->second.waiting.size(); ++n)
            metrics_.count_taste_lookup("late");
        serve(place->second);
    }
}

void Listeners::changed(const std::vector<ListenerKey>& listeners) {
    for (const ListenerKey& key : listeners) {
        const auto place = entries_.find(key);
        if (place == entries_.end()) continue;
        place->second.is_read = false;
        place->second.read = 0;
        if (!place->second.waiting.empty()) want(key, place->second);
    }
}

void Listeners::forget(const ListenerKey& listener) {
    const auto place = entries_.find(listener);
    if (place == entries_.end()) return;
    place->second.known = {};
    const auto used = place->second.used;
    Entry gone = std::move(place->second);
    entries_.erase(place);
    by_use_.erase(used);
    serve(gone);
}

void Listeners::make_room() {
    while (entries_.size() > options_.listeners_max) {
        const auto place = entries_.find(by_use_.back());
        if (!place->second.waiting.empty()) return;
        entries_.erase(place);
        by_use_.pop_back();
    }
}

}  // namespace bgm
