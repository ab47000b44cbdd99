// What a worker, or the gateway, gives up before it looks at the first byte of a stranger's: decoders are C
// code, and one day one of them will be taken over (Chromium's rule of two: untrusted input, unsafe language,
// no sandbox: choose two).
//
// From then on the process can compute, take memory within its limits, use the descriptors that it has and
// start threads. It cannot open a file by name, make a socket or connect one, start a program or a process,
// or look into another. A library that only looks for a part of the system (its
// plug-ins, a clock's zone) is told that it may not, as it can do without; whatever else it asks the kernel
// ends it with SIGSYS, after a line on stderr that names the call. Needs no privileges. The limits hold for
// the whole process and cannot be taken back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

enum class SandboxMode {
    off,
    automatic,  // what this kernel has; what is missing is said
    required,   // all of it, or the worker does not start
};

/// "off", "auto" or "required".
Result<SandboxMode> sandbox_mode_from_name(std::string_view name);

struct SandboxOptions {
    SandboxMode mode = SandboxMode::automatic;
    /// Code may be made at run time (oneDNN writes its kernels when it first sees a shape). Without it no
    /// memory becomes executable any more.
    bool makes_code = false;
    /// Connections may be taken from listening sockets that are there. Nothing can be dialled all the same.
    bool serves = false;
    /// Descriptors that there may be at once; 0: those that are there, and a handful.
    std::uint64_t descriptors_max = 0;
    /// Who speaks where a call is refused; must live as long as the process.
    const char* program = "bgm-worker";
    /// Memory that tasks may take beyond what is there now; 0: no limit.
    std::uint64_t task_memory_bytes = 0;
};

/// Confines this process, all its threads, for good. Gives the protections that this kernel refused, in
/// words; with `required` these are an error (`unsupported`). All threads, descriptors and files that are
/// needed must be there.
Result<std::vector<std::string>> enter_sandbox(const SandboxOptions& options);

}  // namespace bgm
