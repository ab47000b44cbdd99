#include "tests/end_to_end/worker_host.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace bgm::test {

WorkerKeys::WorkerKeys(const std::vector<std::string>& hosts) {
    std::string pattern = (std::filesystem::temp_directory_path() / "bgmd-keys-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder_ = pattern;
    const auto make = [this](const std::string& name, const std::string& list) {
        const std::string command = std::string(BGM_BINARY_DIR) + "/bgmctl keys worker " + name + " --out '" +
                                    secret_of(name) + "' 2>/dev/null >>'" + list + "'";
        if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot run " + command);
    };
    make("bgmd", server());
    for (const std::string& host : hosts)
        make(host, folder_ / "clients");
}

WorkerKeys::~WorkerKeys() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> WorkerKeys::settings(const std::string& listen) const {
    return {"workers.listen=" + listen, "workers.curve_secret_file=" + secret_of("bgmd"),
            "workers.curve_clients_file=" + (folder_ / "clients").string()};
}

WorkerHost::~WorkerHost() {
    power_off();
}

void WorkerHost::start() {
    std::vector<std::string> words{std::string(BGM_BINARY_DIR) + "/bgm-worker",
                                   "--name",
                                   "w",
                                   "--modality",
                                   "text",
                                   "--modality",
                                   "image",
                                   "--models",
                                   std::string(BGM_SOURCE_DIR) + "/data/builtin",
                                   "--connect",
                                   options_.connect,
                                   "--key=" + options_.key,
                                   "--server-key",
                                   options_.server_key};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string network = "/proc/" + std::to_string(options_.network_of) + "/ns/net";
    keeper_ = ::fork();
    if (keeper_ < 0) throw std::runtime_error("cannot fork");
    if (keeper_ > 0) return;
    ::setpgid(0, 0);
    // One whose power fails leaves its folder behind.
    ::setenv("TMPDIR", std::filesystem::path(options_.key).parent_path().c_str(), 1);
    if (options_.network_of != 0) {
        const int fd = ::open(network.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0 || ::setns(fd, CLONE_NEWNET) != 0) ::_exit(126);
    }
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

void WorkerHost::power_off() {
    if (keeper_ == 0) return;
    ::kill(-keeper_, SIGKILL);
    ::waitpid(keeper_, nullptr, 0);
    keeper_ = 0;
}

int WorkerHost::leave() {
    ::kill(keeper_, SIGTERM);
    int status = 0;
    ::waitpid(keeper_, &status, 0);
    keeper_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace bgm::test
