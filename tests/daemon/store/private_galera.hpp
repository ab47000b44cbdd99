// A Galera cluster of a test's own: PrivateMariaDb three times, in one group.
//
// All nodes begin with the data of the first. A node that was killed comes back with what it has, and gets
// the rest from the others: for that the last write sets must do, all of the data is never sent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm::test {

class PrivateGalera {
 public:
    struct Node {
        std::string address = "127.0.0.1";
        /// Runs this where the node is to be.
        std::function<void(const std::function<void()>&)> there = [](const auto& call) { call(); };
    };

    /// Empty where it can be had, else the sentence to skip with.
    static std::string why_not();

    /// All nodes are in the group and take queries.
    static Result<std::unique_ptr<PrivateGalera>> start(std::vector<Node> nodes = std::vector<Node>(3));

    /// The account of PrivateMariaDb, from wherever, with every node as an endpoint.
    MySqlOptions options() const;
    /// One node, over its socket.
    MySqlOptions options(std::size_t node) const { return nodes_[node].server->options(); }
    MySqlOptions root_options(std::size_t node) const { return nodes_[node].server->root_options(); }

    std::size_t count() const { return nodes_.size(); }
    void kill(std::size_t node) { nodes_[node].server->kill(); }
    void freeze(std::size_t node) const { nodes_[node].server->freeze(); }
    void thaw(std::size_t node) const { nodes_[node].server->thaw(); }
    /// Also after kill(): with what it has, into the group that is there.
    Status restart(std::size_t node);
    bool runs(std::size_t node) const { return nodes_[node].server->pid() != 0; }
    /// Is it in the group, with the majority?
    bool serves(std::size_t node) const;

 private:
    struct Member : Node {
        std::uint16_t sql_port = 0, group_port = 0, transfer_port = 0;
        std::unique_ptr<PrivateMariaDb> server = nullptr;
    };
    PrivateGalera() = default;
    std::vector<std::string> options_of(const Member& member) const;

    std::vector<Member> nodes_;
};

}  // namespace bgm::test
