#include "workers/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "workers/sandbox/system_calls.hpp"

namespace bgm {
namespace {

std::string reason(std::string_view what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
}

std::uint64_t address_space_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool limit(__rlimit_resource_t resource, rlim_t most) {
    rlimit now{};
    if (getrlimit(resource, &now) != 0) return false;
    const rlim_t value = std::min(most, now.rlim_max);
    const rlimit both{value, value};
    return setrlimit(resource, &both) == 0;
}

// One past the largest descriptor: none can be made beyond, only the numbers of closed ones be used again.
rlim_t descriptors_in_use() {
    const int next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    rlim_t end = 0;
    for (int fd = 0; fd < 4096; ++fd) {
        if (fcntl(fd, F_GETFD) >= 0) end = static_cast<rlim_t>(fd) + 1;
    }
    if (next >= 0) close(next);
    return end;
}

bool set_limits(const SandboxOptions& options) {
    // A core dump would put a stranger's media on the disk.
    bool all = limit(RLIMIT_CORE, 0);
    // Decoders duplicate descriptors for a moment; a handful of free numbers is enough for that.
    constexpr rlim_t kSpare = 16;
    all = limit(RLIMIT_NOFILE,
                options.descriptors_max > 0 ? options.descriptors_max : descriptors_in_use() + kSpare) &&
          all;
    all = limit(RLIMIT_MSGQUEUE, 0) && all;
    if (options.task_memory_bytes > 0)
        all = limit(RLIMIT_AS, address_space_bytes() + options.task_memory_bytes) && all;
    return all;
}

// A second lock on the same door: even a call that the filter should have stopped finds no file.
bool forbid_files() {
    const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return false;
    landlock_ruleset_attr rules{};
    rules.handled_access_fs =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
        LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
        LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
        LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
        LANDLOCK_ACCESS_FS_MAKE_SYM;
    const auto ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
    if (ruleset < 0) return false;
    const bool taken = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return taken;
}

}  // namespace

Result<SandboxMode> sandbox_mode_from_name(std::string_view name) {
    if (name == "off") return SandboxMode::off;
    if (name == "auto") return SandboxMode::automatic;
    if (name == "required") return SandboxMode::required;
    return Error{.code = ErrorCode::invalid_argument, .message = "must be off, auto or required"};
}

Result<std::vector<std::string>> enter_sandbox(const SandboxOptions& options) {
    std::vector<std::string> missing;
    if (options.mode == SandboxMode::off) return missing;
    if (!set_limits(options)) missing.push_back(reason("limits"));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) missing.push_back(reason("no new privileges"));
    // Nobody of the same user may look into this process, nor it be dumped.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) missing.push_back(reason("not dumpable"));
    if (!forbid_files()) missing.push_back(reason("landlock"));
    if (const Status filtered = filter_system_calls(options); !filtered)
        missing.push_back("seccomp: " + filtered.error().message);
    if (options.mode == SandboxMode::required && !missing.empty()) {
        std::string all;
        for (const std::string& protection : missing)
            all += (all.empty() ? "" : "; ") + protection;
        return Error{.code = ErrorCode::unsupported, .message = "this host cannot confine a process: " + all};
    }
    return missing;
}

}  // namespace bgm
