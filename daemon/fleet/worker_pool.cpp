#include "daemon/fleet/worker_pool.hpp"

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/fleet/worker_plan.hpp"
#include "daemon/journal/media_store.hpp"
#include "schemas/worker_words.hpp"

namespace bgm {
namespace {

// Answers that are taken in one turn of the loop: an answer leads to a decision, which takes long where the
// catalogue is large, and the turn must not.
constexpr int kMessagesPerRound = 64;
constexpr std::chrono::microseconds kRoundTime{800};
constexpr std::chrono::milliseconds kLeasePeriod{50};
constexpr std::size_t kCreditBytes = 64U << 20U;  // where a worker does not say
constexpr std::size_t kReaders = 4;  // a large file, or a slow disk, does not hold up the small ones
constexpr std::size_t kWorkersMax = 256;
constexpr int kLieCounts = 100;  // each good answer makes up for a hundredth of a lie
constexpr int kLiesBorne = 200;
constexpr std::chrono::seconds kSuspectPatience{10};  // so long a suspect lets every other task go first
constexpr int kSuspectRest = 4;  // after it the others get so many times as long as a suspect took
constexpr std::chrono::minutes kDeadlyFor{10};
constexpr std::size_t kDeadlyMax = 1024;
constexpr int kCarefulFor = 64;  // tasks after a death: deaths come in swarms

std::chrono::milliseconds lease_of(const Config& config, Modality modality) {
    const auto& dispatch = config.dispatch;
    switch (modality) {
        case Modality::text:
            return std::chrono::milliseconds(dispatch.text_deadline_ms);
        case Modality::image:
            return std::chrono::milliseconds(dispatch.image_deadline_ms);
        case Modality::audio:
            return std::chrono::milliseconds(dispatch.audio_deadline_ms);
        case Modality::video:
            return std::chrono::milliseconds(dispatch.video_deadline_ms);
    }
    return {};
}

}  // namespace

WorkerPool::WorkerPool(const Config& config, EventLoop& loop, Metrics& metrics)
    // Ids go on from the clock: an answer to a task of an earlier run of bgmd matches none of this one.
    : config_(config),
      loop_(loop),
      metrics_(metrics),
      next_task_id_(static_cast<std::uint64_t>(now_ms()) << 20U),
      reader_(std::make_unique<MediaReader>(kReaders, static_cast<int>(config.workers.nice))) {
    for (Queue& queue : queues_)
        queue.served = Clock::now();
}

Result<std::unique_ptr<WorkerPool>> WorkerPool::open(const Config& config, EventLoop& loop,
                                                     Messaging& messaging, Metrics& metrics) {
    std::unique_ptr<WorkerPool> pool(new WorkerPool(config, loop, metrics));
    const std::string endpoint = config.workers.endpoint.empty()
                                     ? "ipc://" + config.runtime_dir + "/workers.sock"
                                     : config.workers.endpoint;
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 16 << 20, .queue_max = 10'000, .owner_only = true});
    if (!socket) return socket.error();
    pool->socket_ = std::move(*socket);
    loop.watch(*pool->socket_, EventLoop::Priority::normal, [raw = pool.get()] { raw->drain(); });
    loop.every(kLeasePeriod, [raw = pool.get()] { raw->check_leases(); });
    return pool;
}

std::uint64_t WorkerPool::submit(TaskRequest request, OnTaskDone done) {
    const std::uint64_t task_id = next_task_id_++;
    const Modality modality = request.modality;
    auto [entry, inserted] = tasks_.emplace(
        task_id, Task{.request = std::move(request), .done = std::move(done), .suspected = Clock::now()});
    if (*entry->second.request.deaths >= config_.dispatch.poison_after) {
        loop_.post([this, task_id] { finish(task_id, poison()); });
        return task_id;
    }
    enqueue(task_id, entry->second, false);
    dispatch(modality);
    return task_id;
}

void WorkerPool::cancel(std::uint64_t task_id) {
    // It may still be queued or with a worker: both find no task under the id later, and go on.
    tasks_.erase(task_id);
}

void WorkerPool::enqueue(std::uint64_t task_id, Task& task, bool first) {
    Queue& waiting = queue(task.request.modality);
    if (task.suspect()) {
        if (!first) task.suspected = Clock::now();
        (task.request.backfill ? waiting.backfill_suspects : waiting.live_suspects).push_back(task_id);
        return;
    }
    auto& line = task.request.backfill ? waiting.backfill : waiting.live;
    if (first) {
        line.push_front(task_id);
    } else {
        line.push_back(task_id);
    }
}

// `alone`: one that has nothing else; where there is none the next best is kept free until it is.
WorkerPool::Worker* WorkerPool::free_worker(const Task& task, bool alone) {
    const Modality modality = task.request.modality;
    Worker* best = nullptr;
    for (auto& [identity, worker] : workers_) {
        if (!worker.serves() || worker.kept_for || !worker.modalities.contains(modality)) continue;
        if (worker.held() >= worker.credits || (worker.alone && worker.held() > 0)) continue;
        if (task.request.load_media && worker.reading != 0) continue;
        if (best == nullptr || worker.held() < best->held()) best = &worker;
    }
    if (!alone || best == nullptr || best->held() == 0) return best;
    best->kept_for = modality;
    return nullptr;
}

// Takes what was cancelled from the front. False where nothing is left.
bool WorkerPool::tidy(std::deque<std::uint64_t>& line) {
    while (!line.empty() && !tasks_.contains(line.front()))
        line.pop_front();
    return !line.empty();
}

void WorkerPool::dispatch(Modality modality) {
    Queue& waiting = queue(modality);
    for (auto& [identity, worker] : workers_) {
        if (worker.kept_for == modality) worker.kept_for.reset();
    }
    dispatch_suspect(modality);
    for (auto* line : {&waiting.live, &waiting.backfill}) {
        while (tidy(*line)) {
            const std::uint64_t task_id = line->front();
            Task& task = tasks_.at(task_id);
            const bool alone = task.alone || waiting.careful > 0;
            Worker* worker = free_worker(task, alone);
            if (worker == nullptr) return;
            line->pop_front();
            worker->alone = alone;
            assign(*worker, task_id, task);
        }
    }
}

void WorkerPool::dispatch_all(const Worker& worker) {
    const std::set<Modality> modalities = worker.modalities;  // a Hello may replace the worker meanwhile
    for (Modality modality : modalities)
        dispatch(modality);
}

void WorkerPool::dispatch_suspect(Modality modality) {
    Queue& waiting = queue(modality);
    if (waiting.suspect_running != 0) {
        const bool runs = std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
            return entry.second.has(waiting.suspect_running);
        });
        // Where it cost a worker it took until there is one again.
        if (runs || ready(modality) == 0) return;
        const auto now = Clock::now();
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
void WorkerPool::give_suspect_its_turn(Modality modality, std::deque<std::uint64_t>& line, bool others_wait) {
    Queue& waiting = queue(modality);
    const std::uint64_t task_id = line.front();
    Task& task = tasks_.at(task_id);
    const auto now = Clock::now();
    if (others_wait && (now < waiting.suspects_rest || now < task.suspected + kSuspectPatience)) return;
    Worker* worker = free_worker(task, true);
    if (worker == nullptr) return;
    line.pop_front();
    worker->alone = true;
    waiting.suspect_running = task_id;
    waiting.suspect_sent = now;
    assign(*worker, task_id, task);
}

bool WorkerPool::Worker::has(std::uint64_t task_id) const {
    return reading == task_id || std::any_of(in_flight.begin(), in_flight.end(),
                                             [&](const Sent& sent) { return sent.task_id == task_id; });
}

// Its media is read first: the credit is held, the lease does not run yet.
void WorkerPool::assign(Worker& worker, std::uint64_t task_id, Task& task) {
    const bool suspicious = queue(task.request.modality).careful > 0 || task.suspect() || !deadly_.empty();
    if (!task.request.load_media) {
        if (suspicious) task.digest = sha256(task.request.text);
        if (!known_as_deadly(task_id, task)) send(worker, task_id, task, std::nullopt);
        return;
    }
    worker.reading = task_id;
    if (!reader_) return;
    reader_->read(
        task.request.load_media, suspicious,
        [this, identity = worker.identity, task_id](Result<ReadMedia> read) {
            auto shared = std::make_shared<Result<ReadMedia>>(std::move(read));
            loop_.post([this, identity, task_id, shared] { loaded(identity, task_id, std::move(*shared)); });
        });
}

void WorkerPool::loaded(const std::string& identity, std::uint64_t task_id, Result<ReadMedia> read) {
    const auto place = workers_.find(identity);
    Worker* worker = place != workers_.end() && place->second.reading == task_id ? &place->second : nullptr;
    const auto found = tasks_.find(task_id);
    bool usable = worker != nullptr && worker->serves() && found != tasks_.end() && read;
    if (found != tasks_.end()) {
        Task& task = found->second;
        if (read) task.digest = std::move(read->digest);
        if (!read) {
            finish(task_id, read.error());
        } else if (known_as_deadly(task_id, task)) {
            usable = false;
        } else if (!usable) {
            enqueue(task_id, task, true);  // its worker is away: to be read again for another
            if (worker == nullptr) return dispatch(task.request.modality);
        }
    }
    if (worker == nullptr) return;
    if (usable) {
        worker->read = std::move(read->bytes);
        send_what_was_read(*worker);
    } else {
        worker->reading = 0;
    }
    dispatch_all(*worker);
}

// The same bytes in another post: what they did to workers counts for this one. True where it is not sent
// now.
bool WorkerPool::known_as_deadly(std::uint64_t task_id, Task& task) {
    const auto deadly = deadly_.find(task.digest);
    if (deadly == deadly_.end()) return false;
    if (Clock::now() - deadly->second.last > kDeadlyFor) {
        deadly_.erase(deadly);
        return false;
    }
    const bool was_suspect = task.suspect();
    // Many people write the same few words: such a text is suspected, but has its own tries.
    const int counts =
        task.request.load_media
            ? deadly->second.count
            : std::min<int>(deadly->second.count, static_cast<int>(config_.dispatch.poison_after) - 1);
    *task.request.deaths = std::max(*task.request.deaths, counts);
    if (*task.request.deaths >= config_.dispatch.poison_after) {
        finish(task_id, poison());
        return true;
    }
    if (was_suspect || !task.suspect()) return false;
    enqueue(task_id, task, false);
    return true;
}

// One task with media is always let through; further ones only within the budget. What is too much waits
// here, one a worker.
void WorkerPool::send_what_was_read(Worker& worker) {
    if (!worker.read) return;
    const std::size_t bytes = worker.read->size();
    if (worker.in_flight_bytes > 0 && worker.in_flight_bytes + bytes > worker.credit_bytes) return;
    const std::uint64_t task_id = std::exchange(worker.reading, 0);
    Frame media = *std::exchange(worker.read, std::nullopt);
    const auto found = tasks_.find(task_id);
    if (found != tasks_.end()) send(worker, task_id, found->second, std::move(media));
}

void WorkerPool::send(Worker& worker, std::uint64_t task_id, Task& task, std::optional<Frame> media) {
    v1::ToWorker message;
    auto& out = *message.mutable_task();
    out.set_task_id(task_id);
    out.set_modality(std::string(name(task.request.modality)));
    out.set_text(task.request.text);
    out.set_lang(task.request.lang);
    out.set_has_media(media.has_value());
    const std::size_t bytes = media ? media->size() : 0;
    Frames frames;
    frames.emplace_back(worker.identity);
    frames.emplace_back(message.SerializeAsString());
    if (media) frames.push_back(std::move(*media));
    if (!socket_->send(std::move(frames))) {
        // The connection is gone but nobody has told us yet. The end of its process, if it is one of ours, is
        // reported soon, and its silence otherwise: then those that it has are blamed. This one it never had.
        worker.gone = true;
        enqueue(task_id, task, true);
        return give_back_what_was_read(worker);
    }
    if (worker.in_flight.empty()) worker.head_since = Clock::now();
    worker.in_flight.push_back({.task_id = task_id, .bytes = bytes});
    worker.in_flight_bytes += bytes;
}

void WorkerPool::drain() {
    Frames frames;
    const auto enough = Clock::now() + kRoundTime;
    for (int i = 0; i < kMessagesPerRound && Clock::now() < enough && socket_->receive(frames); ++i)
        receive(frames);
}

void WorkerPool::receive(Frames& frames) {
    const std::string identity(frames[0].view());
    auto judged = read_from_worker(identity, frames.size() == 2 ? frames[1].view() : std::string_view());
    if (!judged) return lied(identity, judged.error());
    v1::FromWorker& message = *judged;
    if (message.has_hello()) return hello(identity, message.hello());
    const auto found = workers_.find(identity);
    if (found == workers_.end()) {
        // Dropped, or there before this bgmd was: it may serve, once it has said what it can do.
        v1::ToWorker message_back;
        message_back.mutable_introduce();
        Frames out;
        out.emplace_back(identity);
        out.emplace_back(message_back.SerializeAsString());
        (void)socket_->send(std::move(out));
        return;
    }
    Worker& worker = found->second;
    worker.last_seen = Clock::now();
    if (std::exchange(worker.gone, false)) dispatch_all(worker);  // it has connected again
    if (message.has_result()) {
        result(worker, *message.mutable_result());
    } else if (message.has_heartbeat()) {
        heartbeat(worker, message.heartbeat());
    }
}

void WorkerPool::heartbeat(Worker& worker, const v1::Heartbeat& message) {
    worker.rss_bytes = message.rss_bytes();
    metrics_.set_worker_memory(worker.name, worker.rss_bytes);
    // A worker that starts to count anew would be one of another process, and have another identity.
    if (message.cache_hits() >= worker.cache_hits && message.cache_misses() >= worker.cache_misses &&
        message.cache_hits() + message.cache_misses() > 0) {
        metrics_.count_cache_lookups(*worker.modalities.begin(), message.cache_hits() - worker.cache_hits,
                                     message.cache_misses() - worker.cache_misses);
        worker.cache_hits = message.cache_hits();
        worker.cache_misses = message.cache_misses();
    }
    // What the model takes is no leak, and differs by gigabytes from preset to preset.
    if (worker.rss_bytes_at_ready == 0)
        worker.rss_bytes_at_ready = std::max<std::uint64_t>(worker.rss_bytes, 1);
    const auto grown_max = static_cast<std::uint64_t>(config_.workers.rss_bytes_max);
    if (worker.retiring || worker.rss_bytes <= worker.rss_bytes_at_ready + grown_max) return;
    log_warn("worker has grown too large and is replaced",
             {{"worker", worker.name}, {"rss_bytes", std::to_string(worker.rss_bytes)}});
    worker.retiring = true;
    tell_to_retire(worker.identity);
    give_back_what_was_read(worker);
}

// It gets no further task: what has been read for it goes to another.
void WorkerPool::give_back_what_was_read(Worker& worker) {
    if (!worker.read) return;
    const auto found = tasks_.find(worker.reading);
    worker.reading = 0;
    worker.read.reset();
    if (found == tasks_.end()) return;
    enqueue(found->first, found->second, true);
    dispatch(found->second.request.modality);
}

void WorkerPool::activate(const std::string& worker_name) {
    for (auto& [identity, worker] : workers_) {
        if (worker.name != worker_name || !worker.standby) continue;
        worker.standby = false;
        forgive();  // other models, another chance
        for (Modality modality : worker.modalities) {
            queue(modality).served = Clock::now();
            dispatch(modality);
        }
        return;
    }
}

bool WorkerPool::retire(const std::string& worker_name) {
    for (auto& [identity, worker] : workers_) {
        if (worker.name != worker_name) continue;
        worker.retiring = true;
        tell_to_retire(identity);
        give_back_what_was_read(worker);
        return true;
    }
    return false;
}

void WorkerPool::tell_to_retire(const std::string& identity) {
    v1::ToWorker retire;
    retire.mutable_retire();
    Frames out;
    out.emplace_back(identity);
    out.emplace_back(retire.SerializeAsString());
    (void)socket_->send(std::move(out));
}

void WorkerPool::hello(const std::string& identity, const v1::Hello& message) {
    Worker worker;
    worker.identity = identity;
    worker.name = message.name();
    worker.pid = message.pid();
    worker.model = message.model();
    worker.model_version = message.model_version();
    for (const std::string& text : message.modalities()) {
        if (const auto modality = modality_from_name(text)) worker.modalities.insert(*modality);
    }
    if (worker.modalities.empty() || message.credits() == 0) {
        log_warn("a worker offers nothing that is known", {{"worker", message.name()}});
        return;
    }
    if (workers_.size() >= kWorkersMax && !workers_.contains(identity)) {  // each has labels of its own
        log_warn("there are too many workers", {{"worker", worker.name}});
        return tell_to_retire(identity);
    }
    if (admit_) {
        auto admitted = admit_(message);
        if (!admitted) {
            log_error("worker is refused",
                      {{"worker", worker.name}, {"error", admitted.error().to_string()}});
            drop_worker(identity, false);
            return tell_to_retire(identity);
        }
        worker.heads = std::move(admitted->heads);
        worker.standby = admitted->standby;
    }
    for (int i = 0; i < message.modalities_size(); ++i) {
        const auto modality = modality_from_name(message.modalities(i));
        if (modality)
            worker.models.emplace(*modality, i < message.models_size() ? message.models(i) : message.model());
    }
    worker.credits = std::min<std::size_t>(message.credits(), most("Hello.credits"));
    worker.credit_bytes = message.credit_bytes() == 0
                              ? kCreditBytes
                              : std::min<std::size_t>(message.credit_bytes(), most("Hello.credit_bytes"));
    worker.batch_max = std::clamp<std::size_t>(message.batch_max(), 1, most("Hello.batch_max"));
    worker.last_seen = Clock::now();
    take_over(worker);
    log_info("worker ready", {{"worker", worker.name},
                              {"pid", std::to_string(message.pid())},
                              {"model", worker.model},
                              {"version", worker.model_version}});
    const auto modalities = worker.modalities;
    const bool serves = worker.serves();
    workers_.insert_or_assign(identity, std::move(worker));
    if (!serves) return;
    for (Modality modality : modalities) {
        queue(modality).served = Clock::now();
        dispatch(modality);
    }
}

// What is known of the process that says Hello again. Another one that had the name cannot be there any more.
void WorkerPool::take_over(Worker& worker) {
    std::vector<std::string> ended;
    for (const auto& [identity, other] : workers_) {
        const bool same = identity == worker.identity && other.pid == worker.pid;
        if (!same && (identity == worker.identity || other.name == worker.name)) ended.push_back(identity);
    }
    for (const std::string& identity : ended)
        drop_worker(identity, true);
    const auto before = workers_.find(worker.identity);
    if (before == workers_.end()) return;
    Worker& known = before->second;
    worker.in_flight = std::move(known.in_flight);
    worker.in_flight_bytes = known.in_flight_bytes;
    worker.reading = known.reading;
    worker.read = std::move(known.read);
    worker.head_since = known.head_since;
    worker.alone = known.alone;
    worker.kept_for = known.kept_for;
    worker.rss_bytes = known.rss_bytes;
    worker.rss_bytes_at_ready = known.rss_bytes_at_ready;
    worker.cache_hits = known.cache_hits;
    worker.cache_misses = known.cache_misses;
    worker.retiring = known.retiring;
    worker.lies = known.lies;
}

void WorkerPool::result(Worker& worker, v1::TaskResult& message) {
    const auto place = std::find_if(worker.in_flight.begin(), worker.in_flight.end(),
                                    [&](const Sent& sent) { return sent.task_id == message.task_id(); });
    if (place == worker.in_flight.end()) return;  // its lease is over
    // One that overtakes the oldest says nothing about that one, whose lease runs on.
    if (place == worker.in_flight.begin()) worker.head_since = Clock::now();
    worker.in_flight_bytes -= place->bytes;
    worker.in_flight.erase(place);
    send_what_was_read(worker);
    const auto found = tasks_.find(message.task_id());
    // Cancelled: only the credit counts. The modality of the task is not known any more where a worker has
    // several.
    if (found == tasks_.end()) return dispatch_all(worker);
    const Modality modality = found->second.request.modality;
    if (queue(modality).careful > 0) --queue(modality).careful;
    const auto since =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - found->second.submitted);
    const Status judged =
        judge(message, {.modality = modality, .batch_max = worker.batch_max, .since_submit = since});
    if (!judged) {
        const std::string identity = worker.identity;
        finish(message.task_id(),
               Error{.code = ErrorCode::internal,
                     .message = "the answer of the worker is refused: " + judged.error().to_string()});
        return lied(identity, judged.error());
    }
    worker.lies -= worker.lies > 0 ? 1 : 0;
    metrics_.observe_task(modality, message.queue_us() * 1e-6, message.encode_us() * 1e-6,
                          message.batch_size());
    if (message.error_code().empty()) {
        std::vector<v1::Output> outputs(std::make_move_iterator(message.mutable_outputs()->begin()),
                                        std::make_move_iterator(message.mutable_outputs()->end()));
        finish(message.task_id(), TaskOutputs{.outputs = std::move(outputs), .heads = worker.heads});
    } else {
        finish(message.task_id(),
               Error{.code = error_code_from_name(message.error_code()).value_or(ErrorCode::internal),
                     .message = message.error_message()});
    }
    dispatch_all(worker);
}

void WorkerPool::finish(std::uint64_t task_id, TaskAnswer answer) {
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) return;
    metrics_.count_task(found->second.request.modality, answer ? "ok" : name(answer.error().code));
    const OnTaskDone done = std::move(found->second.done);
    tasks_.erase(found);
    done(std::move(answer));
}

bool WorkerPool::worker_ended(const std::string& worker_name) {
    for (const auto& [identity, worker] : workers_) {
        if (worker.name != worker_name) continue;
        const bool retiring = worker.retiring;
        return drop_worker(std::string(identity), true) || retiring;
    }
    return false;
}

bool WorkerPool::drop_worker(const std::string& identity, bool blame) {
    auto node = workers_.extract(identity);
    if (node.empty()) return false;
    Worker& worker = node.mapped();
    const std::deque<Sent>& tasks = worker.in_flight;
    metrics_.forget_worker(worker.name);
    std::set<Modality> touched;
    // Read, but never sent. What is still being read comes back once it has been.
    if (const auto read = worker.read ? tasks_.find(worker.reading) : tasks_.end(); read != tasks_.end()) {
        touched.insert(read->second.request.modality);
        enqueue(read->first, read->second, true);
    }
    // Backwards, so that the front of the queue ends up in the order of sending.
    for (auto each = tasks.rbegin(); each != tasks.rend(); ++each) {
        const std::uint64_t task_id = each->task_id;
        const auto found = tasks_.find(task_id);
        if (found == tasks_.end()) continue;
        Task& task = found->second;
        const Modality modality = task.request.modality;
        touched.insert(modality);
        if (blame) queue(modality).careful = kCarefulFor;
        task.alone = task.alone || blame;
        if (blame && tasks.size() == 1) {
            task.suspected = Clock::now();
            ++*task.request.deaths;
            remember_as_deadly(task);
            if (*task.request.deaths >= config_.dispatch.poison_after) {
                log_warn("task is poison",
                         {{"modality", std::string(name(modality))}, {"worker", worker.name}});
                loop_.post([this, task_id] { finish(task_id, poison()); });
                continue;
            }
        }
        enqueue(task_id, task, true);
    }
    for (Modality modality : touched)
        dispatch(modality);
    return !tasks.empty();
}

void WorkerPool::remember_as_deadly(const Task& task) {
    if (task.digest.empty()) return;
    if (deadly_.size() >= kDeadlyMax && !deadly_.contains(task.digest)) {
        const auto oldest = std::min_element(
            deadly_.begin(), deadly_.end(),
            [](const auto& one, const auto& other) { return one.second.last < other.second.last; });
        deadly_.erase(oldest);
    }
    deadly_[task.digest] = {.count = *task.request.deaths, .last = Clock::now()};
}

Error WorkerPool::poison() const {
    return {.code = ErrorCode::corrupt,
            .message = "every worker that tried it died (" + std::to_string(config_.dispatch.poison_after) +
                       " times)"};
}

void WorkerPool::check_leases() {
    const auto now = Clock::now();
    std::vector<std::pair<std::string, std::string_view>> to_kill;
    for (auto& [identity, worker] : workers_) {
        // One that is retiring stays in its place until another is there: its queue does not run out of
        // patience meanwhile.
        for (Modality modality : worker.modalities) {
            if (!worker.standby && !worker.gone) queue(modality).served = now;
        }
        if (now - worker.last_seen > std::chrono::milliseconds(config_.workers.silent_ms)) {
            to_kill.emplace_back(identity, "silent");
            continue;
        }
        if (worker.in_flight.empty() || worker.gone) continue;
        const std::uint64_t head = worker.in_flight.front().task_id;
        const auto found = tasks_.find(head);
        const Modality modality =
            found != tasks_.end() ? found->second.request.modality : *worker.modalities.begin();
        if (now - worker.head_since <= lease_of(config_, modality)) continue;
        to_kill.emplace_back(identity, "deadline");
    }
    for (const auto& [identity, reason] : to_kill) {
        const auto worker = workers_.find(identity);
        if (worker == workers_.end()) continue;
        const std::string worker_name = worker->second.name;
        log_warn("worker is replaced", {{"worker", worker_name}, {"reason", std::string(reason)}});
        // In a batch the slow one is not known: all of it is tried again, one by one. Alone, it is known.
        const bool guilty =
            reason == "deadline" && (worker->second.batch_max == 1 || worker->second.in_flight.size() == 1);
        if (guilty) {
            const std::uint64_t head = worker->second.in_flight.front().task_id;
            loop_.post([this, head] {
                finish(head, Error{.code = ErrorCode::deadline_exceeded,
                                   .message = "took longer than its deadline"});
            });
            worker->second.in_flight.pop_front();
        }
        drop_worker(identity, !guilty);
        if (kill_) kill_(worker_name, reason);
    }
    give_up_where_nobody_serves();
}

void WorkerPool::give_up_where_nobody_serves() {
    const auto now = Clock::now();
    for (Modality modality : kModalities) {
        Queue& waiting = queue(modality);
        if (now - waiting.served <= std::chrono::milliseconds(config_.dispatch.no_worker_ms)) continue;
        for (auto* line :
             {&waiting.live, &waiting.backfill, &waiting.live_suspects, &waiting.backfill_suspects}) {
            for (const std::uint64_t task_id : std::exchange(*line, {})) {
                const bool expected = worker_count(config_, modality) > 0;
                finish(task_id,
                       Error{.code = expected ? ErrorCode::unavailable : ErrorCode::unsupported,
                             .message = "no " + std::string(name(modality)) +
                                        (expected ? " worker is running" : " worker is configured")});
            }
        }
    }
}

// What it said is no message of a worker's, or no answer to its task. Once may be a fault of its own; one
// that goes on is replaced, since nothing that it says can be trusted.
void WorkerPool::lied(const std::string& identity, const Error& error) {
    const auto found = workers_.find(identity);
    if (found == workers_.end()) {  // nobody that serves: it may say Hello properly, or end
        log_warn("a message of nobody known is refused", {{"error", error.to_string()}});
        return tell_to_retire(identity);
    }
    Worker& worker = found->second;
    const std::string worker_name = worker.name;
    const auto modalities = worker.modalities;
    worker.last_seen = Clock::now();
    worker.lies += kLieCounts;
    log_error("what a worker says is refused", {{"worker", worker_name}, {"error", error.to_string()}});
    if (worker.lies > kLiesBorne) {
        log_warn("worker is replaced", {{"worker", worker_name}, {"reason", "lies"}});
        drop_worker(identity, false);
        if (kill_) kill_(worker_name, "lies");
    }
    for (Modality modality : modalities)
        dispatch(modality);
}

std::size_t WorkerPool::ready(Modality modality) const {
    return static_cast<std::size_t>(
        std::count_if(workers_.begin(), workers_.end(), [modality](const auto& entry) {
            return entry.second.serves() && entry.second.modalities.contains(modality);
        }));
}

std::vector<WorkerStatus> WorkerPool::workers() const {
    std::vector<WorkerStatus> list;
    for (const auto& [identity, worker] : workers_) {
        list.push_back({.name = worker.name,
                        .model = worker.model,
                        .model_version = worker.model_version,
                        .in_flight = worker.held(),
                        .rss_bytes = worker.rss_bytes});
    }
    return list;
}

void WorkerPool::publish_metrics() const {
    std::array<std::size_t, kModalityCount> in_flight{};
    std::set<std::pair<Modality, std::string>> models;
    for (const auto& [identity, worker] : workers_) {
        if (worker.serves()) models.insert(worker.models.begin(), worker.models.end());
        for (const Sent& sent : worker.in_flight) {
            const auto found = tasks_.find(sent.task_id);
            if (found != tasks_.end())
                ++in_flight.at(static_cast<std::size_t>(found->second.request.modality));
        }
    }
    for (Modality modality : kModalities) {
        const auto i = static_cast<std::size_t>(modality);
        const Queue& waiting = queues_[i];
        const std::size_t suspects = waiting.live_suspects.size() + waiting.backfill_suspects.size();
        metrics_.set_tasks(modality, waiting.live.size() + waiting.backfill.size() + suspects, in_flight[i]);
    }
    metrics_.set_models(models);
}

}  // namespace bgm
