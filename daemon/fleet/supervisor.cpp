#include "daemon/fleet/supervisor.hpp"

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

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kLookPeriod{20};
constexpr std::chrono::seconds kStableAfter{30};  // lived so long: the next restart is prompt again
// A retired worker finishes at most two long videos; the leases of the pool end a hanging one much sooner.
constexpr std::chrono::minutes kRetireWithin{5};
constexpr std::size_t kLastLines = 10;
constexpr std::size_t kLineBytesMax = 2000;
constexpr std::size_t kReadTogether = 8192;
constexpr std::size_t kPipeBytes = 1 << 16;
// What a worker may have logged at once, as at its start, and for long.
constexpr double kLinesTogether = 200;
constexpr double kLinesPerSecond = 10;

// More threads than cores make each other slower, far more than their share.
void warn_of_crowding(const Config& config) {
    const std::size_t cores = usable_cores();
    const std::size_t workers = worker_plans(config).size();
    const std::size_t threads = worker_threads(config, cores);
    if (static_cast<std::size_t>(config.workers.threads) > threads) {
        log_warn("workers.threads is lowered: all workers together may not have more threads than cores",
                 {{"asked", std::to_string(config.workers.threads)},
                  {"threads", std::to_string(threads)},
                  {"workers", std::to_string(workers)},
                  {"cores", std::to_string(cores)}});
    }
    if (workers > cores) {
        log_warn("there are more workers than cores; each has one thread",
                 {{"workers", std::to_string(workers)}, {"cores", std::to_string(cores)}});
    }
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    list.reserve(words.size() + 1);
    for (std::string& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
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
    if (config_.models.preset == "clip") warn_of_crowding(config_);
    const auto models = std::make_shared<const Config::Models>(config_.models);
    for (const WorkerPlan& plan : worker_plans(config_))
        spawn(add(plan, plan.name, Role::serving, models));
    write_pids();
    loop_.every(kLookPeriod, [this] { look_after_processes(); });
}

Supervisor::Process& Supervisor::add(const WorkerPlan& plan, std::string name, Role role,
                                     std::shared_ptr<const Config::Models> models) {
    Process& process = processes_.emplace_back();
    process.child.name = std::move(name);
    process.child.modalities = plan.modalities;
    process.child.role = role;
    process.plan = plan;
    process.models = std::move(models);
    return process;
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

std::vector<std::string> Supervisor::start_candidates(const Config::Models& models,
                                                      std::span<const Modality> modalities) {
    const auto shared = std::make_shared<const Config::Models>(models);
    const std::string suffix = "-g" + std::to_string(++generation_);
    std::vector<std::string> names;
    for (const WorkerPlan& plan : worker_plans(config_)) {
        const bool affected = std::any_of(modalities.begin(), modalities.end(),
                                          [&](Modality modality) { return plan.takes(modality); });
        if (!affected) continue;
        names.push_back(plan.name + suffix);
        spawn(add(plan, names.back(), Role::candidate, shared));
    }
    write_pids();
    return names;
}

std::vector<std::string> Supervisor::promote_candidates() {
    std::vector<std::string> replaced;
    for (const Process& candidate : processes_) {
        if (candidate.gone || candidate.child.role != Role::candidate) continue;
        for (const Process& other : processes_) {
            if (!other.gone && other.child.role == Role::serving && other.plan.name == candidate.plan.name)
                replaced.push_back(other.child.name);
        }
    }
    for (Process& process : processes_) {
        if (process.child.role == Role::candidate) process.child.role = Role::serving;
    }
    return replaced;
}

void Supervisor::drop_candidates() {
    for (Process& process : processes_) {
        if (process.gone || process.child.role != Role::candidate) continue;
        process.child.role = Role::retiring;
        process.gone = process.child.pid == 0;
        process.kill_due = Clock::time_point::max();
        if (process.child.pid != 0) ::kill(process.child.pid, SIGKILL);
    }
}

void Supervisor::retire(const std::string& name, bool ask) {
    for (Process& process : processes_) {
        if (process.gone || process.child.name != name) continue;
        process.child.role = Role::retiring;
        process.gone = process.child.pid == 0;
        process.kill_due = Clock::now() + kRetireWithin;
        if (ask && process.child.pid != 0) ::kill(process.child.pid, SIGTERM);
    }
}

std::vector<Supervisor::Child> Supervisor::children() const {
    std::vector<Child> list;
    for (const Process& process : processes_) {
        if (!process.gone) list.push_back(process.child);
    }
    return list;
}

std::optional<Supervisor::Role> Supervisor::role(std::string_view name) const {
    for (const Process& process : processes_) {
        if (!process.gone && process.child.name == name) return process.child.role;
    }
    return std::nullopt;
}

bool Supervisor::started_for(std::string_view name, Modality modality) const {
    return std::any_of(processes_.begin(), processes_.end(), [&](const Process& process) {
        return process.child.name == name && process.plan.takes(modality);
    });
}

void Supervisor::spawn(Process& process) {
    process.started = Clock::now();
    process.kill_reason.clear();
    process.last_lines.clear();
    process.lines_left = kLinesTogether;
    process.lines_since = process.started;
    process.lines_left_out = 0;
    WorkerPlan named = process.plan;
    named.name = process.child.name;
    WorkerCommand command = worker_command(config_, *process.models, named, worker_endpoint_, getpid());
    const std::string program = command.arguments.front();
    std::array<int, 2> output{-1, -1};
    if (pipe2(output.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return cannot_start(process, program, std::system_category().message(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
    // Nothing else, whatever a library left open across exec (MySQL's client does): a worker that is taken
    // over would speak through it.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    // Signals that bgmd blocks or handles reach the worker in their default state.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t pid = 0;
    const int failure = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                    pointers(command.arguments).data(), pointers(command.environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(output[1]);
    if (failure != 0) {
        close(output[0]);
        return cannot_start(process, program, std::system_category().message(failure));
    }
    process.child.pid = pid;
    process.output_fd = output[0];
    process.pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    loop_.watch_fd(process.output_fd, [this, &process] { (void)read_output(process); });
    loop_.watch_fd(process.pidfd, [this, &process] { reap(process); });
}

void Supervisor::cannot_start(Process& process, const std::string& program, const std::string& error) {
    log_error("worker cannot be started",
              {{"worker", process.child.name}, {"program", program}, {"error", error}});
    process.restart_due = Clock::now() + std::chrono::milliseconds(config_.workers.restart_max_ms);
    if (process.child.role != Role::candidate) return;
    // Nothing of it will ever be reaped. Not from here: the caller does not know its name yet.
    loop_.post([this, name = process.child.name, program, error] {
        const auto found = std::find_if(processes_.begin(), processes_.end(), [&](const Process& each) {
            return !each.gone && each.child.name == name;
        });
        if (found == processes_.end()) return;
        found->gone = true;
        found->child.last_end = program + " cannot be started: " + error;
        on_end_(found->child);
    });
}

// A piece a call, so that one that writes without end takes its turn like everybody. False where nothing more
// is there for now.
bool Supervisor::read_output(Process& process) {
    std::array<char, kReadTogether> buffer{};
    const ssize_t got = read(process.output_fd, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR;
    if (got == 0) {
        loop_.unwatch_fd(process.output_fd);
        return false;
    }
    process.partial_line.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    while (begin < process.partial_line.size()) {
        const std::size_t end = process.partial_line.find('\n', begin);
        const std::size_t bytes = std::min(end, process.partial_line.size()) - begin;
        if (bytes > kLineBytesMax) {
            take_line(process, process.partial_line.substr(begin, kLineBytesMax));
            begin += kLineBytesMax;
        } else if (end == std::string::npos) {
            break;
        } else {
            take_line(process, process.partial_line.substr(begin, bytes));
            begin = end + 1;
        }
    }
    process.partial_line.erase(0, begin);
    return true;
}

void Supervisor::take_line(Process& process, std::string line) {
    const auto now = Clock::now();
    const std::chrono::duration<double> passed = now - process.lines_since;
    process.lines_since = now;
    process.lines_left = std::min(process.lines_left + passed.count() * kLinesPerSecond, kLinesTogether);
    if (process.lines_left >= 1) {
        process.lines_left -= 1;
        tell_left_out(process);
        log_info("worker says", {{"worker", process.child.name}, {"line", line}});
    } else {
        ++process.lines_left_out;
    }
    process.last_lines.push_back(std::move(line));
    if (process.last_lines.size() > kLastLines) process.last_lines.pop_front();
}

void Supervisor::tell_left_out(Process& process) {
    if (process.lines_left_out == 0) return;
    log_warn("worker says more than is logged",
             {{"worker", process.child.name}, {"left_out", std::to_string(process.lines_left_out)}});
    process.lines_left_out = 0;
}

void Supervisor::reap(Process& process) {
    int status = 0;
    if (waitpid(process.child.pid, &status, WNOHANG) != process.child.pid) return;
    // No more than a pipe holds: somebody else may have its other end still.
    for (std::size_t pieces = 0; pieces < kPipeBytes / kReadTogether && read_output(process);)
        ++pieces;
    if (!process.partial_line.empty()) take_line(process, process.partial_line);  // it died in mid-sentence
    tell_left_out(process);
    loop_.unwatch_fd(process.output_fd);
    loop_.unwatch_fd(process.pidfd);
    close(process.output_fd);
    close(process.pidfd);
    process.child.pid = 0;
    process.child.last_lines.assign(process.last_lines.begin(), process.last_lines.end());
    process.output_fd = process.pidfd = -1;
    process.partial_line.clear();
    std::string reason = process.kill_reason;
    if (WIFSIGNALED(status)) {
        process.child.last_end = "killed by signal " + std::to_string(WTERMSIG(status));
        if (reason.empty()) reason = reason_of_signal(WTERMSIG(status));
    } else {
        process.child.last_end = "exit status " + std::to_string(WEXITSTATUS(status));
        if (reason.empty()) reason = "exit";
    }
    const Role role = process.child.role;
    process.gone = role != Role::serving;
    const bool explained = on_end_(process.child) || !process.kill_reason.empty();
    if (stopping_) return;
    if (role == Role::serving) {
        replace_later(process, reason, explained);
    } else {
        log_info("worker is gone", {{"worker", process.child.name}, {"how", process.child.last_end}});
    }
    write_pids();
}

void Supervisor::replace_later(Process& process, const std::string& reason, bool explained) {
    metrics_.count_worker_end(process.child.modalities.front(), reason);
    const auto now = Clock::now();
    const bool stable = now - process.started > kStableAfter;
    const auto least = std::chrono::milliseconds(config_.workers.restart_min_ms);
    const auto most = std::chrono::milliseconds(config_.workers.restart_max_ms);
    if (explained) {
        // Counted from its start: whatever it is given, no place sees more starts than one in `least`.
        process.restart_due = std::max(process.started + least, now);
        loop_.post([this] { look_after_processes(); });
    } else {
        process.delay = stable || process.delay.count() == 0 ? least : std::min(process.delay * 2, most);
        process.restart_due = now + process.delay;
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(process.restart_due - now);
    log_warn("worker ended", {{"worker", process.child.name},
                              {"how", process.child.last_end},
                              {"reason", reason},
                              {"last_line", process.last_lines.empty() ? "" : process.last_lines.back()},
                              {"restart_in_ms", std::to_string(wait.count())}});
}

void Supervisor::look_after_processes() {
    if (stopping_) return;
    const auto now = Clock::now();
    bool changed = false;
    for (Process& process : processes_) {
        if (process.gone) {
            metrics_.forget_worker(process.child.name);
            changed = true;
        } else if (process.child.role == Role::retiring && process.kill_due < now) {
            log_warn("retired worker does not end", {{"worker", process.child.name}});
            process.kill_due = Clock::time_point::max();
            ::kill(process.child.pid, SIGKILL);
        } else if (process.child.role == Role::serving && process.child.pid == 0 &&
                   process.restart_due <= now) {
            ++process.child.restarts;
            spawn(process);
            changed = true;
        }
    }
    processes_.remove_if([](const Process& process) { return process.gone; });
    if (changed || pids_due_) write_pids();
}

void Supervisor::write_pids() {
    const std::string& file = config_.supervisor.pids_file;
    if (file.empty()) return;
    // Other programs keep lines of their own in the file (a private MariaDB): theirs stay, under a common
    // lock.
    const int lock = open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    // Whoever holds it may take his time: the loop has none.
    pids_due_ = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (pids_due_) {
        close(lock);
        return;
    }
    if (lock < 0) log_warn("the pids file cannot be locked", {{"file", file}});
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
