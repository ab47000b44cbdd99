#include "daemon/supervisor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "daemon/config_views.hpp"
#include "daemon/log.hpp"

extern char** environ;

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kRestartPeriod{20};
constexpr std::chrono::seconds kStableAfter{30};  // lived so long: the next restart is prompt again
constexpr std::size_t kLastLines = 10;
constexpr std::size_t kLineBytesMax = 2000;

std::filesystem::path own_directory() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace

Supervisor::Supervisor(const Config& config, std::string worker_endpoint, EventLoop& loop, Metrics& metrics,
                       OnEnd on_end)
    : config_(config),
      worker_endpoint_(std::move(worker_endpoint)),
      loop_(loop),
      metrics_(metrics),
      on_end_(std::move(on_end)) {}

Supervisor::~Supervisor() {
    for (Process& process : processes_) {
        if (process.child.pid == 0) continue;
        ::kill(process.child.pid, SIGKILL);
        waitpid(process.child.pid, nullptr, 0);
        close(process.pidfd);
        close(process.output_fd);
    }
}

void Supervisor::start() {
    for (Modality modality : kModalities) {
        for (std::size_t i = 0; i < worker_count(config_, modality); ++i) {
            Process process;
            process.child.name = "worker-" + std::string(name(modality)) + "-" + std::to_string(i);
            process.child.modality = modality;
            processes_.push_back(std::move(process));
        }
    }
    for (Process& process : processes_)
        spawn(process);
    write_pids();
    loop_.every(kRestartPeriod, [this] { restart_due_processes(); });
}

void Supervisor::stop() {
    stopping_ = true;
    for (const Process& process : processes_) {
        if (process.child.pid != 0) ::kill(process.child.pid, SIGTERM);
    }
}

void Supervisor::kill(const std::string& name, std::string_view reason) {
    for (Process& process : processes_) {
        if (process.child.name != name || process.child.pid == 0) continue;
        process.kill_reason = reason;
        ::kill(process.child.pid, SIGKILL);
    }
}

std::vector<Supervisor::Child> Supervisor::children() const {
    std::vector<Child> list;
    for (const Process& process : processes_)
        list.push_back(process.child);
    return list;
}

std::size_t Supervisor::configured(Modality modality) const {
    return worker_count(config_, modality);
}

std::vector<std::string> Supervisor::command_line(const Process& process) const {
    const std::string program =
        config_.workers.program.empty() ? (own_directory() / "bgm-worker").string() : config_.workers.program;
    return {program,
            "--name",
            process.child.name,
            "--modality",
            std::string(name(process.child.modality)),
            "--endpoint",
            worker_endpoint_,
            "--models",
            config_.models.dir,
            "--heartbeat-ms",
            std::to_string(config_.workers.heartbeat_ms),
            "--nice",
            std::to_string(config_.workers.nice),
            "--address-space-bytes",
            std::to_string(config_.workers.address_space_bytes),
            "--parent",
            std::to_string(getpid())};
}

void Supervisor::spawn(Process& process) {
    process.started = Clock::now();
    process.kill_reason.clear();
    process.last_lines.clear();
    std::array<int, 2> output{-1, -1};
    if (pipe2(output.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        process.restart_due = Clock::now() + std::chrono::milliseconds(config_.workers.restart_max_ms);
        return log_error("no pipe for a worker", {{"worker", process.child.name}});
    }
    std::vector<std::string> words = command_line(process);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
    // Signals that bgmd blocks or handles reach the worker in their default state.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t pid = 0;
    const int failure = posix_spawn(&pid, words[0].c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(output[1]);
    if (failure != 0) {
        close(output[0]);
        log_error("worker cannot be started", {{"worker", process.child.name},
                                               {"program", words[0]},
                                               {"error", std::system_category().message(failure)}});
        process.restart_due = Clock::now() + std::chrono::milliseconds(config_.workers.restart_max_ms);
        return;
    }
    process.child.pid = pid;
    process.output_fd = output[0];
    process.pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    loop_.watch_fd(process.output_fd, [this, &process] { read_output(process); });
    loop_.watch_fd(process.pidfd, [this, &process] { reap(process); });
}

void Supervisor::read_output(Process& process) {
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = read(process.output_fd, buffer.data(), buffer.size());
        if (got < 0) return;  // nothing more for now
        if (got == 0) return loop_.unwatch_fd(process.output_fd);
        process.partial_line.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t end = 0;
        while ((end = process.partial_line.find('\n')) != std::string::npos ||
               process.partial_line.size() > kLineBytesMax) {
            end = std::min(end, kLineBytesMax);
            const std::string line = process.partial_line.substr(0, end);
            process.partial_line.erase(0, end + 1);
            take_line(process, line);
        }
    }
}

void Supervisor::take_line(Process& process, const std::string& line) {
    log_info("worker says", {{"worker", process.child.name}, {"line", line}});
    process.last_lines.push_back(line);
    if (process.last_lines.size() > kLastLines) process.last_lines.pop_front();
}

void Supervisor::reap(Process& process) {
    int status = 0;
    if (waitpid(process.child.pid, &status, WNOHANG) != process.child.pid) return;
    read_output(process);
    if (!process.partial_line.empty()) take_line(process, process.partial_line);  // it died in mid-sentence
    loop_.unwatch_fd(process.output_fd);
    loop_.unwatch_fd(process.pidfd);
    close(process.output_fd);
    close(process.pidfd);
    process.child.pid = 0;
    process.output_fd = process.pidfd = -1;
    process.partial_line.clear();
    std::string reason = process.kill_reason;
    if (WIFSIGNALED(status)) {
        process.child.last_end = "killed by signal " + std::to_string(WTERMSIG(status));
        if (reason.empty()) reason = "signal";
    } else {
        process.child.last_end = "exit status " + std::to_string(WEXITSTATUS(status));
        if (reason.empty()) reason = "exit";
    }
    on_end_(process.child.name);
    if (stopping_) return;
    metrics_.count_worker_end(process.child.modality, reason);
    const bool stable = Clock::now() - process.started > kStableAfter;
    const auto least = std::chrono::milliseconds(config_.workers.restart_min_ms);
    const auto most = std::chrono::milliseconds(config_.workers.restart_max_ms);
    process.delay = stable || process.delay.count() == 0 ? least : std::min(process.delay * 2, most);
    process.restart_due = Clock::now() + process.delay;
    log_warn("worker ended", {{"worker", process.child.name},
                              {"how", process.child.last_end},
                              {"reason", reason},
                              {"last_line", process.last_lines.empty() ? "" : process.last_lines.back()},
                              {"restart_in_ms", std::to_string(process.delay.count())}});
    write_pids();
}

void Supervisor::restart_due_processes() {
    if (stopping_) return;
    const auto now = Clock::now();
    bool changed = false;
    for (Process& process : processes_) {
        if (process.child.pid != 0 || process.restart_due > now) continue;
        ++process.child.restarts;
        spawn(process);
        changed = true;
    }
    if (changed) write_pids();
}

void Supervisor::write_pids() const {
    const std::string& file = config_.supervisor.pids_file;
    if (file.empty()) return;
    // Other programs keep lines of their own in the file (a private MariaDB): theirs stay, under a common
    // lock.
    const int lock = open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) log_warn("the pids file cannot be locked", {{"file", file}});
    std::ostringstream lines;
    std::ifstream before(file);
    for (std::string line; std::getline(before, line);) {
        if (!line.starts_with("bgmd ") && !line.starts_with("worker-")) lines << line << '\n';
    }
    lines << "bgmd " << getpid() << '\n';
    for (const Process& process : processes_) {
        if (process.child.pid != 0) lines << process.child.name << ' ' << process.child.pid << '\n';
    }
    std::ofstream(file + ".new") << lines.str();
    std::error_code error;
    std::filesystem::rename(file + ".new", file, error);
    if (error) log_warn("the pids file cannot be written", {{"file", file}, {"error", error.message()}});
    if (lock >= 0) close(lock);
}

}  // namespace bgm
