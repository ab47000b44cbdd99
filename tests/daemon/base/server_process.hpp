// A server that a test starts for itself: it dies with the thread that started it, even where the test
// crashes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::test {

struct ServerCommand {
    std::vector<std::string> arguments;                   // the program's path first
    std::optional<std::vector<std::string>> environment;  // "NAME=value" and no others; none: this process's
    std::string log;                                      // its output is appended here
};

class ServerProcess {
 public:
    ServerProcess() = default;
    ~ServerProcess() { kill(); }
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    Status start(ServerCommand command);
    /// SIGKILL, and waits for its end; nothing where none runs.
    void kill();
    /// SIGTERM, and SIGKILL where it has not ended within the time.
    void stop(int within_ms);
    /// SIGSTOP and SIGCONT: it is there and does not answer.
    void freeze() const;
    void thaw() const;
    /// True where it ends, or has ended, within the time.
    bool ended_within(int timeout_ms) const;

    /// Waits for its end: what it exited with, -1 where a signal ended it.
    int exit_code();

    /// 0: none runs.
    pid_t pid() const { return pid_; }

 private:
    pid_t pid_ = 0;
    int pidfd_ = -1;
};

/// A port of the loopback that nobody had when it was looked at; 0 where there is none.
std::uint16_t free_port();

/// The last bytes of a file.
std::string tail_of(const std::string& file);

}  // namespace bgm::test
