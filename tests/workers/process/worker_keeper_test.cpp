// What the keeper of a worker on another host hands on to it.
#include "workers/process/worker_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <tuple>
#include <vector>
#include <zmq.hpp>

namespace bgm {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct KeyPair {
    KeyPair() { zmq_curve_keypair(open.data(), secret.data()); }
    std::array<char, 41> open{};
    std::array<char, 41> secret{};
};

/// Listens as bgmd does, and lets everybody in who has its key.
struct ListeningDaemon {
    ListeningDaemon() {
        socket.set(zmq::sockopt::curve_server, true);
        socket.set(zmq::sockopt::curve_secretkey, keys.secret.data());
        socket.bind("tcp://127.0.0.1:*");
    }
    std::string endpoint() const { return socket.get(zmq::sockopt::last_endpoint); }
    KeyPair keys;
    zmq::context_t context;
    zmq::socket_t socket{context, zmq::socket_type::router};
};

std::unique_ptr<KeeperLink> link_to(const std::string& endpoint, const KeyPair& server,
                                    std::chrono::milliseconds patience = 1s) {
    auto link = KeeperLink::open({.name = "w",
                                  .endpoint = endpoint,
                                  .server_key = server.open.data(),
                                  .secret_key = KeyPair().secret.data(),
                                  .patience = patience});
    EXPECT_TRUE(link);
    return *std::move(link);
}

/// What is told until something is, and for a while after it.
std::vector<std::string> told_by(KeeperLink& link, std::chrono::milliseconds after = 300ms) {
    std::vector<std::string> told;
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    auto until = give_up;
    while (std::chrono::steady_clock::now() < until) {
        link.wait(-1, 50ms);
        if (auto news = link.look_after_connection()) told.push_back(*news);
        if (!told.empty()) until = std::min(until, std::chrono::steady_clock::now() + after);
    }
    return told;
}

TEST(WorkerKeeper, SaysOnceThatNobodyAnswersAndOnceThatSomebodyDoes) {
    std::string endpoint;
    KeyPair keys;
    {
        const ListeningDaemon gone;
        endpoint = gone.endpoint();
    }
    const auto link = link_to(endpoint, keys, 50ms);
    EXPECT_THAT(told_by(*link),
                ElementsAre(AllOf(HasSubstr("cannot reach bgmd at " + endpoint), HasSubstr("--connect"))));
    ListeningDaemon late;
    late.socket.unbind(late.endpoint());
    late.socket.set(zmq::sockopt::curve_secretkey, keys.secret.data());
    late.socket.bind(endpoint);
    EXPECT_THAT(told_by(*link), ElementsAre("connected to " + endpoint));
}

TEST(WorkerKeeper, SaysOnceThatItsServerKeyMayBeWrong) {
    const ListeningDaemon daemon;
    const auto link = link_to(daemon.endpoint(), KeyPair());
    EXPECT_THAT(told_by(*link),
                ElementsAre(AllOf(HasSubstr("cannot reach bgmd at " + daemon.endpoint()),
                                  HasSubstr("--server-key"), HasSubstr("workers.curve_clients_file"))));
}

TEST(WorkerKeeper, SaysNothingOfAConnectionThatStands) {
    const ListeningDaemon daemon;
    const auto link = link_to(daemon.endpoint(), daemon.keys);
    EXPECT_THAT(told_by(*link, 1100ms), ElementsAre("connected to " + daemon.endpoint()));
}

TEST(WorkerKeeper, KeepsItsOwnOptionsFromTheWorker) {
    EXPECT_THAT(worker_part({"bgm-worker", "--name", "w", "--connect", "tcp://h:1", "--key=secret",
                             "--modality", "text", "--server-key", "pub", "--tracks"}),
                ElementsAre("bgm-worker", "--name", "w", "--modality", "text", "--tracks"));
    EXPECT_THAT(worker_part({"bgm-worker", "--key"}), ElementsAre("bgm-worker"));
}

TEST(WorkerKeeper, DoesNotBeginWithKeysThatAreNone) {
    const std::string key(40, 'a');
    for (const auto& [server, own, field] :
         {std::tuple(key, std::string("short"), "--key"), {std::string("short"), key, "--server-key"}}) {
        const auto link = KeeperLink::open(
            {.name = "w", .endpoint = "tcp://127.0.0.1:1", .server_key = server, .secret_key = own});
        ASSERT_FALSE(link);
        EXPECT_EQ(link.error().field, field);
        EXPECT_EQ(link.error().to_string().find("short"), std::string::npos) << "a key is not repeated";
    }
}

}  // namespace
}  // namespace bgm
