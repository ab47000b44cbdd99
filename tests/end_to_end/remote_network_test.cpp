// A worker host behind a wire of its own: it is pulled out and put in again under load, and it is slow. Two
// network namespaces that the test makes for itself; where that is not allowed it says so and is skipped.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "tests/end_to_end/remote_workers_fixture.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool done(const std::string& command) {
    return std::system(("PATH=$PATH:/usr/sbin:/sbin; " + command + " 2>/dev/null").c_str()) == 0;
}

class RemoteNetwork : public RemoteWorkersFixture {
 protected:
    static void SetUpTestSuite() {
        // This process and all that it starts from now on: bgmd's host.
        if (::unshare(CLONE_NEWNET) != 0 || !done("ip link set lo up")) {
            why_not_ = "this host gives no network namespaces";
            return;
        }
        other_host_ = ::fork();
        if (other_host_ == 0) {
            if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
            while (true)
                ::pause();
        }
        const std::string there = std::to_string(other_host_);
        const std::string inside = "nsenter -t " + there + " -n ";
        // The namespace is there a moment after the process.
        const bool wired = eventually(
            [&] {
                return ::waitpid(other_host_, nullptr, WNOHANG) == 0 &&
                       done("test $(readlink /proc/" + there +
                            "/ns/net) != $(readlink /proc/self/ns/net) && "
                            "ip link add wire type veth peer name wire-end netns " +
                            there);
            },
            std::chrono::seconds(10));
        if (!wired || !done("ip addr add 10.77.0.1/24 dev wire && ip link set wire up") ||
            !done(inside + "ip addr add 10.77.0.2/24 dev wire-end") ||
            !done(inside + "ip link set wire-end up")) {
            why_not_ = "this host gives no wires between network namespaces";
            return;
        }
        open("10.77.0.1:5580", {"workers.silent_ms=4000", "dispatch.image_deadline_ms=5000"});
    }
    static void TearDownTestSuite() {
        shut();
        if (other_host_ > 0) {
            ::kill(other_host_, SIGKILL);
            ::waitpid(other_host_, nullptr, 0);
        }
    }
    void SetUp() override {
        if (!why_not_.empty()) GTEST_SKIP() << why_not_;
        client_ = std::make_unique<Conversation>(*stack_);
    }

    static bool pull_out() { return done("ip link set wire down"); }
    static bool put_in() { return done("ip link set wire up"); }
    /// From the wire's being put in until a post has been picked by what is behind it.
    milliseconds back_in_use(const std::string& id) {
        EXPECT_TRUE(put_in());
        const auto begin = Clock::now();
        post_text(id);
        EXPECT_TRUE(eventually([&] { return picked(id) == 1; }));
        return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    }

    static std::string why_not_;
    static pid_t other_host_;
};
std::string RemoteNetwork::why_not_;
pid_t RemoteNetwork::other_host_ = 0;

TEST_F(RemoteNetwork, AWireThatIsPulledOutUnderLoadCostsNoPostAndTheHostComesBack) {
    auto behind = host("gpu1", other_host_);
    ASSERT_TRUE(serves("gpu1"));
    const int worker = worker_of("gpu1").value("pid", 0);
    milliseconds slowest{};
    for (int round = 0; round < 3; ++round) {
        const std::string id = "wire-" + std::to_string(round) + "-";
        auto beside = host("gpu2");
        ASSERT_TRUE(serves("gpu2"));
        post_many(id + "a-", 40);
        ASSERT_TRUE(pull_out());
        post_many(id + "b-", 40);
        const bool noticed = round != 1;  // once it is put in again before anybody has seen that it was out
        EXPECT_TRUE(eventually([&] { return !noticed || worker_of("gpu1").empty(); }));
        EXPECT_TRUE(eventually([&] { return !noticed || picked(id) == 80; })) << picked(id);
        beside.reset();
        slowest = std::max(slowest, back_in_use(id + "back"));
    }
    std::cout << "  the host behind the wire was back in use after at most " << slowest.count() << " ms\n";
    EXPECT_EQ(worker_of("gpu1").value("pid", 1), worker) << "its models are where they were";
    expect_all_whole("wire-", 3 * 81);
}

// Its way takes longer than its lease and than a silence, and neither is over.
TEST_F(RemoteNetwork, AFileOnASlowWireIsWaitedFor) {
    auto behind = host("gpu1", other_host_);
    ASSERT_TRUE(serves("gpu1"));
    const int worker = worker_of("gpu1").value("pid", -1);
    if (!done("tc qdisc add dev wire root tbf rate 3mbit burst 32kbit latency 100ms"))
        GTEST_SKIP() << "this host slows no wires down";
    const auto begin = Clock::now();
    post_photo("slow-0", photo_ + std::string(5'000'000, 'x'));
    expect_all_whole("slow-", 1);
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    std::cout << "  picked after " << took.count() << " ms, of which the lease may be 5000 ms\n";
    EXPECT_GT(took.count(), 10'000) << "the wire was not slow";
    EXPECT_TRUE(done("tc qdisc del dev wire root"));
    EXPECT_EQ(worker_of("gpu1").value("pid", 0), worker) << "nobody has ended it for being late";
}

}  // namespace
}  // namespace bgm::test
