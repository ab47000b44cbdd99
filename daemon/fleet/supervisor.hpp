// The worker processes on this host: started, watched, replaced.
//
// A process that ends by itself is started again, after a RestartDelay. Where a task explains the end there
// is no such delay: the next process is as good as the last one was, and the good posts wait for it. How it
// ended, and the last line that it wrote, go into the log. Workers die with bgmd, however bgmd dies.
//
// To exchange models, candidates are started beside the processes that serve (ServingModels decides what
// becomes of them). A candidate that ends is not started again; nor is a process that was retired.
//
//     candidate --promote--> serving --retire--> retiring --> gone
//         '-------drop / its end------------------------------^
//
// Belongs to the loop's thread.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/child_process.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/restart_delay.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/gateway_process.hpp"
#include "daemon/fleet/pids_file.hpp"
#include "daemon/fleet/worker_plan.hpp"
#include "schemas/modality.hpp"

namespace bgm {

class Supervisor {
 public:
    enum class Role { candidate, serving, retiring };

    struct Child {
        std::string name;
        std::vector<Modality> modalities;
        Role role = Role::serving;
        pid_t pid = 0;  // 0: waits for its restart
        int restarts = 0;
        std::string last_end{};                 // "killed by signal 9", empty at first
        std::vector<std::string> last_lines{};  // what it wrote before that; oldest first
    };
    /// After the process is gone, before it is decided whether it starts again. True where what it was given
    /// explains the end.
    using OnEnd = std::function<bool(const Child&)>;

    Supervisor(const Config& config, std::string worker_endpoint, EventLoop& loop, Metrics& metrics,
               OnEnd on_end);
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Starts every configured worker.
    void start();
    /// Asks every worker to finish, and starts none again.
    void stop();
    /// Ends one process at once; it is replaced.
    void kill(const std::string& name, std::string_view reason);

    /// Starts, with these models, another process for every worker that takes one of the modalities, under a
    /// name of its own. Returns the names.
    std::vector<std::string> start_candidates(const Config::Models& models,
                                              std::span<const Modality> modalities);
    /// The candidates serve from now on. Returns the names of those whose place they take: to be retired.
    std::vector<std::string> promote_candidates();
    /// Ends the candidates at once.
    void drop_candidates();
    /// The process will end by itself and is not replaced; `ask`: it is asked to by a signal. One that does
    /// not end in time is killed.
    void retire(const std::string& name, bool ask);

    std::vector<Child> children() const;
    /// Nothing for a worker that is not one of ours.
    std::optional<Role> role(std::string_view name) const;
    /// What it was started for; false for a worker that is not one of ours.
    bool started_for(std::string_view name, Modality modality) const;
    std::size_t configured(Modality modality) const { return worker_count(config_, modality); }

 private:
    using Clock = std::chrono::steady_clock;

    struct Process {
        Child child;
        WorkerPlan plan;  // of its place; a later generation has a longer name
        std::shared_ptr<const Config::Models> models;
        std::unique_ptr<ChildProcess> running = nullptr;  // none: waits for its restart
        RestartDelay delay;
        std::string kill_reason{};  // why we ended it ourselves
        Clock::time_point restart_due{};
        Clock::time_point kill_due{};  // where it is retiring
        bool gone = false;             // waits to be swept away

        void kill() const {
            if (running) running->signal(SIGKILL);
        }
    };

    Process& add(const WorkerPlan& plan, std::string name, Role role,
                 std::shared_ptr<const Config::Models> models);
    void spawn(Process& process);
    void cannot_start(Process& process, const std::string& program, const Error& error);
    void ended(Process& process, const ChildProcess::End& end);
    void replace_later(Process& process, std::string_view reason, bool explained);
    void look_after_processes();
    void write_pids();

    const Config& config_;
    const std::string worker_endpoint_;
    EventLoop& loop_;
    Metrics& metrics_;
    const OnEnd on_end_;
    std::list<Process> processes_;  // handlers point into it
    GatewayProcess gateway_;
    PidsFile pids_file_;
    int generation_ = 1;
    bool stopping_ = false;
};

}  // namespace bgm
