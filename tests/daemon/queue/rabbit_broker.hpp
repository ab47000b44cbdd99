// A RabbitMQ node of a test's own: a fresh folder, a cookie, a name and an epmd of its own, every port on the
// loopback (or on the address of a network namespace that the test made). Nothing of the machine's is read or
// touched: no plugins, no configuration below /etc, no epmd of anybody else.
//
// Nodes and their epmd die with the thread that started them, and their folder goes with the object. A node
// takes some seconds to start; several are started together: create() each, then wait_until_ready() each.
//
// Three nodes of one cluster on the loopback:
//     one.settings: {.name = "one", .cluster = {"one@localhost", "two@localhost", "three@localhost"}}
//     two:          {.name = "two", .cluster = ..., .epmd_port = one->epmd_port(), .own_epmd = false}
// and in namespaces, each with its own epmd at the same port:
//     {.name = "one", .host = "10.77.0.1", .listen = "10.77.0.1", .port = 5672, .distribution_port = 25672,
//      .epmd_port = 4369, .network_namespace = "bgm-one", .cluster = {"one@10.77.0.1", ...}}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/queue/amqp_options.hpp"
#include "schemas/result.hpp"
#include "tests/daemon/base/server_process.hpp"

namespace bgm::test {

class RabbitBroker {
 public:
    struct Settings {
        // Its name is name@host. A host with a dot (an address) makes it a long name: all of a cluster are
        // alike.
        std::string name = "bgm";
        std::string host = "localhost";
        std::string listen = "127.0.0.1";
        // 0: a free one. They survive restart().
        std::uint16_t port = 0;
        std::uint16_t distribution_port = 0;
        std::uint16_t epmd_port = 0;
        bool own_epmd = true;                   // false: another one runs at epmd_port
        std::string network_namespace = "";     // of `ip netns`; empty: the test's own
        std::vector<std::string> cluster = {};  // names of all its nodes, in one order for all; empty: alone
        std::string cookie = "cookie-of-the-tests";
        // TLS at the port instead of plain AMQP.
        std::string ca_file = "";
        std::string certificate_file = "";
        std::string key_file = "";
        std::vector<std::string> config = {};  // further lines of rabbitmq.conf
        std::vector<std::string> arguments =
            {};  // further ones of the Erlang VM: "-kernel", "net_ticktime", "8"
        std::vector<std::string> environment = {};  // further variables: "NAME=value"
    };

    /// Where no test can run: `not_found`, and the sentence to skip with.
    static Status installed();
    /// Started, not waited for. `not_found` where no rabbitmq-server is installed.
    static Result<std::unique_ptr<RabbitBroker>> create(Settings settings);
    /// Started and ready.
    static Result<std::unique_ptr<RabbitBroker>> start(Settings settings);
    static Result<std::unique_ptr<RabbitBroker>> start() { return start(Settings{}); }
    ~RabbitBroker();
    RabbitBroker(const RabbitBroker&) = delete;
    RabbitBroker& operator=(const RabbitBroker&) = delete;

    Status wait_until_ready();
    /// Until a quorum queue that was just declared survives kill(): the node writes which queues it has some
    /// seconds later, and one that is killed before starts it empty, without ever electing its leader.
    Status wait_until_remembered(const std::string& queue) const;

    /// How to reach it, as the user of the tests.
    AmqpOptions options() const;
    std::string endpoint() const;
    std::string node() const { return settings_.name + "@" + settings_.host; }

    /// SIGKILL: what was not on the disk is lost.
    void kill();
    /// An orderly end.
    void stop();
    /// Starts it again with the same data and ports. launch() does not wait.
    Status launch();
    Status restart();
    /// Whether it is gone, killed or by itself.
    bool ended() const { return server_.ended_within(0); }
    /// SIGSTOP: its connections stand and nothing comes through them.
    void freeze() { server_.freeze(); }
    void thaw() { server_.thaw(); }

    /// `rabbitmqctl ARGUMENTS`: what it prints. Takes a second or two.
    Result<std::string> control(const std::vector<std::string>& arguments) const;
    /// No memory left, or enough again: publishers are blocked meanwhile.
    Status set_memory_alarm(bool on) const;

    pid_t pid() const { return server_.pid(); }
    std::uint16_t port() const { return settings_.port; }
    std::uint16_t epmd_port() const { return settings_.epmd_port; }
    const std::string& directory() const { return directory_; }

 private:
    RabbitBroker() = default;
    void write_config() const;
    Status start_epmd();
    std::vector<std::string> environment() const;
    std::vector<std::string> in_namespace(std::vector<std::string> arguments) const;

    Settings settings_;
    std::string directory_;
    ServerProcess epmd_;
    ServerProcess server_;
    std::size_t log_begins_ = 0;  // of the current start
};

}  // namespace bgm::test
