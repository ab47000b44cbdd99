#include "daemon/delivery.hpp"

#include <google/protobuf/util/time_util.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "daemon/clock.hpp"
#include "daemon/log.hpp"
#include "daemon/mysql/migrations.hpp"
#include "daemon/mysql/pick_store.hpp"
#include "daemon/mysql_options.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

constexpr std::size_t kOwnedMax = 4096;  // decisions in memory; the others wait in the journal

std::string event_of(const Decision& decision) {
    return decision.pick ? to_json(*decision.pick) : to_json(*decision.dead);
}

bool concerns(const Decision& decision, const ErasureScope& scope) {
    const auto matches = [&](const auto& message, const std::string& user_id) {
        return message.tenant() == scope.tenant &&
               (scope.user_id.empty() ? message.post_id() == scope.post_id : user_id == scope.user_id);
    };
    return decision.pick ? matches(*decision.pick, decision.pick->user_id())
                         : matches(*decision.dead, decision.dead->post().user_id());
}

}  // namespace

struct Delivery::Store {
    explicit Store(const Config& config) : options(mysql_options(config)), picks(options) {}
    MySqlOptions options;
    PickStore picks;
};

Delivery::Delivery(const Config& config, EventLoop& loop, Journal& journal, Metrics& metrics)
    : config_(config), loop_(loop), journal_(journal), metrics_(metrics) {}

Result<std::unique_ptr<Delivery>> Delivery::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                                 Journal& journal, Metrics& metrics) {
    std::unique_ptr<Delivery> delivery(new Delivery(config, loop, journal, metrics));
    auto events = Socket::bind(messaging, Socket::Kind::pub, config.events.endpoint, {.queue_max = 10'000});
    if (!events) return events.error();
    delivery->events_ = std::move(*events);
    if (config.mysql.enabled()) {
        delivery->store_ = std::make_unique<Store>(config);
        delivery->thread_ =
            std::jthread([raw = delivery.get()](const std::stop_token& stop) { raw->run(stop); });
    }
    return delivery;
}

Delivery::~Delivery() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void Delivery::enqueue(Decision decision) {
    if (!store_) return publish(decision, event_of(decision));
    // Half of the room is kept free of backfill; and nothing goes past what waits in the journal already.
    const std::size_t line = decision.backfill ? 1 : 0;
    if (backlog_[line] || owned_.size() >= (decision.backfill ? kOwnedMax / 2 : kOwnedMax)) {
        backlog_[line] = missed_[line] = true;
        return;
    }
    owned_.insert(decision.seq);
    {
        const std::lock_guard lock(mutex_);
        queues_[line].push_back(std::move(decision));
        metrics_.set_mysql(mysql_error_.empty(), queued());
    }
    arrived_.notify_one();
}

std::size_t Delivery::queued() const {
    return queues_[0].size() + queues_[1].size();
}

void Delivery::resume() {
    if (!store_) return;
    backlog_ = {true, true};
    read_backlog();
}

void Delivery::forget_dead(std::string tenant, std::string post_id) {
    if (!store_) return;
    {
        const std::lock_guard lock(mutex_);
        forgotten_.emplace_back(std::move(tenant), std::move(post_id));
    }
    arrived_.notify_one();
}

void Delivery::erase(ErasureScope scope, OnErased done) {
    if (!store_) return done(ErasedRows{});
    {
        const std::lock_guard lock(mutex_);
        for (auto& queue : queues_) {
            std::erase_if(queue, [&](const Decision& decision) {
                const bool erased = concerns(decision, scope);
                if (erased) owned_.erase(decision.seq);
                return erased;
            });
        }
        erasures_.emplace_back(std::move(scope), std::move(done));
    }
    arrived_.notify_one();
}

std::string Delivery::mysql_error() const {
    const std::lock_guard lock(mutex_);
    return mysql_error_;
}

void Delivery::wait(const std::stop_token& stop, std::int64_t milliseconds) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, stop, std::chrono::milliseconds(milliseconds), [] { return false; });
}

void Delivery::run(const std::stop_token& stop) {
    // Deliveries are patient: they yield the processor to intake, like the workers do.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), static_cast<int>(config_.workers.nice));
    std::int64_t delay_ms = config_.mysql.retry_min_ms;
    // Before anything can be delivered: the catalogue, without which nothing is picked, lies in these tables
    // too.
    while (!prepare() && !stop.stop_requested()) {
        wait(stop, delay_ms);
        delay_ms = std::min(delay_ms * 2, config_.mysql.retry_max_ms);
    }
    delay_ms = config_.mysql.retry_min_ms;
    while (true) {
        std::vector<Decision> batch;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, stop,
                          [this] { return queued() > 0 || !forgotten_.empty() || !erasures_.empty(); });
            if (stop.stop_requested()) return;
            // Live posts are not held up by filling their transaction with backfill.
            auto& queue = queues_[0].empty() ? queues_[1] : queues_[0];
            const auto count = std::min(queue.size(), static_cast<std::size_t>(config_.mysql.batch));
            std::move(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count),
                      std::back_inserter(batch));
            queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
        }
        delay_ms = config_.mysql.retry_min_ms;
        while (!write(batch, stop) && !stop.stop_requested()) {
            wait(stop, delay_ms);
            delay_ms = std::min(delay_ms * 2, config_.mysql.retry_max_ms);
        }
        erase_due();  // after the batch, which may hold a pick that is to be erased
        const std::lock_guard lock(mutex_);
        metrics_.set_mysql(mysql_error_.empty(), queued());
    }
}

void Delivery::erase_due() {
    while (true) {
        std::pair<ErasureScope, OnErased> erasure;
        {
            const std::lock_guard lock(mutex_);
            if (erasures_.empty()) return;
            erasure = std::move(erasures_.front());
            erasures_.pop_front();
        }
        auto erased = store_->picks.erase(erasure.first);
        if (!erased) failed(erased.error());
        loop_.post([done = std::move(erasure.second), erased = std::move(erased)] { done(erased); });
    }
}

// Makes or completes the tables, where that is allowed.
bool Delivery::prepare() {
    if (!config_.mysql.migrate) return true;
    auto applied = migrate(store_->options);
    if (!applied) return failed(applied.error());
    for (const MigrationStatus& migration : *applied)
        log_info("migration applied", {{"name", migration.name}});
    succeeded();
    return true;
}

// Says it once an outage; always false.
bool Delivery::failed(const Error& error) {
    metrics_.count_mysql_error(error.code);
    const std::lock_guard lock(mutex_);
    if (mysql_error_.empty())
        log_warn("MySQL cannot be written; picks wait in the journal", {{"error", error.to_string()}});
    mysql_error_ = error.to_string();
    metrics_.set_mysql(false, queued());
    return false;
}

void Delivery::succeeded() {
    const std::lock_guard lock(mutex_);
    if (!mysql_error_.empty()) log_info("MySQL is back");
    mysql_error_.clear();
    metrics_.set_mysql(true, queued());
}

// True where every decision of the batch is settled.
bool Delivery::write(const std::vector<Decision>& batch, const std::stop_token& stop) {
    const Stopwatch stopwatch;
    std::vector<Decision> rest = batch;
    while (true) {
        std::pair<std::string, std::string> key;
        {
            const std::lock_guard lock(mutex_);
            if (forgotten_.empty()) break;
            key = forgotten_.front();
        }
        if (auto removed = store_->picks.remove_dead(key.first, key.second); !removed)
            return failed(removed.error());
        const std::lock_guard lock(mutex_);
        forgotten_.pop_front();
    }
    while (!rest.empty() && !stop.stop_requested()) {
        std::vector<const v1::Pick*> picks;
        std::vector<const v1::DeadLetter*> dead;
        for (const Decision& decision : rest) {
            if (decision.pick) picks.push_back(decision.pick.get());
            if (decision.dead) dead.push_back(decision.dead.get());
        }
        const Status done = store_->picks.write(picks, dead);
        if (done) break;
        const auto row = refused_row(done.error());
        if (!row) return failed(done.error());
        // One row can never be written: it is taken out, and the others go on.
        const void* culprit = row->kind == RefusedRow::Kind::pick
                                  ? static_cast<const void*>(picks.at(row->index))
                                  : static_cast<const void*>(dead.at(row->index));
        const auto place = std::find_if(rest.begin(), rest.end(), [culprit](const Decision& decision) {
            return decision.pick.get() == culprit || decision.dead.get() == culprit;
        });
        loop_.post([this, decision = *place, error = done.error()] { refused(decision, error); });
        rest.erase(place);
    }
    if (stop.stop_requested() && !rest.empty()) return false;
    succeeded();
    if (rest.empty()) return true;
    metrics_.observe_stage(Stage::deliver, stopwatch.seconds());
    metrics_.observe_delivery(rest.size());
    std::vector<Written> done;
    done.reserve(rest.size());
    for (Decision& decision : rest) {
        std::string event = event_of(decision);  // here and not on the loop, which has acks to send
        done.push_back({.decision = std::move(decision), .event = std::move(event)});
    }
    loop_.post([this, done = std::move(done)] { written(done); });
    return true;
}

void Delivery::written(const std::vector<Written>& batch) {
    struct Key {
        std::int64_t seq;
        std::uint32_t revision;
        bool dead;
    };
    std::vector<Key> keys;
    for (const auto& [decision, event] : batch) {
        publish(decision, event);
        keys.push_back({decision.seq, decision.revision, decision.dead != nullptr});
    }
    (void)journal_.submit(
        Journal::Urgency::internal, keys.size() * sizeof(Key),
        [keys](JournalStore& store) -> Status {
            for (const Key& key : keys) {
                auto done = key.dead ? store.set_dead_synced(key.seq, key.revision)
                                     : store.set_delivered(key.seq, key.revision, now_ms());
                if (!done) return done.error();
            }
            return ok_status();
        },
        [this, keys](const Status&) {
            loop_.post([this, keys] {
                for (const Key& key : keys)
                    owned_.erase(key.seq);
                read_backlog();
            });
        });
}

void Delivery::refused(const Decision& decision, const Error& error) {
    owned_.erase(decision.seq);
    log_error("MySQL refuses a row for good",
              {{"seq", std::to_string(decision.seq)}, {"error", error.to_string()}});
    if (decision.dead) {  // it stays in the journal, where an operator finds it
        (void)journal_.submit(
            Journal::Urgency::internal, 0,
            [seq = decision.seq, revision = decision.revision](JournalStore& store) -> Status {
                auto done = store.set_dead_synced(seq, revision);
                return done ? ok_status() : Status(done.error());
            },
            {});
        return;
    }
    metrics_.count_dead("deliver", name(error.code));
    auto dead = std::make_shared<v1::DeadLetter>();
    dead->set_tenant(decision.pick->tenant());
    dead->set_post_id(decision.pick->post_id());
    dead->set_revision(decision.revision);
    dead->set_stage("deliver");
    dead->set_code(std::string(name(error.code)));
    dead->set_message(error.to_string());
    dead->set_attempts(1);
    *dead->mutable_died_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [seq = decision.seq, revision = decision.revision,
         bytes = dead->SerializeAsString()](JournalStore& store) -> Status {
            auto done = store.set_dead(seq, revision, bytes, now_ms());
            return done ? ok_status() : Status(done.error());
        },
        [this, decision, dead](const Status&) {
            loop_.post([this, decision, dead] {
                enqueue({.seq = decision.seq,
                         .revision = decision.revision,
                         .pick = nullptr,
                         .dead = dead,
                         .accepted_at = decision.accepted_at,
                         .backfill = decision.backfill});
            });
        });
}

void Delivery::publish(const Decision& decision, std::string_view event) {
    Frames frames;
    if (decision.pick) {
        metrics_.count_delivered();
        frames.emplace_back("pick." + decision.pick->tenant() + "." + decision.pick->mood());
        metrics_.observe_stage(
            Stage::total,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - decision.accepted_at).count());
    } else {
        frames.emplace_back("dead." + decision.dead->tenant());
    }
    frames.emplace_back(event);
    if (events_->send(std::move(frames))) metrics_.count_event();
}

void Delivery::read_backlog() {
    if (!(backlog_[0] || backlog_[1]) || reading_ || owned_.size() > kOwnedMax / 4) return;
    reading_ = true;
    const std::size_t limit = kOwnedMax;
    auto owned = std::make_shared<std::unordered_set<std::int64_t>>(owned_);
    auto rows = std::make_shared<std::vector<JournalRow>>();
    auto more = std::make_shared<bool>(false);
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [owned, rows, more, limit](JournalStore& store) -> Status {
            rows->clear();
            auto found = store.undelivered(limit);
            if (!found) return found.error();
            *more = false;
            for (const std::int64_t seq : *found) {
                if (owned->contains(seq)) continue;
                if (rows->size() == limit / 2) {
                    *more = true;
                    break;
                }
                auto row = store.row(seq);
                if (!row) return row.error();
                if (*row) rows->push_back(std::move(**row));
            }
            if (found->size() >= limit) *more = true;
            return ok_status();
        },
        [this, rows, more](const Status&) {
            loop_.post([this, rows, more] {
                reading_ = false;
                backlog_ = {false, false};
                for (JournalRow& row : *rows) {
                    if (owned_.contains(row.seq)) continue;
                    Decision decision{
                        .seq = row.seq, .revision = row.revision, .pick = {}, .dead = {}, .accepted_at = {}};
                    decision.accepted_at = std::chrono::steady_clock::now() -
                                           std::chrono::milliseconds(now_ms() - row.accepted_ms);
                    decision.backfill = row.priority == v1::BACKFILL;
                    if (row.state == PostState::dead) {
                        auto dead = std::make_shared<v1::DeadLetter>();
                        if (!dead->ParseFromString(row.dead)) continue;
                        (void)dead->mutable_post()->ParseFromString(row.post);
                        decision.dead = std::move(dead);
                    } else {
                        auto pick = std::make_shared<v1::Pick>();
                        if (!pick->ParseFromString(row.pick)) continue;
                        decision.pick = std::move(pick);
                    }
                    enqueue(std::move(decision));
                }
                for (const std::size_t line : {0, 1})
                    backlog_[line] = backlog_[line] || *more || missed_[line];
            });
        });
    missed_ = {false, false};
}

}  // namespace bgm
