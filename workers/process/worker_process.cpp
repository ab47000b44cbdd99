#include "workers/process/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "workers/process/daemon_link.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

// Opened once: a confined worker opens no file.
class ResidentMemory {
 public:
    ResidentMemory() : statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}
    ~ResidentMemory() { close(statm_); }
    ResidentMemory(const ResidentMemory&) = delete;
    ResidentMemory& operator=(const ResidentMemory&) = delete;

    std::uint64_t bytes() const {
        std::array<char, 256> text{};
        if (pread(statm_, text.data(), text.size() - 1, 0) <= 0) return 0;
        char* second = nullptr;
        (void)std::strtoull(text.data(), &second, 10);  // the whole size
        return std::strtoull(second, nullptr, 10) * page_bytes_;
    }

 private:
    const int statm_;
    const std::uint64_t page_bytes_ = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
};

v1::FromWorker hello(const WorkerOptions& options, const TaskRunner& runner) {
    v1::FromWorker message;
    auto& hello = *message.mutable_hello();
    hello.set_name(options.name);
    hello.set_pid(static_cast<std::uint64_t>(getpid()));
    runner.describe(hello);
    return message;
}

v1::FromWorker heartbeat(const TaskRunner& runner, const ResidentMemory& memory) {
    v1::FromWorker message;
    auto& beat = *message.mutable_heartbeat();
    beat.set_rss_bytes(memory.bytes());
    beat.set_queued(static_cast<std::uint32_t>(runner.held()));
    const CacheCounts counts = runner.cache_counts();
    beat.set_cache_hits(counts.hits);
    beat.set_cache_misses(counts.misses);
    return message;
}

}  // namespace

Status run_worker(const WorkerOptions& options, TaskRunner& runner) {
    auto link = DaemonLink::connect(options.endpoint, options.name + "/" + std::to_string(getpid()));
    if (!link) return link.error();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    const int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    const ResidentMemory memory;
    const bool connected = (*link)->await_connection(signal_fd);
    if (connected && options.confine) {
        if (const Status confined = options.confine(); !confined) return confined;
    }
    const v1::FromWorker introduction = hello(options, runner);
    (*link)->send(introduction);
    auto beat_due = Clock::now();
    bool retiring = !connected;
    while (!retiring || runner.held() > 0) {
        if (Clock::now() >= beat_due) {
            (*link)->send(heartbeat(runner, memory));
            beat_due = Clock::now() + options.heartbeat;
        }
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(beat_due - Clock::now());
        (*link)->wait(runner.ready_fd(), signal_fd, std::max(wait, std::chrono::milliseconds(0)));
        if ((*link)->lost())
            return Error{.code = ErrorCode::unavailable, .message = "the connection to bgmd broke"};
        while (auto incoming = (*link)->receive()) {
            if (incoming->message.has_retire()) {
                retiring = true;
            } else if (incoming->message.has_introduce()) {
                (*link)->send(introduction);
            } else if (incoming->message.has_task()) {
                runner.add(
                    {std::move(*incoming->message.mutable_task()), std::move(incoming->media), Clock::now()});
            }
        }
        for (v1::TaskResult& result : runner.take_results()) {
            v1::FromWorker message;
            *message.mutable_result() = std::move(result);
            (*link)->send(message);
        }
        signalfd_siginfo info{};
        if (read(signal_fd, &info, sizeof info) == sizeof info) retiring = true;
    }
    close(signal_fd);
    return ok_status();
}

}  // namespace bgm
