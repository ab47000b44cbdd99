// What the daemon promises about its rows: written once in effect, whole, and replaced by what is newer.
#include "daemon/mysql/pick_store.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "daemon/mysql/migrations.hpp"
#include "tests/daemon/mysql/private_mariadb.hpp"
#include "tests/daemon/mysql/sample_rows.hpp"

namespace bgm {
namespace {

using google::protobuf::util::MessageDifferencer;

class PickStoreTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        // Defaults that would lose characters and cut values, if the connection relied on them.
        auto started = test::PrivateMariaDb::start(
            {.server_options = {"--character-set-server=latin1", "--sql-mode=", "--default-time-zone=+09:00"}});
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        const auto migrated = migrate(database_->options());
        ASSERT_TRUE(migrated) << migrated.error().to_string();
    }
    static void TearDownTestSuite() { database_.reset(); }

    Status write(std::vector<v1::Pick> picks, std::vector<v1::DeadLetter> dead = {}) {
        std::vector<const v1::Pick*> pick_pointers;
        for (const auto& pick : picks) pick_pointers.push_back(&pick);
        std::vector<const v1::DeadLetter*> dead_pointers;
        for (const auto& letter : dead) dead_pointers.push_back(&letter);
        return store_.write(pick_pointers, dead_pointers);
    }

    static inline std::unique_ptr<test::PrivateMariaDb> database_;
    PickStore store_{database_->options()};
};

TEST_F(PickStoreTest, APickComesBackAsItWasWritten) {
    v1::Pick pick = test::sample_pick("default", "round-trip");
    ASSERT_TRUE(store_.upsert_tracks(test::sample_tracks()));
    const Status written = write({pick});
    ASSERT_TRUE(written) << written.error().to_string();
    const auto found = store_.find_pick("default", "round-trip");
    ASSERT_TRUE(found) << found.error().to_string();
    ASSERT_TRUE(found->has_value());
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(pick, **found)) << difference;
}

}  // namespace
}  // namespace bgm
