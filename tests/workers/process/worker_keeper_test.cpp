// What the keeper of a worker on another host hands on to it.
#include "workers/process/worker_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace bgm {
namespace {

using ::testing::ElementsAre;

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
