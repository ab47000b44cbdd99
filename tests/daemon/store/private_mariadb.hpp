// A MariaDB server of a test's own: a fresh data folder, a Unix socket, optionally a free port on the
// loopback.
//
// It is durable as in production (a commit is on the disk), so that kill() and restart() show what a crash
// leaves. The server dies with the thread that started it, and its folder goes with the object; what a killed
// test leaves is swept away by the next one. Creating the data folder takes a second once for each build
// folder, starting it from then on a tenth.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"
#include "tests/daemon/base/server_process.hpp"

namespace bgm::test {

class PrivateMariaDb {
 public:
    struct Settings {
        bool tcp = false;  // listens on 127.0.0.1, at a free port that survives restart()
        std::vector<std::string> server_options =
            {};  // further ones for mariadbd: "--innodb-lock-wait-timeout=1"
        std::vector<std::string> first_options = {};  // the same, of the first start alone
        std::string data = {};      // a folder to begin with; empty: a fresh one, and the account is made
        std::string programs = {};  // a folder of programs that the server may start
    };

    /// Running and answering, with an empty database "bgm" and its user; `not_found` where no mariadbd is
    /// installed.
    static Result<std::unique_ptr<PrivateMariaDb>> start(Settings settings);
    static Result<std::unique_ptr<PrivateMariaDb>> start() { return start(Settings{}); }

    ~PrivateMariaDb();
    PrivateMariaDb(const PrivateMariaDb&) = delete;
    PrivateMariaDb& operator=(const PrivateMariaDb&) = delete;

    /// The unprivileged user that owns the database "bgm", over the socket.
    MySqlOptions options() const;
    /// The same over TCP; only with Settings::tcp.
    MySqlOptions tcp_options() const;
    /// root, without a database.
    MySqlOptions root_options() const;

    /// SIGKILL: open transactions and connections are lost, what was committed is not.
    void kill() { server_.kill(); }
    /// An orderly end.
    void stop();
    /// Starts it again on the same data, socket and port; also after kill(). `more` are options of this start
    /// alone.
    Status restart(const std::vector<std::string>& more = {});
    /// Starts it with these options beside its own, and waits for its end; what it said.
    Result<std::string> run(const std::vector<std::string>& more);
    /// Stops (SIGSTOP) or continues it: a server that is there and does not answer.
    void freeze() const { server_.freeze(); }
    void thaw() const { server_.thaw(); }

    pid_t pid() const { return server_.pid(); }
    const std::string& socket() const { return socket_; }
    std::uint16_t port() const { return port_; }
    const std::string& directory() const { return directory_; }

 private:
    PrivateMariaDb() = default;
    Status spawn(const std::vector<std::string>& more);
    Status wait_until_ready();
    Status create_account();

    Settings settings_;
    std::string directory_;
    std::string socket_;
    std::uint16_t port_ = 0;
    ServerProcess server_;
};

}  // namespace bgm::test
