// The workers that are connected, the tasks that wait for them, and the leases on those that are with one.
//
// Flow is by credit: a worker says in its Hello how many tasks it takes, each result gives one credit back,
// and the rest wait here, live ones before backfill. Bytes have a budget of their own. Media is read, on
// other threads, once there is a credit for it, which is held meanwhile. A worker works in order, so the
// oldest of its tasks is the one it is busy with, and that one's lease runs.
//
// When a worker dies with several tasks nobody knows which of them it was (the answer to an earlier one may
// have died with it): they are tried again one by one. One that was alone with it is blamed, and is a suspect
// from then on: it is tried again after those that nobody suspects. One that was blamed
// `dispatch.poison_after` times is poison and fails. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/head_set.hpp"
#include "daemon/journal/media_reader.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct TaskRequest {
    Modality modality = Modality::text;
    bool backfill = false;
    std::string text;  // text tasks
    std::string lang;
    /// Media tasks: called when a worker is there to take it, on a thread that may wait for a disk.
    std::function<Result<Frame>()> load_media;
    /// How many workers died with it. Whoever submits it again, after any answer, gives the same count: what
    /// kills workers must not get a clean slate.
    std::shared_ptr<int> deaths = std::make_shared<int>(0);
};

struct TaskOutputs {
    std::vector<v1::Output> outputs;
    std::shared_ptr<const HeadSet> heads;  // those of the worker that made them; null where none are known
};
using TaskAnswer = Result<TaskOutputs>;
using OnTaskDone = std::function<void(TaskAnswer)>;

struct WorkerStatus {
    std::string name;
    std::string model;
    std::string model_version;  // a hash of its files; empty where the worker does not say
    std::size_t in_flight = 0;
    std::uint64_t rss_bytes = 0;
};

class WorkerPool {
 public:
    /// Why a worker must end; also a metric label.
    using KillWorker = std::function<void(const std::string& name, std::string_view reason)>;
    struct Admission {
        std::shared_ptr<const HeadSet> heads;  // that read what it answers
        bool standby = false;                  // it gets no task before activate()
    };
    /// Whether a worker may serve. An error refuses it: it is told to end.
    using AdmitWorker = std::function<Result<Admission>(const v1::Hello&)>;

    static Result<std::unique_ptr<WorkerPool>> open(const Config& config, EventLoop& loop,
                                                    Messaging& messaging, Metrics& metrics);

    /// The answer comes later, exactly once, on the loop's thread; never from within submit().
    std::uint64_t submit(TaskRequest request, OnTaskDone done);
    /// The answer will not come.
    void cancel(std::uint64_t task_id);

    /// Joins the threads that call `load_media`; no task with media is sent afterwards.
    void stop_reading() { reader_.reset(); }
    /// What is known of media that killed workers is void: somebody may have mended the workers.
    void forgive() { deadly_.clear(); }

    void set_kill(KillWorker kill) { kill_ = std::move(kill); }
    void set_admit(AdmitWorker admit) { admit_ = std::move(admit); }
    /// The supervisor saw the process end: its tasks go to others. True where the end is explained: a task
    /// was with the worker and is blamed, or the pool had it end. Such ends say nothing about the next
    /// process.
    bool worker_ended(const std::string& name);

    /// The worker gets tasks from now on.
    void activate(const std::string& name);
    /// It gets no further task and is told to end once it has answered those that it has. False where it is
    /// not connected.
    bool retire(const std::string& name);

    /// Where workers connect.
    const std::string& endpoint() const { return socket_->endpoint(); }
    std::size_t ready(Modality modality) const;
    std::vector<WorkerStatus> workers() const;
    void publish_metrics() const;

 private:
    using Clock = std::chrono::steady_clock;

    struct Task {
        TaskRequest request;
        OnTaskDone done;
        Clock::time_point submitted = Clock::now();
        bool alone = false;           // it was with a worker that died: nothing is sent before its answer
        Clock::time_point suspected;  // since when it waits as a suspect
        std::string digest = {};      // of its media, where that was asked for

        bool suspect() const { return *request.deaths > 0; }
    };
    struct Sent {
        std::uint64_t task_id;
        std::size_t bytes;  // of its media
    };
    struct Worker {
        std::string identity;
        std::string name;
        std::uint64_t pid = 0;  // as it says
        std::string model;
        std::string model_version;
        std::set<Modality> modalities;
        std::set<std::pair<Modality, std::string>> models;
        std::size_t credits = 0;
        std::size_t credit_bytes = 0;
        std::size_t batch_max = 1;
        std::deque<Sent> in_flight;  // in the order of sending
        std::size_t in_flight_bytes = 0;
        std::uint64_t reading = 0;     // the task whose media is read for it; 0: none
        std::optional<Frame> read;     // that media, which waits until there is room for its bytes
        Clock::time_point head_since;  // when the oldest of them became the oldest
        Clock::time_point last_seen;
        std::uint64_t rss_bytes = 0;
        std::uint64_t rss_bytes_at_ready = 0;  // 0: no heartbeat yet
        std::uint64_t cache_hits = 0;
        std::uint64_t cache_misses = 0;
        int lies = 0;  // in hundredths
        bool standby = false;
        bool retiring = false;
        bool alone = false;  // nothing is sent behind the task that it has
        bool gone = false;   // its connection is: the end of the process, or silence, is about to be noticed
        std::optional<Modality> kept_for;  // gets nothing else until it is empty for a task of this
        std::shared_ptr<const HeadSet> heads;

        bool serves() const { return !standby && !retiring && !gone; }
        std::size_t held() const { return in_flight.size() + (reading != 0 ? 1 : 0); }
        bool has(std::uint64_t task_id) const;
    };
    struct Queue {
        std::deque<std::uint64_t> live;
        std::deque<std::uint64_t> backfill;
        std::deque<std::uint64_t> live_suspects;
        std::deque<std::uint64_t> backfill_suspects;
        std::uint64_t suspect_running = 0;  // one at a time: the other workers are for the others
        Clock::time_point suspect_sent;
        Clock::time_point suspects_rest;  // until then they give way
        int careful = 0;                  // so many tasks are sent one by one: a worker has died
        Clock::time_point served;         // when a worker of the modality was last there
    };

    WorkerPool(const Config& config, EventLoop& loop, Metrics& metrics);

    void drain();
    void receive(Frames& frames);
    void hello(const std::string& identity, const v1::Hello& message);
    void take_over(Worker& worker);
    void result(Worker& worker, v1::TaskResult& message);
    void heartbeat(Worker& worker, const v1::Heartbeat& message);
    void lied(const std::string& identity, const Error& error);
    void tell_to_retire(const std::string& identity);
    void dispatch(Modality modality);
    bool tidy(std::deque<std::uint64_t>& line);
    void dispatch_suspect(Modality modality);
    void dispatch_all(const Worker& worker);
    Worker* free_worker(const Task& task, bool alone);
    void give_suspect_its_turn(Modality modality, std::deque<std::uint64_t>& line, bool others_wait);
    void assign(Worker& worker, std::uint64_t task_id, Task& task);
    void loaded(const std::string& identity, std::uint64_t task_id, Result<ReadMedia> read);
    bool known_as_deadly(std::uint64_t task_id, Task& task);
    void send_what_was_read(Worker& worker);
    void send(Worker& worker, std::uint64_t task_id, Task& task, std::optional<Frame> media);
    void enqueue(std::uint64_t task_id, Task& task, bool first);
    void finish(std::uint64_t task_id, TaskAnswer answer);
    /// True where a task was with it.
    bool drop_worker(const std::string& identity, bool blame);
    void give_back_what_was_read(Worker& worker);
    void remember_as_deadly(const Task& task);
    void check_leases();
    void give_up_where_nobody_serves();
    Error poison() const;
    Queue& queue(Modality modality) { return queues_.at(static_cast<std::size_t>(modality)); }

    const Config& config_;
    EventLoop& loop_;
    Metrics& metrics_;
    std::unique_ptr<Socket> socket_;
    KillWorker kill_;
    AdmitWorker admit_;
    std::uint64_t next_task_id_;
    std::unordered_map<std::uint64_t, Task> tasks_;
    std::map<std::string, Worker> workers_;  // by identity
    std::array<Queue, kModalityCount> queues_;
    // Workers died with this media alone: how many, and when the last one did. By its digest.
    struct Deaths {
        int count;
        Clock::time_point last;
    };
    std::unordered_map<std::string, Deaths> deadly_;
    std::unique_ptr<MediaReader> reader_;  // last: it ends first
};

}  // namespace bgm
