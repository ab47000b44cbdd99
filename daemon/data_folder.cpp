#include "daemon/data_folder.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace bgm {
namespace {

namespace fs = std::filesystem;

// One that was killed keeps the lock until the kernel has taken it apart, and its successor may be there
// sooner.
constexpr std::chrono::seconds kLockPatience{2};
constexpr std::chrono::milliseconds kLockPeriod{20};

}  // namespace

Status make_private_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) fs::permissions(path, fs::perms::owner_all, error);
    if (!error) return ok_status();
    return Error{.code = ErrorCode::unavailable, .message = error.message(), .field = path};
}

Result<Descriptor> lock_folder(const std::string& path) {
    Descriptor lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
    const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
    while (lock.ok()) {
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
        if (std::chrono::steady_clock::now() > give_up) break;
        std::this_thread::sleep_for(kLockPeriod);
    }
    return Error{.code = ErrorCode::unavailable, .message = "is in use by another bgmd", .field = path};
}

}  // namespace bgm
