// Workers on other hosts, under load: real processes, a real daemon, a real database. Whatever becomes of a
// host, no post fails, and it is in use again soon after it is back.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "tests/end_to_end/remote_workers_fixture.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;

class RemoteWorkers : public RemoteWorkersFixture {
 protected:
    // No lease is over before a keeper has noticed that its worker stands still.
    static void SetUpTestSuite() {
        // An address of this process's own, and a port that the kernel hands out to nobody.
        const std::string own =
            std::to_string(::getpid() / 256 % 256) + "." + std::to_string(::getpid() % 256);
        open("127.77." + own + ":5580", {"dispatch.text_deadline_ms=60000"});
    }
    static void TearDownTestSuite() { shut(); }
};

TEST_F(RemoteWorkers, AHostWhosePowerFailsUnderLoadCostsNoPostAndComesBack) {
    auto one = host("gpu1");
    auto other = host("gpu2");
    ASSERT_TRUE(serves("gpu1"));
    ASSERT_TRUE(serves("gpu2"));
    EXPECT_EQ(worker_of("gpu1").value("started_by_bgmd", true), false);
    Clock::duration slowest{};
    for (int round = 0; round < 5; ++round) {
        const int before = worker_of("gpu1").value("pid", 0);
        post_many("power-" + std::to_string(round) + "-a-", 60);
        one->power_off();
        post_many("power-" + std::to_string(round) + "-b-", 60);
        const auto begin = Clock::now();
        one->start();
        EXPECT_TRUE(eventually([&] {
            const int now = worker_of("gpu1").value("pid", 0);
            return now != 0 && now != before;
        }));
        slowest = std::max(slowest, Clock::now() - begin);
    }
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(slowest).count();
    std::cout << "  600 posts while a host went and came five times; back in use after at most " << ms
              << " ms\n";
    expect_all_whole("power-", 600);
}

TEST_F(RemoteWorkers, AHostThatIsToldToStopFinishesWhatItHas) {
    auto leaving = host("gpu1");
    ASSERT_TRUE(serves("gpu1"));
    const auto killed = [] {
        const std::string metrics = stack_->http_get("/metrics").body;
        const auto at = metrics.find("bgmd_worker_ends_total{modality=\"text\",reason=\"signal\"}");
        return metrics.substr(std::min(at, metrics.size()), metrics.find('\n', at) - at);
    };
    const std::string before = killed();
    ASSERT_FALSE(before.empty());
    post_many("leave-", 100);
    EXPECT_EQ(leaving->leave(), 0);
    auto next = host("gpu2");
    expect_all_whole("leave-", 100);
    EXPECT_EQ(killed(), before) << "it has left, and not died";
}

TEST_F(RemoteWorkers, AWorkerThatIsKilledIsReplacedByItsKeeper) {
    auto one = host("gpu1");
    ASSERT_TRUE(serves("gpu1"));
    const pid_t before = worker_of("gpu1").value("pid", 0);
    ASSERT_GT(before, 0);
    ASSERT_NE(before, one->pid()) << "whoever has the key decodes nothing";
    post_many("kill-", 20);
    ::kill(before, SIGKILL);
    EXPECT_TRUE(eventually([&] {
        const pid_t now = worker_of("gpu1").value("pid", 0);
        return now != 0 && now != before;
    }));
    expect_all_whole("kill-", 20);
}

// Of a worker that stands still its host's keeper knows, however far away bgmd is.
TEST_F(RemoteWorkers, AWorkerThatStandsStillIsReplacedByItsKeeper) {
    auto one = host("gpu1");
    ASSERT_TRUE(serves("gpu1"));
    const pid_t before = worker_of("gpu1").value("pid", 0);
    ASSERT_GT(before, 0);
    ::kill(before, SIGSTOP);
    post_many("still-", 4);
    expect_all_whole("still-", 4);
    EXPECT_NE(worker_of("gpu1").value("pid", before), before);
}

TEST_F(RemoteWorkers, BgmdComesBackToItsWorkers) {
    auto one = host("gpu1");
    ASSERT_TRUE(serves("gpu1"));
    const Json before = worker_of("gpu1");
    ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
    stack_->up();
    ASSERT_TRUE(serves("gpu1"));
    EXPECT_EQ(worker_of("gpu1").value("pid", 0), before.value("pid", 1)) << "its models are where they were";
    Conversation again(*stack_);
    EXPECT_EQ(again.post({{"post_id", "back-0"}, {"text", "what a day"}}).status, PostAck::Status::accepted);
    expect_all_whole("back-", 1);
}

}  // namespace
}  // namespace bgm::test
