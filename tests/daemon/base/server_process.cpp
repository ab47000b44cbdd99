#include "tests/daemon/base/server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

namespace bgm::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

}  // namespace

Status ServerProcess::start(ServerCommand command) {
    kill();
    const std::vector<char*> arguments = pointers(command.arguments);
    std::vector<char*> own;
    if (command.environment) own = pointers(*command.environment);
    char* const* const environment = command.environment ? own.data() : environ;
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0)
        return Error{.code = ErrorCode::unavailable, .message = std::string("fork: ") + std::strerror(errno)};
    if (child == 0) {
        // Between fork and exec only calls that are safe in a copy of a multi-threaded process.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        const int output = open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(input, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        close_range(STDERR_FILENO + 1, ~0U, 0);
        execve(arguments[0], arguments.data(), environment);
        _exit(127);
    }
    pid_ = child;
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    return ok_status();
}

void ServerProcess::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(pidfd_);
    pid_ = 0;
    pidfd_ = -1;
}

void ServerProcess::stop(int within_ms) {
    if (pid_ <= 0) return;
    thaw();
    ::kill(pid_, SIGTERM);
    (void)ended_within(within_ms);
    kill();
}

int ServerProcess::exit_code() {
    int status = 0;
    if (pid_ <= 0 || waitpid(pid_, &status, 0) != pid_) return -1;
    close(pidfd_);
    pid_ = 0;
    pidfd_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ServerProcess::freeze() const {
    if (pid_ > 0) ::kill(pid_, SIGSTOP);
}

void ServerProcess::thaw() const {
    if (pid_ > 0) ::kill(pid_, SIGCONT);
}

bool ServerProcess::ended_within(int timeout_ms) const {
    if (pid_ <= 0) return true;
    pollfd waiting{.fd = pidfd_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, timeout_ms) > 0;
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

std::string tail_of(const std::string& file) {
    std::ifstream stream(file);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    constexpr std::size_t kTailBytes = 2000;
    return text.size() > kTailBytes ? text.substr(text.size() - kTailBytes) : text;
}

}  // namespace bgm::test
