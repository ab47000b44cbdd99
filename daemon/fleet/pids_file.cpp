#include "daemon/fleet/pids_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "daemon/base/log.hpp"

namespace bgm {
namespace {

bool ours(const std::string& line) {
    return line.starts_with("bgmd ") || line.starts_with("worker-") || line.starts_with("gateway ");
}

}  // namespace

void PidsFile::write(const std::vector<std::pair<std::string, pid_t>>& processes) {
    if (path_.empty()) return;
    const int lock = open((path_ + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    // Whoever holds it may take his time: the loop has none.
    due_ = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (due_) {
        close(lock);
        return;
    }
    if (lock < 0) log_warn("the pids file cannot be locked", {{"file", path_}});
    std::ostringstream lines;
    std::ifstream before(path_);
    for (std::string line; std::getline(before, line);) {
        if (!ours(line)) lines << line << '\n';
    }
    lines << "bgmd " << getpid() << '\n';
    for (const auto& [name, pid] : processes)
        lines << name << ' ' << pid << '\n';
    std::ofstream(path_ + ".new") << lines.str();
    std::error_code error;
    std::filesystem::rename(path_ + ".new", path_, error);
    if (error) log_warn("the pids file cannot be written", {{"file", path_}, {"error", error.message()}});
    if (lock >= 0) close(lock);
}

}  // namespace bgm
