#include "daemon/fleet/gateway_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

std::string program_of(const Config& config) {
    if (!config.gateway.program.empty()) return config.gateway.program;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "bgm-gateway";
}

}  // namespace

ProcessCommand gateway_command(const Config& config, pid_t parent) {
    std::vector<std::string> arguments{program_of(config), "--parent", std::to_string(parent)};
    if (!config.origin.file.empty()) arguments.insert(arguments.end(), {"--config", config.origin.file});
    for (const std::string& text : config.origin.overrides)
        arguments.insert(arguments.end(), {"--set", text});
    return {.arguments = std::move(arguments), .environment = inherited_environment()};
}

GatewayProcess::GatewayProcess(const Config& config, EventLoop& loop)
    : config_(config),
      loop_(loop),
      delay_(std::chrono::milliseconds(config.workers.restart_min_ms),
             std::chrono::milliseconds(config.workers.restart_max_ms)) {}

void GatewayProcess::start() {
    wanted_ = config_.gateway.enabled() && config_.gateway.start;
    if (wanted_) spawn();
}

void GatewayProcess::stop() {
    wanted_ = false;
    if (running_) running_->signal(SIGTERM);
}

bool GatewayProcess::look_after() {
    if (wanted_ && !running_ && due_ <= Clock::now()) spawn();
    if (told_ == pid()) return false;
    told_ = pid();
    return true;
}

void GatewayProcess::spawn() {
    delay_.started(Clock::now());
    auto running = ChildProcess::start("gateway", "gateway", gateway_command(config_, getpid()), loop_,
                                       [this](const auto& end) { ended(end); });
    if (running) {
        running_ = std::move(*running);
        return;
    }
    log_error("the gateway cannot be started", {{"error", running.error().to_string()}});
    due_ = delay_.due_after_failure(Clock::now());
}

void GatewayProcess::ended(const ChildProcess::End& end) {
    const auto now = Clock::now();
    due_ = delay_.due_after_end(now);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due_ - now);
    const auto& lines = running_->last_lines();
    if (wanted_)
        log_warn("the gateway ended", {{"how", end.how},
                                       {"last_line", lines.empty() ? "" : lines.back()},
                                       {"restart_in_ms", std::to_string(wait.count())}});
    running_.reset();
}

}  // namespace bgm
