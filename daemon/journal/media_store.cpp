#include "daemon/journal/media_store.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "daemon/base/clock.hpp"
#include "daemon/base/this_thread.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kErasedTogether = 8;
constexpr std::size_t kReaders = 4;  // a large file, or a slow disk, does not hold up the small ones

Error io_error(const std::string& what) {
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT || code == EIO || code == EMFILE || code == ENFILE;
    return {.code = full ? ErrorCode::resource_exhausted : ErrorCode::internal,
            .message = what + ": " + std::system_category().message(code)};
}

Result<ReadMedia> read_one(const MediaStore::Load& load, bool with_digest) {
    try {
        auto bytes = load();
        if (!bytes) return bytes.error();
        std::string digest = with_digest ? sha256(bytes->view()) : std::string();
        return ReadMedia{.bytes = std::move(*bytes), .digest = std::move(digest)};
    } catch (const std::bad_alloc&) {
        return Error{.code = ErrorCode::resource_exhausted, .message = "no memory to read the media into"};
    }
}

MediaStore::Stored digests_of(const Frames& frames) {
    MediaStore::Stored stored;
    for (const Frame& frame : frames)
        stored.digests.push_back(sha256(frame.view()));
    return stored;
}

std::int64_t bytes_below(const fs::path& directory) {
    std::int64_t bytes = 0;
    std::error_code error;
    for (auto entry = fs::recursive_directory_iterator(directory, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code gone;
        const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
        if (!gone) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
}

}  // namespace

Result<std::unique_ptr<MediaStore>> MediaStore::open(const fs::path& directory, const fs::path& media_root,
                                                     std::int64_t stored_bytes_max, int readers_nice,
                                                     bool synced) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (!error) fs::permissions(directory, fs::perms::owner_all, error);
    if (error)
        return Error{.code = ErrorCode::unavailable, .message = directory.string() + ": " + error.message()};
    int root_fd = -1;
    if (!media_root.empty()) {
        root_fd = ::open(media_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
            return Error{.code = ErrorCode::invalid_argument,
                         .message = media_root.string() + ": " +
                                    std::error_code(errno, std::system_category()).message(),
                         .field = "media.root"};
    }
    return std::unique_ptr<MediaStore>(
        new MediaStore(directory, root_fd, stored_bytes_max, readers_nice, synced));
}

MediaStore::MediaStore(fs::path directory, int root_fd, std::int64_t stored_bytes_max, int readers_nice,
                       bool synced)
    : directory_(std::move(directory)),
      root_fd_(root_fd),
      stored_bytes_max_(stored_bytes_max),
      synced_(synced),
      stored_bytes_(bytes_below(directory_)),
      next_folder_(static_cast<std::uint64_t>(now_ms()) << 20U),
      writer_([this](const std::stop_token& stop) { write_and_erase(stop); }) {
    for (std::size_t i = 0; i < kReaders; ++i) {
        readers_.emplace_back([this, readers_nice](const std::stop_token& stop) {
            nice_this_thread(readers_nice);
            read_what_is_asked(stop);
        });
    }
}

MediaStore::~MediaStore() {
    for (std::jthread& reader : readers_)
        reader.request_stop();
    readers_.clear();
    writer_.request_stop();
    writer_.join();
    if (root_fd_ >= 0) close(root_fd_);
}

bool MediaStore::store(Frames frames, std::size_t queue_bytes_max, Done done) {
    return add(
        {.frames = std::make_shared<const Frames>(std::move(frames)), .bytes = 0, .done = std::move(done)},
        queue_bytes_max);
}

bool MediaStore::digest(std::shared_ptr<const Frames> frames, std::size_t queue_bytes_max, Done done) {
    return add({.frames = std::move(frames), .stored = false, .bytes = 0, .done = std::move(done)},
               queue_bytes_max);
}

bool MediaStore::add(Order order, std::size_t queue_bytes_max) {
    for (const Frame& frame : *order.frames)
        order.bytes += frame.size();
    {
        const MutexLock lock(mutex_);
        if (queue_bytes_ + order.bytes > queue_bytes_max) return false;
        queue_bytes_ += order.bytes;
        queue_.push_back(std::move(order));
    }
    arrived_.notify_one();
    return true;
}

void MediaStore::write_and_erase(const std::stop_token& stop) {
    while (true) {
        std::vector<Order> orders;
        {
            MutexLock lock(mutex_);
            arrived_.wait(lock, stop,
                          [this]() BGM_REQUIRES(mutex_) { return !queue_.empty() || !erasures_.empty(); });
            if (queue_.empty() && erasures_.empty()) return;
            orders.swap(queue_);
        }
        for (Order& order : orders) {
            order.done(order.stored ? write(*order.frames) : digests_of(*order.frames));
            order.frames.reset();
            const MutexLock lock(mutex_);
            queue_bytes_ -= order.bytes;
        }
        erase_some(kErasedTogether);  // few: a post may wait for its ack by now
    }
}

Result<MediaStore::Stored> MediaStore::write(const Frames& frames) {
    Stored stored{.folder = std::to_string(next_folder_++), .digests = {}};
    std::int64_t bytes = 0;
    for (const Frame& frame : frames)
        bytes += static_cast<std::int64_t>(frame.size());
    // Room that will be there is made now.
    if (stored_bytes_ + bytes > stored_bytes_max_) erase_some(SIZE_MAX);
    if (stored_bytes_ + bytes > stored_bytes_max_) {
        return Error{.code = ErrorCode::resource_exhausted, .message = "too much inline media waits already"};
    }
    const fs::path folder = directory_ / stored.folder;
    if (mkdir(folder.c_str(), S_IRWXU) != 0) return io_error("media cannot be stored");
    std::int64_t counted = 0;
    const auto fail = [&](Error error) {
        stored_bytes_ += bytes_below(folder) - counted;  // a file may have been written in part
        erase_now(stored.folder);
        return error;
    };
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const Descriptor file(::open((folder / std::to_string(i)).c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!file.ok()) return fail(io_error("media cannot be stored"));
        if (!file.write(frames[i].view()) || (synced_ && !file.sync()))
            return fail(io_error("media cannot be stored"));
        stored_bytes_ += static_cast<std::int64_t>(frames[i].size());
        counted += static_cast<std::int64_t>(frames[i].size());
        stored.digests.push_back(sha256(frames[i].view()));
    }
    for (const fs::path& entry : {folder, directory_}) {
        if (synced_ && !sync_folder(entry.c_str())) return fail(io_error("media cannot be stored"));
    }
    return stored;
}

void MediaStore::erase(std::string_view folder) const {
    if (folder.empty()) return;
    {
        const MutexLock lock(mutex_);
        erasures_.emplace_back(folder);
    }
    arrived_.notify_one();
}

void MediaStore::erase_some(std::size_t folders) const {
    for (; folders > 0; --folders) {
        std::string folder;
        {
            const MutexLock lock(mutex_);
            if (erasures_.empty()) return;
            folder = std::move(erasures_.front());
            erasures_.pop_front();
        }
        erase_now(folder);
    }
}

void MediaStore::erase_now(std::string_view folder) const {
    const std::int64_t bytes = bytes_below(directory_ / folder);
    std::error_code error;
    if (fs::remove_all(directory_ / folder, error) > 0 && !error) stored_bytes_ -= bytes;
}

void MediaStore::erase_all_but(const std::unordered_set<std::string>& folders) const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
        const std::string folder = entry.path().filename().string();
        if (!folders.contains(folder)) erase_now(folder);
    }
}

void MediaStore::read(Load load, bool with_digest, ReadDone done) {
    bool full = false;
    {
        const MutexLock lock(reads_mutex_);
        full = reads_.size() >= kReadsWaitingMax;
        if (!full)
            reads_.push_back({.load = std::move(load), .with_digest = with_digest, .done = std::move(done)});
    }
    if (full)
        return done(Error{.code = ErrorCode::unavailable, .message = "the disk does not answer any more"});
    read_asked_.notify_one();
}

void MediaStore::read_what_is_asked(const std::stop_token& stop) {
    while (true) {
        ReadOrder order;
        {
            MutexLock lock(reads_mutex_);
            read_asked_.wait(lock, stop, [this]() BGM_REQUIRES(reads_mutex_) { return !reads_.empty(); });
            if (stop.stop_requested()) return;
            order = std::move(reads_.front());
            reads_.pop_front();
        }
        order.done(read_one(order.load, order.with_digest));
    }
}

// Plain reads, no mapping: a stranger's file may shrink while it is read, and a mapping would then raise
// SIGBUS.
Result<Frame> MediaStore::read_open_file(const Descriptor& file, std::size_t bytes_max) {
    struct stat info {};
    if (fstat(file.get(), &info) != 0) return io_error("media cannot be read");
    if (!S_ISREG(info.st_mode))
        return Error{.code = ErrorCode::unsupported, .message = "is not a regular file"};
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0) return Error{.code = ErrorCode::corrupt, .message = "the file is empty"};
    if (size > bytes_max) {
        return Error{.code = ErrorCode::too_large,
                     .message = "the file has " + std::to_string(size) + " bytes, more than the limit of " +
                                std::to_string(bytes_max)};
    }
    auto buffer = std::make_shared<std::vector<std::byte>>(size);
    std::size_t filled = 0;
    while (filled < size) {
        const ssize_t got = ::read(file.get(), buffer->data() + filled, size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error("media cannot be read");
        if (got == 0)
            return Error{.code = ErrorCode::corrupt, .message = "the file shrank while it was read"};
        filled += static_cast<std::size_t>(got);
    }
    const std::span<const std::byte> bytes(*buffer);
    return Frame(bytes, [buffer]() mutable { buffer.reset(); });
}

Result<Frame> MediaStore::read_inline(std::string_view folder, std::uint32_t frame) const {
    const fs::path path = directory_ / folder / std::to_string(frame);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.ok()) return Error{.code = ErrorCode::not_found, .message = "the inline media is gone"};
    return read_open_file(file, SIZE_MAX);
}

Result<Frame> MediaStore::read_file(const std::string& path, std::size_t bytes_max) const {
    if (root_fd_ < 0)
        return Error{.code = ErrorCode::unsupported,
                     .message = "file: URIs are turned off (media.root is not set)"};
    open_how how{};
    // Not blocking: opening a FIFO that somebody left below the root would wait for a writer.
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const Descriptor file(static_cast<int>(syscall(SYS_openat2, root_fd_, path.c_str(), &how, sizeof how)));
    if (file.ok()) return read_open_file(file, bytes_max);
    if (errno == EXDEV || errno == ELOOP) {
        return Error{.code = ErrorCode::invalid_argument, .message = "leads out of the media root"};
    }
    if (errno == ENXIO) return Error{.code = ErrorCode::unsupported, .message = "is not a regular file"};
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) {
        return Error{.code = ErrorCode::not_found, .message = "no such file below the media root"};
    }
    return io_error("the file cannot be opened");
}

}  // namespace bgm
