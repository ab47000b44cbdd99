#include "workers/process/worker_keeper.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iostream>

extern char** environ;

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRestartMin{100};
constexpr milliseconds kRestartMax{30'000};
constexpr std::chrono::seconds kStableAfter{30};
// So long bgmd has to answer a Goodbye by a Retire.
constexpr milliseconds kFarewell{2000};
constexpr milliseconds kLook{1000};

class Keeper {
 public:
    Keeper(const KeeperOptions& options, std::unique_ptr<KeeperLink> link)
        : command_(options.command), silent_(options.silent), link_(std::move(link)) {
        sigset_t signals;
        sigemptyset(&signals);
        for (const int each : {SIGTERM, SIGINT, SIGCHLD})
            sigaddset(&signals, each);
        sigprocmask(SIG_BLOCK, &signals, nullptr);
        signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    ~Keeper() { close(signal_fd_); }
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    Status run() {
        while (!leaving_ || worker_ != 0) {
            const auto now = Clock::now();
            if (worker_ == 0 && now >= start_due_) {
                if (auto started = start(); !started) return started;
            }
            if (leaving_ && now >= farewell_due_) end_worker(SIGTERM);  // bgmd is not there to say so
            const auto due = worker_ == 0 ? start_due_ : leaving_ ? farewell_due_ : now + kLook;
            const auto wait = std::clamp(std::chrono::ceil<milliseconds>(due - now), milliseconds(0), kLook);
            link_->wait(signal_fd_, wait);
            if (const auto news = link_->look_after_connection(); news && *news != told_) say(*news);
            while (const auto message = link_->from_daemon())
                take(*message);
            if (link_->pass_to_daemon()) heard_ = Clock::now();
            if (worker_ != 0 && heard_ && Clock::now() - *heard_ > silent_) {
                say("the worker is silent and is killed");
                end_worker(SIGKILL);
            }
            read_signals();
        }
        return ok_status();
    }

 private:
    Status start() {
        auto endpoint = link_->listen_for_worker();
        if (!endpoint) return endpoint.error();
        std::vector<std::string> command = command_;
        command.insert(command.end(), {"--endpoint", *endpoint, "--parent", std::to_string(getpid())});
        std::vector<char*> arguments;
        for (std::string& each : command)
            arguments.push_back(each.data());
        arguments.push_back(nullptr);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        const int failed =
            posix_spawn(&worker_, "/proc/self/exe", nullptr, &attributes, arguments.data(), environ);
        posix_spawnattr_destroy(&attributes);
        started_ = Clock::now();
        had_tasks_ = false;
        heard_.reset();
        if (failed == 0) return ok_status();
        worker_ = 0;
        return Error{.code = ErrorCode::unavailable,
                     .message = std::string("the worker cannot be started: ") + std::strerror(failed)};
    }

    void take(const v1::ToWorker& message) {
        if (message.has_end()) {
            say("bgmd has the worker killed: " + message.end().reason());
            return end_worker(SIGKILL);
        }
        if (message.has_task()) {
            had_tasks_ = true;
            if (message.task().receipt()) {
                v1::FromWorker received;
                received.mutable_received()->set_task_id(message.task().task_id());
                link_->tell_daemon(received);
            }
        }
        if (message.has_retire() && leaving_) farewell_due_ = Clock::time_point::max();
        if (message.kind_case() != v1::ToWorker::KIND_NOT_SET) link_->pass_to_worker();
    }

    void read_signals() {
        for (signalfd_siginfo info{}; read(signal_fd_, &info, sizeof info) == sizeof info;) {
            if (info.ssi_signo == SIGCHLD) continue;
            if (std::exchange(leaving_, true)) continue;
            farewell_due_ = Clock::now() + (link_->connected() ? kFarewell : milliseconds(0));
            say_goodbye(false);
        }
        int status = 0;
        if (worker_ != 0 && waitpid(worker_, &status, WNOHANG) == worker_) ended(status);
    }

    void ended(int status) {
        worker_ = 0;
        (void)link_->pass_to_daemon();  // its last answers
        say_goodbye(true);
        const auto now = Clock::now();
        // What it was given explains the end: the next is as good as the last one was, and the good tasks
        // wait.
        delay_ = now - started_ > kStableAfter || had_tasks_ || delay_.count() == 0
                     ? kRestartMin
                     : std::min(delay_ * 2, kRestartMax);
        start_due_ = std::max(started_ + kRestartMin, now + (had_tasks_ ? milliseconds(0) : delay_));
        if (leaving_) return;
        say(WIFSIGNALED(status) ? "the worker was killed by signal " + std::to_string(WTERMSIG(status))
                                : "the worker ended with status " + std::to_string(WEXITSTATUS(status)));
    }

    void say_goodbye(bool died) {
        v1::FromWorker message;
        message.mutable_goodbye()->set_died(died);
        link_->tell_daemon(message);
    }

    void end_worker(int number) {
        farewell_due_ = Clock::time_point::max();
        heard_.reset();
        if (worker_ != 0) kill(worker_, number);
    }

    void say(const std::string& news) {
        told_ = news;
        std::cerr << "bgm-worker: " << news << std::endl;
    }

    const std::vector<std::string> command_;
    const milliseconds silent_;
    std::unique_ptr<KeeperLink> link_;
    int signal_fd_;
    pid_t worker_ = 0;
    Clock::time_point started_{};
    std::optional<Clock::time_point> heard_;  // nothing: it loads its models
    Clock::time_point start_due_{};
    Clock::time_point farewell_due_ = Clock::time_point::max();
    milliseconds delay_{0};
    bool had_tasks_ = false;
    bool leaving_ = false;
    std::string told_;
};

}  // namespace

Status keep_worker(const KeeperOptions& options) {
    auto link = KeeperLink::open(options.link);
    if (!link) return link.error();
    return Keeper(options, *std::move(link)).run();
}

std::vector<std::string> worker_part(std::vector<std::string> arguments) {
    constexpr std::array<std::string_view, 3> kKeepers{"--connect", "--server-key", "--key"};
    std::vector<std::string> part;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view option = std::string_view(arguments[i]).substr(0, arguments[i].find('='));
        if (std::find(kKeepers.begin(), kKeepers.end(), option) == kKeepers.end()) {
            part.push_back(std::move(arguments[i]));
        } else if (option.size() == arguments[i].size()) {
            ++i;  // its value
        }
    }
    return part;
}

}  // namespace bgm
