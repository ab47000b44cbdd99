// The system calls that a confined process may make, as a seccomp filter. libseccomp stays in here.
#pragma once

#include "schemas/result.hpp"
#include "workers/sandbox/sandbox.hpp"

namespace bgm {

/// For all threads, for good. `unsupported` where the kernel or a filter around us refuses.
Status filter_system_calls(const SandboxOptions& options);

}  // namespace bgm
