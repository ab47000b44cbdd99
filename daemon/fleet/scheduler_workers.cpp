// The scheduler's workers: how they come and go, what is left behind, and what is known of them.
#include <algorithm>
#include <utility>

#include "daemon/fleet/scheduler.hpp"

namespace bgm {
namespace {

constexpr int kCarefulFor = 64;  // tasks after a death: deaths come in swarms

}  // namespace

void Scheduler::join(const std::string& name, Offer offer) {
    Worker& worker = workers_[name];
    worker.name = name;
    worker.offer = std::move(offer);
    worker.gone = false;
    if (!worker.serves()) return;
    for (Modality modality : worker.offer.modalities)
        queue(modality).served = now_();
    serve(name);
}

bool Scheduler::leave(const std::string& name, bool guilty) {
    auto node = workers_.extract(name);
    if (node.empty()) return false;
    const Worker& worker = node.mapped();
    std::set<Modality> touched;
    // Read, but never sent. What is still being read comes back once it has been.
    if (const auto read = worker.read ? tasks_.find(worker.reading) : tasks_.end(); read != tasks_.end()) {
        touched.insert(read->second.request.modality);
        enqueue(read->first, read->second, true);
    }
    // Backwards, so that the front of the queue ends up in the order of sending.
    for (auto each = worker.in_flight.rbegin(); each != worker.in_flight.rend(); ++each) {
        const auto found = tasks_.find(each->task);
        if (found == tasks_.end()) continue;
        Task& task = found->second;
        touched.insert(task.request.modality);
        if (guilty) {
            queue(task.request.modality).careful = kCarefulFor;
            task.alone = true;
        }
        if (guilty && worker.in_flight.size() == 1) {
            blame(found->first, task);
        } else {
            enqueue(found->first, task, true);
        }
    }
    for (Modality modality : touched)
        dispatch(modality);
    return !worker.in_flight.empty();
}

void Scheduler::blame(TaskId id, Task& task) {
    task.suspected = now_();
    ++*task.request.deaths;
    deadly_.remember(task.digest, *task.request.deaths, now_());
    if (poison(task)) return end_as_poison(id);
    enqueue(id, task, true);
}

void Scheduler::heard(const std::string& name) {
    Worker* worker = find(name);
    if (worker != nullptr && std::exchange(worker->gone, false)) serve(name);  // it has connected again
}

void Scheduler::activate(const std::string& name) {
    Worker* worker = find(name);
    if (worker == nullptr || !std::exchange(worker->offer.standby, false)) return;
    forgive();  // other models, another chance
    for (Modality modality : worker->offer.modalities)
        queue(modality).served = now_();
    serve(name);
}

void Scheduler::retire(const std::string& name) {
    Worker* worker = find(name);
    if (worker == nullptr) return;
    worker->retiring = true;
    give_back_what_was_read(*worker);
}

std::chrono::milliseconds Scheduler::lease(const Worker& worker, TaskId task) const {
    const auto found = tasks_.find(task);
    const Modality modality =
        found != tasks_.end() ? found->second.request.modality : *worker.offer.modalities.begin();
    return std::chrono::milliseconds(config_.dispatch.*keys(modality).deadline_ms);
}

// While it is on its way, with all that was sent before it, it has that time, too.
std::chrono::milliseconds Scheduler::lease_of_oldest(const Worker& worker) const {
    const Sent& oldest = worker.in_flight.front();
    const auto way =
        std::chrono::milliseconds(oldest.there ? 0 : worker.in_flight_bytes * 1000 / kSlowestBytesPerSecond);
    return lease(worker, oldest.task) + way;
}

std::vector<std::string> Scheduler::end_leases() {
    const Time now = now_();
    std::vector<std::string> late;
    for (const auto& [name, worker] : workers_) {
        if (!worker.in_flight.empty() && !worker.gone && now - worker.head_since > lease_of_oldest(worker))
            late.push_back(name);
    }
    for (const std::string& name : late) {
        Worker& worker = workers_.at(name);
        // In a batch the slow one is not known: all of it is tried again, one by one. Alone, it is known.
        const bool known = worker.offer.batch_max == 1 || worker.in_flight.size() == 1;
        if (known) {
            end(worker.in_flight.front().task,
                {.code = ErrorCode::deadline_exceeded, .message = "took longer than its deadline"});
            worker.in_flight.pop_front();
        }
        leave(name, !known);
    }
    return late;
}

void Scheduler::end_reads() {
    const Time now = now_();
    std::vector<std::string> free;
    for (auto& [name, worker] : workers_) {
        if (worker.reading == 0 || worker.read || now - worker.reading_since <= lease(worker, worker.reading))
            continue;
        end(std::exchange(worker.reading, 0), {.code = ErrorCode::deadline_exceeded,
                                               .message = "its media took longer to read than its deadline"});
        free.push_back(name);
    }
    for (const std::string& name : free)
        serve(name);
}

void Scheduler::give_up(const std::function<Error(Modality)>& why) {
    const Time now = now_();
    // One that is retiring stays in its place until another is there: its queue does not run out of patience
    // meanwhile.
    for (const auto& [name, worker] : workers_) {
        for (Modality modality : worker.offer.modalities) {
            if (!worker.offer.standby && !worker.gone) queue(modality).served = now;
        }
    }
    for (Modality modality : kModalities) {
        Queue& waiting = queue(modality);
        if (now - waiting.served <= std::chrono::milliseconds(config_.dispatch.no_worker_ms)) continue;
        for (auto* line :
             {&waiting.live, &waiting.backfill, &waiting.live_suspects, &waiting.backfill_suspects}) {
            for (const TaskId id : std::exchange(*line, {}))
                end(id, why(modality));
        }
    }
}

bool Scheduler::serves(const std::string& name) const {
    const Worker* worker = find(name);
    return worker != nullptr && worker->serves();
}

bool Scheduler::gone(const std::string& name) const {
    const Worker* worker = find(name);
    return worker != nullptr && worker->gone;
}

bool Scheduler::retires(const std::string& name) const {
    const Worker* worker = find(name);
    return worker != nullptr && worker->retiring;
}

std::size_t Scheduler::ready(Modality modality) const {
    return static_cast<std::size_t>(std::count_if(
        workers_.begin(), workers_.end(), [&](const auto& entry) { return entry.second.serves(modality); }));
}

std::size_t Scheduler::held(const std::string& name) const {
    const Worker* worker = find(name);
    return worker != nullptr ? worker->held() : 0;
}

std::array<Scheduler::Counts, kModalityCount> Scheduler::counts() const {
    std::array<Counts, kModalityCount> counts;
    for (std::size_t i = 0; i < kModalityCount; ++i) {
        const Queue& queue = queues_.at(i);
        counts.at(i).waiting = queue.live.size() + queue.backfill.size() + queue.live_suspects.size() +
                               queue.backfill_suspects.size();
    }
    for (const auto& [name, worker] : workers_) {
        for (const Sent& sent : worker.in_flight) {
            const auto found = tasks_.find(sent.task);
            if (found != tasks_.end())
                ++counts.at(static_cast<std::size_t>(found->second.request.modality)).in_flight;
        }
    }
    return counts;
}

}  // namespace bgm
