// Each table can be spread over many servers: its primary key begins with what it would be spread by. What is
// said here is what the tables are, and what docs/mysql.md says.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

struct Keys {
    std::string primary;
    std::string sharded_by;  // empty: there is one of it, or a copy on each server
    bool begins_with_it = true;
};

const std::map<std::string, Keys> kTables{
    {"api_keys", {"key_id", ""}},
    {"cluster_settings", {"name", ""}},
    {"dead_posts", {"tenant, post_id", "tenant, post_id"}},
    {"erased_messages", {"message", ""}},
    {"feedback", {"feedback_id", "tenant, user_id", false}},
    {"hosts", {"name", ""}},
    {"mood_seeds", {"tenant, post_id, place, model", "tenant, post_id"}},
    {"pick_tracks", {"tenant, post_id, position", "tenant, post_id"}},
    {"picks", {"tenant, post_id", "tenant, post_id"}},
    {"replica_marks", {"instance", ""}},
    {"schema_migrations", {"version", ""}},
    {"track_analysis", {"track_id", ""}},
    {"tracks", {"track_id", ""}},
    {"user_taste", {"tenant, user_id", "tenant, user_id"}},
};

class ShardKeysTest : public test::MigratedDatabase {
 protected:
    std::map<std::string, std::string> primary_keys() {
        std::map<std::string, std::string> keys;
        const Status status = probe_.query(
            "SELECT t.table_name, COALESCE(GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index SEPARATOR ', "
            "'), '') FROM information_schema.tables t LEFT JOIN information_schema.statistics s ON "
            "s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.index_name = 'PRIMARY' "
            "WHERE t.table_schema = DATABASE() GROUP BY t.table_name",
            [&](MySqlRow row) { keys[row[0].value_or("")] = row[1].value_or(""); });
        EXPECT_TRUE(status) << status.error().to_string();
        return keys;
    }
};

TEST_F(ShardKeysTest, EachPrimaryKeyBeginsWithWhatItsTableWouldBeShardedBy) {
    std::map<std::string, std::string> said;
    for (const auto& [table, keys] : kTables) {
        said[table] = keys.primary;
        if (keys.sharded_by.empty()) continue;
        const bool begins = (keys.primary + ", ").starts_with(keys.sharded_by + ", ");
        EXPECT_EQ(begins, keys.begins_with_it) << table;
    }
    EXPECT_EQ(primary_keys(), said) << "a new table says here, and in docs/mysql.md, what it is sharded by";
}

TEST_F(ShardKeysTest, TheDocumentSaysTheSame) {
    std::ifstream file(BGM_SOURCE_DIR "/docs/mysql.md");
    std::stringstream text;
    text << file.rdbuf();
    for (const auto& [table, keys] : kTables) {
        const std::string row = "\n| `" + table + "` | `" + keys.primary + "` | " +
                                (keys.sharded_by.empty() ? "-" : "`" + keys.sharded_by + "`") +
                                (keys.begins_with_it ? "" : ": see below") + " |";
        EXPECT_THAT(text.str(), testing::HasSubstr(row));
    }
}

}  // namespace
}  // namespace bgm
