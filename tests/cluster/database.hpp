// The MariaDB that all hosts of a cluster share: one on a machine of its own, or the nodes of a Galera
// cluster on several. The test looks into it over its socket, whatever becomes of the wire.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/machine.hpp"
#include "tests/daemon/store/private_galera.hpp"

namespace bgm::test {

class Database {
 public:
    static std::string why_not(bool galera = false);

    /// `replica`: where a read-only copy of the one MariaDB is to be; null: nowhere.
    explicit Database(std::vector<const Machine*> machines, const Machine* replica = nullptr);
    ~Database();

    const Machine& machine(std::size_t node = 0) const { return *machines_[node]; }
    std::size_t nodes() const { return machines_.size(); }
    MySqlOptions options(std::size_t node = 0) const {
        return galera_ ? galera_->options(node) : server_->options();
    }
    /// What bgmd is told of it: "mysql.host=..." and the like.
    std::vector<std::string> settings() const;

    void kill(std::size_t node = 0);
    bool answers(std::size_t node = 0);
    bool runs(std::size_t node) const { return galera_ ? galera_->runs(node) : server_->pid() != 0; }
    void freeze(std::size_t node = 0);
    void thaw(std::size_t node = 0);
    /// Also after kill(); false where it does not come up.
    bool restart(std::size_t node = 0);

    PrivateMariaDb& replica() { return *replica_; }
    /// As root, at the replica.
    void run_at_replica(const std::string& sql);

    /// Rows of columns as text; NULL is "NULL". Throws where the database cannot be asked.
    std::vector<std::vector<std::string>> rows(const std::string& sql);
    long count(const std::string& sql);

 private:
    static constexpr int kPort = 3306;

    void start_replica();

    const std::vector<const Machine*> machines_;
    std::unique_ptr<PrivateMariaDb> server_;  // one of the two
    std::unique_ptr<PrivateGalera> galera_;
    const Machine* const replica_machine_;
    std::unique_ptr<PrivateMariaDb> replica_;
    std::unique_ptr<MySqlConnection> asking_;
};

}  // namespace bgm::test
