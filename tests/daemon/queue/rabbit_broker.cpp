#include "tests/daemon/queue/rabbit_broker.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "tests/daemon/base/owned_folder.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{120};
constexpr int kStopWithin_ms = 30'000;
constexpr int kControlWithin_ms = 60'000;
constexpr std::string_view kFolderPrefix = "bgm-rabbit-";
constexpr std::string_view kFolderOfPrograms = "/usr/lib/rabbitmq/bin/";
constexpr std::string_view kUser = "bgm";
constexpr std::string_view kPassword = "s3cret-of-the-tests";

Error failure(const std::string& what) {
    return {.code = ErrorCode::unavailable, .message = what};
}

std::string read_file(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// 10.77.0.1 as Erlang writes it: {10,77,0,1}.
std::string erlang_address(std::string address) {
    std::replace(address.begin(), address.end(), '.', ',');
    return "{" + address + "}";
}

}  // namespace

Status RabbitBroker::installed() {
    if (access((std::string(kFolderOfPrograms) + "rabbitmq-server").c_str(), X_OK) == 0) return ok_status();
    return Error{ErrorCode::not_found, "rabbitmq-server is not installed", ""};
}

Result<std::unique_ptr<RabbitBroker>> RabbitBroker::create(Settings settings) {
    if (Status there = installed(); !there) return there.error();
    std::unique_ptr<RabbitBroker> broker(new RabbitBroker);
    auto folder = make_owned_folder(fs::temp_directory_path(), kFolderPrefix);
    if (!folder) return folder.error();
    broker->directory_ = *std::move(folder);
    for (std::uint16_t* port : {&settings.port, &settings.distribution_port, &settings.epmd_port})
        if (*port == 0) *port = free_port();
    broker->settings_ = std::move(settings);
    broker->write_config();
    if (Status started = broker->start_epmd(); !started) return started.error();
    if (Status started = broker->launch(); !started) return started.error();
    return broker;
}

Result<std::unique_ptr<RabbitBroker>> RabbitBroker::start(Settings settings) {
    // Another program may take a port between looking and listening: then another one is tried.
    constexpr int kTries = 3;
    for (int attempt = 1;; ++attempt) {
        auto broker = create(settings);
        if (!broker) return broker;
        const Status ready = (*broker)->wait_until_ready();
        if (ready) return broker;
        if (attempt == kTries) return ready.error();
    }
}

RabbitBroker::~RabbitBroker() {
    server_.kill();
    epmd_.kill();
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

void RabbitBroker::write_config() const {
    const std::string cookie = directory_ + "/.erlang.cookie";
    std::ofstream(cookie) << settings_.cookie;
    chmod(cookie.c_str(), 0400);
    std::ofstream(directory_ + "/enabled_plugins") << "[].\n";
    std::ofstream file(directory_ + "/rabbitmq.conf");
    const std::string at = settings_.listen + ":" + std::to_string(settings_.port) + "\n";
    if (settings_.certificate_file.empty()) {
        file << "listeners.tcp.1 = " << at;
    } else {
        file << "listeners.tcp = none\nlisteners.ssl.1 = " << at
             << "ssl_options.cacertfile = " << settings_.ca_file << "\n"
             << "ssl_options.certfile = " << settings_.certificate_file << "\n"
             << "ssl_options.keyfile = " << settings_.key_file << "\n";
    }
    file << "default_user = " << kUser << "\ndefault_pass = " << kPassword << "\n"
         << "log.file = false\nlog.console = true\nlog.console.level = info\n"
         << "disk_free_limit.absolute = 10MB\nraft.wal_max_size_bytes = 33554432\n";
    if (!settings_.cluster.empty()) {
        file << "cluster_formation.peer_discovery_backend = classic_config\n";
        for (std::size_t i = 0; i < settings_.cluster.size(); ++i)
            file << "cluster_formation.classic_config.nodes." << i + 1 << " = " << settings_.cluster[i]
                 << "\n";
    }
    for (const std::string& line : settings_.config)
        file << line << "\n";
}

std::vector<std::string> RabbitBroker::environment() const {
    std::string arguments = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -noinput -start_epmd false";
    // How long a dead letter waits for its queue before it is tried again; three minutes by default.
    arguments += " -rabbit dead_letter_worker_publisher_confirm_timeout 500";
    arguments += " -kernel inet_dist_use_interface " + erlang_address(settings_.listen);
    for (const std::string& argument : settings_.arguments)
        arguments += " " + argument;
    std::vector<std::string> all{
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "HOME=" + directory_,
        "ERL_EPMD_ADDRESS=" + settings_.listen,
        "ERL_EPMD_PORT=" + std::to_string(settings_.epmd_port),
        "RABBITMQ_NODENAME=" + node(),
        "RABBITMQ_USE_LONGNAME=" +
            std::string(settings_.host.find('.') != std::string::npos ? "true" : "false"),
        "RABBITMQ_DIST_PORT=" + std::to_string(settings_.distribution_port),
        "RABBITMQ_CONF_ENV_FILE=/dev/null",
        "RABBITMQ_CONFIG_FILE=" + directory_ + "/rabbitmq.conf",
        "RABBITMQ_ADVANCED_CONFIG_FILE=" + directory_ + "/none.config",
        "RABBITMQ_GENERATED_CONFIG_DIR=" + directory_ + "/generated",
        "RABBITMQ_ENABLED_PLUGINS_FILE=" + directory_ + "/enabled_plugins",
        "RABBITMQ_MNESIA_BASE=" + directory_ + "/data",
        "RABBITMQ_LOG_BASE=" + directory_ + "/log",
        "RABBITMQ_PID_FILE=" + directory_ + "/pid",
        // The script becomes the server: the process that is started is the one that is killed.
        "RABBITMQ_ALLOW_INPUT=true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=" + arguments,
    };
    all.insert(all.end(), settings_.environment.begin(), settings_.environment.end());
    return all;
}

std::vector<std::string> RabbitBroker::in_namespace(std::vector<std::string> arguments) const {
    if (settings_.network_namespace.empty()) return arguments;
    const std::vector<std::string> before{access("/usr/sbin/ip", X_OK) == 0 ? "/usr/sbin/ip" : "/sbin/ip",
                                          "netns", "exec", settings_.network_namespace};
    arguments.insert(arguments.begin(), before.begin(), before.end());
    return arguments;
}

Status RabbitBroker::start_epmd() {
    if (!settings_.own_epmd) return ok_status();
    return epmd_.start(
        {.arguments = in_namespace(
             {"/usr/bin/epmd", "-port", std::to_string(settings_.epmd_port), "-address", settings_.listen}),
         .environment = environment(),
         .log = directory_ + "/epmd.log"});
}

Status RabbitBroker::launch() {
    const std::string log = directory_ + "/server.log";
    std::error_code none;
    const auto size = fs::file_size(log, none);
    log_begins_ = none ? 0 : size;
    return server_.start(
        {.arguments = in_namespace({"/bin/sh", std::string(kFolderOfPrograms) + "rabbitmq-server"}),
         .environment = environment(),
         .log = log});
}

Status RabbitBroker::restart() {
    stop();
    if (Status started = launch(); !started) return started;
    return wait_until_ready();
}

Status RabbitBroker::wait_until_ready() {
    const std::string log = directory_ + "/server.log";
    const auto deadline = Clock::now() + kReadyWithin;
    for (;;) {
        constexpr int kLookEvery_ms = 50;
        const bool ended = server_.ended_within(kLookEvery_ms);
        if (read_file(log).find("Server startup complete", log_begins_) != std::string::npos && !ended)
            return ok_status();
        if (ended) {
            server_.kill();
            return failure("rabbitmq-server ended while starting: " + tail_of(log));
        }
        if (Clock::now() > deadline) return failure("rabbitmq-server does not get ready: " + tail_of(log));
    }
}

Status RabbitBroker::wait_until_remembered(const std::string& queue) const {
    const std::string names = directory_ + "/data/" + node() + "/quorum/" + node() + "/names.dets";
    const auto deadline = Clock::now() + kReadyWithin;
    while (read_file(names).find("%2F_" + queue) == std::string::npos) {
        if (Clock::now() > deadline) return failure("queue " + queue + " is not in " + names);
        if (server_.ended_within(20)) return failure("rabbitmq-server has ended");
    }
    return ok_status();
}

std::string RabbitBroker::endpoint() const {
    return settings_.listen + ":" + std::to_string(settings_.port);
}

AmqpOptions RabbitBroker::options() const {
    return {.endpoints = {endpoint()},
            .vhost = "/",
            .user = std::string(kUser),
            .password = std::string(kPassword),
            .tls = !settings_.certificate_file.empty(),
            .ca_file = settings_.ca_file,
            .connection_name = "test"};
}

void RabbitBroker::kill() {
    server_.kill();
}

void RabbitBroker::stop() {
    server_.stop(kStopWithin_ms);
}

Result<std::string> RabbitBroker::control(const std::vector<std::string>& arguments) const {
    std::string output = directory_ + "/control-XXXXXX";
    const int file = mkstemp(output.data());
    if (file < 0) return failure("mkstemp: " + std::string(std::strerror(errno)));
    close(file);
    std::vector<std::string> all{"/bin/sh", std::string(kFolderOfPrograms) + "rabbitmqctl", "-q", "-n",
                                 node()};
    if (settings_.host.find('.') != std::string::npos) all.emplace_back("--longnames");
    all.insert(all.end(), arguments.begin(), arguments.end());
    ServerProcess control;
    if (Status started = control.start(
            {.arguments = in_namespace(std::move(all)), .environment = environment(), .log = output});
        !started)
        return started.error();
    if (!control.ended_within(kControlWithin_ms))
        return failure("rabbitmqctl does not end: " + tail_of(output));
    return read_file(output);
}

Status RabbitBroker::set_memory_alarm(bool on) const {
    const auto said = control({"set_vm_memory_high_watermark", on ? "0.00000001" : "0.6"});
    return said ? ok_status() : Status(said.error());
}

}  // namespace bgm::test
