#include "ops/bgmctl/models/model_pull.hpp"

#include <optional>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/models/file_digest.hpp"
#include "ops/bgmctl/models/model_folder.hpp"
#include "ops/bgmctl/models/partial_file.hpp"
#include "schemas/descriptor.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

// Left free on the disk beyond what the files take.
constexpr std::uint64_t kRoomToSpare = 16 << 20;

/// One file, with all that is known of what it must be.
struct Wanted {
    const ManifestFile* file = nullptr;
    std::uint64_t bytes = 0;
    std::string digest;  // SHA-256, or a git blob's SHA-1
    DigestSource source = DigestSource::manifest;
    bool there = false;
    std::string sha256;  // of what is there
};

class Pull {
 public:
    Pull(Downloader& server, const ManifestModel& model, const fs::path& folder, const PullProgress& progress)
        : server_(server), model_(model), folder_(folder), progress_(progress) {}

    Result<std::vector<PulledFile>> run();

 private:
    Result<Wanted> find_out(const ManifestFile& file, const std::optional<ModelLock>& lock);
    Status look_at_disk(Wanted& wanted);
    Status check_room(const std::vector<Wanted>& all) const;
    Status fetch(Wanted& wanted);
    Status fetch_bytes(const Wanted& wanted, bool& continued);
    Status put_in_place(const Wanted& wanted) const;
    Result<std::string> digest(const Wanted& wanted, const fs::path& path);

    fs::path path_of(const Wanted& wanted) const { return folder_ / wanted.file->path; }
    fs::path partial_of(const Wanted& wanted) const { return fs::path(path_of(wanted)) += kPartialSuffix; }

    Downloader& server_;
    const ManifestModel& model_;
    const fs::path& folder_;
    const PullProgress& progress_;
};

/// Percent-encoded for an address. A ref's slashes are encoded too, those of a path are not.
std::string encoded(std::string_view text, bool keep_slashes) {
    std::string address;
    for (const unsigned char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~' || (c == '/' && keep_slashes);
        if (plain) {
            address += static_cast<char>(c);
        } else {
            address += '%';
            address += "0123456789ABCDEF"[c >> 4U];
            address += "0123456789ABCDEF"[c & 15U];
        }
    }
    return address;
}

std::string address_of(const ManifestModel& model, const ManifestFile& file) {
    return encoded(model.repository, true) + "/resolve/" + encoded(file.revision, false) + "/" +
           encoded(file.path, true);
}

std::uint64_t size_or_0(const fs::path& path) {
    std::error_code failure;
    const std::uintmax_t bytes = fs::file_size(path, failure);
    return failure ? 0 : bytes;
}

Error at(const fs::path& path, const std::error_code& failure) {
    return Error{
        failure == std::errc::no_space_on_device ? ErrorCode::resource_exhausted : ErrorCode::unavailable,
        failure.message(), path.string()};
}

Result<Wanted> Pull::find_out(const ManifestFile& file, const std::optional<ModelLock>& lock) {
    Wanted wanted;
    wanted.file = &file;
    if (const auto expected = expectation(file, lock)) {
        wanted.bytes = expected->bytes;
        wanted.digest = expected->sha256;
        wanted.source = expected->source;
        return wanted;
    }
    auto announced = server_.announce(address_of(model_, file));
    if (!announced) return announced.error();
    if (announced->bytes > kModelFileBytesMax) {
        return Error{
            ErrorCode::corrupt,
            "the server says that it has " + std::to_string(announced->bytes) + " bytes, which cannot be",
            file.path};
    }
    if (announced->digest.empty()) {
        return Error{ErrorCode::unsupported,
                     "neither the list of models nor the server says what digest it must have; fetch it from "
                     "https://huggingface.co, or add bytes and sha256 to a list of your own (--manifest)",
                     file.path};
    }
    wanted.bytes = announced->bytes;
    wanted.digest = announced->digest;
    wanted.source = DigestSource::server;
    return wanted;
}

Result<std::string> Pull::digest(const Wanted& wanted, const fs::path& path) {
    if (!is_sha256(wanted.digest)) {
        auto blob = git_blob_of(path);
        if (!blob || *blob != wanted.digest) return blob;
    }
    return sha256_of(path, [&](std::uint64_t bytes) {
        if (progress_.step) progress_.step(wanted.file->path, bytes, wanted.bytes);
    });
}

/// Whether the file is there already, and right.
Status Pull::look_at_disk(Wanted& wanted) {
    const fs::path path = path_of(wanted);
    std::error_code failure;
    if (!fs::is_regular_file(path, failure) || size_or_0(path) != wanted.bytes) return ok_status();
    auto read = digest(wanted, path);
    if (!read) return read.error();
    wanted.there = is_sha256(wanted.digest) ? *read == wanted.digest : is_sha256(*read);
    wanted.sha256 = *read;
    return ok_status();
}

Status Pull::check_room(const std::vector<Wanted>& all) const {
    std::uint64_t needed = 0;
    for (const Wanted& wanted : all) {
        const std::uint64_t here = size_or_0(partial_of(wanted));
        if (!wanted.there && here < wanted.bytes) needed += wanted.bytes - here;
    }
    if (needed == 0) return ok_status();
    std::error_code failure;
    const fs::space_info room = fs::space(folder_, failure);
    if (failure || room.available >= needed + kRoomToSpare) return ok_status();
    return Error{ErrorCode::resource_exhausted,
                 "the disk has " + size_text(room.available) + " free, and " + size_text(needed) +
                     " are to be fetched",
                 folder_.string()};
}

/// Goes on through broken connections as long as each brings something.
Status Pull::fetch_bytes(const Wanted& wanted, bool& continued) {
    DownloadJob job{.path = address_of(model_, *wanted.file),
                    .partial = partial_of(wanted),
                    .bytes = wanted.bytes,
                    .sha256 = is_sha256(wanted.digest) ? wanted.digest : std::string(),
                    .progress = {}};
    if (progress_.step) {
        job.progress = [&](std::uint64_t bytes) { progress_.step(wanted.file->path, bytes, wanted.bytes); };
    }
    while (true) {
        const std::uint64_t before = size_or_0(job.partial);
        continued = continued || before > 0;
        auto fetched = server_.fetch(job);
        if (fetched || interrupted() || fetched.error().code != ErrorCode::unavailable) return fetched;
        if (size_or_0(job.partial) <= before) return fetched;
    }
}

Status Pull::fetch(Wanted& wanted) {
    std::error_code failure;
    fs::create_directories(path_of(wanted).parent_path(), failure);
    if (failure) return at(path_of(wanted).parent_path(), failure);
    while (true) {
        bool continued = false;
        if (auto fetched = fetch_bytes(wanted, continued); !fetched) return fetched;
        auto read = digest(wanted, partial_of(wanted));
        if (!read) return read.error();
        const bool right = is_sha256(wanted.digest) ? *read == wanted.digest : is_sha256(*read);
        if (right) {
            wanted.sha256 = *read;
            break;
        }
        forget_partial(partial_of(wanted));
        if (continued) continue;  // the parts may be of two versions: once more, from the beginning
        return Error{ErrorCode::corrupt,
                     "what arrived has the digest " + *read + ", expected is " + wanted.digest + " (by the " +
                         (wanted.source == DigestSource::manifest ? "list of models" : "server") +
                         "); it was thrown away, nothing was replaced",
                     path_of(wanted).string()};
    }
    if (fs::path(wanted.file->path).extension() == ".safetensors") {
        if (auto whole = check_weight_file(partial_of(wanted)); !whole) {
            forget_partial(partial_of(wanted));
            return Error{whole.error().code, whole.error().message, path_of(wanted).string()};
        }
    }
    return put_in_place(wanted);
}

Status Pull::put_in_place(const Wanted& wanted) const {
    const fs::path path = path_of(wanted);
    std::error_code failure;
    fs::rename(partial_of(wanted), path, failure);
    if (failure) return at(path, failure);
    forget_partial(partial_of(wanted));
    (void)sync_folder(path.parent_path().c_str());
    return ok_status();
}

Result<std::vector<PulledFile>> Pull::run() {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    if (failure) return at(folder_, failure);
    auto read = read_model_lock(folder_);
    const std::optional<ModelLock> lock = read ? std::move(*read) : std::nullopt;

    std::vector<Wanted> all;
    for (const ManifestFile& file : model_.files) {
        auto wanted = find_out(file, lock);
        if (!wanted) return wanted.error();
        if (auto looked = look_at_disk(*wanted); !looked) return looked.error();
        all.push_back(std::move(*wanted));
    }
    if (auto room = check_room(all); !room) return room.error();

    std::vector<PulledFile> pulled;
    ModelLock now{.repository = model_.repository, .files = {}};
    for (Wanted& wanted : all) {
        if (!wanted.there) {
            if (auto fetched = fetch(wanted); !fetched) return fetched.error();
        }
        pulled.push_back({.file = {.path = wanted.file->path,
                                   .bytes = wanted.bytes,
                                   .sha256 = wanted.sha256,
                                   .revision = wanted.file->revision,
                                   .source = wanted.source},
                          .fetched = !wanted.there});
        now.files.push_back(pulled.back().file);
        if (progress_.done) progress_.done(pulled.back());
    }
    if (lock && *lock == now) return pulled;  // a folder that is whole may be one that cannot be written to
    if (auto written = write_model_lock(folder_, now); !written) return written.error();
    return pulled;
}

}  // namespace

Result<std::vector<PulledFile>> pull(Downloader& server, const ManifestModel& model, const fs::path& folder,
                                     const PullProgress& progress) {
    return Pull(server, model, folder, progress).run();
}

}  // namespace bgm
