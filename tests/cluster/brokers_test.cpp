// The ground that the other tests stand on: brokers that are one cluster, wires that can be pulled out and
// clocks that jump.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/cluster/brokers.hpp"
#include "tests/cluster/world.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Machines, HaveWiresDisksAndClocksOfTheirOwn) {
    if (!World::why_not().empty()) GTEST_SKIP() << World::why_not();
    const Machine one("one", 51, 4), other("other", 52, 4);
    Program server = other.start("server", {"/usr/bin/python3", "-m", "http.server", "8000"});
    EXPECT_TRUE(eventually([] { return listens("10.91.0.52", 8000); }));
    other.pull_out();
    EXPECT_FALSE(listens("10.91.0.52", 8000));
    other.put_in();
    EXPECT_TRUE(eventually([] { return listens("10.91.0.52", 8000); }));
    one.fill_disk();
    int status = 0;
    one.ask({"/bin/sh", "-c", "echo something > " + (one.disk() / "file").string()}, {}, &status);
    EXPECT_NE(status, 0);
    one.free_disk();
    one.ask({"/bin/sh", "-c", "echo something > " + (one.disk() / "file").string()}, {}, &status);
    EXPECT_EQ(status, 0);
    const auto year = [](const Machine& machine) { return machine.ask({"/bin/date", "+%Y"}); };
    const std::string now = year(one);
    one.shift_clock(-20.0 * 366 * 86'400);
    EXPECT_EQ(std::stoi(year(one)), std::stoi(now) - 20);
    EXPECT_EQ(year(other), now);
}

TEST(BrokersOfATest, AreOneClusterThatKeepsItsMessagesWithoutOneOfThem) {
    if (!World::why_not().empty()) GTEST_SKIP() << World::why_not();
    if (!Brokers::why_not().empty()) GTEST_SKIP() << Brokers::why_not();
    const Machine one("b1", 61), two("b2", 62), three("b3", 63);
    Brokers brokers({&one, &two, &three});
    const std::string all = brokers.ctl(0, {"cluster_status"});
    for (const char* node : {"rabbit@10.91.0.61", "rabbit@10.91.0.62", "rabbit@10.91.0.63"})
        EXPECT_THAT(all, HasSubstr(node));
    const auto running = [&] { return brokers.ctl(1, {"eval", "rabbit_nodes:all_running()."}); };
    brokers.kill(0);
    EXPECT_TRUE(eventually([&] { return running().find("10.91.0.61") == std::string::npos; }));
    brokers.start(0);
    ASSERT_TRUE(eventually([&] { return brokers.serves(0); }));
    EXPECT_TRUE(eventually([&] { return running().find("10.91.0.61") != std::string::npos; }));
    two.pull_out();
    EXPECT_TRUE(eventually([&] {
        return brokers.ctl(0, {"eval", "rabbit_nodes:all_running()."}).find("10.91.0.62") ==
               std::string::npos;
    }));
    two.put_in();
    ASSERT_TRUE(eventually([&] { return brokers.serves(1); }));
    EXPECT_TRUE(eventually([&] {
        return brokers.ctl(0, {"eval", "rabbit_nodes:all_running()."}).find("10.91.0.62") !=
               std::string::npos;
    }));
}

}  // namespace
}  // namespace bgm::test
