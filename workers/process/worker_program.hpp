// What every worker program has in common: the command line by which bgmd starts it, and the process around
// it.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workers/media/media_limits.hpp"
#include "workers/process/worker_process.hpp"

namespace bgm {

struct WorkerProgram {
    std::string name;
    std::vector<std::string> modalities;
    std::string endpoint;
    std::string connect;     // bgmd's workers.listen, where it is on another host
    std::string server_key;  // file with bgmd's public key
    std::string key;         // file with this host's secret key
    std::int64_t heartbeat_ms = 1000;
    int niceness = 0;
    rlim_t address_space_bytes = 0;
    pid_t parent = 0;
    std::string sandbox = "auto";
    std::uint64_t task_memory_bytes = 0;
    std::int64_t task_cpu_s = 0;
    std::string packages = "none";  // see models.packages_dir
    std::string reading = "none";   // see models.reading_dir
    MediaLimits limits;
    bool makes_code = false;  // see SandboxOptions; not an option of the command line

    void add_options(CLI::App& app);
    /// What a worker of these options neither sees nor hears: a sentence each.
    std::vector<std::string> unseen() const;
    /// Before anything is loaded: dies with its parent, leaves Ctrl-C to it, gives way to others. With
    /// `connect` the process becomes the keeper of another one. The exit status where there is nothing (more)
    /// to do: the parent is gone already, or the keeper has finished.
    std::optional<int> begin(int argc, char** argv) const;
    /// After everything is loaded: connects, gives up what it no longer needs, and serves until it is
    /// retired. The exit status.
    int serve(TaskRunner& runner) const;

 private:
    int keep(std::vector<std::string> arguments) const;
};

/// Says why the program cannot serve, in one line that bgmd logs. The exit status.
int refuse_to_start(const std::string& what, const Error& error);

}  // namespace bgm
