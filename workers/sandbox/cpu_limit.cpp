#include "workers/sandbox/cpu_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>

namespace bgm {
namespace {

// Past the soft limit SIGXCPU ends the process. The hard one stays as it is, so that the soft one can move.
void set_limit(rlim_t seconds) {
    rlimit limit{};
    if (getrlimit(RLIMIT_CPU, &limit) != 0) return;
    limit.rlim_cur = std::min(seconds, limit.rlim_max);
    setrlimit(RLIMIT_CPU, &limit);
}

// The clock that the kernel holds against RLIMIT_CPU: it counts whole ticks for whoever is caught running,
// and drifts away from CLOCK_PROCESS_CPUTIME_ID by a tenth and more. The number is CPUCLOCK_PROF of this
// process, as linux/posix-timers.h puts it together.
constexpr clockid_t kLimitClock = static_cast<clockid_t>(~0U << 3U);

std::int64_t used_seconds() {
    timespec time{};
    if (clock_gettime(kLimitClock, &time) != 0) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + 1;
}

}  // namespace

void CpuLimit::begin(std::size_t tasks) {
    if (seconds_ == 0) return;
    const MutexLock lock(mutex_);
    const std::int64_t until = used_seconds() + seconds_ * static_cast<std::int64_t>(tasks);
    until_ = at_work_ == 0 ? until : std::max(until_, until);
    ++at_work_;
    set_limit(static_cast<rlim_t>(until_));
}

void CpuLimit::end() {
    if (seconds_ == 0) return;
    const MutexLock lock(mutex_);
    if (--at_work_ == 0) set_limit(RLIM_INFINITY);
}

}  // namespace bgm
