// The worker processes on this host: started, watched, replaced.
//
// A worker kind is a modality with a number of processes. A process that ends, for whatever reason, is
// started again after a delay that doubles up to a limit and falls back once a process has lived for a while.
// Exit status, signal and the last lines that it wrote go into the log. Workers die with bgmd, however bgmd
// dies. Belongs to the loop's thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/metrics.hpp"
#include "schemas/modality.hpp"

namespace bgm {

class Supervisor {
 public:
    using OnEnd = std::function<void(const std::string& name)>;

    struct Child {
        std::string name;
        Modality modality = Modality::text;
        pid_t pid = 0;  // 0: waits for its restart
        int restarts = 0;
        std::string last_end;  // "killed by signal 9", empty at first
    };

    Supervisor(const Config& config, std::string worker_endpoint, EventLoop& loop, Metrics& metrics,
               OnEnd on_end);
    /// Kills what still runs and waits for it.
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Starts every configured worker.
    void start();
    /// Asks every worker to finish, and starts none again.
    void stop();
    /// Ends one process at once; it is replaced.
    void kill(const std::string& name, std::string_view reason);

    std::vector<Child> children() const;
    std::size_t configured(Modality modality) const;

 private:
    using Clock = std::chrono::steady_clock;

    struct Process {
        Child child;
        int pidfd = -1;
        int output_fd = -1;
        std::string partial_line;
        std::deque<std::string> last_lines;
        std::string kill_reason;  // why we ended it ourselves
        Clock::time_point started;
        Clock::time_point restart_due;
        std::chrono::milliseconds delay{0};
    };

    void spawn(Process& process);
    void reap(Process& process);
    void read_output(Process& process);
    void take_line(Process& process, const std::string& line);
    void restart_due_processes();
    void write_pids() const;
    std::vector<std::string> command_line(const Process& process) const;

    const Config& config_;
    const std::string worker_endpoint_;
    EventLoop& loop_;
    Metrics& metrics_;
    const OnEnd on_end_;
    std::vector<Process> processes_;  // never resized after start(): handlers point into it
    bool stopping_ = false;
};

}  // namespace bgm
