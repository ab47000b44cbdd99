#include "daemon/store/connection.hpp"

#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_connection.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "daemon/store/server_error.hpp"
#include "schemas/ascii.hpp"
#include "schemas/mutex.hpp"

namespace bgm {
namespace {

// Numbers of the server's own errors, for servers that would answer with them later.
constexpr int kReadOnly = 1290;
constexpr int kNotReady = 1047;

int whole_seconds(std::uint32_t milliseconds) {
    return static_cast<int>(std::max<std::uint32_t>(1, (milliseconds + 999) / 1000));
}

sql::ConnectOptionsMap connect_options(const MySqlOptions& options) {
    sql::ConnectOptionsMap map;
    if (options.socket.empty()) {
        // Brackets keep a port or a colon of an IPv6 address out of the host.
        map["hostName"] = sql::SQLString("tcp://[" + options.host + "]:" + std::to_string(options.port));
    } else {
        map["hostName"] = sql::SQLString("unix://" + options.socket);
    }
    map["userName"] = sql::SQLString(options.user);
    map["password"] = sql::SQLString(options.password);
    if (!options.database.empty()) map["schema"] = sql::SQLString(options.database);
    if (!options.tls_ca_file.empty()) {
        // Both: with sslCA alone a server that offers no TLS is spoken to in the clear, and so it is whatever
        // OPT_SSL_MODE and sslEnforce say (connector 1.1.12 on MariaDB's client library takes them and does
        // nothing).
        map["sslCA"] = sql::SQLString(options.tls_ca_file);
        map["sslVerify"] = true;
    }
    map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    map["OPT_CONNECT_TIMEOUT"] = whole_seconds(options.connect_timeout_ms);
    map["OPT_READ_TIMEOUT"] = whole_seconds(options.read_timeout_ms);
    map["OPT_WRITE_TIMEOUT"] = whole_seconds(options.write_timeout_ms);
    return map;
}

/// The connector's driver is created on first use without a lock of its own, and so is the client library
/// behind it.
std::unique_ptr<sql::Connection> open(const MySqlOptions& options) {
    static Mutex driver_mutex;
    sql::Driver* driver = nullptr;
    {
        const MutexLock lock(driver_mutex);
        driver = get_driver_instance();
    }
    sql::ConnectOptionsMap map = connect_options(options);
    return std::unique_ptr<sql::Connection>(driver->connect(map));
}

}  // namespace

struct MySqlConnection::Impl {
    MySqlOptions options;
    std::unique_ptr<sql::Connection> connection;
    std::unique_ptr<sql::Statement> statement;
    std::vector<std::optional<std::string>> row;
    std::size_t statement_bytes_max = 1 << 20;
    int last_error_number = 0;
    bool galera = false;

    Status open_at(const MySqlOptions& where);
    void settle();

    void drop() {
        // Closing a dead connection may throw from a destructor's depth in old versions of the connector.
        try {
            statement.reset();
            connection.reset();
        } catch (const std::exception&) {
            static_cast<void>(statement.release());
            static_cast<void>(connection.release());
        }
    }

    /// Runs `work`, turning whatever the connector throws into an Error.
    template <typename Work>
    auto guarded(Work&& work) -> decltype(work()) {
        try {
            last_error_number = 0;
            return work();
        } catch (const sql::SQLException& exception) {
            last_error_number = exception.getErrorCode();
            // The connector's own complaints carry no number: its state is unknown then.
            if (last_error_number == 0 || connection_lost(last_error_number)) drop();
            return error_from_server(last_error_number, exception.what(), options.password);
        } catch (const std::exception& exception) {
            last_error_number = -1;
            drop();
            return error_from_server(0, exception.what(), options.password);
        }
    }
};

MySqlConnection::MySqlConnection(MySqlOptions options) : impl_(std::make_unique<Impl>()) {
    impl_->options = std::move(options);
}

MySqlConnection::~MySqlConnection() {
    if (impl_) impl_->drop();
}

MySqlConnection::MySqlConnection(MySqlConnection&&) noexcept = default;
MySqlConnection& MySqlConnection::operator=(MySqlConnection&&) noexcept = default;

// What the session is to be like. Throws what the connector throws, and the same for a server that is not to
// be used.
void MySqlConnection::Impl::settle() {
    // SET NAMES as well as OPT_CHARSET_NAME: releases of the connector differ in what they leave
    // character_set_results at, and three-byte "utf8" turns emoji into question marks. Its setters for
    // isolation and autocommit, and its commit(), ignore the server's answer, so all of that is said in
    // SQL.
    statement->execute("SET NAMES utf8mb4");
    statement->execute(
        "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
        "NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = " +
        std::to_string(whole_seconds(options.lock_wait_timeout_ms)));
    statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    if (options.silent_transaction_timeout_ms > 0) {
        // MariaDB, or MySQL: which has none for transactions alone.
        const std::string seconds = std::to_string(whole_seconds(options.silent_transaction_timeout_ms));
        statement->execute("SET SESSION /*M!100300 idle_transaction_timeout = " + seconds +
                           " *//*!80000 wait_timeout = " + seconds + " */");
    }
    // SHOW, since a server knows only its own variables.
    std::map<std::string, std::string> said;
    const auto show = [&](const char* query) {
        const std::unique_ptr<sql::ResultSet> rows(statement->executeQuery(query));
        while (rows->next())
            said[rows->getString(1).asStdString()] = rows->getString(2).asStdString();
    };
    show("SHOW VARIABLES WHERE Variable_name IN ('max_allowed_packet', 'read_only', 'wsrep_on')");
    statement_bytes_max = number_from<std::size_t>(said["max_allowed_packet"]).value_or(statement_bytes_max);
    if (options.endpoints.size() > 1 && said["read_only"] != "OFF")
        throw sql::SQLException("it is read-only", "", kReadOnly);
    galera = said["wsrep_on"] == "ON";
    if (!galera) return;
    // A node without a majority takes connections, and answers what touches no table.
    show("SHOW STATUS LIKE 'wsrep_ready'");
    if (said["wsrep_ready"] != "ON") throw sql::SQLException("wsrep_ready is OFF", "", kNotReady);
    statement->execute("SET SESSION wsrep_sync_wait = 1, wsrep_dirty_reads = OFF");
}

Status MySqlConnection::Impl::open_at(const MySqlOptions& where) {
    Status opened = guarded([&]() -> Status {
        connection = open(where);
        statement.reset(connection->createStatement());
        settle();
        return ok_status();
    });
    if (!opened) drop();
    return opened;
}

Status MySqlConnection::connect() {
    if (impl_->connection) return ok_status();
    const MySqlOptions& options = impl_->options;
    if (!options.socket.empty() || options.endpoints.empty()) return impl_->open_at(options);
    std::optional<Error> first;
    MySqlOptions where = options;
    for (const HostPort& endpoint : options.endpoints) {
        where.host = endpoint.host;
        where.port = endpoint.port;
        const Status opened = impl_->open_at(where);
        if (opened) return opened;
        if (first) {
            first->message += "; " + endpoint.text() + ": " + opened.error().message;
        } else {
            first = opened.error();
            first->message = endpoint.text() + ": " + first->message;
        }
    }
    return *first;
}

void MySqlConnection::disconnect() {
    impl_->drop();
}

bool MySqlConnection::connected() const {
    return impl_->connection != nullptr;
}

Result<std::uint64_t> MySqlConnection::execute(const std::string& sql) {
    if (!connected()) return Error{ErrorCode::unavailable, "not connected to MySQL", ""};
    return impl_->guarded([&]() -> Result<std::uint64_t> {
        impl_->statement->execute(sql);
        return impl_->statement->getUpdateCount();
    });
}

Status MySqlConnection::query(const std::string& sql, const std::function<void(MySqlRow)>& on_row) {
    if (!connected()) return Error{ErrorCode::unavailable, "not connected to MySQL", ""};
    return impl_->guarded([&]() -> Status {
        const std::unique_ptr<sql::ResultSet> rows(impl_->statement->executeQuery(sql));
        const std::uint32_t columns = rows->getMetaData()->getColumnCount();
        impl_->row.resize(columns);
        while (rows->next()) {
            for (std::uint32_t column = 0; column < columns; ++column) {
                const sql::SQLString text = rows->getString(column + 1);
                if (rows->wasNull()) {
                    impl_->row[column].reset();
                } else {
                    impl_->row[column] = text.asStdString();
                }
            }
            on_row(impl_->row);
        }
        return ok_status();
    });
}

bool MySqlConnection::galera() const {
    return impl_->galera;
}

std::size_t MySqlConnection::statement_bytes_max() const {
    return impl_->statement_bytes_max;
}

int MySqlConnection::last_error_number() const {
    return impl_->last_error_number;
}

const MySqlOptions& MySqlConnection::options() const {
    return impl_->options;
}

}  // namespace bgm
