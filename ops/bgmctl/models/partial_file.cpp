#include "ops/bgmctl/models/partial_file.hpp"

#include <sys/file.h>
#include <sys/stat.h>

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
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file.ok()) return partial.failure(errno);
    struct stat facts {};
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(file.get(), &facts) != 0) {
        if (errno != EWOULDBLOCK) return partial.failure(errno);
        return Error{ErrorCode::unavailable, "another process is fetching it", path.string()};
    }
    partial.file_ = std::move(file);
    partial.bytes_ = static_cast<std::uint64_t>(facts.st_size);
    if (partial.bytes_ > 0) {
        std::ifstream version(version_path(path));
        std::getline(version, partial.version_);
    }
    return partial;
}

PartialFile::~PartialFile() {
    if (file_.ok() && bytes_ == 0) forget_partial(path_);  // nothing to go on with
}

Error PartialFile::failure(int reason) const {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    return Error{full ? ErrorCode::resource_exhausted : ErrorCode::unavailable, std::strerror(reason),
                 path_.string()};
}

Status PartialFile::begin_anew(const std::string& version) {
    if (::ftruncate(file_.get(), 0) != 0) return failure(errno);
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
        const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        bytes_ += static_cast<std::uint64_t>(count);
    }
    return ok_status();
}

Status PartialFile::sync() {
    return file_.sync() ? ok_status() : Status(failure(errno));
}

void forget_partial(const fs::path& path) {
    std::error_code ignored;
    fs::remove(version_path(path), ignored);
    fs::remove(path, ignored);
}

}  // namespace bgm
