// bgm-gateway: HTTP for bgmd, in a process without rights.
//
// It parses what strangers send, so it has nothing worth taking: every socket is made at the start, then it
// can open no file and call nobody (workers/sandbox), and knows no secret but the keys that clients show it.
// What it may ask of bgmd is in docs/door.md, what clients may ask of it in docs/http.md.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <iostream>

#include "daemon/base/log.hpp"
#include "daemon/config.hpp"
#include "daemon/gateway/gateway.hpp"
#include "workers/sandbox/sandbox.hpp"

namespace {

// Beside connections: logs, epoll, ZeroMQ's own, and what bgmd's calls take.
constexpr std::uint64_t kDescriptorsBeside = 128;

// bgmd's secrets are none of this process's business, and its memory is where an attacker would look.
void forget_secrets(std::vector<std::string>& overrides) {
    if (char* password = std::getenv("BGMD_MYSQL_PASSWORD"); password != nullptr) {
        std::memset(password, 0, std::strlen(password));
        unsetenv("BGMD_MYSQL_PASSWORD");
    }
    overrides.emplace_back("mysql.password_file=");
    overrides.emplace_back("fetch.signing_key_file=");
}

// As many descriptors as connections need, where the host gives them; fewer connections where it does not.
std::size_t raise_descriptors(std::size_t connections) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, connections + kDescriptorsBeside);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= connections + kDescriptorsBeside) return connections;
    const std::size_t fewer =
        limit.rlim_cur > 2 * kDescriptorsBeside ? limit.rlim_cur - kDescriptorsBeside : kDescriptorsBeside;
    bgm::log_warn("the host gives fewer descriptors than gateway.connections_max needs",
                  {{"connections", std::to_string(fewer)}});
    return fewer;
}

bgm::gateway::GatewayOptions options_of(const bgm::Config& config) {
    const auto& gateway = config.gateway;
    bgm::gateway::GatewayOptions options;
    options.listen = gateway.listen;
    options.runtime_dir = config.runtime_dir;
    options.http.connections_max = raise_descriptors(static_cast<std::size_t>(gateway.connections_max));
    options.http.header_bytes_max = static_cast<std::size_t>(gateway.header_bytes_max);
    options.http.body_bytes_max = static_cast<std::size_t>(gateway.body_bytes_max);
    // Every byte of a text may be written as an escape of six.
    options.http.json_bytes_max = static_cast<std::size_t>(6 * config.posts.text_bytes_max) + (1UL << 20U);
    options.http.header_timeout = std::chrono::milliseconds(gateway.header_timeout_ms);
    options.http.body_timeout = std::chrono::milliseconds(gateway.body_timeout_ms);
    options.http.idle_timeout = std::chrono::milliseconds(gateway.idle_timeout_ms);
    options.memory_bytes_max = static_cast<std::size_t>(gateway.memory_bytes_max);
    options.in_flight_per_key = static_cast<std::size_t>(gateway.in_flight_per_key);
    options.streams_max = static_cast<std::size_t>(gateway.streams_max);
    options.wait_max = std::chrono::seconds(gateway.wait_max_s);
    options.media_hosts = gateway.media_hosts;
    return options;
}

bool confine(const std::string& mode, std::uint64_t descriptors) {
    const auto missing = bgm::enter_sandbox({.mode = bgm::sandbox_mode_from_name(mode).value(),
                                             .serves = true,
                                             .descriptors_max = descriptors,
                                             .program = "bgm-gateway"});
    if (!missing) {
        bgm::log_error("bgm-gateway cannot start", {{"error", missing.error().to_string()}});
        return false;
    }
    for (const std::string& protection : *missing)
        bgm::log_warn("this host does not give a protection", {{"protection", protection}});
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"bgm-gateway takes posts by HTTP for bgmd, and shows what it thinks of them"};
    app.set_version_flag("--version", BGM_VERSION);
    std::string file;
    std::vector<std::string> overrides;
    int parent = 0;
    app.add_option("--config", file, "bgmd's TOML file: its [gateway] and runtime_dir count");
    app.add_option("--set", overrides, "group.key=value; wins over the file")->allow_extra_args(false);
    app.add_option("--parent", parent, "end with this process; 0: live on alone");
    CLI11_PARSE(app, argc, argv);

    if (parent != 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) return 0;  // it died before we could ask to be told
    }
    // Whoever started it may have left something open: a connection of its own would be a way out.
    close_range(STDERR_FILENO + 1, ~0U, 0);
    forget_secrets(overrides);
    auto config = bgm::load_config(file, overrides);
    if (!config) {
        std::cerr << "bgm-gateway: " << config.error().to_string() << '\n';
        return 2;
    }
    if (!config->gateway.enabled()) {
        std::cerr << "bgm-gateway: gateway.listen: must say where to listen\n";
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    if (parent == 0) sigaddset(&signals, SIGINT);  // else Ctrl-C is bgmd's to handle
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    if (parent != 0) signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);

    bgm::start_log(config->log.level, config->log.format);
    const auto options = options_of(*config);
    auto gateway = bgm::gateway::Gateway::open(options);
    if (!gateway) {
        bgm::log_error("bgm-gateway cannot start", {{"error", gateway.error().to_string()}});
        return 1;
    }
    const int end = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (!confine(config->gateway.sandbox, options.http.connections_max + kDescriptorsBeside)) return 1;
    bgm::log_info("bgm-gateway listens", {{"address", (*gateway)->address()}});
    (*gateway)->run(end);
    return 0;
}
