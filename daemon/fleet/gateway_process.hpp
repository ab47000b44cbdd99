// The gateway, as a process that bgmd runs: started, and started again, like a worker; it ends with bgmd.
// Belongs to the loop's thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "daemon/base/child_process.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/restart_delay.hpp"
#include "daemon/config.hpp"

namespace bgm {

class GatewayProcess {
 public:
    GatewayProcess(const Config& config, EventLoop& loop);

    /// Does nothing where there is no gateway, or somebody else runs it.
    void start();
    /// Asks it to finish, and starts none again.
    void stop();
    /// Starts it again where that is due. True where its number has changed since the last call.
    bool look_after();
    /// 0: it does not run.
    pid_t pid() const { return running_ ? running_->pid() : 0; }

 private:
    using Clock = std::chrono::steady_clock;
    void spawn();
    void ended(const ChildProcess::End& end);

    const Config& config_;
    EventLoop& loop_;
    RestartDelay delay_;
    std::unique_ptr<ChildProcess> running_;
    Clock::time_point due_{};
    bool wanted_ = false;
    pid_t told_ = 0;
};

/// What it is started with: bgmd's own words, and whom to end with.
ProcessCommand gateway_command(const Config& config, pid_t parent);

}  // namespace bgm
