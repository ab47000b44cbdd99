// RabbitMQ in one cluster, a node on each machine. Small, and on one processor each: it is there to be
// broken, not to be fast. For the test's main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/machine.hpp"

namespace bgm::test {

class Brokers {
 public:
    /// Empty where RabbitMQ is installed, else the sentence to skip with.
    static std::string why_not();

    /// Starts the nodes and waits until they are one cluster with the account that hosts use.
    explicit Brokers(std::vector<const Machine*> machines);

    std::size_t count() const { return nodes_.size(); }
    const Machine& machine(std::size_t node) const { return *nodes_[node].machine; }
    /// "10.91.0.21:5672 10.91.0.22:5672", for queue.endpoints.
    std::string endpoints() const;
    /// The account's name, and the file with its password.
    static constexpr const char* kUser = "bgmd";
    std::filesystem::path password_file() const;

    bool runs(std::size_t node) { return nodes_[node].program.runs(); }
    void start(std::size_t node);
    void kill(std::size_t node) { nodes_[node].program.kill(); }
    void signal(std::size_t node, int number) const { nodes_[node].program.signal(number); }
    /// Whether it takes clients.
    bool serves(std::size_t node) const;
    /// rabbitmqctl on that node; its output.
    std::string ctl(std::size_t node, const std::vector<std::string>& words, int* exit_code = nullptr) const;

 private:
    struct Node {
        const Machine* machine;
        Program program;
    };
    std::filesystem::path folder(std::size_t node) const { return machine(node).disk() / "rabbitmq"; }
    void configure(std::size_t node) const;
    std::vector<std::string> environment(std::size_t node) const;

    std::vector<Node> nodes_;
};

}  // namespace bgm::test
