#include "ops/bgmctl/input/mapped_text.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace bgm {

Result<MappedText> MappedText::open(const std::string& path) {
    // Without O_NONBLOCK a pipe of that name would block here for ever.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        const int reason = errno;
        return Error{reason == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable, std::strerror(reason),
                     path};
    }
    struct stat facts {};
    MappedText mapped;
    Status status = ok_status();
    if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        status = Error{ErrorCode::unsupported, "not a regular file", path};
    } else if (facts.st_size > 0) {
        const auto size = static_cast<std::size_t>(facts.st_size);
        void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (data == MAP_FAILED) {
            status = Error{ErrorCode::unavailable, std::strerror(errno), path};
        } else {
            mapped.data_ = static_cast<const char*>(data);
            mapped.size_ = size;
        }
    }
    ::close(file);
    if (!status) return status.error();
    return mapped;
}

MappedText::MappedText(MappedText&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedText& MappedText::operator=(MappedText&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedText::~MappedText() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace bgm
