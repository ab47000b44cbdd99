// Parts of the stack are away for a while, one at a time: nothing that was acknowledged is lost or doubled.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {
namespace {

class Outage : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(
            Stack::Options{.settings = {"workers.silent_ms=3000", "workers.restart_max_ms=500"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }
    void SetUp() override { stack_->up(); }

    // Posts `count` texts and checks that each is accepted.
    static void post_many(Conversation& client, const std::string& prefix, int count) {
        for (int i = 0; i < count; ++i) {
            const PostAck ack = client.post(
                {{"post_id", prefix + std::to_string(i)}, {"text", "post number " + std::to_string(i)}});
            ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
        }
    }
    static bool all_delivered(const std::string& prefix, int count) {
        return eventually([&] {
            return stack_->count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + prefix + "%'") == count;
        });
    }
    static std::unique_ptr<Stack> stack_;
};
std::unique_ptr<Stack> Outage::stack_;

TEST_F(Outage, PostsAreAcceptedAndAnalysedWhileTheDatabaseIsAway) {
    ASSERT_TRUE(stack_->signal("mariadb", SIGKILL));
    Conversation client(*stack_);
    post_many(client, "away-", 50);
    // Without the database, the daemon itself knows the pick.
    EXPECT_TRUE(eventually(
        [&] { return stack_->bgmctl("picks away-49 --json").text.find("\"moods\"") != std::string::npos; }));
    EXPECT_EQ(stack_->http_get("/healthz").code, 200);
    stack_->up();
    EXPECT_TRUE(all_delivered("away-", 50));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM pick_tracks WHERE post_id LIKE 'away-%'"), 250);
}

TEST_F(Outage, SigtermEndsTheDaemonAndLosesNothing) {
    {
        Conversation client(*stack_);
        post_many(client, "term-", 100);
    }
    ASSERT_TRUE(stack_->signal("bgmd", SIGTERM));
    EXPECT_TRUE(eventually([&] { return !stack_->processes().contains("bgmd"); }, std::chrono::seconds(20)));
    EXPECT_TRUE(
        eventually([&] { return !stack_->processes().contains("worker-text-0"); }, std::chrono::seconds(5)))
        << "workers end with the daemon";
    stack_->up();
    EXPECT_TRUE(all_delivered("term-", 100));
}

TEST_F(Outage, SigkillLosesNothingAndKnowsItsPostsAgain) {
    const Json post{{"post_id", "kill-x"}, {"text", "once is enough"}};
    {
        Conversation client(*stack_);
        EXPECT_EQ(client.post(post).status, PostAck::Status::accepted);
        post_many(client, "kill-", 100);
    }
    ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
    stack_->up();
    EXPECT_TRUE(all_delivered("kill-", 101));
    Conversation client(*stack_);
    EXPECT_EQ(client.post(post).status, PostAck::Status::duplicate);
}

TEST_F(Outage, AKilledWorkerIsReplaced) {
    const pid_t before = stack_->processes().at("worker-text-0");
    ASSERT_TRUE(stack_->signal("worker-text-0", SIGKILL));
    Conversation client(*stack_);
    post_many(client, "worker-", 20);
    EXPECT_TRUE(all_delivered("worker-", 20));
    EXPECT_NE(stack_->processes().at("worker-text-0"), before);
}

TEST_F(Outage, AWorkerThatHangsIsReplaced) {
    const pid_t before = stack_->processes().at("worker-text-0");
    ASSERT_TRUE(stack_->signal("worker-text-0", SIGSTOP));
    Conversation client(*stack_);
    post_many(client, "hung-", 20);
    EXPECT_TRUE(all_delivered("hung-", 20));
    EXPECT_NE(stack_->processes().at("worker-text-0"), before);
}

TEST_F(Outage, DownAndUpKeepsPostsPortsAndPicks) {
    const std::string endpoint = stack_->env("BGMD_POSTS");
    {
        Conversation client(*stack_);
        post_many(client, "kept-", 5);
        ASSERT_TRUE(all_delivered("kept-", 5));
    }
    stack_->down();
    EXPECT_TRUE(stack_->processes().empty());
    stack_->up();
    EXPECT_EQ(stack_->env("BGMD_POSTS"), endpoint);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks WHERE post_id LIKE 'kept-%'"), 5);
    Conversation client(*stack_);
    EXPECT_EQ(client.post({{"post_id", "kept-0"}, {"text", "post number 0"}}).status,
              PostAck::Status::duplicate);
}

TEST(WorkerAway, APostThatHasNothingElseWaitsForItHoweverLong) {
    // Away for longer than all the tries that other failures get.
    const Stack stack({.settings = {"workers.restart_min_ms=20000", "workers.restart_max_ms=20000",
                                    "dispatch.no_worker_ms=1", "workers.audio=0", "workers.video=0"}});
    ASSERT_TRUE(stack.signal("worker-text-0", SIGKILL));
    ASSERT_TRUE(eventually([&] { return !stack.processes().contains("worker-text-0"); }));
    Conversation client(stack);
    EXPECT_EQ(client.post({{"post_id", "patient"}, {"text", "I can wait"}}).status,
              PostAck::Status::accepted);
    EXPECT_TRUE(wait_for_pick(stack, "patient"));
    EXPECT_EQ(stack.count("SELECT COUNT(*) FROM dead_posts"), 0);
}

// The folder with its logs is gone when anybody reads this.
TEST(SeveralStacks, SayWhatTheirDatabaseSaidWhereItCouldNotBeMade) {
    const auto programs =
        std::filesystem::temp_directory_path() / ("bgmd-programs-" + std::to_string(getpid()));
    std::filesystem::create_directory(programs);
    const auto program = programs / "mariadb-install-db";
    std::ofstream(program) << "#!/bin/sh\necho 'no room for tables' >&2\nexit 1\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", (programs.string() + ":" + path).c_str(), 1);
    std::string reason;
    try {
        Stack stack;
    } catch (const std::runtime_error& error) {
        reason = error.what();
    }
    ::setenv("PATH", path.c_str(), 1);
    std::filesystem::remove_all(programs);
    EXPECT_NE(reason.find("could not be made"), std::string::npos) << reason;
    EXPECT_NE(reason.find("no room for tables"), std::string::npos) << reason;
}

TEST(SeveralStacks, LiveSideBySideWithAndWithoutADatabase) {
    // One of them in a folder whose path is too long for a socket and has blanks and Korean in it.
    Stack with_database(
        {.settings = {"workers.video=0", "workers.audio=0"},
         .folder_name =
             "a folder with blanks, 한글 and a name that is far too long for the path of a socket"});
    Stack without_database({.mysql = false, .settings = {"workers.video=0", "workers.audio=0"}});
    EXPECT_NE(with_database.env("BGMD_POSTS"), without_database.env("BGMD_POSTS"));
    EXPECT_FALSE(without_database.processes().contains("mariadb"));

    const Json post{{"post_id", "p"}, {"text", "a lovely day by the sea"}};
    EXPECT_EQ(Conversation(with_database).post(post).status, PostAck::Status::accepted);
    EXPECT_EQ(Conversation(without_database).post(post).status, PostAck::Status::accepted);
    EXPECT_TRUE(wait_for_pick(with_database, "p"));
    EXPECT_TRUE(eventually([&] {
        return without_database.bgmctl("picks p --json").text.find("\"moods\"") != std::string::npos;
    })) << without_database.bgmctl("picks p").text;
}

}  // namespace
}  // namespace bgm::test
