// What a host tells the others of itself, and how all of them are shown.
#include "daemon/cluster/host_status.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

using nlohmann::json;

TEST(HostStatus, IsTheShortOfWhatStatusShows) {
    const json status{{"version", "1.2"},
                      {"ready", false},
                      {"missing", {"worker: image"}},
                      {"journal", {{"accepted", 3}, {"analysing", 2}, {"picked", 1}, {"delivered", 99}}},
                      {"workers", {{{"state", "ready"}}, {{"state", "busy"}}, {{"state", "starting"}}}},
                      {"models", {{"much", "more"}}}};
    EXPECT_EQ(host_status(status, {0, 4}), (json{{"version", "1.2"},
                                                 {"ready", false},
                                                 {"missing", {"worker: image"}},
                                                 {"held", 6},
                                                 {"partitions", {0, 4}},
                                                 {"workers", 3},
                                                 {"workers_ready", 2}}));
    json worst = status;
    for (int i = 0; i < 10'000; ++i)
        worst["missing"].push_back("worker: image");
    EXPECT_LT(host_status(worst, {}).dump().size(), kHostStatusBytesMax);
}

TEST(HostStatus, OfAllSaysWhoIsThereWhateverSomebodyWroteIntoTheRow) {
    const json hosts =
        hosts_json({.hosts = {{.name = "a", .unseen_ms = 200, .status = R"({"held":6,"name":"somebody"})"},
                              {.name = "b", .unseen_ms = 6'000, .status = "{}"},
                              {.name = "c", .unseen_ms = 100, .gone = true, .status = "[1]"},
                              {.name = "d", .draining = true, .status = "no JSON"}}});
    EXPECT_FALSE(hosts.contains("mysql"));
    const json& list = hosts.at("hosts");
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(list[0].at("name"), "a");
    EXPECT_EQ(list[0].at("held"), 6);
    EXPECT_EQ(list[0].at("state"), "live");
    EXPECT_EQ(list[1].at("state"), "lost");
    EXPECT_EQ(list[2].at("state"), "gone");
    EXPECT_EQ(list[3].at("state"), "draining");
}

TEST(HostStatus, OfAllGrowsOldWhileMySqlSaysNothing) {
    const json all = hosts_json({.hosts = {{.name = "a", .unseen_ms = 200},
                                           {.name = "b", .unseen_ms = 6'000},
                                           {.name = "c", .unseen_ms = 100, .gone = true}},
                                 .ago = std::chrono::milliseconds(4'900),
                                 .error = "it is away"});
    EXPECT_EQ(all.at("mysql"), (json{{"silent_ms", 4'900}, {"error", "it is away"}}));
    const json& list = all.at("hosts");
    EXPECT_EQ(list[0].at("state"), "unknown");
    EXPECT_EQ(list[0].at("seen_ms"), 5'100);
    EXPECT_EQ(list[1].at("state"), "lost");
    EXPECT_EQ(list[2].at("state"), "gone");
    const json young =
        hosts_json({.hosts = {{.name = "a", .unseen_ms = 200}}, .ago = std::chrono::milliseconds(1'000)});
    EXPECT_EQ(young.at("hosts")[0].at("state"), "live");
    EXPECT_EQ(young.at("hosts")[0].at("seen_ms"), 1'200);
    EXPECT_FALSE(young.contains("mysql"));
    // One that hangs gives no error.
    EXPECT_TRUE(hosts_json({.hosts = {}, .ago = std::chrono::milliseconds(5'000)}).contains("mysql"));
}

}  // namespace
}  // namespace bgm
