// What operators read of each worker: the supervisor knows its process, the pool whether it answers.
#include "daemon/admin/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/network_packages.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;

TEST(Status, CallsEachWorkerByWhatItDoes) {
    StatusReadings readings;
    const auto child = [&](const std::string& name, pid_t pid, Supervisor::Role role) {
        Supervisor::Child& made = readings.children.emplace_back();
        made.name = name;
        made.modalities = {Modality::text};
        made.role = role;
        made.pid = pid;
    };
    using enum Supervisor::Role;
    child("fell", 0, serving);
    child("new", 1, serving);
    child("idle", 2, serving);
    child("busy", 3, serving);
    child("next", 4, candidate);
    child("last", 5, retiring);
    for (const char* connected : {"idle", "busy", "next", "last"}) {
        WorkerStatus& made = readings.connected.emplace_back();
        made.name = connected;
        made.model = "m@1";
    }
    readings.connected[1].in_flight = 2;
    const auto status = status_json(readings);
    std::vector<std::string> states;
    for (const auto& worker : status.at("workers"))
        states.push_back(worker.at("state"));
    EXPECT_THAT(states, ElementsAre("backing_off", "starting", "ready", "busy", "candidate", "retiring"));
    EXPECT_EQ(status.at("workers")[1].at("model"), "");
    EXPECT_EQ(status.at("workers")[2].at("model"), "m@1");
    EXPECT_EQ(status.at("workers")[3].at("in_flight"), 2);
}

TEST(Status, ShowsWorkersThatSomebodyElseStarted) {
    StatusReadings readings;
    Supervisor::Child& own = readings.children.emplace_back();
    own.name = "worker-text-0";
    own.modalities = {Modality::text};
    own.pid = 7;
    readings.connected = {
        {.name = "gpu-1", .pid = 42, .modalities = {Modality::image, Modality::video}, .model = "m@1"},
        {.name = "gpu-2", .pid = 43, .modalities = {Modality::image}, .model = "m@1", .in_flight = 3},
        {.name = "gpu-3", .pid = 44, .modalities = {Modality::image}, .model = "m@1", .retiring = true},
        {.name = "worker-text-0", .pid = 7, .modalities = {Modality::text}, .model = "t"}};
    const auto workers = status_json(readings).at("workers");
    ASSERT_EQ(workers.size(), 4U) << "each once";
    EXPECT_EQ(workers[0].at("started_by_bgmd"), true);
    EXPECT_EQ(workers[1].at("name"), "gpu-1");
    EXPECT_EQ(workers[1].at("started_by_bgmd"), false);
    EXPECT_EQ(workers[1].at("pid"), 42);
    EXPECT_EQ(workers[1].at("modality"), "image");
    EXPECT_THAT(workers[1].at("modalities"), ElementsAre("image", "video"));
    EXPECT_EQ(workers[1].at("state"), "ready");
    EXPECT_EQ(workers[2].at("state"), "busy");
    EXPECT_EQ(workers[2].at("in_flight"), 3);
    EXPECT_EQ(workers[3].at("state"), "retiring");
}

TEST(Status, CountsAPostInAnalysisOnce) {
    StatusReadings readings;
    readings.journal.by_state[static_cast<std::size_t>(PostState::accepted)] = 5;
    readings.analysing = 2;
    EXPECT_EQ(status_json(readings).at("journal").at("accepted"), 3) << "of five in the journal";
    EXPECT_EQ(status_json(readings).at("journal").at("analysing"), 2);
    readings.analysing = 7;  // the journal's counts are those of its last commit
    EXPECT_EQ(status_json(readings).at("journal").at("accepted"), 0);
}

TEST(Status, NamesModelsWhereTheyHaveNames) {
    Config::Models models;
    EXPECT_FALSE(models_json(models, false).contains("image"));
    models.preset = "clip";
    EXPECT_EQ(models_json(models, true).at("image"), models.image);
}

TEST(Status, SaysWhichNetworksAreMissing) {
    Config::Models models;
    models.packages_dir = "/nowhere";
    const auto packages = models_json(models, false).at("packages");
    ASSERT_EQ(packages.size(), network_packages().size());
    for (const auto& package : packages)
        EXPECT_EQ(package.at("state"), "absent") << package.at("name");
}

TEST(Status, SaysOffUpOrDownOfMySql) {
    StatusReadings readings;
    EXPECT_EQ(status_json(readings).at("mysql").at("state"), "off");
    readings.mysql = true;
    EXPECT_EQ(status_json(readings).at("mysql").at("state"), "up");
    readings.mysql_error = "gone away";
    EXPECT_EQ(status_json(readings).at("mysql").at("state"), "down");
    EXPECT_TRUE(status_json(readings).at("mysql").at("replicas").empty());
}

TEST(Status, SaysOfEachReplicaWhetherItIsReadFrom) {
    StatusReadings readings;
    readings.replicas = {{.endpoint = "db2:3306", .state = ReplicaState::lagging, .error = "too far"},
                         {.endpoint = "db3:3306",
                          .state = ReplicaState::fresh,
                          .error = "",
                          .holds = Replica::Clock::now() - std::chrono::seconds(2)}};
    const auto replicas = status_json(readings).at("mysql").at("replicas");
    EXPECT_EQ(replicas.at(0).at("endpoint"), "db2:3306");
    EXPECT_EQ(replicas.at(0).at("state"), "lagging");
    EXPECT_EQ(replicas.at(0).at("error"), "too far");
    EXPECT_TRUE(replicas.at(0).at("behind_s").is_null());
    EXPECT_GE(replicas.at(1).at("behind_s"), 2.0);
}

}  // namespace
}  // namespace bgm
