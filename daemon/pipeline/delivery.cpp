#include "daemon/pipeline/delivery.hpp"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/gateway_sockets.hpp"
#include "schemas/codec.hpp"
#include "schemas/column_limits.hpp"
#include "schemas/message_id.hpp"
#include "schemas/one_line.hpp"
#include "schemas/pick_origin.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kBacklogPeriod{1};
constexpr std::size_t kOwnedMax = 4096;  // decisions in memory; the others wait in the journal

// Half of the room is kept free of backfill.
std::size_t owned_max(bool backfill) {
    return backfill ? kOwnedMax / 2 : kOwnedMax;
}

bool sent_later(const Decision& decision, const ErasureScope& scope) {
    if (scope.sent_before.empty()) return false;
    const auto origin = decision.pick ? origin_of(*decision.pick) : origin_of(*decision.dead);
    return origin && !origin->messages().empty() &&
           stamp_of(*origin->messages().rbegin()) >= scope.sent_before;
}

bool concerns(const Decision& decision, const ErasureScope& scope) {
    if (sent_later(decision, scope)) return false;
    return decision.pick
               ? scope.covers(decision.pick->tenant(), decision.pick->post_id(), decision.pick->user_id())
               : scope.covers(decision.dead->tenant(), decision.dead->post_id(),
                              decision.dead->post().user_id());
}

}  // namespace

Delivery::Delivery(const Config& config, EventLoop& loop, Journal& journal, PostQueue& queue,
                   Metrics& metrics, std::unique_ptr<DeliveryStore> store)
    : config_(config),
      loop_(loop),
      journal_(journal),
      queue_(queue),
      metrics_(metrics),
      store_(std::move(store)),
      writer_([this](auto picked, auto dead) { return store_->write(picked, dead); },
              [this] { return store_->reach().ok(); },
              [this](std::uint64_t above) { return store_->announce(above); }) {}

Result<std::unique_ptr<Delivery>> Delivery::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                                 Journal& journal, PostQueue& queue, Metrics& metrics,
                                                 std::unique_ptr<DeliveryStore> store) {
    std::unique_ptr<Delivery> delivery(new Delivery(config, loop, journal, queue, metrics, std::move(store)));
    auto events = Socket::bind(messaging, Socket::Kind::pub, config.events.endpoint, {.queue_max = 10'000});
    if (!events) return events.error();
    delivery->events_ = std::move(*events);
    if (config.gateway.enabled()) {
        auto called = delivery->events_->connect("ipc://" + config.runtime_dir + "/" + kGatewayEventsSocket);
        if (!called) return called.error();
    }
    loop.watch(*delivery->events_, EventLoop::Priority::normal,
               [raw = delivery.get()] { raw->look_for_listeners(); });
    if (delivery->store_) {
        // What could not be read or noted in the journal is looked at again.
        loop.every(kBacklogPeriod, [raw = delivery.get()] { raw->read_backlog(); });
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
    if (!store_) return publish(decision, {});
    // Nothing goes past what waits in the journal already.
    const std::size_t line = decision.backfill ? 1 : 0;
    if (backlog_[line] || owned_.size() >= owned_max(decision.backfill)) {
        backlog_[line] = missed_[line] = true;
        return;
    }
    owned_[decision.seq] = decision.revision;
    decision.order = next_order_++;
    {
        const MutexLock lock(mutex_);
        queues_[line].push_back(std::move(decision));
        metrics_.set_mysql(mysql_error_.empty(), queued());
    }
    arrived_.notify_one();
}

bool Delivery::has_room(bool backfill, std::size_t decisions) const {
    return !store_ || mysql_failed_ || owned_.size() + decisions <= owned_max(backfill);
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
        const MutexLock lock(mutex_);
        forgotten_.push_back(
            {.tenant = std::move(tenant), .post_id = std::move(post_id), .before = next_order_});
    }
    arrived_.notify_one();
}

void Delivery::erase(ErasureScope scope, OnErased done, Patience patience) {
    if (!store_) return done(ErasedRows{});
    std::optional<Error> away;
    {
        const MutexLock lock(mutex_);
        if (patience == Patience::none && !mysql_error_.empty())
            away = Error{.code = ErrorCode::unavailable, .message = mysql_error_};
        Erasure erasure{.scope = std::move(scope),
                        .before = next_order_,
                        .done = away ? OnErased() : done,
                        .patience = patience};
        for (const Decision& decision : take_out(erasure))
            release(decision.seq, decision.revision);
        // Whoever asks again while MySQL is away asks for no more than before.
        // (The first may be with the thread.)
        if (away && erasures_.size() > 1) {
            const auto again = std::remove_if(
                erasures_.begin() + 1, erasures_.end(),
                [&](const Erasure& earlier) { return !earlier.done && earlier.scope == erasure.scope; });
            erasures_.erase(again, erasures_.end());
        }
        erasures_.push_back(std::move(erasure));
    }
    arrived_.notify_one();
    if (away) done(*away);
}

std::vector<Decision> Delivery::take_out(const Erasure& erasure) {
    std::vector<Decision> taken;
    const auto erased = [&](const Decision& decision) {
        return decision.order < erasure.before && concerns(decision, erasure.scope);
    };
    for (auto& queue : queues_) {
        std::erase_if(queue, [&](const Decision& decision) {
            if (!erased(decision)) return false;
            taken.push_back(decision);
            return true;
        });
    }
    std::erase_if(aside_, [&](const Aside& aside) {
        if (!erased(aside.decision)) return false;
        taken.push_back(aside.decision);
        return true;
    });
    return taken;
}

// Of a post or a user whose erasure waits for MySQL: written before it, it would be erased, too.
bool Delivery::waits_for_erasure(const Decision& decision) const {
    return std::ranges::any_of(erasures_,
                               [&](const Erasure& erasure) { return concerns(decision, erasure.scope); });
}

std::size_t Delivery::pending() const {
    const MutexLock lock(mutex_);
    return owned_.size() - std::min(owned_.size(), aside_.size());
}

// A newer revision of the same post may be on its way already.
void Delivery::release(std::int64_t seq, std::uint32_t revision) {
    const auto found = owned_.find(seq);
    if (found != owned_.end() && found->second == revision) owned_.erase(found);
}

std::string Delivery::mysql_error() const {
    const MutexLock lock(mutex_);
    return mysql_error_;
}

void Delivery::written(std::vector<Written> batch) {
    std::vector<PostQueue::Key> keys;
    keys.reserve(batch.size());
    for (auto& [decision, event] : batch) {
        if (!decision.without_effect) publish(decision, std::move(event));
        keys.push_back({.seq = decision.seq,
                        .revision = decision.revision,
                        .dead = decision.dead != nullptr,
                        .overruled = decision.overruled});
    }
    settle(std::move(keys));
}

void Delivery::settle(std::vector<PostQueue::Key> keys) {
    queue_.settle(keys, [this, keys](const Status& done) {
        for (const PostQueue::Key& key : keys)
            release(key.seq, key.revision);
        if (done) return read_backlog();
        log_error("what is delivered cannot be noted", {{"error", done.error().to_string()}});
        backlog_ = {true, true};  // they are written again
    });
}

void Delivery::refused(const Decision& decision, const Error& error) {
    log_error("MySQL refuses a row for good",
              {{"seq", std::to_string(decision.seq)},
               {"post_id", decision.pick ? decision.pick->post_id() : std::string()},
               {"error", error.to_string()}});
    v1::DeadLetter letter;
    if (decision.pick) {
        letter.set_tenant(decision.pick->tenant());
        letter.set_post_id(decision.pick->post_id());
    }
    letter.set_code(std::string(name(error.code)));
    // Clients read it: the server's own words stay in the log.
    letter.set_message(one_line(error.field.empty()
                                    ? "MySQL refuses the row: the log says why"
                                    : "MySQL refuses the row for its " + error.field + ": the log says why",
                                kMessageCharacters));
    bury(decision, std::move(letter));
}

void Delivery::unreadable(const JournalRow& row) {
    log_error("a decision in the journal cannot be read", {{"seq", std::to_string(row.seq)}});
    v1::DeadLetter letter;
    letter.set_tenant(row.tenant);
    letter.set_post_id(row.post_id);
    letter.set_code(std::string(name(ErrorCode::corrupt)));
    letter.set_message("the pick in the journal cannot be read");
    Decision decision{.seq = row.seq, .revision = row.revision, .pick = {}, .dead = {}, .accepted_at = {}};
    decision.backfill = row.priority == v1::BACKFILL;
    if (row.state == PostState::dead) decision.dead = std::make_shared<v1::DeadLetter>(letter);
    owned_[row.seq] = row.revision;
    bury(decision, std::move(letter));
}

// A pick that cannot be delivered becomes a dead letter; a dead letter stays in the journal alone, where an
// operator finds it. Where a newer revision has taken the place of either, there is nothing left to do.
void Delivery::bury(const Decision& decision, v1::DeadLetter letter) {
    letter.set_revision(decision.revision);
    letter.set_stage("deliver");
    letter.set_attempts(1);
    *letter.mutable_died_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    if (const auto origin = queue_.origin(decision.seq)) set_origin(letter, *origin);
    if (decision.dead) return settle({{.seq = decision.seq, .revision = decision.revision, .dead = true}});
    auto moved = std::make_shared<bool>(false);
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [seq = decision.seq, revision = decision.revision, bytes = letter.SerializeAsString(),
         moved](JournalStore& store) -> Status {
            auto done = store.set_dead(seq, revision, bytes, now_ms());
            if (!done) return done.error();
            *moved = *done;
            return ok_status();
        },
        [this, &loop = loop_, seq = decision.seq, revision = decision.revision, moved,
         letter = std::move(letter), accepted_at = decision.accepted_at,
         backfill = decision.backfill](const Status& done) {
            loop.post([this, seq, revision, moved, letter, accepted_at, backfill, done] {
                release(seq, revision);
                if (!done) {
                    log_error("the journal cannot note a dead letter", {{"error", done.error().to_string()}});
                    backlog_ = {true, true};
                } else if (*moved) {
                    metrics_.count_dead("deliver", letter.code());
                    enqueue({.seq = seq,
                             .revision = revision,
                             .pick = nullptr,
                             .dead = std::make_shared<v1::DeadLetter>(letter),
                             .accepted_at = accepted_at,
                             .backfill = backfill});
                }
            });
        });
}

void Delivery::publish(const Decision& decision, std::string event) {
    if (decision.pick) {
        metrics_.count_delivered();
        metrics_.observe_stage(
            Stage::total,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - decision.accepted_at).count());
    }
    if (!look_for_listeners()) return metrics_.count_event();  // as it would be if it were sent to nobody
    if (event.empty()) event = Delivery::event(decision);      // somebody has come just now
    const std::string topic = decision.pick ? "pick." + decision.pick->tenant() + "." + decision.pick->mood()
                                            : "dead." + decision.dead->tenant();
    if (!spread_ || !spread_(topic, event)) tell(topic, std::move(event));
}

void Delivery::set_spread(Spread spread) {
    spread_ = std::move(spread);
    look_for_listeners();
}

// Those of other hosts may listen at any time.
bool Delivery::look_for_listeners() {
    const bool here = events_->has_subscribers();
    listened_to_ = spread_ || here;
    return listened_to_;
}

void Delivery::tell(const std::string& topic, std::string event) {
    Frames frames;
    frames.emplace_back(topic);
    frames.emplace_back(event);
    if (events_->send(std::move(frames))) metrics_.count_event();
}

void Delivery::bury(std::int64_t seq, v1::DeadLetter letter) {
    metrics_.count_dead(letter.stage(), letter.code());
    if (const auto origin = queue_.origin(seq)) set_origin(letter, *origin);
    const bool backfill = letter.post().priority() == v1::BACKFILL;
    enqueue({.seq = seq,
             .revision = letter.revision(),
             .pick = nullptr,
             .dead = std::make_shared<v1::DeadLetter>(std::move(letter)),
             .accepted_at = std::chrono::steady_clock::now(),
             .backfill = backfill});
}

void Delivery::read_backlog() {
    if (!(backlog_[0] || backlog_[1]) || reading_ || owned_.size() > kOwnedMax / 4) return;
    reading_ = true;
    const std::size_t limit = kOwnedMax;
    auto owned = std::make_shared<std::unordered_map<std::int64_t, std::uint32_t>>(owned_);
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
                if (rows->size() == limit / 2) {
                    *more = true;
                    break;
                }
                auto row = store.row(seq);
                if (!row) return row.error();
                const auto known = owned->find(seq);
                if (*row && (known == owned->end() || known->second != (*row)->revision))
                    rows->push_back(std::move(**row));
            }
            if (found->size() >= limit) *more = true;
            return ok_status();
        },
        [this, &loop = loop_, rows, more](const Status& read) {
            loop.post([this, rows, more, read] {
                reading_ = false;
                if (!read) {  // backlog_ stays: the next look is the timer's
                    log_error("the journal's backlog cannot be read", {{"error", read.error().to_string()}});
                    return;
                }
                backlog_ = {false, false};
                for (const JournalRow& row : *rows)
                    take_over(row);
                for (const std::size_t line : {0, 1})
                    backlog_[line] = backlog_[line] || *more || missed_[line];
            });
        });
    missed_ = {false, false};
}

// Enqueues what an earlier run, or this one without room, left in the journal.
void Delivery::take_over(const JournalRow& row) {
    const auto known = owned_.find(row.seq);
    if (known != owned_.end() && known->second >= row.revision) return;
    Decision decision{.seq = row.seq, .revision = row.revision, .pick = {}, .dead = {}, .accepted_at = {}};
    decision.accepted_at =
        std::chrono::steady_clock::now() - std::chrono::milliseconds(now_ms() - row.accepted_ms);
    decision.backfill = row.priority == v1::BACKFILL;
    if (row.state == PostState::dead) {
        auto dead = std::make_shared<v1::DeadLetter>();
        if (!dead->ParseFromString(row.dead)) return unreadable(row);
        (void)dead->mutable_post()->ParseFromString(row.post);
        decision.dead = std::move(dead);
    } else {
        auto pick = std::make_shared<v1::Pick>();
        if (!pick->ParseFromString(row.pick)) return unreadable(row);
        decision.pick = std::move(pick);
    }
    enqueue(std::move(decision));
}

}  // namespace bgm
