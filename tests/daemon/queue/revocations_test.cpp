// What is noted and asked of MySQL waits while it is away, and is answered on the loop when it is back.
#include "daemon/queue/revocations.hpp"

#include <gmock/gmock.h>

#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm::test {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RevocationsTest : public MigratedDatabase {
 protected:
    RevocationsTest() : revocations_(std::make_unique<Revocations>(database_->options(), running_.loop())) {
        running_.start();
    }
    ~RevocationsTest() override { running_.stop(); }

    void revoke(const std::string& message) {
        running_.on_loop(
            [&] { revocations_->revoke(message, [this, message] { revoked_.push_back(message); }); });
    }
    void find(std::vector<PostMessage> messages) {
        running_.on_loop([&] {
            revocations_->find(std::move(messages),
                               [this](const std::set<std::string>& found) { found_.push_back(found); });
        });
    }

    testing::RunningLoop running_;
    std::unique_ptr<Revocations> revocations_;
    // The loop's.
    std::vector<std::string> revoked_;
    std::vector<std::set<std::string>> found_;
};

TEST_F(RevocationsTest, FindsWhatItHasNoted) {
    revoke(message_id(1));
    revoke(message_id(2));
    ASSERT_TRUE(running_.eventually([&] { return revoked_.size() == 2; }));
    find({{"t", "a", message_id(1)}, {"t", "b", message_id(2)}, {"t", "c", message_id(3)}});
    ASSERT_TRUE(running_.eventually([&] { return found_.size() == 1; }));
    EXPECT_THAT(found_.front(), UnorderedElementsAre(message_id(1), message_id(2)));
}

TEST_F(RevocationsTest, NothingIsAnsweredWhileMySqlIsAway) {
    database_->kill();
    revoke(message_id(4));
    find({{"t", "a", message_id(4)}, {"t", "a", message_id(5)}});
    EXPECT_THAT(running_.on_loop([&] { return revoked_; }), IsEmpty());
    EXPECT_THAT(running_.on_loop([&] { return found_; }), IsEmpty());
    ASSERT_TRUE(database_->restart());
    ASSERT_TRUE(running_.eventually([&] { return found_.size() == 1 && revoked_.size() == 1; }));
    EXPECT_THAT(found_.front(), UnorderedElementsAre(message_id(4)));
}

TEST_F(RevocationsTest, EndsWithQuestionsThatNobodyAnswers) {
    database_->kill();
    revoke(message_id(6));
    running_.stop();
    revocations_.reset();
    EXPECT_THAT(revoked_, IsEmpty());
    ASSERT_TRUE(database_->restart());
}

}  // namespace
}  // namespace bgm::test
