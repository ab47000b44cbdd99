#include "tests/daemon/base/owned_folder.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace bgm::test {
namespace {

namespace fs = std::filesystem;

void sweep_stale(const fs::path& parent, std::string_view prefix) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        pid_t owner = 0;
        const char* begin = name.data() + prefix.size();
        const auto [end, error] = std::from_chars(begin, name.data() + name.size(), owner);
        if (error != std::errc{} || owner <= 0 || *end != '-') continue;
        if (::kill(owner, 0) == 0 || errno != ESRCH) continue;
        fs::remove_all(entry.path(), ignored);
    }
}

}  // namespace

Result<std::string> make_owned_folder(const fs::path& parent, std::string_view prefix) {
    sweep_stale(parent, prefix);
    std::string pattern = (parent / (std::string(prefix) + std::to_string(getpid()) + "-XXXXXX")).string();
    if (mkdtemp(pattern.data()) == nullptr)
        return Error{.code = ErrorCode::unavailable,
                     .message = "mkdtemp " + pattern + ": " + std::strerror(errno)};
    return pattern;
}

}  // namespace bgm::test
