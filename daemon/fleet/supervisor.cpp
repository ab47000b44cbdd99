#include "daemon/fleet/supervisor.hpp"

#include <unistd.h>

#include <algorithm>

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kLookPeriod{20};
// A retired worker finishes at most two long videos; the leases of the pool end a hanging one much sooner.
constexpr std::chrono::minutes kRetireWithin{5};

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

}  // namespace

Supervisor::Supervisor(const Config& config, std::string worker_endpoint, EventLoop& loop, Metrics& metrics,
                       OnEnd on_end)
    : config_(config),
      worker_endpoint_(std::move(worker_endpoint)),
      loop_(loop),
      metrics_(metrics),
      on_end_(std::move(on_end)),
      gateway_(config, loop),
      pids_file_(config.supervisor.pids_file) {}

void Supervisor::start() {
    if (config_.models.preset == "clip") warn_of_crowding(config_);
    const auto models = std::make_shared<const Config::Models>(config_.models);
    for (const WorkerPlan& plan : worker_plans(config_))
        spawn(add(plan, plan.name, Role::serving, models));
    gateway_.start();
    write_pids();
    loop_.every(kLookPeriod, [this] { look_after_processes(); });
}

Supervisor::Process& Supervisor::add(const WorkerPlan& plan, std::string name, Role role,
                                     std::shared_ptr<const Config::Models> models) {
    return processes_.emplace_back(
        Process{.child = {.name = std::move(name), .modalities = plan.modalities, .role = role},
                .plan = plan,
                .models = std::move(models),
                .delay = RestartDelay(std::chrono::milliseconds(config_.workers.restart_min_ms),
                                      std::chrono::milliseconds(config_.workers.restart_max_ms))});
}

void Supervisor::stop() {
    stopping_ = true;
    gateway_.stop();
    for (const Process& process : processes_) {
        if (process.running) process.running->signal(SIGTERM);
    }
}

void Supervisor::kill(const std::string& name, std::string_view reason) {
    for (Process& process : processes_) {
        if (process.child.name != name || !process.running) continue;
        process.kill_reason = reason;
        process.kill();
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
        process.gone = !process.running;
        process.kill_due = Clock::time_point::max();
        process.kill();
    }
}

void Supervisor::retire(const std::string& name, bool ask) {
    for (Process& process : processes_) {
        if (process.gone || process.child.name != name) continue;
        process.child.role = Role::retiring;
        process.gone = !process.running;
        process.kill_due = Clock::now() + kRetireWithin;
        if (ask && process.running) process.running->signal(SIGTERM);
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
    process.delay.started(Clock::now());
    process.kill_reason.clear();
    WorkerPlan named = process.plan;
    named.name = process.child.name;
    ProcessCommand command = worker_command(config_, *process.models, named, worker_endpoint_, getpid());
    const std::string program = command.arguments.front();
    auto running = ChildProcess::start("worker", process.child.name, std::move(command), loop_,
                                       [this, &process](const auto& end) { ended(process, end); });
    if (!running) return cannot_start(process, program, running.error());
    process.running = std::move(*running);
    process.child.pid = process.running->pid();
}

void Supervisor::cannot_start(Process& process, const std::string& program, const Error& error) {
    log_error("worker cannot be started",
              {{"worker", process.child.name}, {"program", program}, {"error", error.message}});
    process.restart_due = process.delay.due_after_failure(Clock::now());
    if (process.child.role != Role::candidate) return;
    // Nothing of it will ever be reaped. Not from here: the caller does not know its name yet.
    loop_.post([this, name = process.child.name, program, error = error.message] {
        const auto found = std::find_if(processes_.begin(), processes_.end(), [&](const Process& each) {
            return !each.gone && each.child.name == name;
        });
        if (found == processes_.end()) return;
        found->gone = true;
        found->child.last_end = program + " cannot be started: " + error;
        on_end_(found->child);
    });
}

void Supervisor::ended(Process& process, const ChildProcess::End& end) {
    const auto& lines = process.running->last_lines();
    process.child.last_lines.assign(lines.begin(), lines.end());
    process.child.last_end = end.how;
    process.child.pid = 0;
    process.running.reset();
    const Role role = process.child.role;
    process.gone = role != Role::serving;
    const bool explained = on_end_(process.child) || !process.kill_reason.empty();
    if (stopping_) return;
    if (role == Role::serving) {
        replace_later(process, process.kill_reason.empty() ? end.reason : process.kill_reason, explained);
    } else {
        log_info("worker is gone", {{"worker", process.child.name}, {"how", process.child.last_end}});
    }
    write_pids();
}

void Supervisor::replace_later(Process& process, std::string_view reason, bool explained) {
    metrics_.count_worker_end(process.child.modalities.front(), reason);
    const auto now = Clock::now();
    if (explained) {
        process.restart_due = process.delay.due_after_explained_end(now);
        loop_.post([this] { look_after_processes(); });
    } else {
        process.restart_due = process.delay.due_after_end(now);
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(process.restart_due - now);
    const auto& lines = process.child.last_lines;
    log_warn("worker ended", {{"worker", process.child.name},
                              {"how", process.child.last_end},
                              {"reason", std::string(reason)},
                              {"last_line", lines.empty() ? "" : lines.back()},
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
            process.kill();
        } else if (process.child.role == Role::serving && !process.running && process.restart_due <= now) {
            ++process.child.restarts;
            spawn(process);
            changed = true;
        }
    }
    processes_.remove_if([](const Process& process) { return process.gone; });
    changed = gateway_.look_after() || changed;
    if (changed || pids_file_.due()) write_pids();
}

void Supervisor::write_pids() {
    std::vector<std::pair<std::string, pid_t>> pids;
    for (const Process& process : processes_) {
        if (process.running) pids.emplace_back(process.child.name, process.child.pid);
    }
    if (gateway_.pid() != 0) pids.emplace_back("gateway", gateway_.pid());
    pids_file_.write(pids);
}

}  // namespace bgm
