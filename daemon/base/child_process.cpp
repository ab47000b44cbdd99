#include "daemon/base/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace bgm {
namespace {

constexpr std::size_t kReadTogether = 8192;
constexpr std::size_t kPipeBytes = 1 << 16;

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    list.reserve(words.size() + 1);
    for (std::string& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

Error cannot_start(int code) {
    return {.code = ErrorCode::unavailable, .message = std::system_category().message(code)};
}

// The error of posix_spawn, or 0.
int spawn(ProcessCommand& command, int output_fd, pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
    // Nothing else, whatever a library left open across exec (MySQL's client does): a process that is taken
    // over would speak through it.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    // Signals that bgmd blocks or handles reach the process in their default state.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int failure = posix_spawn(&pid, command.arguments.front().c_str(), &actions, &attributes,
                                    pointers(command.arguments).data(), pointers(command.environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

// What the kernel stopped is told apart from what crashed.
std::string_view reason_of_signal(int signal) {
    switch (signal) {
        case SIGSYS:
            return "sandbox";
        case SIGXCPU:
            return "cpu";
        default:
            return "signal";
    }
}

}  // namespace

std::vector<std::string> inherited_environment() {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry)
        environment.emplace_back(*entry);
    return environment;
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(std::string kind, std::string name,
                                                          ProcessCommand command, EventLoop& loop,
                                                          OnEnd on_end) {
    std::array<int, 2> output{-1, -1};
    if (pipe2(output.data(), O_CLOEXEC) != 0) return cannot_start(errno);
    // This end alone: a process whose writes fail while the pipe is full loses its last words.
    (void)fcntl(output[0], F_SETFL, O_NONBLOCK);
    pid_t pid = 0;
    const int failure = spawn(command, output[1], pid);
    close(output[1]);
    if (failure != 0) {
        close(output[0]);
        return cannot_start(failure);
    }
    return std::unique_ptr<ChildProcess>(new ChildProcess(
        loop, pid, output[0], ProcessOutput(std::move(kind), std::move(name)), std::move(on_end)));
}

ChildProcess::ChildProcess(EventLoop& loop, pid_t pid, int output_fd, ProcessOutput output, OnEnd on_end)
    : loop_(loop),
      pid_(pid),
      output_fd_(output_fd),
      pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
      output_(std::move(output)),
      on_end_(std::move(on_end)) {
    loop_.watch_fd(output_fd_, [this] { (void)read_output(); });
    loop_.watch_fd(pidfd_, [this] { reap(); });
}

ChildProcess::~ChildProcess() {
    loop_.unwatch_fd(output_fd_);
    loop_.unwatch_fd(pidfd_);
    if (pid_ != 0) {
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(pidfd_);
    close(output_fd_);
}

void ChildProcess::signal(int number) const {
    if (pid_ != 0) ::kill(pid_, number);
}

// A piece a call, so that one that writes without end takes its turn like everybody. False where nothing more
// is there for now.
bool ChildProcess::read_output() {
    std::array<char, kReadTogether> buffer{};
    const ssize_t got = read(output_fd_, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR;
    if (got == 0) {
        loop_.unwatch_fd(output_fd_);
        return false;
    }
    output_.take({buffer.data(), static_cast<std::size_t>(got)});
    return true;
}

void ChildProcess::reap() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return;
    pid_ = 0;
    // No more than a pipe holds: somebody else may have its other end still.
    for (std::size_t pieces = 0; pieces < kPipeBytes / kReadTogether && read_output();)
        ++pieces;
    output_.finish();
    loop_.unwatch_fd(output_fd_);
    loop_.unwatch_fd(pidfd_);
    const OnEnd on_end = std::move(on_end_);  // it may end this object
    if (WIFSIGNALED(status)) {
        on_end({.how = "killed by signal " + std::to_string(WTERMSIG(status)),
                .reason = reason_of_signal(WTERMSIG(status))});
    } else {
        on_end({.how = "exit status " + std::to_string(WEXITSTATUS(status)), .reason = "exit"});
    }
}

}  // namespace bgm
