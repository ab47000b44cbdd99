#include "ops/bgmctl/models/partial_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace bgm {
namespace {

namespace fs = std::filesystem;

fs::path version_path(const fs::path& partial) {
    return fs::path(partial) += ".etag";
}

}  // namespace

Result<PartialFile> PartialFile::open(const fs::path& path) {
    PartialFile partial(path);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0) return partial.failure(errno);
    struct stat facts {};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0 || ::fstat(file, &facts) != 0) {
        const int reason = errno;
        ::close(file);
        if (reason != EWOULDBLOCK) return partial.failure(reason);
        return Error{ErrorCode::unavailable, "another process is fetching it", path.string()};
    }
    partial.file_ = file;
    partial.bytes_ = static_cast<std::uint64_t>(facts.st_size);
    if (partial.bytes_ > 0) {
        std::ifstream version(version_path(path));
        std::getline(version, partial.version_);
    }
    return partial;
}

PartialFile::PartialFile(PartialFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      version_(std::move(other.version_)) {}

PartialFile& PartialFile::operator=(PartialFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    std::swap(bytes_, other.bytes_);
    std::swap(version_, other.version_);
    return *this;
}

PartialFile::~PartialFile() {
    if (file_ < 0) return;
    if (bytes_ == 0) forget_partial(path_);  // nothing to go on with
    ::close(file_);
}

Error PartialFile::failure(int reason) const {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    return Error{full ? ErrorCode::resource_exhausted : ErrorCode::unavailable, std::strerror(reason),
                 path_.string()};
}

Status PartialFile::begin_anew(const std::string& version) {
    if (::ftruncate(file_, 0) != 0) return failure(errno);
    bytes_ = 0;
    version_ = version;
    std::error_code ignored;
    if (version.empty()) {
        fs::remove(version_path(path_), ignored);
    } else {
        std::ofstream(version_path(path_), std::ios::trunc) << version << '\n';
    }
    return ok_status();
}

Status PartialFile::append(std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(file_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        bytes_ += static_cast<std::uint64_t>(count);
    }
    return ok_status();
}

Status PartialFile::sync() {
    return ::fsync(file_) == 0 ? ok_status() : Status(failure(errno));
}

void forget_partial(const fs::path& path) {
    std::error_code ignored;
    fs::remove(version_path(path), ignored);
    fs::remove(path, ignored);
}

}  // namespace bgm
