#include "workers/sandbox/system_calls.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace bgm {
namespace {

// What computing, threads, and talking over descriptors that are there need. Nothing in it takes a path,
// makes a descriptor of a new kind, or reaches another process.
constexpr std::array kAllowed{
    // memory (mmap and mprotect: below)
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(munlock),
    // threads
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(getcpu),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    // signals of our own (tgkill: below)
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    // descriptors that are there (fcntl: below)
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(eventfd2),
    // clocks and numbers
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
};

// What a server does beyond that: it takes connections from listening sockets that are there, and asks whom
// they come from. It still makes no socket of its own, binds none and connects none.
constexpr std::array kServing{
    SCMP_SYS(accept4),         SCMP_SYS(getsockname),     SCMP_SYS(getpeername),
    SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime),
};

// Calls that only look: where their path stands among the arguments.
struct Lookup {
    int call;
    int path_register;
};
constexpr std::array kLookups{
    Lookup{SYS_open, REG_RDI},      Lookup{SYS_openat, REG_RSI},     Lookup{SYS_access, REG_RDI},
    Lookup{SYS_faccessat, REG_RSI}, Lookup{SYS_faccessat2, REG_RSI}, Lookup{SYS_stat, REG_RDI},
    Lookup{SYS_lstat, REG_RDI},     Lookup{SYS_newfstatat, REG_RSI}, Lookup{SYS_statx, REG_RSI},
    Lookup{SYS_readlink, REG_RDI},  Lookup{SYS_readlinkat, REG_RSI},
};

// What the C library looks up now and then, and can do without: worth no word.
constexpr std::array<std::string_view, 3> kAskedOutOfHabit{
    "/proc/sys/vm/overcommit_memory",    // malloc, before it gives memory back
    "/sys/devices/system/cpu/online",    // sysconf(_SC_NPROCESSORS_ONLN)
    "/sys/devices/system/cpu/possible",  // sysconf(_SC_NPROCESSORS_CONF)
};

// What libraries look up by name when they first need it, and can do without: all that comes with the system
// and holds nothing of anybody. What ends in a slash is the folder and all that lies below.
constexpr std::array<std::string_view, 17> kDoWithout{
    "/proc/sys/",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self/maps",    // where a thread's stack lies
    "/proc/self/cgroup",  // how many processors a container has
    "/sys/devices/system/",
    "/sys/fs/cgroup/",
    "/dev/random",
    "/dev/urandom",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/lib/",
    "/lib64/",
    "/usr/lib/",  // converters of character sets, plug-ins
    "/usr/local/lib/",
    "/usr/share/",
    "/usr/local/share/",
};

// Where a refusal is told: decoders turn stderr away while they work. A signal handler can be told nothing
// but through such a variable.
std::atomic<int> refusals_fd{STDERR_FILENO};
std::atomic<const char*> speaker{"bgm-worker"};

constexpr std::size_t kPathShown = 200;
// A library that finds nothing may look again for every file.
constexpr int kLookupsTold = 20;
std::atomic<int> lookups_told{0};

void say(std::string_view text) {
    (void)!write(refusals_fd, text.data(), text.size());
}

void begin_line() {
    say({speaker.load(), std::strlen(speaker.load())});
}

bool can_do_without(std::string_view path) {
    if (path.find("..") != std::string_view::npos) return false;
    for (const std::string_view known : kDoWithout) {
        if (path == known) return true;
        if (known.back() == '/' && (path.starts_with(known) || path == known.substr(0, known.size() - 1)))
            return true;
    }
    return false;
}

// The path that a refused call looks at; null where it does more than look, or something else.
const char* looked_up(int call, const greg_t* registers) {
    for (const Lookup& lookup : kLookups) {
        if (lookup.call != call) continue;
        const greg_t flags = registers[call == SYS_open ? REG_RSI : REG_RDX];
        if ((call == SYS_open || call == SYS_openat) && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY)
            return nullptr;
        // A register holds the pointer. NOLINTNEXTLINE(performance-no-int-to-ptr)
        return reinterpret_cast<const char*>(registers[lookup.path_register]);
    }
    return nullptr;
}

// Runs in place of a call that the filter refuses; the call itself is never made. Only functions that are
// safe in a signal handler.
void on_refused(int /*signal*/, siginfo_t* info, void* context) {
    auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const int call = info->si_syscall;
    const char* path = nullptr;
    if (const char* name = looked_up(call, registers); name != nullptr) {
        const std::string_view looked_at(name, strnlen(name, PATH_MAX));
        if (can_do_without(looked_at)) {
            const bool habit = std::find(kAskedOutOfHabit.begin(), kAskedOutOfHabit.end(), looked_at) !=
                               kAskedOutOfHabit.end();
            if (!habit && lookups_told++ < kLookupsTold) {
                begin_line();
                say(": sandbox: goes without ");
                say(looked_at.substr(0, kPathShown));
                say("\n");
            }
            registers[REG_RAX] = -EACCES;
            return;
        }
    }
    if (call == SYS_openat || call == SYS_open) {
        // A register holds the pointer. NOLINTNEXTLINE(performance-no-int-to-ptr)
        path = reinterpret_cast<const char*>(registers[call == SYS_open ? REG_RDI : REG_RSI]);
    }
    std::array<char, 16> digits{};
    std::size_t begin = digits.size();
    for (unsigned number = static_cast<unsigned>(call); begin == digits.size() || number > 0; number /= 10)
        digits.at(--begin) = static_cast<char>('0' + number % 10);
    begin_line();
    say(": sandbox: system call ");
    say({digits.data() + begin, digits.size() - begin});
    say(call == SYS_openat || call == SYS_open                       ? " (open a file)"
        : call == SYS_socket || call == SYS_connect                  ? " (network)"
        : call == SYS_execve || call == SYS_execveat                 ? " (start a program)"
        : call == SYS_clone || call == SYS_fork || call == SYS_vfork ? " (start a process)"
                                                                     : "");
    if (path != nullptr) {
        say(" ");
        say({path, strnlen(path, kPathShown)});
    }
    say(" is not allowed\n");
    signal(SIGSYS, SIG_DFL);
    raise(SIGSYS);
}

class Filter {
 public:
    Filter() : context_(seccomp_init(SCMP_ACT_TRAP), seccomp_release) {}

    void allow(int call) { add(SCMP_ACT_ALLOW, call, {}); }
    void allow_if(int call, scmp_arg_cmp condition) { add(SCMP_ACT_ALLOW, call, condition); }
    void answer(int error, int call) { add(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, {}); }
    void answer_if(int error, int call, scmp_arg_cmp condition) {
        add(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, condition);
    }

    Status load() {
        if (failure_ == 0) failure_ = seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
        if (failure_ == 0)
            failure_ = seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        if (failure_ == 0) failure_ = seccomp_load(context_.get());
        if (failure_ == 0) return ok_status();
        return Error{.code = ErrorCode::unsupported, .message = std::generic_category().message(-failure_)};
    }

 private:
    void add(std::uint32_t action, int call, std::optional<scmp_arg_cmp> condition) {
        if (failure_ != 0) return;
        failure_ = condition ? seccomp_rule_add(context_.get(), action, call, 1, *condition)
                             : seccomp_rule_add(context_.get(), action, call, 0);
    }

    std::unique_ptr<void, decltype(&seccomp_release)> context_;
    int failure_ = 0;
};

}  // namespace

Status filter_system_calls(const SandboxOptions& options) {
    speaker = options.program;
    struct sigaction refused {};
    refused.sa_sigaction = on_refused;
    refused.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigemptyset(&refused.sa_mask);
    if (const int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0); copy >= 0) refusals_fd = copy;
    if (sigaction(SIGSYS, &refused, nullptr) != 0)
        return Error{.code = ErrorCode::unsupported, .message = "no handler"};
    Filter filter;
    for (const int call : kAllowed)
        filter.allow(call);
    if (options.serves) {
        for (const int call : kServing)
            filter.allow(call);
    }
    // Memory that can be written never becomes code, unless the models' library makes its kernels.
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
        if (options.makes_code) {
            filter.allow(call);
        } else {
            filter.allow_if(call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        }
    }
    // Signals to threads of this process only: abort() and raise() are made of it.
    filter.allow_if(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid())));
    // Not F_SETOWN and F_SETSIG, which send a signal of one's choice to another process.
    for (const int command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL})
        filter.allow_if(SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command)));
    // Threads, but no processes. The flags of clone3 cannot be looked at: the C library falls back to clone.
    filter.allow_if(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    filter.answer(ENOSYS, SCMP_SYS(clone3));
    // What fstat() is nowadays: a descriptor and an empty path. Another path with this flag gives no more
    // than a file's size and times.
    filter.allow_if(SCMP_SYS(newfstatat), SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    filter.allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    // The CPU limit of each task is set anew; no other process can be named.
    filter.allow_if(SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0));
    // Asked out of habit, and every answer will do.
    if (options.serves) {
        // But the one that keeps a new connection from blocking.
        filter.allow_if(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, FIONBIO));
        filter.answer_if(ENOTTY, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_NE, FIONBIO));
    } else {
        filter.answer(ENOTTY, SCMP_SYS(ioctl));
    }
    for (const int call : {SCMP_SYS(setpriority), SCMP_SYS(sched_setaffinity)})
        filter.answer(EPERM, call);
    // ZeroMQ gives each of its threads the policy that it has, and ends the process where that fails.
    filter.answer(0, SCMP_SYS(sched_setscheduler));
    return filter.load();
}

}  // namespace bgm
