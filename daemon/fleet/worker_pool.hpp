// The workers as the rest of bgmd sees them: submit a task, get its answer. The scheduler decides who gets
// what, the link carries it, the registry knows who is there, and the media store reads their media; this
// joins them. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/scheduler.hpp"
#include "daemon/fleet/task.hpp"
#include "daemon/fleet/worker_link.hpp"
#include "daemon/fleet/worker_registry.hpp"
#include "daemon/journal/media_store.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct WorkerStatus {
    std::string name{};
    std::uint64_t pid = 0;  // as it says
    std::vector<Modality> modalities{};
    std::string model{};
    std::string model_version{};  // a hash of its files; empty where the worker does not say
    bool retiring = false;
    std::size_t in_flight = 0;
    std::uint64_t rss_bytes = 0;
};

class WorkerPool : private Scheduler::Actions {
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
                                                    Messaging& messaging, MediaStore& media,
                                                    Metrics& metrics);

    /// The answer comes later, exactly once, on the loop's thread; never from within submit().
    TaskId submit(TaskRequest request, OnTaskDone done);
    /// The answer will not come.
    void cancel(TaskId task);

    /// What is known of media that killed workers is void: somebody may have mended the workers.
    void forgive() { scheduler_.forgive(); }

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
    const std::string& endpoint() const { return link_->endpoint(); }
    /// Where those on other hosts do; empty: nowhere.
    std::string remote_endpoint() const { return link_->remote_endpoint(); }
    std::size_t ready(Modality modality) const { return scheduler_.ready(modality); }
    /// Modalities that somebody is expected to serve, and nobody does.
    std::vector<Modality> missing() const;
    std::vector<WorkerStatus> workers() const;
    void publish_metrics() const;

    /// That read what the workers answer, by worker.
    std::vector<std::shared_ptr<const HeadSet>> heads() const;
    /// From the next answer on, these are the taught ones of every worker.
    void teach(const HeadSet& taught);

 private:
    using Clock = std::chrono::steady_clock;

    struct Waiting {
        Modality modality;
        OnTaskDone done;
        Clock::time_point submitted = Clock::now();
    };

    WorkerPool(const Config& config, EventLoop& loop, MediaStore& media, Metrics& metrics);

    bool send(const std::string& worker, TaskId task, const TaskRequest& request,
              std::optional<Frame> media) override;
    void read(const std::string& worker, TaskId task, const TaskRequest& request, bool with_digest) override;
    void end(TaskId task, Error why) override;
    std::string digest(const std::string& text) override;

    void receive(const std::string& identity, Result<v1::FromWorker> message);
    void hello(const std::string& identity, const v1::Hello& message);
    void result(KnownWorker& worker, v1::TaskResult& message);
    void goodbye(const KnownWorker& worker, bool died);
    void lied(const std::string& identity, const Error& error);
    void retire(const KnownWorker& worker);
    void end_process(const KnownWorker& worker, std::string_view reason);
    void count_end(const KnownWorker& worker, std::string_view reason);
    void look_after_remote_workers();
    void bar_host_of(const std::string& identity);
    void finish(TaskId task, TaskAnswer answer);
    /// True where a task was with it.
    bool drop(const std::string& identity, bool blame);
    void look_at_the_clock();
    /// What silence and leases are measured by: it stands still where the loop did. What a worker said
    /// meanwhile is yet to be read, and a machine that was suspended has no worker to blame.
    Clock::time_point now() const { return Clock::now() - stood_still_; }

    const Config& config_;
    EventLoop& loop_;
    MediaStore& media_;
    Metrics& metrics_;
    KillWorker kill_;
    AdmitWorker admit_;
    TaskId next_task_id_;
    std::string refusal_told_;  // of whom it was said last that his name is taken: he asks again and again
    std::unordered_map<TaskId, Waiting> tasks_;
    Clock::time_point looked_ = Clock::now();  // at the clock
    Clock::duration stood_still_{0};
    WorkerRegistry registry_;
    Scheduler scheduler_;
    std::unique_ptr<WorkerLink> link_;
};

}  // namespace bgm
