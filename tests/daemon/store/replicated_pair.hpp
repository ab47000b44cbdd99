// Two MariaDB servers of a test's own: a primary, and a read-only copy that follows its binary log.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/store/migrations.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/eventually.hpp"

namespace bgm::test {

/// Failures are exceptions.
class ReplicatedPair {
 public:
    ReplicatedPair() : primary_(server({"--log-bin=log", "--binlog-format=ROW", "--server-id=1"})) {
        run(*primary_, "CREATE USER 'follower'@'127.0.0.1' IDENTIFIED BY 'follows'");
        run(*primary_, "GRANT REPLICATION SLAVE ON *.* TO 'follower'@'127.0.0.1'");
        const std::vector<std::string> position = row(*primary_, "SHOW MASTER STATUS");
        replica_ = server({"--server-id=2", "--read-only=1", "--skip-slave-start=0"});
        run(*replica_,
            "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = " + std::to_string(primary_->port()) +
                ", MASTER_USER = 'follower', MASTER_PASSWORD = 'follows', MASTER_CONNECT_RETRY = 1, "
                "MASTER_LOG_FILE = '" +
                position.at(0) + "', MASTER_LOG_POS = " + position.at(1));
        run(*replica_, "START SLAVE");
        must(migrate(primary_->options()));
        wait_for("SELECT COUNT(*) FROM bgm.schema_migrations");
    }

    PrivateMariaDb& primary() { return *primary_; }
    PrivateMariaDb& replica() { return *replica_; }
    /// As `mysql.replicas` names it.
    std::string place() const { return "127.0.0.1:" + std::to_string(replica_->port()); }

    /// What the primary writes still comes there, and is not seen.
    void stop_applying() { run(*replica_, "STOP SLAVE SQL_THREAD"); }
    void go_on_applying() { run(*replica_, "START SLAVE SQL_THREAD"); }
    /// Until both say the same.
    void wait_for(const std::string& question) {
        if (!eventually([&] { return row(*replica_, question) == row(*primary_, question); }))
            throw std::runtime_error("the replica does not follow: " + question);
    }

    /// As root, whom read-only does not bind.
    static void run(const PrivateMariaDb& server, const std::string& sql) {
        MySqlConnection root(server.root_options());
        if (const Status up = root.connect(); !up) throw std::runtime_error(up.error().to_string());
        must(root.execute(sql));
    }

 private:
    template <typename Done>
    static void must(const Done& done) {
        if (!done) throw std::runtime_error(done.error().to_string());
    }
    static std::unique_ptr<PrivateMariaDb> server(std::vector<std::string> options) {
        auto started = PrivateMariaDb::start({.tcp = true, .server_options = std::move(options)});
        must(started);
        return *std::move(started);
    }
    /// Empty where it cannot be asked, or not yet.
    static std::vector<std::string> row(const PrivateMariaDb& server, const std::string& question) {
        std::vector<std::string> values;
        MySqlConnection root(server.root_options());
        if (root.connect())
            (void)root.query(question, [&](MySqlRow found) {
                for (const auto& value : found)
                    values.push_back(value.value_or("NULL"));
            });
        return values;
    }

    std::unique_ptr<PrivateMariaDb> primary_, replica_;
};

}  // namespace bgm::test
