// The MariaDB that all hosts of a cluster share, on a machine of its own. The test looks into it over its
// socket, whatever becomes of the wire.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/machine.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm::test {

class Database {
 public:
    static std::string why_not();

    explicit Database(const Machine& machine);
    ~Database();

    const Machine& machine() const { return machine_; }
    MySqlOptions options() const { return server_->options(); }
    static constexpr int kPort = 3306;

    void kill() { server_->kill(); }
    bool answers();
    void freeze() { server_->freeze(); }
    void thaw() { server_->thaw(); }
    /// Also after kill(); false where it does not come up.
    bool restart();

    /// Rows of columns as text; NULL is "NULL". Throws where the database cannot be asked.
    std::vector<std::vector<std::string>> rows(const std::string& sql);
    long count(const std::string& sql);

 private:
    const Machine& machine_;
    std::unique_ptr<PrivateMariaDb> server_;
    std::unique_ptr<MySqlConnection> asking_;
};

}  // namespace bgm::test
