#include "workers/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace bgm {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const auto failed = [&](ErrorCode code, const std::string& why) {
        return Error{.code = code, .message = path.string() + ": " + why, .field = {}};
    };
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed(ErrorCode::not_found, std::generic_category().message(errno));
    struct stat status {};
    const bool plain = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    const auto size = plain ? static_cast<std::size_t>(status.st_size) : 0;
    void* mapping = plain ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
    ::close(descriptor);
    if (!plain) return failed(ErrorCode::corrupt, "empty, or not a plain file");
    if (mapping == MAP_FAILED) return failed(ErrorCode::resource_exhausted, "cannot be mapped into memory");
    return MappedFile(static_cast<const std::byte*>(mapping), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

void MappedFile::release_pages() const {
    // Without the advice the process is only larger than need be.
    if (data_ != nullptr) (void)::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace bgm
