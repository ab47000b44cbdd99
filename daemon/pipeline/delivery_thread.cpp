// The thread of Delivery that owns the connection to MySQL.

#include <algorithm>
#include <iterator>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/pipeline/delivery.hpp"
#include "schemas/codec.hpp"
#include "schemas/pick_json.hpp"

namespace bgm {
namespace {

// A row that failed alone, while others went through, is given up after so many tries.
constexpr int kTriesMax = 8;
// The same where time may heal it: somebody may hold a lock on just that row.
constexpr int kTriesOfTheMomentMax = 100;
// The longest delay of such a row, in longest delays of an outage.
constexpr int kAsideDelays = 12;

int tries_max(ErrorCode code) {
    const bool of_the_moment = code == ErrorCode::resource_exhausted || code == ErrorCode::unavailable;
    return of_the_moment ? kTriesOfTheMomentMax : kTriesMax;
}

// MySQL is away, or busy, or refuses us: the question is not to blame.
bool passes(const Error& error) {
    return error.field == "mysql.user" || error.code == ErrorCode::unavailable ||
           error.code == ErrorCode::resource_exhausted;
}

}  // namespace

std::string Delivery::event(const Decision& decision) {
    return decision.pick ? pick_json(*decision.pick) : to_json(*decision.dead);
}

void Delivery::wait(const std::stop_token& stop, std::int64_t milliseconds) {
    MutexLock lock(mutex_);
    arrived_.wait_for(lock, stop, std::chrono::milliseconds(milliseconds), [] { return false; });
}

std::optional<Delivery::Clock::time_point> Delivery::aside_due() const {
    const auto first = std::ranges::min_element(aside_, {}, &Aside::due);
    if (first == aside_.end()) return std::nullopt;
    return first->due;
}

void Delivery::run(const std::stop_token& stop) {
    name_this_thread("delivery");
    // Deliveries are patient: they yield the processor to intake, like the workers do.
    nice_this_thread(static_cast<int>(config_.workers.nice));
    std::int64_t delay_ms = config_.mysql.retry_min_ms;
    // Before anything can be delivered: the catalogue, without which nothing is picked, lies in these tables
    // too.
    while (!prepare() && !stop.stop_requested()) {
        wait(stop, delay_ms);
        delay_ms = std::min(delay_ms * 2, config_.mysql.retry_max_ms);
    }
    delay_ms = config_.mysql.retry_min_ms;
    while (true) {
        bool idle = false;
        {
            MutexLock lock(mutex_);
            const auto something = [this]() BGM_REQUIRES(mutex_) {
                return queued() > 0 || !forgotten_.empty() || !erasures_.empty();
            };
            const auto now = Clock::now();
            const auto look =
                mysql_failed_ ? now : now + std::chrono::milliseconds(config_.mysql.retry_max_ms);
            idle = !arrived_.wait_until(lock, stop, std::min(look, aside_due().value_or(look)), something);
            if (stop.stop_requested()) return;
        }
        // Erased before anything is written: what came after the erasure stays. What was with this thread
        // when it was asked for is in MySQL by now, or waits again.
        const bool erased = erase_due();
        const bool all_done = forget_due() && write_queued() && erased && (!idle || look());
        write_aside();
        {
            const MutexLock lock(mutex_);
            metrics_.set_mysql(mysql_error_.empty(), queued());
        }
        if (all_done) {
            delay_ms = config_.mysql.retry_min_ms;
            continue;
        }
        wait(stop, delay_ms);
        delay_ms = std::min(delay_ms * 2, config_.mysql.retry_max_ms);
    }
}

// Makes or completes the tables, where that is allowed, and learns where the events have come to.
bool Delivery::prepare() {
    if (config_.mysql.migrate) {
        auto applied = store_->migrate();
        if (!applied) return failed(applied.error());
        for (const std::string& name : *applied)
            log_info("migration applied", {{"name", name}});
    }
    const auto last = store_->last_event_id();
    if (!last) return failed(last.error());
    writer_.continue_above(*last);
    succeeded();
    return true;
}

// While there is nothing to write: whether MySQL answers.
bool Delivery::look() {
    if (const Status reached = store_->reach(); !reached) return failed(reached.error());
    succeeded();
    return true;
}

// Says it once an outage; always false.
bool Delivery::failed(const Error& error) {
    metrics_.count_mysql_error(error.code);
    const MutexLock lock(mutex_);
    if (mysql_error_.empty())
        log_warn("MySQL cannot be written; picks wait in the journal", {{"error", error.to_string()}});
    mysql_error_ = error.to_string();
    mysql_failed_ = true;
    metrics_.set_mysql(false, queued());
    answer_impatient(error);
    return false;
}

// The erasures themselves stay where they are.
void Delivery::answer_impatient(const Error& error) {
    for (Erasure& erasure : erasures_) {
        if (erasure.patience == Patience::endless || !erasure.done) continue;
        loop_.post([done = std::exchange(erasure.done, nullptr), error] { done(error); });
    }
}

void Delivery::succeeded() {
    const MutexLock lock(mutex_);
    if (!mysql_error_.empty()) log_info("MySQL is back");
    mysql_error_.clear();
    mysql_failed_ = false;
    metrics_.set_mysql(true, queued());
}

std::vector<Decision> Delivery::next_batch(std::size_t line) {
    auto& queue = queues_.at(line);
    auto free = queue.end();
    if (!erasures_.empty()) {
        free = std::stable_partition(queue.begin(), queue.end(),
                                     [this](const Decision& each)
                                         BGM_REQUIRES(mutex_) { return !waits_for_erasure(each); });
    }
    const auto count = std::min<std::ptrdiff_t>(free - queue.begin(), config_.mysql.batch);
    std::vector<Decision> batch(std::make_move_iterator(queue.begin()),
                                std::make_move_iterator(queue.begin() + count));
    queue.erase(queue.begin(), queue.begin() + count);
    return batch;
}

// True where nothing of it has to wait for MySQL.
bool Delivery::write_queued() {
    std::vector<Decision> batch;
    std::size_t line = 0;
    {
        const MutexLock lock(mutex_);
        // Live posts are not held up by filling their transaction with backfill.
        batch = next_batch(line);
        if (batch.empty()) batch = next_batch(line = 1);
    }
    if (batch.empty()) return true;
    const Stopwatch stopwatch;
    BatchWriter::Outcome outcome = writer_.write(std::move(batch));
    if (!outcome.written.empty()) {
        succeeded();
        metrics_.observe_stage(Stage::deliver, stopwatch.seconds());
        metrics_.observe_delivery(outcome.written.size());
    }
    for (BatchWriter::Failed& suspect : outcome.suspects) {
        metrics_.count_mysql_error(suspect.error.code);
        log_warn("MySQL does not take a row; it is tried again on its own",
                 {{"seq", std::to_string(suspect.decision.seq)}, {"error", suspect.error.to_string()}});
        step_aside({.decision = std::move(suspect.decision), .due = {}});
    }
    report(std::move(outcome.written), std::move(outcome.refused));
    if (outcome.left.empty()) return true;
    {
        // Where MySQL is there and something of this batch is in the way of all of it, others go first.
        const MutexLock lock(mutex_);
        auto& queue = queues_.at(line);
        queue.insert(outcome.outage ? queue.begin() : queue.end(),
                     std::make_move_iterator(outcome.left.begin()),
                     std::make_move_iterator(outcome.left.end()));
    }
    return failed(*outcome.error);
}

void Delivery::step_aside(Aside aside) {
    const std::chrono::milliseconds least(config_.mysql.retry_min_ms);
    const std::chrono::milliseconds most(config_.mysql.retry_max_ms * kAsideDelays);
    aside.delay = std::min(std::max(aside.delay * 2, least), most);
    aside.due = Clock::now() + aside.delay;
    const MutexLock lock(mutex_);
    aside_.push_back(std::move(aside));
}

// One of those that are due.
void Delivery::write_aside() {
    Aside aside;
    bool well = false;
    bool waits = false;
    {
        const MutexLock lock(mutex_);
        const auto first = std::ranges::min_element(aside_, {}, &Aside::due);
        if (first == aside_.end() || first->due > Clock::now()) return;
        aside = std::move(*first);
        aside_.erase(first);
        well = mysql_error_.empty();
        waits = waits_for_erasure(aside.decision);
    }
    if (waits) return step_aside(std::move(aside));
    BatchWriter::Outcome outcome = writer_.write({aside.decision});
    if (!outcome.left.empty()) {
        // While nothing else can be written either, that says nothing about the row.
        if (!outcome.outage && well) ++aside.tries;
        metrics_.count_mysql_error(outcome.error->code);
        if (aside.tries < tries_max(outcome.error->code)) return step_aside(std::move(aside));
        outcome.refused.push_back({std::move(aside.decision), *outcome.error});
    }
    if (!outcome.written.empty()) succeeded();
    report(std::move(outcome.written), std::move(outcome.refused));
}

void Delivery::report(std::vector<Decision> written_rows, std::vector<BatchWriter::Failed> refused_rows) {
    for (BatchWriter::Failed& failed : refused_rows) {
        loop_.post([this, decision = std::move(failed.decision), error = std::move(failed.error)] {
            refused(decision, error);
        });
    }
    if (written_rows.empty()) return;
    std::vector<Written> done;
    done.reserve(written_rows.size());
    for (Decision& decision : written_rows) {
        // Here and not on the loop, which has acks to send.
        const bool told = listened_to_ && !decision.without_effect;
        std::string event = told ? Delivery::event(decision) : std::string();
        done.push_back({.decision = std::move(decision), .event = std::move(event)});
    }
    loop_.post([this, done = std::move(done)]() mutable { written(std::move(done)); });
}

// Whether the row that is to go is yet to come. One that MySQL did not take is not tried again.
bool Delivery::awaits_row(const Forgotten& forgotten) {
    const auto is_it = [&](const Decision& decision) {
        return decision.dead && decision.order < forgotten.before &&
               decision.dead->tenant() == forgotten.tenant && decision.dead->post_id() == forgotten.post_id;
    };
    std::erase_if(aside_, [&](const Aside& aside) {
        if (!is_it(aside.decision)) return false;
        loop_.post(
            [this, seq = aside.decision.seq, revision = aside.decision.revision] { release(seq, revision); });
        return true;
    });
    return std::ranges::any_of(queues_, [&](const auto& queue) { return std::ranges::any_of(queue, is_it); });
}

// Dead letters that an operator has settled. True where none has to wait for MySQL.
bool Delivery::forget_due() {
    std::size_t left = 0;
    {
        const MutexLock lock(mutex_);
        left = forgotten_.size();
    }
    for (; left > 0; --left) {
        Forgotten forgotten;
        {
            const MutexLock lock(mutex_);
            forgotten = std::move(forgotten_.front());
            forgotten_.pop_front();
            if (awaits_row(forgotten)) {
                forgotten_.push_back(std::move(forgotten));
                continue;
            }
        }
        const Status removed = store_->remove_dead(forgotten.tenant, forgotten.post_id);
        if (removed) continue;
        if (!passes(removed.error())) {
            log_error("a settled dead letter stays in MySQL",
                      {{"post_id", forgotten.post_id}, {"error", removed.error().to_string()}});
            continue;
        }
        {
            const MutexLock lock(mutex_);
            forgotten_.push_front(std::move(forgotten));
        }
        return failed(removed.error());
    }
    return true;
}

// True where none has to wait for MySQL.
bool Delivery::erase_due() {
    while (true) {
        Erasure erasure;
        {
            const MutexLock lock(mutex_);
            if (erasures_.empty()) return true;
            // It stays in its place meanwhile: what waits for it goes on waiting.
            erasure = erasures_.front();
            // What was with this thread when it was asked for may wait again by now.
            for (const Decision& decision : take_out(erasure)) {
                loop_.post(
                    [this, seq = decision.seq, revision = decision.revision] { release(seq, revision); });
            }
        }
        auto erased = store_->erase(erasure.scope);
        if (!erased && passes(erased.error())) return failed(erased.error());
        OnErased done;
        {
            const MutexLock lock(mutex_);
            done = std::move(erasures_.front().done);
            erasures_.pop_front();
        }
        if (erased) {
            succeeded();
        } else {
            failed(erased.error());
        }
        if (done) loop_.post([done = std::move(done), erased = std::move(erased)] { done(erased); });
    }
}

}  // namespace bgm
