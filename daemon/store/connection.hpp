// One connection to a MySQL-protocol server: the only place that knows the connector's API.
//
// A connection belongs to one thread at a time. It speaks utf8mb4 in both directions, UTC, READ COMMITTED and
// a strict SQL mode, whatever the server's defaults are: a value that does not fit is an error, never
// silently cut. After a lost connection the object is disconnected and connect() makes a new one; a
// transaction that was open is gone.
//
// Of several endpoints connect() takes the first that answers and may be written to: a server that is
// read-only is passed over, and so is, alone too, a Galera node that is not with the cluster's majority. What
// was connected stays where it is until it is lost. On a Galera node every statement sees what was committed
// on any other before it.
//
// Errors: `unavailable` the server is away, refuses or is shutting down, or the tables are missing;
// `resource_exhausted` deadlock, lock wait, disk or memory full; `invalid_argument` a value that the server
// refuses (`field` is the column), or the account (`field` is "mysql.user"); `too_large` a statement beyond
// max_allowed_packet; `internal` everything else. No message ever holds the password.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/host_port.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct MySqlOptions {
    // Where: the socket wins where it is set, then the endpoints, then host and port.
    std::string socket;
    std::vector<HostPort> endpoints = {};  // of one cluster, in order of preference
    std::string host = "127.0.0.1";
    std::uint16_t port = 3306;

    // Who, and which database (empty: none is chosen, for creating one).
    std::string user = "bgm";
    std::string password;
    std::string database = "bgm";

    // Encryption: the file of the authority that signed the server's certificate. Set, the connection is TLS,
    // the certificate is verified and names the host, or there is no connection. Empty, nothing is encrypted.
    std::string tls_ca_file;

    // How long to wait. The connector counts in seconds: rounded up, never to zero (zero would mean for
    // ever).
    std::uint32_t connect_timeout_ms = 3'000;
    std::uint32_t read_timeout_ms = 30'000;
    std::uint32_t write_timeout_ms = 30'000;
    std::uint32_t lock_wait_timeout_ms = 5'000;
    // The server undoes a transaction that says nothing for so long: its client may be cut off, and others
    // may need its locks. 0: when the connection ends, which may be hours.
    std::uint32_t silent_transaction_timeout_ms = 0;
};

/// The columns of one result row as text; nullopt where NULL. Valid only during the call that is given it.
using MySqlRow = std::span<const std::optional<std::string>>;

class MySqlConnection {
 public:
    explicit MySqlConnection(MySqlOptions options);
    ~MySqlConnection();
    MySqlConnection(MySqlConnection&&) noexcept;
    MySqlConnection& operator=(MySqlConnection&&) noexcept;

    /// Does nothing where a connection stands (it is not probed: the next statement tells).
    Status connect();
    void disconnect();
    bool connected() const;
    /// Whether it stands to a node of a Galera cluster.
    bool galera() const;

    /// Runs one statement without a result set; the affected rows. `sql` is UTF-8 and complete: see
    /// sql_text.hpp.
    Result<std::uint64_t> execute(const std::string& sql);
    /// The same, where it does not matter how many rows were affected.
    Status run(const std::string& sql) {
        const auto done = execute(sql);
        return done ? ok_status() : Status(done.error());
    }

    /// Hands every row to `on_row`, one after the other. The result set is held in memory: bound it with
    /// LIMIT.
    Status query(const std::string& sql, const std::function<void(MySqlRow)>& on_row);

    /// The longest statement that the server takes; known once connected.
    std::size_t statement_bytes_max() const;

    /// The server's error number behind the last error, 0 where there was none.
    int last_error_number() const;

    const MySqlOptions& options() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm
