#include "tests/cluster/database.hpp"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "tests/eventually.hpp"

namespace bgm::test {

std::string Database::why_not(bool galera) {
    if (galera) return PrivateGalera::why_not();
    return ::access("/usr/sbin/mariadbd", X_OK) == 0 ? "" : "mariadbd is not installed";
}

Database::Database(std::vector<const Machine*> machines, const Machine* replica)
    : machines_(std::move(machines)), replica_machine_(replica) {
    if (nodes() > 1) {
        std::vector<PrivateGalera::Node> places;
        for (const Machine* each : machines_)
            places.push_back({each->address(), [each](const auto& call) { each->on_it(call); }});
        auto galera = PrivateGalera::start(std::move(places));
        if (!galera) throw std::runtime_error(galera.error().to_string());
        galera_ = std::move(*galera);
        return;
    }
    machine().on_it([&] {
        std::vector<std::string> options{"--skip-networking=0", "--bind-address=" + machine().address(),
                                         "--port=" + std::to_string(kPort)};
        if (replica_machine_ != nullptr)
            options.insert(options.end(), {"--log-bin=log", "--binlog-format=ROW", "--server-id=1"});
        auto server = PrivateMariaDb::start({.tcp = false, .server_options = std::move(options)});
        if (!server) throw std::runtime_error(server.error().to_string());
        server_ = std::move(*server);
    });
    MySqlConnection root(server_->root_options());
    if (auto connected = root.connect(); !connected) throw std::runtime_error(connected.error().to_string());
    for (const std::string& statement :
         {"CREATE USER 'bgm'@'10.91.0.%' IDENTIFIED BY '" + server_->options().password + "'",
          std::string("GRANT ALL ON bgm.* TO 'bgm'@'10.91.0.%'"),
          std::string("GRANT REPLICATION SLAVE ON *.* TO 'bgm'@'10.91.0.%'")}) {
        if (auto done = root.execute(statement); !done) throw std::runtime_error(done.error().to_string());
    }
    if (replica_machine_ != nullptr) start_replica();
}

void Database::start_replica() {
    MySqlConnection root(server_->root_options());
    std::string file, position;
    if (!root.connect() || !root.query("SHOW MASTER STATUS", [&](MySqlRow row) {
            file = row[0].value_or("");
            position = row[1].value_or("");
        }))
        throw std::runtime_error("the primary has no binary log");
    replica_machine_->on_it([&] {
        auto server = PrivateMariaDb::start(
            {.tcp = false,
             .server_options = {"--skip-networking=0", "--bind-address=" + replica_machine_->address(),
                                "--port=" + std::to_string(kPort), "--read-only=1", "--server-id=2"}});
        if (!server) throw std::runtime_error(server.error().to_string());
        replica_ = std::move(*server);
    });
    run_at_replica("CREATE USER 'bgm'@'10.91.0.%' IDENTIFIED BY '" + server_->options().password + "'");
    run_at_replica("GRANT ALL ON bgm.* TO 'bgm'@'10.91.0.%'");
    run_at_replica("CHANGE MASTER TO MASTER_HOST = '" + machine().address() + "', MASTER_PORT = " +
                   std::to_string(kPort) + ", MASTER_USER = 'bgm', MASTER_PASSWORD = '" +
                   server_->options().password + "', MASTER_CONNECT_RETRY = 1, MASTER_LOG_FILE = '" + file +
                   "', MASTER_LOG_POS = " + position);
    run_at_replica("START SLAVE");
}

void Database::run_at_replica(const std::string& sql) {
    MySqlConnection root(replica_->root_options());
    if (auto connected = root.connect(); !connected) throw std::runtime_error(connected.error().to_string());
    if (auto done = root.execute(sql); !done) throw std::runtime_error(done.error().to_string());
}

Database::~Database() = default;

std::vector<std::string> Database::settings() const {
    std::vector<std::string> all{"mysql.user=" + options().user, "mysql.database=" + options().database};
    if (replica_machine_ != nullptr)
        all.push_back("mysql.replicas=" + replica_machine_->address() + ":" + std::to_string(kPort));
    if (!galera_) {
        all.push_back("mysql.host=" + machine().address());
        all.push_back("mysql.port=" + std::to_string(kPort));
        return all;
    }
    std::string endpoints;
    for (const HostPort& node : galera_->options().endpoints)
        endpoints += (endpoints.empty() ? "" : " ") + node.text();
    all.push_back("mysql.endpoints=" + endpoints);
    return all;
}

void Database::kill(std::size_t node) {
    galera_ ? galera_->kill(node) : server_->kill();
}

void Database::freeze(std::size_t node) {
    galera_ ? galera_->freeze(node) : server_->freeze();
}

void Database::thaw(std::size_t node) {
    galera_ ? galera_->thaw(node) : server_->thaw();
}

bool Database::restart(std::size_t node) {
    if (galera_) return galera_->restart(node).ok();
    bool up = false;
    machine().on_it([&] { up = server_->restart().ok(); });
    return up;
}

bool Database::answers(std::size_t node) {
    MySqlOptions quickly = options(node);
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
    const auto ask = [&] {
        for (std::size_t node = 0; node < nodes() && !asking_; ++node) {
            if (nodes() > 1 && !answers(node)) continue;
            MySqlOptions patiently = options(node);
            // A node at a standstill is given up while the others can still be asked.
            if (nodes() > 1) patiently.read_timeout_ms = 5'000;
            asking_ = std::make_unique<MySqlConnection>(patiently);
        }
        if (!asking_) return false;
        all.clear();
        done = asking_->connect();
        if (done) done = asking_->query(sql, keep);
        if (!done) asking_.reset();
        return done.ok();
    };
    // The server may have been another one; and the nodes that are left agree on that first.
    (void)eventually(ask, std::chrono::seconds(nodes() > 1 ? 60 : 1));
    if (!done) throw std::runtime_error(sql + ": " + done.error().to_string());
    return all;
}

long Database::count(const std::string& sql) {
    return std::stol(rows(sql).at(0).at(0));
}

}  // namespace bgm::test
