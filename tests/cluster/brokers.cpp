#include "tests/cluster/brokers.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/cluster/world.hpp"

namespace bgm::test {
namespace {

constexpr int kPort = 5672, kDistributionPort = 25672, kEpmdPort = 4369;

std::string node_name(const Machine& machine) {
    return "rabbit@" + machine.address();
}

/// What an operator gives each node, so that it ends where its disk is full: "NAME=VALUE".
std::string end_on_full_disk() {
    std::ifstream unit(BGM_SOURCE_DIR "/ops/systemd/rabbitmq-full-disk.conf");
    const std::string key = "Environment=\"";
    for (std::string line; std::getline(unit, line);) {
        if (line.starts_with(key)) return line.substr(key.size(), line.rfind('"') - key.size());
    }
    throw std::runtime_error("the unit of RabbitMQ says nothing of a full disk");
}

}  // namespace

std::string Brokers::why_not() {
    const Status installed = RabbitBroker::installed();
    return installed ? "" : installed.error().message;
}

Brokers::Brokers(const std::vector<const Machine*>& machines) {
    std::vector<std::string> names;
    for (const Machine* machine : machines)
        names.push_back(node_name(*machine));
    for (const Machine* machine : machines) {
        std::vector<std::string> environment = machine->clock_environment();
        environment.push_back(end_on_full_disk());
        machine->on_it([&] {
            auto broker = RabbitBroker::create(
                {.name = "rabbit",
                 .host = machine->address(),
                 .listen = machine->address(),
                 .port = kPort,
                 .distribution_port = kDistributionPort,
                 .epmd_port = kEpmdPort,
                 .cluster = names,
                 // A node that is cut off is noticed within ten seconds instead of a minute.
                 .config = {"cluster_partition_handling = pause_minority", "net_ticktime = 8",
                            "mnesia_table_loading_retry_timeout = 5000",
                            "mnesia_table_loading_retry_limit = 60",
                            "vm_memory_high_watermark.absolute = 512MB"},
                 .environment = environment});
            if (!broker) throw std::runtime_error(broker.error().to_string());
            nodes_.push_back({.machine = machine, .broker = std::move(*broker)});
        });
    }
    for (const Node& node : nodes_) {
        if (Status ready = node.broker->wait_until_ready(); !ready)
            throw std::runtime_error(ready.error().to_string());
    }
    ctl(0, {"await_online_nodes", std::to_string(count()), "--timeout", "60"});
    std::ofstream(password_file()) << nodes_[0].broker->options().password;
    std::filesystem::permissions(password_file(), std::filesystem::perms::owner_read);
}

std::string Brokers::endpoints() const {
    std::string all;
    for (std::size_t node = 0; node < count(); ++node)
        all += (all.empty() ? "" : " ") + endpoint(node);
    return all;
}

std::filesystem::path Brokers::password_file() const {
    return World::folder() / "broker-password";
}

bool Brokers::runs(std::size_t node) const {
    return !nodes_[node].broker->ended();
}

void Brokers::start(std::size_t node) const {
    machine(node).on_it([&] {
        if (Status started = nodes_[node].broker->launch(); !started)
            throw std::runtime_error(started.error().to_string());
    });
}

void Brokers::erase(std::size_t node) const {
    std::filesystem::remove_all(nodes_[node].broker->directory() + "/data");
}

bool Brokers::serves(std::size_t node) const {
    return listens(machine(node).address(), kPort);
}

std::string Brokers::last_words(std::size_t node) const {
    return tail_of(nodes_[node].broker->directory() + "/server.log");
}

std::string Brokers::ctl(std::size_t node, const std::vector<std::string>& words) const {
    std::string said;
    machine(node).on_it([&] {
        if (auto output = nodes_[node].broker->control(words)) said = *output;
    });
    return said;
}

}  // namespace bgm::test
