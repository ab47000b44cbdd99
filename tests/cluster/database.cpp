#include "tests/cluster/database.hpp"

#include <unistd.h>

#include <stdexcept>

namespace bgm::test {

std::string Database::why_not() {
    return ::access("/usr/sbin/mariadbd", X_OK) == 0 ? "" : "mariadbd is not installed";
}

Database::Database(const Machine& machine) : machine_(machine) {
    machine.on_it([&] {
        auto server = PrivateMariaDb::start(
            {.tcp = false,
             .server_options = {"--skip-networking=0", "--bind-address=" + machine.address(),
                                "--port=" + std::to_string(kPort)}});
        if (!server) throw std::runtime_error(server.error().to_string());
        server_ = std::move(*server);
    });
    MySqlConnection root(server_->root_options());
    if (auto connected = root.connect(); !connected) throw std::runtime_error(connected.error().to_string());
    for (const std::string& statement :
         {"CREATE USER 'bgm'@'10.91.0.%' IDENTIFIED BY '" + server_->options().password + "'",
          std::string("GRANT ALL ON bgm.* TO 'bgm'@'10.91.0.%'")}) {
        if (auto done = root.execute(statement); !done) throw std::runtime_error(done.error().to_string());
    }
}

Database::~Database() = default;

bool Database::restart() {
    bool up = false;
    machine_.on_it([&] { up = server_->restart().ok(); });
    return up;
}

bool Database::answers() {
    MySqlOptions quickly = server_->options();
    quickly.connect_timeout_ms = quickly.read_timeout_ms = 1'000;
    MySqlConnection probe(quickly);
    return probe.connect() && probe.query("SELECT 1", [](MySqlRow) {});
}

std::vector<std::vector<std::string>> Database::rows(const std::string& sql) {
    std::vector<std::vector<std::string>> all;
    const auto keep = [&](MySqlRow row) {
        std::vector<std::string>& columns = all.emplace_back();
        for (const auto& column : row)
            columns.push_back(column.value_or("NULL"));
    };
    Status done = Error{};
    for (int attempt = 0; attempt < 2 && !done; ++attempt) {  // the server may have been another one
        if (!asking_) asking_ = std::make_unique<MySqlConnection>(server_->options());
        all.clear();
        done = asking_->connect();
        if (done) done = asking_->query(sql, keep);
        if (!done) asking_.reset();
    }
    if (!done) throw std::runtime_error(sql + ": " + done.error().to_string());
    return all;
}

long Database::count(const std::string& sql) {
    return std::stol(rows(sql).at(0).at(0));
}

}  // namespace bgm::test
