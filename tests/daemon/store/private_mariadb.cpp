#include "tests/daemon/store/private_mariadb.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

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

/// A child whose output goes to `log`; it dies with the calling thread.
pid_t spawn_child(const std::vector<std::string>& arguments, const std::string& log) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child != 0) return child;
    // Between fork and exec only calls that are safe in a copy of a multi-threaded process.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execv(argv[0], argv.data());
    _exit(127);
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
    const pid_t child = spawn_child(arguments, log);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        return failure("mariadb-install-db failed, see " + log);
    }
    fs::rename(draft, ready);
    return ready.string();
}

/// Folders of test processes that are no longer there.
void sweep_stale(const fs::path& parent) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kFolderPrefix)) continue;
        pid_t owner = 0;
        const char* begin = name.data() + kFolderPrefix.size();
        const auto [end, error] = std::from_chars(begin, name.data() + name.size(), owner);
        if (error != std::errc{} || owner <= 0 || *end != '-') continue;
        if (::kill(owner, 0) == 0 || errno != ESRCH) continue;
        fs::remove_all(entry.path(), ignored);
    }
}

std::uint16_t free_port() {
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    std::uint16_t port = 0;
    if (bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
        port = ntohs(address.sin_port);
    }
    close(probe);
    return port;
}

/// True where the process has ended within the time.
bool ended_within(int pidfd, int timeout_ms) {
    pollfd waiting{.fd = pidfd, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace

Result<std::unique_ptr<PrivateMariaDb>> PrivateMariaDb::start(Settings settings) {
    const std::string server = find_program({"/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"});
    if (server.empty()) return Error{ErrorCode::not_found, "mariadbd is not installed", ""};
    try {
        const Result<std::string> source = template_folder(server);
        if (!source) return source.error();
        // Not below TMPDIR where that is long: a socket's path has at most 107 bytes.
        fs::path parent = fs::temp_directory_path();
        if (parent.string().size() > 60) parent = "/tmp";
        sweep_stale(parent);

        std::unique_ptr<PrivateMariaDb> database(new PrivateMariaDb);
        database->settings_ = std::move(settings);
        std::string pattern =
            (parent / (std::string(kFolderPrefix) + std::to_string(getpid()) + "-XXXXXX")).string();
        if (mkdtemp(pattern.data()) == nullptr) return failure_of_call("mkdtemp " + pattern);
        database->directory_ = pattern;
        database->socket_ = pattern + "/mariadb.sock";
        fs::copy(*source, pattern + "/data", fs::copy_options::recursive);

        // Another program may take the port between looking and listening: then another one is tried.
        constexpr int kPortsTried = 5;
        for (int attempt = 1;; ++attempt) {
            if (database->settings_.tcp) database->port_ = free_port();
            Status ready = database->restart();
            if (ready) break;
            if (!database->settings_.tcp || attempt == kPortsTried) return ready.error();
        }
        if (Status created = database->create_account(); !created) return created.error();
        return database;
    } catch (const fs::filesystem_error& error) {
        return failure(error.what());
    }
}

PrivateMariaDb::~PrivateMariaDb() {
    kill();  // nobody will read the data again: an orderly end would only take longer
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

void PrivateMariaDb::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(pidfd_);
    pid_ = -1;
    pidfd_ = -1;
}

Status PrivateMariaDb::restart() {
    stop();
    if (Status spawned = spawn(); !spawned) return spawned;
    return wait_until_ready();
}

void PrivateMariaDb::freeze() {
    ::kill(pid_, SIGSTOP);
}

void PrivateMariaDb::thaw() {
    ::kill(pid_, SIGCONT);
}

Status PrivateMariaDb::spawn() {
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
    pid_ = spawn_child(arguments, directory_ + "/server.log");
    if (pid_ < 0) return failure_of_call("fork");
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (pidfd_ < 0) return failure_of_call("pidfd_open");
    return ok_status();
}

Status PrivateMariaDb::wait_until_ready() {
    const auto deadline = Clock::now() + kReadyWithin;
    for (;;) {
        MySqlConnection probe(root_options());
        const Status connected = probe.connect();
        if (connected) return ok_status();
        // Ends the wait at once where the server has given up.
        constexpr int kProbeEvery_ms = 10;
        if (ended_within(pidfd_, kProbeEvery_ms)) {
            kill();
            return failure("mariadbd ended while starting: " + log_tail());
        }
        if (Clock::now() > deadline) {
            return failure("mariadbd does not answer: " + connected.error().message + "; " + log_tail());
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

void PrivateMariaDb::stop() {
    if (pid_ <= 0) return;
    thaw();
    ::kill(pid_, SIGTERM);
    // An orderly end keeps restart() quick; a server that does not manage it is killed.
    ended_within(pidfd_, kStopWithin_ms);
    kill();
}

std::string PrivateMariaDb::log_tail() const {
    std::ifstream file(directory_ + "/server.log");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    constexpr std::size_t kTailBytes = 2000;
    return text.size() > kTailBytes ? text.substr(text.size() - kTailBytes) : text;
}

}  // namespace bgm::test
