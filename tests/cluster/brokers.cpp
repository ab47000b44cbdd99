#include "tests/cluster/brokers.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "tests/cluster/world.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

// Not the ones on the path: those change to an account of their own.
const std::string kPrograms = "/usr/lib/rabbitmq/bin/";
constexpr int kPort = 5672;

std::string node_name(const Machine& machine) {
    return "rabbit@" + machine.address();
}

}  // namespace

std::string Brokers::why_not() {
    return ::access((kPrograms + "rabbitmq-server").c_str(), X_OK) == 0 ? ""
                                                                        : "rabbitmq-server is not installed";
}

Brokers::Brokers(std::vector<const Machine*> machines) {
    for (const Machine* machine : machines)
        nodes_.push_back({.machine = machine, .program = {}});
    std::ofstream(password_file()) << "s3cret-of-the-tests";
    std::filesystem::permissions(password_file(), std::filesystem::perms::owner_read);
    for (std::size_t node = 0; node < count(); ++node) {
        configure(node);
        start(node);
    }
    const auto whole = [&] {
        for (std::size_t node = 0; node < count(); ++node) {
            if (!runs(node))
                throw std::runtime_error("a broker ended: see " + machine(node).log("rabbitmq").string());
            if (!serves(node)) return false;
        }
        return true;
    };
    const std::string user = kUser;
    if (!eventually(whole, std::chrono::seconds(180))) throw std::runtime_error("the brokers do not start");
    int failed = 0;
    ctl(0, {"await_online_nodes", std::to_string(count()), "--timeout", "60"}, &failed);
    if (failed == 0) ctl(0, {"add_user", user, "s3cret-of-the-tests"}, &failed);
    if (failed == 0) ctl(0, {"set_permissions", user, ".*", ".*", ".*"}, &failed);
    if (failed != 0) throw std::runtime_error("the brokers are no cluster");
}

std::string Brokers::endpoints() const {
    std::string all;
    for (const Node& node : nodes_)
        all += (all.empty() ? "" : " ") + node.machine->address() + ":" + std::to_string(kPort);
    return all;
}

std::filesystem::path Brokers::password_file() const {
    return World::folder() / "broker-password";
}

void Brokers::configure(std::size_t node) const {
    std::filesystem::create_directories(folder(node) / "home");
    const std::filesystem::path cookie = folder(node) / "home" / ".erlang.cookie";
    std::ofstream(cookie) << "COOKIEOFTHETESTS";
    std::filesystem::permissions(cookie, std::filesystem::perms::owner_read);
    std::ofstream(folder(node) / "enabled_plugins") << "[].\n";
    std::ofstream file(folder(node) / "rabbitmq.conf");
    file << "listeners.tcp.default = " << machine(node).address() << ":" << kPort << "\n"
         << "cluster_partition_handling = pause_minority\n"
            "cluster_formation.peer_discovery_backend = classic_config\n";
    for (std::size_t other = 0; other < count(); ++other)
        file << "cluster_formation.classic_config.nodes." << other + 1 << " = " << node_name(machine(other))
             << "\n";
    // A node that is cut off is noticed within ten seconds instead of a minute.
    file << "net_ticktime = 8\n"
            "mnesia_table_loading_retry_timeout = 5000\n"
            "mnesia_table_loading_retry_limit = 60\n"
            "vm_memory_high_watermark.absolute = 512MB\n"
            "disk_free_limit.absolute = 16MB\n"
            "raft.wal_max_size_bytes = 8000000\n"
            "log.file = false\n"
            "log.console = true\n"
            "log.console.level = info\n";
}

std::vector<std::string> Brokers::environment(std::size_t node) const {
    const std::string at = folder(node).string();
    return {"HOME=" + at + "/home",
            "RABBITMQ_NODENAME=" + node_name(machine(node)),
            "RABBITMQ_USE_LONGNAME=true",
            "RABBITMQ_MNESIA_BASE=" + at + "/mnesia",
            "RABBITMQ_LOG_BASE=" + at + "/log",
            "RABBITMQ_GENERATED_CONFIG_DIR=" + at + "/generated",
            "RABBITMQ_PID_FILE=" + at + "/pid",
            "RABBITMQ_CONFIG_FILE=" + at + "/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE=/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE=" + at + "/enabled_plugins",
            "RABBITMQ_FEATURE_FLAGS_FILE=" + at + "/feature_flags",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
            "ERL_EPMD_ADDRESS=127.0.0.1," + machine(node).address()};
}

void Brokers::start(std::size_t node) {
    nodes_[node].program =
        machine(node).start("rabbitmq", {kPrograms + "rabbitmq-server"}, environment(node));
}

bool Brokers::serves(std::size_t node) const {
    return listens(machine(node).address(), kPort);
}

std::string Brokers::ctl(std::size_t node, const std::vector<std::string>& words, int* exit_code) const {
    std::vector<std::string> all{kPrograms + "rabbitmqctl", "--quiet"};
    all.insert(all.end(), words.begin(), words.end());
    return machine(node).ask(all, environment(node), exit_code);
}

}  // namespace bgm::test
