// A host with workers, for a test: bgm-worker by itself, kept for a bgmd elsewhere. On loopback, or in a
// network namespace of its own behind a wire that can be pulled out. Failures to start are exceptions.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace bgm::test {

/// Keys for bgmd and its worker hosts in a folder of their own, made by bgmctl.
class WorkerKeys {
 public:
    explicit WorkerKeys(const std::vector<std::string>& hosts);
    ~WorkerKeys();
    WorkerKeys(const WorkerKeys&) = delete;
    WorkerKeys& operator=(const WorkerKeys&) = delete;

    /// For the stack: listens at this address.
    std::vector<std::string> settings(const std::string& listen) const;
    std::string secret_of(const std::string& host) const { return folder_ / (host + ".key"); }
    std::string server() const { return folder_ / "bgmd.pub"; }

 private:
    std::filesystem::path folder_;
};

class WorkerHost {
 public:
    struct Options {
        std::string connect;
        std::string key;
        std::string server_key;
        pid_t network_of = 0;  // runs in the network namespace of this process
    };
    explicit WorkerHost(Options options) : options_(std::move(options)) { start(); }
    ~WorkerHost();
    WorkerHost(const WorkerHost&) = delete;
    WorkerHost& operator=(const WorkerHost&) = delete;

    void start();
    /// All of its processes at once, as where the power fails.
    void power_off();
    /// SIGTERM to the keeper, and its exit status.
    int leave();
    pid_t pid() const { return keeper_; }

 private:
    Options options_;
    pid_t keeper_ = 0;
};

}  // namespace bgm::test
