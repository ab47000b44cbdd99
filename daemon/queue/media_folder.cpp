#include "daemon/queue/media_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "daemon/journal/media_store.hpp"
#include "schemas/sha256.hpp"

namespace bgm {
namespace {

constexpr std::string_view kPart = ".part";
constexpr std::string_view kNew = ".new";
constexpr std::string_view kProbe = ".probe";
constexpr std::size_t kNameDigits = 64;

Error trouble(const std::string& what) {
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
    return {.code = full ? ErrorCode::resource_exhausted : ErrorCode::unavailable,
            .message = what + ": " + std::system_category().message(code),
            .field = "queue.media_folder"};
}

Error changed(std::string message) {
    return {.code = ErrorCode::corrupt, .message = std::move(message)};
}

std::string with(const std::string& name, std::string_view suffix) {
    return name + std::string(suffix);
}

Descriptor open_file(const Descriptor& folder, const std::string& name) {
    // Not blocking: a FIFO of that name would wait for a writer.
    return Descriptor(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

// Written and synced, under no name but this one.
Result<struct stat> create(const Descriptor& folder, const std::string& name, std::string_view bytes) {
    struct stat info {};
    const Descriptor file(::openat(folder.get(), name.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.ok()) return trouble("cannot be written");
    if (file.write(bytes) && file.sync() && ::fstat(file.get(), &info) == 0) return info;
    const Error error = trouble("cannot be written");
    (void)::unlinkat(folder.get(), name.c_str(), 0);
    return error;
}

bool is_name(std::string_view text) {
    return text.size() == kNameDigits && std::ranges::all_of(text, [](char digit) {
               return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
           });
}

bool is_transient(std::string_view name) {
    if (name.ends_with(kProbe)) return true;
    for (const std::string_view suffix : {kPart, kNew}) {
        if (name.ends_with(suffix) && is_name(name.substr(0, name.size() - suffix.size()))) return true;
    }
    return false;
}

}  // namespace

Result<Descriptor> MediaFolder::open() const {
    Descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.ok()) return trouble(path_ + " cannot be opened");
    struct stat info {};
    if (::fstat(folder.get(), &info) != 0) return trouble(path_ + " cannot be looked at");
    const auto refused = [&](const char* why) {
        return Error{
            .code = ErrorCode::unavailable, .message = path_ + " " + why, .field = "queue.media_folder"};
    };
    if (info.st_uid != ::geteuid()) return refused("is not owned by bgmd's user");
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) return refused("is open to others; its mode must be 0700");
    return folder;
}

Status MediaFolder::check() const {
    auto folder = open();
    return folder ? ok_status() : Status(folder.error());
}

Result<std::chrono::seconds> MediaFolder::probe(const std::string& name) const {
    auto folder = open();
    if (!folder) return folder.error();
    const std::string file = with(name, kProbe);
    (void)::unlinkat(folder->get(), file.c_str(), 0);
    auto created = create(*folder, file, "1");
    if (!created) return created.error();
    (void)::unlinkat(folder->get(), file.c_str(), 0);
    return std::chrono::seconds(created->st_mtim.tv_sec);
}

Status MediaFolder::write(const std::string& name, std::string_view bytes) const {
    auto folder = open();
    if (!folder) return folder.error();
    const std::string part = with(name, kPart);
    const std::string whole = with(name, kNew);
    if (auto created = create(*folder, part, bytes); !created) return created.error();
    if (::renameat(folder->get(), part.c_str(), folder->get(), whole.c_str()) == 0 && folder->sync())
        return ok_status();
    const Error error = trouble("cannot be written");
    for (const std::string& file : {part, whole})
        (void)::unlinkat(folder->get(), file.c_str(), 0);
    return error;
}

Status MediaFolder::keep(std::span<const std::string> names) const {
    auto folder = open();
    if (!folder) return folder.error();
    for (const std::string& name : names) {
        if (::renameat(folder->get(), with(name, kNew).c_str(), folder->get(), name.c_str()) != 0 &&
            errno != ENOENT)
            return trouble("cannot be kept");
    }
    return folder->sync() ? ok_status() : Status(trouble("cannot be kept"));
}

Result<Frame> MediaFolder::read(const NamedMedia& media) const {
    auto folder = open();
    if (!folder) return folder.error();
    const auto unreadable = [](const std::string& why) {
        return Error{.code = ErrorCode::not_found, .message = "cannot be read in queue.media_folder: " + why};
    };
    // Its sender may rename it between two looks.
    Descriptor file = open_file(*folder, media.name);
    if (!file.ok() && errno == ENOENT) file = open_file(*folder, with(media.name, kNew));
    if (!file.ok() && errno == ENOENT) file = open_file(*folder, media.name);
    if (!file.ok()) {
        const int code = errno;
        if (code == ELOOP || code == ENXIO) return changed("is not a regular file");
        if (code != ENOENT) return unreadable(std::system_category().message(code));
        return Error{.code = ErrorCode::not_found, .message = "is not in queue.media_folder"};
    }
    struct stat info {};
    if (::fstat(file.get(), &info) == 0) {
        if (!S_ISREG(info.st_mode)) return changed("is not a regular file");
        if (static_cast<std::uint64_t>(info.st_size) != media.bytes)
            return changed("has " + std::to_string(info.st_size) + " bytes in queue.media_folder, and " +
                           std::to_string(media.bytes) + " in its message");
    }
    auto bytes = MediaStore::read_open_file(file, media.bytes);
    if (!bytes) {
        if (!retryable(bytes.error().code)) return changed(bytes.error().message);
        return unreadable(bytes.error().message);
    }
    if (sha256(bytes->view()) != media.digest) return changed("has changed in queue.media_folder");
    return bytes;
}

Status MediaFolder::erase(std::span<const std::string> names) const {
    auto folder = open();
    if (!folder) return folder.error();
    for (const std::string& name : names) {
        // In this order: it may be kept between the two.
        for (const std::string& file : {with(name, kNew), name}) {
            if (::unlinkat(folder->get(), file.c_str(), 0) != 0 && errno != ENOENT)
                return trouble("cannot be erased");
        }
    }
    return folder->sync() ? ok_status() : Status(trouble("cannot be erased"));
}

Result<MediaFolder::Swept> MediaFolder::sweep(std::chrono::seconds before) const {
    auto folder = open();
    if (!folder) return folder.error();
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(path_.c_str()), &::closedir);
    if (!list) return trouble("cannot be listed");
    Swept swept;
    while (const dirent* entry = ::readdir(list.get())) {
        struct stat info {};
        if (::fstatat(folder->get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        const bool transient = is_transient(entry->d_name);
        if (!transient && !is_name(entry->d_name)) continue;
        if (transient && info.st_mtim.tv_sec < before.count() &&
            ::unlinkat(folder->get(), entry->d_name, 0) == 0) {
            ++swept.removed;
            continue;
        }
        ++swept.left;
        swept.left_bytes += static_cast<std::uint64_t>(info.st_size);
    }
    return swept;
}

}  // namespace bgm
