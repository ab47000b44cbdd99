#include "daemon/fleet/worker_pool.hpp"

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "schemas/sha256.hpp"
#include "schemas/worker_words.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kLeasePeriod{50};
constexpr std::chrono::milliseconds kStandstill{500};  // between two looks that are a lease period apart
constexpr std::chrono::milliseconds kProbePeriod{500};
constexpr int kBeatsMissed = 3;                   // who has missed so many may be another's predecessor
constexpr std::size_t kCreditBytes = 64U << 20U;  // where a worker does not say

Scheduler::Offer offer_of(const KnownWorker& worker, const v1::Hello& hello, bool standby) {
    return {.modalities = worker.modalities,
            .credits = std::min<std::size_t>(hello.credits(), most("Hello.credits")),
            .credit_bytes = hello.credit_bytes() == 0
                                ? kCreditBytes
                                : std::min<std::size_t>(hello.credit_bytes(), most("Hello.credit_bytes")),
            .batch_max = worker.batch_max,
            .standby = standby,
            .receipts = is_remote(worker.identity)};
}

}  // namespace

WorkerPool::WorkerPool(const Config& config, EventLoop& loop, MediaStore& media, Metrics& metrics)
    // Ids go on from the clock: an answer to a task of an earlier run of bgmd matches none of this one.
    : config_(config),
      loop_(loop),
      media_(media),
      metrics_(metrics),
      next_task_id_(static_cast<TaskId>(now_ms()) << 20U),
      registry_(config, metrics),
      scheduler_(
          config, [this] { return now(); }, *this) {}

Result<std::unique_ptr<WorkerPool>> WorkerPool::open(const Config& config, EventLoop& loop,
                                                     Messaging& messaging, MediaStore& media,
                                                     Metrics& metrics) {
    std::unique_ptr<WorkerPool> pool(new WorkerPool(config, loop, media, metrics));
    auto link =
        WorkerLink::open(config, loop, messaging, metrics,
                         [raw = pool.get()](const std::string& identity, Result<v1::FromWorker> message) {
                             raw->receive(identity, std::move(message));
                         });
    if (!link) return link.error();
    pool->link_ = std::move(*link);
    loop.every(kLeasePeriod, [raw = pool.get()] { raw->look_at_the_clock(); });
    if (!config.workers.listen.empty())
        loop.every(kProbePeriod, [raw = pool.get()] { raw->look_after_remote_workers(); });
    return pool;
}

TaskId WorkerPool::submit(TaskRequest request, OnTaskDone done) {
    const TaskId id = next_task_id_++;
    tasks_.emplace(id, Waiting{.modality = request.modality, .done = std::move(done)});
    scheduler_.submit(id, std::move(request));
    return id;
}

void WorkerPool::cancel(TaskId task) {
    tasks_.erase(task);
    scheduler_.cancel(task);
}

bool WorkerPool::send(const std::string& worker, TaskId task, const TaskRequest& request,
                      std::optional<Frame> media) {
    return link_->send(worker, task, request, std::move(media));
}

void WorkerPool::read(const std::string& worker, TaskId task, const TaskRequest& request, bool with_digest) {
    media_.read(
        request.load_media, with_digest, [this, &loop = loop_, worker, task](Result<ReadMedia> result) {
            auto media = std::make_shared<Result<ReadMedia>>(std::move(result));
            loop.post([this, worker, task, media] {
                if (!*media) return scheduler_.media_read(worker, task, media->error(), {});
                scheduler_.media_read(worker, task, std::move((*media)->bytes), std::move((*media)->digest));
            });
        });
}

std::string WorkerPool::digest(const std::string& text) {
    return sha256(text);
}

// Later: whoever asked may be in the middle of submitting, and so is the scheduler.
void WorkerPool::end(TaskId task, Error why) {
    loop_.post([this, task, why = std::move(why)] { finish(task, why); });
}

void WorkerPool::finish(TaskId task, TaskAnswer answer) {
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return;
    metrics_.count_task(found->second.modality, answer ? "ok" : name(answer.error().code));
    const OnTaskDone done = std::move(found->second.done);
    tasks_.erase(found);
    done(std::move(answer));
}

void WorkerPool::receive(const std::string& identity, Result<v1::FromWorker> message) {
    if (!message) return lied(identity, message.error());
    if (message->has_hello()) return hello(identity, message->hello());
    KnownWorker* worker = registry_.find(identity);
    // Dropped, or there before this bgmd was: it may serve, once it has said what it can do.
    if (worker == nullptr) {
        // Whoever has died gets no further word: it would be for the one that takes its place.
        if (message->has_goodbye() && message->goodbye().died()) return;
        return message->has_goodbye() ? link_->tell_to_retire(identity) : link_->tell_to_introduce(identity);
    }
    worker->last_seen = now();
    scheduler_.heard(identity);
    if (message->has_result()) return result(*worker, *message->mutable_result());
    if (message->has_received()) return scheduler_.received(identity, message->received().task_id());
    if (message->has_goodbye()) return goodbye(*worker, message->goodbye().died());
    if (!message->has_heartbeat()) return;
    const auto grown_max = static_cast<std::uint64_t>(config_.workers.rss_bytes_max);
    if (!registry_.beat(*worker, message->heartbeat(), grown_max) || scheduler_.retires(identity)) return;
    log_warn("worker has grown too large and is replaced",
             {{"worker", worker->name}, {"rss_bytes", std::to_string(worker->rss_bytes)}});
    retire(*worker);
}

void WorkerPool::hello(const std::string& identity, const v1::Hello& message) {
    KnownWorker worker = KnownWorker::from(identity, message);
    if (worker.modalities.empty() || message.credits() == 0) {
        log_warn("a worker offers nothing that is known", {{"worker", worker.name}});
        return;
    }
    if (registry_.full_for(identity)) {
        log_warn("there are too many workers", {{"worker", worker.name}});
        return link_->tell_to_retire(identity);
    }
    const std::chrono::milliseconds heard_lately(kBeatsMissed * config_.workers.heartbeat_ms);
    if (is_remote(identity) && registry_.taken(worker, now() - heard_lately)) {
        metrics_.count_refused_remote("name");
        if (std::exchange(refusal_told_, worker.name) != worker.name)
            log_warn("a worker is refused: one of its name is there, over another connection",
                     {{"worker", worker.name}});
        return;
    }
    bool standby = false;
    if (admit_) {
        auto admitted = admit_(message);
        if (!admitted) {
            log_error("worker is refused",
                      {{"worker", worker.name}, {"error", admitted.error().to_string()}});
            drop(identity, false);
            return link_->tell_to_retire(identity);
        }
        worker.heads = std::move(admitted->heads);
        standby = admitted->standby;
    }
    worker.last_seen = now();
    // A broken connection says nothing about the tasks that were on it: a host that keeps workers says where
    // one has died (goodbye()).
    for (const std::string& ended : registry_.replaced_by(worker))
        drop(ended, !is_remote(ended));
    log_info("worker ready", {{"worker", worker.name},
                              {"pid", std::to_string(worker.pid)},
                              {"model", worker.model},
                              {"version", worker.model_version}});
    Scheduler::Offer offer = offer_of(worker, message, standby);
    registry_.add(std::move(worker));
    scheduler_.join(identity, std::move(offer));
}

// Of the process that keeps a worker on another host.
void WorkerPool::goodbye(const KnownWorker& worker, bool died) {
    const std::string identity = worker.identity;
    log_info(died ? "a worker on another host has ended" : "a worker on another host is about to leave",
             {{"worker", worker.name}});
    if (!died) return retire(worker);
    if (!scheduler_.retires(identity)) count_end(worker, "signal");
    drop(identity, true);
}

void WorkerPool::count_end(const KnownWorker& worker, std::string_view reason) {
    metrics_.count_worker_end(*worker.modalities.begin(), reason);
}

void WorkerPool::result(KnownWorker& worker, v1::TaskResult& message) {
    const std::string identity = worker.identity;
    const TaskId task = message.task_id();
    if (!scheduler_.answered(identity, task)) return;  // its lease is over
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return scheduler_.serve(identity);  // cancelled: only the credit counts
    const Modality modality = found->second.modality;
    const auto since =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - found->second.submitted);
    const Status judged =
        judge(message, {.modality = modality, .batch_max = worker.batch_max, .since_submit = since});
    if (!judged) {
        finish(task, Error{.code = ErrorCode::internal,
                           .message = "the answer of the worker is refused: " + judged.error().to_string()});
        return lied(identity, judged.error());
    }
    registry_.spoke_truth(worker);
    metrics_.observe_task(modality, message.queue_us() * 1e-6, message.encode_us() * 1e-6,
                          message.batch_size());
    if (message.error_code().empty()) {
        std::vector<v1::Output> outputs(std::make_move_iterator(message.mutable_outputs()->begin()),
                                        std::make_move_iterator(message.mutable_outputs()->end()));
        finish(task, TaskOutputs{.outputs = std::move(outputs), .heads = worker.heads});
    } else {
        finish(task, Error{.code = error_code_from_name(message.error_code()).value_or(ErrorCode::internal),
                           .message = message.error_message()});
    }
    scheduler_.serve(identity);
}

// What it said is no message of a worker's, or no answer to its task. Once may be a fault of its own; one
// that goes on is replaced.
void WorkerPool::lied(const std::string& identity, const Error& error) {
    KnownWorker* worker = registry_.find(identity);
    if (worker == nullptr) {  // nobody that serves: it may say Hello properly, or end
        log_warn("a message of nobody known is refused", {{"error", error.to_string()}});
        return link_->tell_to_retire(identity);
    }
    worker->last_seen = now();
    log_error("what a worker says is refused", {{"worker", worker->name}, {"error", error.to_string()}});
    if (!registry_.lied(*worker)) return scheduler_.serve(identity);
    end_process(*worker, "lies");
    drop(identity, false);
    if (is_remote(identity)) bar_host_of(identity);
}

// There is no process to kill: nobody who has its key is believed for a while.
void WorkerPool::bar_host_of(const std::string& identity) {
    link_->bar(identity);
    std::vector<std::string> barred;
    for (const auto& [other, worker] : registry_.all()) {
        if (is_remote(other) && RemoteDoor::host_of(other) == RemoteDoor::host_of(identity))
            barred.push_back(other);
    }
    for (const std::string& other : barred)
        drop(other, false);
}

// Ours is killed by the supervisor; one on another host by the process that keeps it.
void WorkerPool::end_process(const KnownWorker& worker, std::string_view reason) {
    log_warn("worker is replaced", {{"worker", worker.name}, {"reason", std::string(reason)}});
    if (is_remote(worker.identity)) {
        count_end(worker, reason);
        link_->tell_to_end(worker.identity, reason);
    } else if (kill_) {
        kill_(worker.name, reason);
    }
}

bool WorkerPool::drop(const std::string& identity, bool blame) {
    registry_.remove(identity);
    return scheduler_.leave(identity, blame);
}

bool WorkerPool::worker_ended(const std::string& worker_name) {
    const KnownWorker* worker = registry_.find_name(worker_name);
    if (worker == nullptr) return false;
    const std::string identity = worker->identity;
    const bool retiring = scheduler_.retires(identity);
    return drop(identity, true) || retiring;
}

void WorkerPool::activate(const std::string& worker_name) {
    if (const KnownWorker* worker = registry_.find_name(worker_name); worker != nullptr)
        scheduler_.activate(worker->identity);
}

bool WorkerPool::retire(const std::string& worker_name) {
    const KnownWorker* worker = registry_.find_name(worker_name);
    if (worker != nullptr) retire(*worker);
    return worker != nullptr;
}

void WorkerPool::retire(const KnownWorker& worker) {
    link_->tell_to_retire(worker.identity);
    scheduler_.retire(worker.identity);
}

void WorkerPool::look_at_the_clock() {
    const auto turned = Clock::now();
    if (turned - looked_ > kStandstill) stood_still_ += turned - looked_;
    looked_ = turned;
    const auto silence = std::chrono::milliseconds(config_.workers.silent_ms);
    for (const std::string& identity : registry_.silent_since(now() - silence)) {
        const KnownWorker silent = *registry_.find(identity);
        drop(identity, !is_remote(identity));
        if (!is_remote(identity)) {
            end_process(silent, "silent");
        } else {  // the wire may be cut: its keeper kills it where it is silent there, too
            log_warn("a worker on another host is not heard of", {{"worker", silent.name}});
        }
    }
    for (const std::string& identity : scheduler_.end_leases()) {
        const KnownWorker late = *registry_.find(identity);
        registry_.remove(identity);
        end_process(late, "deadline");
    }
    scheduler_.end_reads();
    scheduler_.give_up([this](Modality modality) {
        const bool expected = registry_.expects(modality);
        return Error{.code = expected ? ErrorCode::unavailable : ErrorCode::unsupported,
                     .message = "no " + std::string(name(modality)) +
                                (expected ? " worker is running" : " worker is configured")};
    });
}

// A connection that is gone does not come back under its identity, so nothing is gained by waiting for it.
void WorkerPool::look_after_remote_workers() {
    std::vector<std::string> gone;
    for (const auto& [identity, worker] : registry_.all()) {
        if (is_remote(identity) && (scheduler_.gone(identity) || !link_->still_there(identity)))
            gone.push_back(identity);
    }
    for (const std::string& identity : gone) {
        log_warn("the connection to a worker on another host is gone",
                 {{"worker", registry_.find(identity)->name}});
        drop(identity, false);
    }
}

std::vector<WorkerStatus> WorkerPool::workers() const {
    std::vector<WorkerStatus> list;
    for (const auto& [identity, worker] : registry_.all()) {
        list.push_back({.name = worker.name,
                        .pid = worker.pid,
                        .modalities = {worker.modalities.begin(), worker.modalities.end()},
                        .model = worker.model,
                        .model_version = worker.model_version,
                        .retiring = scheduler_.retires(identity),
                        .in_flight = scheduler_.held(identity),
                        .rss_bytes = worker.rss_bytes});
    }
    return list;
}

std::vector<std::shared_ptr<const HeadSet>> WorkerPool::heads() const {
    std::vector<std::shared_ptr<const HeadSet>> all;
    for (const auto& [identity, worker] : registry_.all()) {
        if (worker.heads) all.push_back(worker.heads);
    }
    return all;
}

void WorkerPool::teach(const HeadSet& taught) {
    for (const auto& [identity, known] : registry_.all()) {
        KnownWorker* const worker = registry_.find(identity);
        if (worker->heads) worker->heads = std::make_shared<HeadSet>(worker->heads->with_taught(taught));
    }
}

std::vector<Modality> WorkerPool::missing() const {
    std::vector<Modality> list;
    for (Modality modality : kModalities) {
        if (registry_.expects(modality) && ready(modality) == 0) list.push_back(modality);
    }
    return list;
}

void WorkerPool::publish_metrics() const {
    std::set<std::pair<Modality, std::string>> models;
    for (const auto& [identity, worker] : registry_.all()) {
        if (scheduler_.serves(identity)) models.insert(worker.models.begin(), worker.models.end());
    }
    const auto counts = scheduler_.counts();
    for (Modality modality : kModalities) {
        const Scheduler::Counts& each = counts.at(static_cast<std::size_t>(modality));
        metrics_.set_tasks(modality, each.waiting, each.in_flight);
    }
    metrics_.set_models(models);
}

}  // namespace bgm
