// One process that bgmd runs: started with nothing of ours but three descriptors, its output read as it
// comes, its end told once. It is killed, and waited for, with this object.
//
// Belongs to the loop's thread.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/process_output.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct ProcessCommand {
    std::vector<std::string> arguments;    // the program first
    std::vector<std::string> environment;  // "NAME=value"
};

/// Our own.
std::vector<std::string> inherited_environment();

class ChildProcess {
 public:
    struct End {
        std::string how;          // "killed by signal 9", "exit status 1"
        std::string_view reason;  // "exit", "signal", or what the kernel stopped: "sandbox", "cpu"
    };
    /// Called once; this object may go meanwhile.
    using OnEnd = std::function<void(const End&)>;

    /// `kind` and `name` stand in the log beside what it says. `unavailable` where it cannot be started.
    static Result<std::unique_ptr<ChildProcess>> start(std::string kind, std::string name,
                                                       ProcessCommand command, EventLoop& loop, OnEnd on_end);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// What it wrote last, oldest first.
    const std::deque<std::string>& last_lines() const { return output_.last_lines(); }

 private:
    ChildProcess(EventLoop& loop, pid_t pid, int output_fd, ProcessOutput output, OnEnd on_end);
    bool read_output();
    void reap();

    EventLoop& loop_;
    pid_t pid_;  // 0: it has ended
    int output_fd_;
    int pidfd_;
    ProcessOutput output_;
    OnEnd on_end_;
};

}  // namespace bgm
