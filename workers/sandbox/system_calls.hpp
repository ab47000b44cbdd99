// The system calls that a confined worker may make, as a seccomp filter. libseccomp stays in here.
#pragma once

#include "schemas/result.hpp"

namespace bgm {

/// For all threads, for good. `unsupported` where the kernel or a filter around us refuses.
Status filter_system_calls(bool makes_code);

}  // namespace bgm
