#include "schemas/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace bgm {
namespace {

// A signal handler has no other place to look.
const char* program_name = nullptr;

void say(const char* text) {
    (void)!::write(STDERR_FILENO, text, std::strlen(text));
}

void end_program(int) {
    say(program_name);
    say(": a file was cut short while it was being read, or its disk fails\n");
    ::_exit(1);
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path, bool patient) {
    const auto failed = [&](ErrorCode code, const char* why) {
        return Error{.code = code, .message = why, .field = path.string()};
    };
    // Without O_NONBLOCK a pipe of that name would block here for ever.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (patient ? 0 : O_NONBLOCK));
    if (file < 0) {
        const int reason = errno;
        const bool absent = reason == ENOENT || reason == ENOTDIR;
        return failed(absent ? ErrorCode::not_found : ErrorCode::unavailable, std::strerror(reason));
    }
    struct stat facts {};
    const bool regular = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
    const auto size = regular ? static_cast<std::size_t>(facts.st_size) : 0;
    void* data = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : nullptr;
    const int reason = errno;
    ::close(file);
    if (!regular) return failed(ErrorCode::unsupported, "is not a regular file");
    if (data == MAP_FAILED) return failed(ErrorCode::unavailable, std::strerror(reason));
    return MappedFile(static_cast<const std::byte*>(data), size);
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

void explain_shrunken_files(const char* program) {
    program_name = program;
    std::signal(SIGBUS, end_program);
}

}  // namespace bgm
