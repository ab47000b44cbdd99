#include "daemon/fleet/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace bgm {
namespace {

constexpr std::chrono::seconds kSuspectPatience{10};  // so long a suspect lets every other task go first
constexpr int kSuspectRest = 4;  // after it the others get so many times as long as a suspect took

}  // namespace

Scheduler::Scheduler(const Config& config, std::function<Time()> now, Actions& actions)
    : config_(config), now_(std::move(now)), actions_(actions) {
    for (Queue& queue : queues_)
        queue.served = now_();
}

void Scheduler::submit(TaskId id, TaskRequest request) {
    const Modality modality = request.modality;
    Task& task = tasks_.emplace(id, Task{.request = std::move(request)}).first->second;
    if (poison(task)) return end_as_poison(id);
    enqueue(id, task, false);
    dispatch(modality);
}

void Scheduler::enqueue(TaskId id, Task& task, bool first) {
    Queue& waiting = queue(task.request.modality);
    if (task.suspect()) {
        if (!first) task.suspected = now_();
        (task.request.backfill ? waiting.backfill_suspects : waiting.live_suspects).push_back(id);
        return;
    }
    auto& line = task.request.backfill ? waiting.backfill : waiting.live;
    if (first) {
        line.push_front(id);
    } else {
        line.push_back(id);
    }
}

void Scheduler::end(TaskId id, Error why) {
    if (tasks_.erase(id) > 0) actions_.end(id, std::move(why));
}

void Scheduler::end_as_poison(TaskId id) {
    end(id, {.code = ErrorCode::corrupt,
             .message = "every worker that tried it died (" + std::to_string(config_.dispatch.poison_after) +
                        " times)"});
}

// `alone`: one that has nothing else; where there is none the next best is kept free until it is.
Scheduler::Worker* Scheduler::free_worker(const Task& task, bool alone) {
    const Modality modality = task.request.modality;
    Worker* best = nullptr;
    for (auto& [name, worker] : workers_) {
        if (!worker.serves(modality) || worker.kept_for) continue;
        if (worker.held() >= worker.offer.credits || (worker.alone && worker.held() > 0)) continue;
        if (task.request.load_media && worker.reading != 0) continue;
        if (best == nullptr || worker.held() < best->held()) best = &worker;
    }
    if (!alone || best == nullptr || best->held() == 0) return best;
    best->kept_for = modality;
    return nullptr;
}

// Takes what was cancelled from the front. False where nothing is left.
bool Scheduler::tidy(std::deque<TaskId>& line) const {
    while (!line.empty() && !tasks_.contains(line.front()))
        line.pop_front();
    return !line.empty();
}

void Scheduler::dispatch(Modality modality) {
    Queue& waiting = queue(modality);
    for (auto& [name, worker] : workers_) {
        if (worker.kept_for == modality) worker.kept_for.reset();
    }
    dispatch_suspect(modality);
    for (auto* line : {&waiting.live, &waiting.backfill}) {
        while (tidy(*line)) {
            const TaskId id = line->front();
            Task& task = tasks_.at(id);
            const bool alone = task.alone || waiting.careful > 0;
            Worker* worker = free_worker(task, alone);
            if (worker == nullptr) return;
            line->pop_front();
            worker->alone = alone;
            assign(*worker, id, task);
        }
    }
}

void Scheduler::dispatch_suspect(Modality modality) {
    Queue& waiting = queue(modality);
    if (waiting.suspect_running != 0) {
        const bool runs = std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
            return entry.second.has(waiting.suspect_running);
        });
        // Where it cost a worker it took until there is one again.
        if (runs || ready(modality) == 0) return;
        const Time now = now_();
        waiting.suspect_running = 0;
        waiting.suspects_rest = now + kSuspectRest * (now - waiting.suspect_sent);
    }
    const bool live_waits = tidy(waiting.live);
    if (tidy(waiting.live_suspects)) {
        give_suspect_its_turn(modality, waiting.live_suspects, live_waits);
    } else if (tidy(waiting.backfill_suspects)) {
        give_suspect_its_turn(modality, waiting.backfill_suspects, live_waits || tidy(waiting.backfill));
    }
}

// Each suspect may cost a worker, so the others go first. But not for ever, since every post must end: one
// that has waited long has a worker kept free for it, and then the others have theirs for some time.
void Scheduler::give_suspect_its_turn(Modality modality, std::deque<TaskId>& line, bool others_wait) {
    Queue& waiting = queue(modality);
    const TaskId id = line.front();
    Task& task = tasks_.at(id);
    const Time now = now_();
    if (others_wait && (now < waiting.suspects_rest || now < task.suspected + kSuspectPatience)) return;
    Worker* worker = free_worker(task, true);
    if (worker == nullptr) return;
    line.pop_front();
    worker->alone = true;
    waiting.suspect_running = id;
    waiting.suspect_sent = now;
    assign(*worker, id, task);
}

// Its media is read first: the credit is held, the lease does not run yet.
void Scheduler::assign(Worker& worker, TaskId id, Task& task) {
    const Modality modality = task.request.modality;
    const bool suspicious = queue(modality).careful > 0 || task.suspect() || !deadly_.empty();
    if (task.request.load_media) {
        worker.reading = id;
        worker.reading_since = now_();
        return actions_.read(worker.name, id, task.request, suspicious);
    }
    if (suspicious) task.digest = actions_.digest(task.request.text);
    if (known_as_deadly(id, task)) return dispatch_suspect(modality);  // it may be all that waits
    send(worker, id, task, std::nullopt);
}

void Scheduler::media_read(const std::string& name, TaskId id, Result<Frame> media, std::string digest) {
    Worker* worker = find(name);
    if (worker != nullptr && worker->reading != id) worker = nullptr;
    const auto found = tasks_.find(id);
    bool usable = worker != nullptr && worker->serves() && found != tasks_.end() && media;
    if (found != tasks_.end()) {
        Task& task = found->second;
        if (!media) {
            end(id, media.error());
        } else if (task.digest = std::move(digest); known_as_deadly(id, task)) {
            usable = false;
        } else if (!usable) {
            enqueue(id, task, true);  // its worker is away: to be read again for another
            if (worker == nullptr) return dispatch(task.request.modality);
        }
    }
    if (worker == nullptr) return;
    if (usable) {
        worker->read = *std::move(media);
        send_what_was_read(*worker);
    } else {
        worker->reading = 0;
    }
    serve(name);
}

// The same bytes in another post: what they did to workers counts for this one. True where it is not sent
// now.
bool Scheduler::known_as_deadly(TaskId id, Task& task) {
    int counts = deadly_.deaths(task.digest, now_());
    if (counts == 0) return false;
    // Many people write the same few words: such a text is suspected, but has its own tries.
    if (!task.request.load_media)
        counts = std::min(counts, static_cast<int>(config_.dispatch.poison_after) - 1);
    const bool was_suspect = task.suspect();
    *task.request.deaths = std::max(*task.request.deaths, counts);
    if (poison(task)) {
        end_as_poison(id);
        return true;
    }
    if (was_suspect || !task.suspect()) return false;
    enqueue(id, task, false);
    return true;
}

// One task with media is always let through; further ones only within the budget. What is too much waits
// here, one a worker.
void Scheduler::send_what_was_read(Worker& worker) {
    if (!worker.read) return;
    const std::size_t bytes = worker.read->size();
    if (worker.in_flight_bytes > 0 && worker.in_flight_bytes + bytes > worker.offer.credit_bytes) return;
    const TaskId id = std::exchange(worker.reading, 0);
    Frame media = *std::exchange(worker.read, std::nullopt);
    const auto found = tasks_.find(id);
    if (found != tasks_.end()) send(worker, id, found->second, std::move(media));
}

// It gets no further task: what has been read for it goes to another.
void Scheduler::give_back_what_was_read(Worker& worker) {
    if (!worker.read) return;
    const auto found = tasks_.find(worker.reading);
    worker.reading = 0;
    worker.read.reset();
    if (found == tasks_.end()) return;
    enqueue(found->first, found->second, true);
    dispatch(found->second.request.modality);
}

void Scheduler::send(Worker& worker, TaskId id, Task& task, std::optional<Frame> media) {
    const std::size_t bytes = media ? media->size() : 0;
    if (!actions_.send(worker.name, id, task.request, std::move(media))) {
        // Nobody has told us yet. The end of its process, if it is one of ours, is reported soon, and its
        // silence otherwise: then those that it has are blamed. This one it never had.
        worker.gone = true;
        enqueue(id, task, true);
        return give_back_what_was_read(worker);
    }
    if (worker.in_flight.empty()) worker.head_since = now_();
    worker.in_flight.push_back({.task = id, .bytes = bytes, .there = !worker.offer.receipts});
    worker.in_flight_bytes += bytes;
}

bool Scheduler::answered(const std::string& name, TaskId id) {
    Worker* worker = find(name);
    if (worker == nullptr) return false;
    const auto place = std::find_if(worker->in_flight.begin(), worker->in_flight.end(),
                                    [&](const Sent& sent) { return sent.task == id; });
    if (place == worker->in_flight.end()) return false;
    // One that overtakes the oldest says nothing about that one, whose lease runs on.
    if (place == worker->in_flight.begin()) worker->head_since = now_();
    worker->in_flight_bytes -= place->bytes;
    worker->in_flight.erase(place);
    if (const auto found = tasks_.find(id); found != tasks_.end()) {
        int& careful = queue(found->second.request.modality).careful;
        if (careful > 0) --careful;
        tasks_.erase(found);
    }
    send_what_was_read(*worker);
    return true;
}

void Scheduler::received(const std::string& name, TaskId id) {
    Worker* worker = find(name);
    if (worker == nullptr) return;
    const auto place = std::find_if(worker->in_flight.begin(), worker->in_flight.end(),
                                    [&](const Sent& sent) { return sent.task == id; });
    if (place == worker->in_flight.end() || std::exchange(place->there, true)) return;
    if (place == worker->in_flight.begin()) worker->head_since = now_();
}

void Scheduler::serve(const std::string& name) {
    const Worker* worker = find(name);
    if (worker == nullptr) return;
    for (Modality modality : worker->offer.modalities)
        dispatch(modality);
}

Scheduler::Worker* Scheduler::find(const std::string& name) {
    const auto found = workers_.find(name);
    return found != workers_.end() ? &found->second : nullptr;
}

const Scheduler::Worker* Scheduler::find(const std::string& name) const {
    const auto found = workers_.find(name);
    return found != workers_.end() ? &found->second : nullptr;
}

bool Scheduler::Worker::has(TaskId id) const {
    return reading == id ||
           std::any_of(in_flight.begin(), in_flight.end(), [&](const Sent& sent) { return sent.task == id; });
}

}  // namespace bgm
