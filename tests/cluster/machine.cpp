#include "tests/cluster/machine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "tests/cluster/world.hpp"
#include "tests/eventually.hpp"

extern char** environ;

namespace bgm::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

int own_network() {
    const int fd = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open the network namespace");
    return fd;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words)
        all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

/// Forks and executes; the child is in this network and its output goes there.
pid_t execute(int network, int output, std::vector<std::string> words,
              const std::vector<std::string>& environment) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry)
        all.emplace_back(*entry);
    all.insert(all.end(), environment.begin(), environment.end());
    const std::vector<char*> argv = pointers(words), envp = pointers(all);
    const pid_t child = ::fork();
    if (child < 0) fail("cannot fork");
    if (child > 0) return child;
    // Only calls that are safe in a copy of a process with several threads.
    ::setpgid(0, 0);
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (::setns(network, CLONE_NEWNET) != 0) ::_exit(126);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    ::execve(argv.front(), argv.data(), envp.data());
    ::_exit(127);
}

}  // namespace

Program::Program(Program&& other) noexcept : pid_(std::exchange(other.pid_, 0)), status_(other.status_) {}

Program& Program::operator=(Program&& other) noexcept {
    kill();
    pid_ = std::exchange(other.pid_, 0);
    status_ = other.status_;
    return *this;
}

bool Program::runs() {
    if (pid_ <= 0) return false;
    if (::waitpid(pid_, &status_, WNOHANG) != pid_) return true;
    ::kill(-pid_, SIGKILL);
    pid_ = 0;
    return false;
}

void Program::signal(int number) const {
    if (pid_ > 0) ::kill(-pid_, number);
}

void Program::kill() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
    pid_ = 0;
}

int Program::stop(std::chrono::seconds within) {
    if (pid_ <= 0) return 0;
    ::kill(pid_, SIGTERM);
    if (!eventually([this] { return !runs(); }, within)) {
        kill();
        return -1;
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

Machine::Machine(std::string name, int number, int disk_mib)
    : name_(std::move(name)),
      address_("10.91.0." + std::to_string(number)),
      disk_(World::folder() / name_ / "disk"),
      clock_(World::folder() / name_ / "clock") {
    std::filesystem::create_directories(disk_);
    if (::mount("tmpfs", disk_.c_str(), "tmpfs", 0, ("size=" + std::to_string(disk_mib) + "m").c_str()) != 0)
        fail("cannot mount a disk");
    shift_clock(0);
    const int home = own_network();
    const bool made = ::unshare(CLONE_NEWNET) == 0;
    if (made) network_ = own_network();
    const bool back = ::setns(home, CLONE_NEWNET) == 0;
    ::close(home);
    if (!made || !back) fail("cannot make a network namespace");
    const std::string there = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(network_);
    if (!shell("ip link add " + name_ + " type veth peer name eth0 netns " + there + " && ip link set " +
               name_ + " master hub up && nsenter --net=" + there +
               " sh -c 'ip link set lo up && ip addr add " + address_ +
               "/24 dev eth0 && ip link set eth0 up'"))
        throw std::runtime_error("cannot wire " + name_);
}

Machine::~Machine() {
    shell("ip link del " + name_);
    ::close(network_);
    ::umount2(disk_.c_str(), MNT_DETACH);
}

std::filesystem::path Machine::log(const std::string& name) const {
    return disk_.parent_path() / (name + ".log");
}

std::vector<std::string> Machine::clock_environment() const {
    return {"LD_PRELOAD=" BGM_SHIFTED_CLOCK, "BGM_SHIFTED_CLOCK=" + clock_.string()};
}

std::vector<std::string> Machine::with_clock(const std::vector<std::string>& environment) const {
    std::vector<std::string> all = clock_environment();
    all.insert(all.end(), environment.begin(), environment.end());
    return all;
}

Program Machine::start(const std::string& log_name, const std::vector<std::string>& words,
                       const std::vector<std::string>& environment) const {
    const int output = ::open(log(log_name).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) fail("cannot open a log");
    const pid_t pid = execute(network_, output, words, with_clock(environment));
    ::close(output);
    return Program(pid);
}

std::string Machine::ask(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                         int* exit_code) const {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
    const pid_t pid = execute(network_, ends[1], words, with_clock(environment));
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (exit_code != nullptr) *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return text;
}

void Machine::on_it(const std::function<void()>& call) const {
    const int home = own_network();
    if (::setns(network_, CLONE_NEWNET) != 0) fail("cannot go to " + name_);
    const char* before = std::getenv("TMPDIR");
    const std::string old = before == nullptr ? "" : before;
    ::setenv("TMPDIR", disk_.c_str(), 1);
    ::setenv("LD_PRELOAD", BGM_SHIFTED_CLOCK, 1);
    ::setenv("BGM_SHIFTED_CLOCK", clock_.c_str(), 1);
    const auto leave = [&] {
        old.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", old.c_str(), 1);
        ::unsetenv("LD_PRELOAD");
        ::unsetenv("BGM_SHIFTED_CLOCK");
        ::setns(home, CLONE_NEWNET);
        ::close(home);
    };
    try {
        call();
    } catch (...) {
        leave();
        throw;
    }
    leave();
}

void Machine::pull_out() const {
    if (!shell("ip link set " + name_ + " down")) throw std::runtime_error("cannot pull out " + name_);
}

void Machine::put_in() const {
    if (!shell("ip link set " + name_ + " up")) throw std::runtime_error("cannot put in " + name_);
}

void Machine::fill_disk(int free_mib) const {
    const int fd = ::open((disk_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) fail("cannot fill the disk of " + name_);
    const std::vector<char> zeros(1 << 20);
    const auto room = [&] {
        return std::filesystem::space(disk_).available > (std::uintmax_t(free_mib) << 20U);
    };
    for (std::size_t size = zeros.size(); size > 0; size /= 2) {
        while (room() && ::write(fd, zeros.data(), size) == static_cast<ssize_t>(size)) {
        }
    }
    ::close(fd);
}

void Machine::free_disk() const {
    std::error_code ignored;
    std::filesystem::remove(disk_ / "ballast", ignored);
}

void Machine::shift_clock(double seconds) const {
    const int fd = ::open(clock_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const auto nanoseconds = static_cast<std::int64_t>(seconds * 1e9);
    const bool written = ::pwrite(fd, &nanoseconds, sizeof nanoseconds, 0) == sizeof nanoseconds;
    ::close(fd);
    if (!written) fail("cannot shift the clock of " + name_);
}

bool listens(const std::string& address, int port) {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &peer.sin_addr);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0;
    if (!connected && errno == EINPROGRESS) {
        pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
        int error = 0;
        socklen_t size = sizeof error;
        connected = ::poll(&waiting, 1, 200) > 0 &&
                    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    }
    ::close(fd);
    return connected;
}

}  // namespace bgm::test
