// The workers that are connected, the tasks that wait for them, and the leases on those that are with one.
//
// Flow is by credit: a worker says in its Hello how many tasks it takes, each result gives one credit back,
// and the rest wait here, live ones before backfill. A worker works in order, so the oldest of its tasks is
// the one it is busy with: that one's lease runs, and that one is blamed when the process dies. A task that
// was blamed once is tried again alone; one that was blamed `dispatch.poison_after` times is poison and
// fails. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/head_set.hpp"
#include "daemon/messaging.hpp"
#include "daemon/metrics.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct TaskRequest {
    Modality modality = Modality::text;
    bool backfill = false;
    std::string text;  // text tasks
    std::string lang;
    std::function<Result<Frame>()> load_media;  // media tasks: called when a worker is there to take it
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

    void set_kill(KillWorker kill) { kill_ = std::move(kill); }
    void set_admit(AdmitWorker admit) { admit_ = std::move(admit); }
    /// The supervisor saw the process end: its tasks go to others.
    void worker_ended(const std::string& name);

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
        Clock::time_point submitted;
        int blamed = 0;
    };
    struct Worker {
        std::string identity;
        std::string name;
        std::string model;
        std::string model_version;
        std::set<Modality> modalities;
        std::set<std::pair<Modality, std::string>> models;
        std::size_t credits = 0;
        std::size_t batch_max = 1;
        std::deque<std::uint64_t> in_flight;  // in the order of sending
        Clock::time_point head_since;         // when the oldest of them became the oldest
        Clock::time_point last_seen;
        std::uint64_t rss_bytes = 0;
        std::uint64_t rss_bytes_at_ready = 0;  // 0: no heartbeat yet
        std::uint64_t cache_hits = 0;
        std::uint64_t cache_misses = 0;
        bool standby = false;
        bool retiring = false;
        std::shared_ptr<const HeadSet> heads;

        bool serves() const { return !standby && !retiring; }
    };
    struct Queue {
        std::deque<std::uint64_t> live;
        std::deque<std::uint64_t> backfill;
        Clock::time_point served;  // when a worker of the modality was last there
    };

    WorkerPool(const Config& config, EventLoop& loop, Metrics& metrics);

    void drain();
    void receive(Frames& frames);
    void hello(const std::string& identity, const v1::Hello& message);
    void result(Worker& worker, v1::TaskResult& message);
    void heartbeat(Worker& worker, const v1::Heartbeat& message);
    void tell_to_retire(const std::string& identity);
    void dispatch(Modality modality);
    Worker* free_worker(Modality modality, bool alone);
    void send(Worker& worker, std::uint64_t task_id, Task& task);
    void enqueue(std::uint64_t task_id, const Task& task, bool first);
    void finish(std::uint64_t task_id, TaskAnswer answer);
    void drop_worker(const std::string& identity, bool blame);
    void check_leases();
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
};

}  // namespace bgm
