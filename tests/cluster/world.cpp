#include "tests/cluster/world.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace bgm::test {
namespace {

pid_t inside = 0;
void end_inside(int) {
    ::kill(inside, SIGKILL);
}

}  // namespace

std::string World::why_not_;
std::filesystem::path World::folder_;

const std::string& World::why_not() {
    return why_not_;
}
const std::filesystem::path& World::folder() {
    return folder_;
}

bool shell(const std::string& command) {
    return std::system(("PATH=$PATH:/usr/sbin:/sbin; { " + command + "; } >/dev/null 2>&1").c_str()) == 0;
}

int World::run(const std::function<int()>& tests) {
    // Short: sockets lie below it.
    std::string pattern = "/tmp/bgm-world-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder_ = pattern;
    if (::unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) != 0)
        why_not_ = "this host gives no namespaces for processes and networks";
    inside = ::fork();
    if (inside == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (why_not_.empty() &&
            (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
             ::mount("proc", "/proc", "proc", 0, nullptr) != 0 ||
             !shell("ip link set lo up && ip link add hub type bridge && ip addr add 10.91.0.1/24 dev hub && "
                    "ip link set hub up")))
            why_not_ = "this host gives no bridge between network namespaces";
        const int status = tests();
        // Whoever is still there ends with this process, the first one of its namespace.
        std::exit(status);
    }
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        std::signal(number, end_inside);
    int status = 0;
    while (::waitpid(inside, &status, 0) < 0 && errno == EINTR) {
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace bgm::test
