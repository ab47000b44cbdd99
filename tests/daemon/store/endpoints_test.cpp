// Several servers for one database: the first that answers and takes writes is spoken to, and the next one
// once it is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/store/connection.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class EndpointsTest : public testing::Test {
 protected:
    void SetUp() override {
        for (auto& server : servers_) {
            auto started = test::PrivateMariaDb::start({.tcp = true});
            ASSERT_TRUE(started) << started.error().to_string();
            server = std::move(*started);
            execute(*server, "CREATE TABLE bgm.rows_here (row_id INT NOT NULL PRIMARY KEY)");
        }
    }
    static void execute(const test::PrivateMariaDb& server, const std::string& sql) {
        MySqlConnection root(server.root_options());
        ASSERT_TRUE(root.connect());
        const auto done = root.execute(sql);
        ASSERT_TRUE(done) << done.error().to_string();
    }
    MySqlOptions both() const {
        MySqlOptions options = servers_[0]->options();
        options.socket.clear();
        options.connect_timeout_ms = 60'000;
        for (const auto& server : servers_)
            options.endpoints.push_back({.host = "127.0.0.1", .port = server->port()});
        return options;
    }
    /// 0 or 1; 9 where it stands to neither.
    std::size_t where(MySqlConnection& connection) const {
        std::string port;
        EXPECT_TRUE(connection.query("SELECT @@port", [&](MySqlRow row) { port = row[0].value_or(""); }));
        for (std::size_t at = 0; at < 2; ++at) {
            if (port == std::to_string(servers_[at]->port())) return at;
        }
        return 9;
    }

    std::unique_ptr<test::PrivateMariaDb> servers_[2];
};

TEST_F(EndpointsTest, TheFirstIsSpokenToAndTheNextOnceItIsGone) {
    MySqlConnection connection(both());
    ASSERT_TRUE(connection.connect());
    EXPECT_EQ(where(connection), 0U);
    servers_[0]->kill();
    const auto lost = connection.execute("INSERT INTO rows_here VALUES (1)");
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ErrorCode::unavailable);
    ASSERT_TRUE(connection.connect());
    EXPECT_EQ(where(connection), 1U);

    // What stands stays; what is made anew begins with the first.
    ASSERT_TRUE(servers_[0]->restart());
    EXPECT_EQ(where(connection), 1U);
    MySqlConnection later(both());
    ASSERT_TRUE(later.connect());
    EXPECT_EQ(where(later), 0U);
}

TEST_F(EndpointsTest, AServerThatTakesNoWritesIsPassedOverAndLeft) {
    MySqlConnection connection(both());
    ASSERT_TRUE(connection.connect());
    execute(*servers_[0], "SET GLOBAL read_only = 1");
    const auto refused = connection.execute("INSERT INTO rows_here VALUES (1)");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    ASSERT_TRUE(connection.connect());
    EXPECT_EQ(where(connection), 1U);
    EXPECT_TRUE(connection.execute("INSERT INTO rows_here VALUES (1)"));
    // Named alone it is spoken to: there is no other.
    EXPECT_TRUE(MySqlConnection(servers_[0]->tcp_options()).connect());
}

TEST_F(EndpointsTest, AnAccountThatOneRefusesIsTriedAtTheNext) {
    execute(*servers_[0], "DROP USER 'bgm'@'127.0.0.1'");
    MySqlConnection connection(both());
    const Status connected = connection.connect();
    ASSERT_TRUE(connected) << connected.error().to_string();
    EXPECT_EQ(where(connection), 1U);
}

TEST_F(EndpointsTest, WhereNobodyAnswersEachIsNamed) {
    for (auto& server : servers_)
        server->kill();
    const Status connected = MySqlConnection(both()).connect();
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().code, ErrorCode::unavailable);
    EXPECT_THAT(connected.error().message,
                AllOf(HasSubstr("127.0.0.1:" + std::to_string(servers_[0]->port())),
                      HasSubstr("127.0.0.1:" + std::to_string(servers_[1]->port()))));
}

}  // namespace
}  // namespace bgm
