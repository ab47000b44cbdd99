#include "tests/daemon/store/private_mariadb.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "tests/daemon/base/owned_folder.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{30};
constexpr int kStopWithin_ms = 20'000;
constexpr std::string_view kFolderPrefix = "bgm-mariadb-";
constexpr std::string_view kPassword = "s3cret-of-the-tests";

Error failure(const std::string& what) {
    return Error{ErrorCode::unavailable, what, ""};
}

Error failure_of_call(const std::string& call) {
    return failure(call + ": " + std::strerror(errno));
}

std::string find_program(std::initializer_list<const char*> paths) {
    for (const char* path : paths) {
        if (access(path, X_OK) == 0) return path;
    }
    return "";
}

std::string running_user() {
    return geteuid() == 0 ? "--user=root" : "";
}

/// A folder that the tests of one build share: created once, copied for each server.
Result<std::string> template_folder(const std::string& server) {
    const std::string install =
        find_program({"/usr/bin/mariadb-install-db", "/usr/local/bin/mariadb-install-db"});
    if (install.empty()) return Error{ErrorCode::not_found, "mariadb-install-db is not installed", ""};
    const fs::path ready =
        fs::path(BGM_BINARY_DIR) / ("mariadb-template-" + std::to_string(fs::file_size(server)));
    const std::string lock_path = ready.string() + ".lock";
    const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return failure_of_call("open " + lock_path);
    const auto unlock =
        std::unique_ptr<const int, void (*)(const int*)>(&lock, [](const int* fd) { close(*fd); });
    if (flock(lock, LOCK_EX) != 0) return failure_of_call("flock " + lock_path);
    if (fs::exists(ready)) return ready.string();

    const fs::path draft = ready.string() + ".draft";
    fs::remove_all(draft);
    fs::create_directories(draft);
    std::vector<std::string> arguments{install, "--no-defaults", "--datadir=" + draft.string(),
                                       // In a shared one each server that starts removes the temporary tables
                                       // of all.
                                       "--tmpdir=" + draft.parent_path().string(),
                                       "--auth-root-authentication-method=normal", "--skip-test-db",
                                       "--skip-name-resolve", "--innodb-log-file-size=16M"};
    if (!running_user().empty()) arguments.push_back(running_user());
    const std::string log = ready.string() + ".log";
    ServerProcess install_db;
    if (Status started = install_db.start({arguments, {}, log}); !started) return started.error();
    if (install_db.exit_code() != 0) return failure("mariadb-install-db failed, see " + log);
    fs::rename(draft, ready);
    return ready.string();
}

}  // namespace

Result<std::unique_ptr<PrivateMariaDb>> PrivateMariaDb::start(Settings settings) {
    const std::string server = find_program({"/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"});
    if (server.empty()) return Error{ErrorCode::not_found, "mariadbd is not installed", ""};
    try {
        const Result<std::string> source =
            settings.data.empty() ? template_folder(server) : Result<std::string>(settings.data);
        if (!source) return source.error();
        // Not below TMPDIR where that is long: a socket's path has at most 107 bytes.
        fs::path parent = fs::temp_directory_path();
        if (parent.string().size() > 60) parent = "/tmp";
        std::unique_ptr<PrivateMariaDb> database(new PrivateMariaDb);
        database->settings_ = std::move(settings);
        auto folder = make_owned_folder(parent, kFolderPrefix);
        if (!folder) return folder.error();
        database->directory_ = *std::move(folder);
        database->socket_ = database->directory_ + "/mariadb.sock";
        fs::copy(*source, database->directory_ + "/data", fs::copy_options::recursive);

        // Another program may take the port between looking and listening: then another one is tried.
        constexpr int kPortsTried = 5;
        for (int attempt = 1;; ++attempt) {
            if (database->settings_.tcp) database->port_ = free_port();
            Status ready = database->restart(database->settings_.first_options);
            if (ready) break;
            if (!database->settings_.tcp || attempt == kPortsTried) return ready.error();
        }
        if (database->settings_.data.empty()) {
            if (Status created = database->create_account(); !created) return created.error();
        }
        return database;
    } catch (const fs::filesystem_error& error) {
        return failure(error.what());
    }
}

PrivateMariaDb::~PrivateMariaDb() {
    server_.kill();  // nobody will read the data again: an orderly end would only take longer
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

MySqlOptions PrivateMariaDb::options() const {
    MySqlOptions options;
    options.socket = socket_;
    options.user = "bgm";
    options.password = kPassword;
    options.database = "bgm";
    return options;
}

MySqlOptions PrivateMariaDb::tcp_options() const {
    MySqlOptions tcp = options();
    tcp.socket.clear();
    tcp.host = "127.0.0.1";
    tcp.port = port_;
    return tcp;
}

MySqlOptions PrivateMariaDb::root_options() const {
    MySqlOptions root;
    root.socket = socket_;
    root.user = "root";
    root.database.clear();
    return root;
}

void PrivateMariaDb::stop() {
    server_.stop(kStopWithin_ms);  // one that does not manage it is killed
}

Status PrivateMariaDb::restart(const std::vector<std::string>& more) {
    stop();  // an orderly end keeps it quick
    if (Status spawned = spawn(more); !spawned) return spawned;
    return wait_until_ready();
}

Result<std::string> PrivateMariaDb::run(const std::vector<std::string>& more) {
    stop();
    fs::remove(directory_ + "/server.log");
    if (Status spawned = spawn(more); !spawned) return spawned.error();
    (void)server_.exit_code();
    std::ifstream log(directory_ + "/server.log");
    return std::string(std::istreambuf_iterator<char>(log), {});
}

Status PrivateMariaDb::spawn(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        find_program({"/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"}),
        "--no-defaults",
        "--datadir=" + directory_ + "/data",
        "--tmpdir=" + directory_,
        "--socket=" + socket_,
        "--pid-file=" + directory_ + "/mariadb.pid",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--performance-schema=OFF",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=16M",
        "--innodb-flush-log-at-trx-commit=1",
    };
    if (!running_user().empty()) arguments.push_back(running_user());
    if (settings_.tcp) {
        arguments.push_back("--bind-address=127.0.0.1");
        arguments.push_back("--port=" + std::to_string(port_));
    } else {
        arguments.push_back("--skip-networking");
    }
    arguments.insert(arguments.end(), settings_.server_options.begin(), settings_.server_options.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::optional<std::vector<std::string>> environment;
    if (!settings_.programs.empty()) {
        environment.emplace();
        for (char** variable = environ; *variable != nullptr; ++variable) {
            if (!std::string_view(*variable).starts_with("PATH=")) environment->emplace_back(*variable);
        }
        environment->push_back("PATH=" + settings_.programs + ":/usr/sbin:/usr/bin:/sbin:/bin");
    }
    return server_.start({arguments, environment, directory_ + "/server.log"});
}

Status PrivateMariaDb::wait_until_ready() {
    const auto deadline = Clock::now() + kReadyWithin;
    for (;;) {
        MySqlConnection probe(root_options());
        const Status connected = probe.connect();
        if (connected) return ok_status();
        // Ends the wait at once where the server has given up.
        constexpr int kProbeEvery_ms = 10;
        if (server_.ended_within(kProbeEvery_ms)) {
            server_.kill();
            return failure("mariadbd ended while starting: " + tail_of(directory_ + "/server.log"));
        }
        if (Clock::now() > deadline) {
            return failure("mariadbd does not answer: " + connected.error().message + "; " +
                           tail_of(directory_ + "/server.log"));
        }
    }
}

Status PrivateMariaDb::create_account() {
    MySqlConnection root(root_options());
    if (Status connected = root.connect(); !connected) return connected;
    const std::string identified = " IDENTIFIED BY '" + std::string(kPassword) + "'";
    for (const std::string& statement : {
             std::string("CREATE DATABASE bgm"),
             "CREATE USER 'bgm'@'localhost'" + identified,
             "CREATE USER 'bgm'@'127.0.0.1'" + identified,
             std::string("GRANT ALL ON bgm.* TO 'bgm'@'localhost'"),
             std::string("GRANT ALL ON bgm.* TO 'bgm'@'127.0.0.1'"),
         }) {
        if (const auto done = root.execute(statement); !done) return done.error();
    }
    return ok_status();
}

}  // namespace bgm::test
