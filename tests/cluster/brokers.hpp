// RabbitMQ in one cluster, a node on each machine. For the test's main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/machine.hpp"
#include "tests/daemon/queue/rabbit_broker.hpp"

namespace bgm::test {

class Brokers {
 public:
    /// Empty where RabbitMQ is installed, else the sentence to skip with.
    static std::string why_not();

    /// Starts the nodes and waits until they are one cluster.
    explicit Brokers(const std::vector<const Machine*>& machines);

    std::size_t count() const { return nodes_.size(); }
    const Machine& machine(std::size_t node) const { return *nodes_[node].machine; }
    /// "rabbit@10.91.0.21".
    std::string name(std::size_t node) const { return nodes_[node].broker->node(); }
    /// "10.91.0.21:5672".
    std::string endpoint(std::size_t node) const { return nodes_[node].broker->endpoint(); }
    /// "10.91.0.21:5672 10.91.0.22:5672", for queue.endpoints.
    std::string endpoints() const;
    /// The account's name, and the file with its password.
    std::string user() const { return nodes_[0].broker->options().user; }
    std::filesystem::path password_file() const;

    bool runs(std::size_t node) const;
    void start(std::size_t node) const;
    /// All that it has stored, once it is killed.
    void erase(std::size_t node) const;
    void kill(std::size_t node) const { nodes_[node].broker->kill(); }
    void freeze(std::size_t node) const { nodes_[node].broker->freeze(); }
    void thaw(std::size_t node) const { nodes_[node].broker->thaw(); }
    /// Whether it takes clients.
    bool serves(std::size_t node) const;
    std::string last_words(std::size_t node) const;
    /// What rabbitmqctl says on that node; empty where it fails.
    std::string ctl(std::size_t node, const std::vector<std::string>& words) const;

 private:
    struct Node {
        const Machine* machine;
        std::unique_ptr<RabbitBroker> broker;
    };
    std::vector<Node> nodes_;
};

}  // namespace bgm::test
