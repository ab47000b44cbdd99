// An open file, or whatever else the kernel counts as one, closed when its owner goes.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace bgm {

class Descriptor {
 public:
    Descriptor() = default;
    /// What open() and the like have returned, -1 included.
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }

    bool ok() const { return fd_ >= 0; }
    int get() const { return fd_; }

    /// Every byte, whatever signals come between. False with errno.
    bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }

    /// Until here it would survive a loss of power. False with errno.
    bool sync() const { return ::fsync(fd_) == 0; }

 private:
    int fd_ = -1;
};

/// The names in a folder, too, must survive a loss of power. False with errno.
inline bool sync_folder(const char* path) {
    const Descriptor folder(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.ok() && folder.sync();
}

}  // namespace bgm
