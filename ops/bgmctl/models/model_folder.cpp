#include "ops/bgmctl/models/model_folder.hpp"

#include <algorithm>
#include <array>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/models/file_digest.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

std::optional<ModelLock> lock_of(const fs::path& folder) {
    auto lock = read_model_lock(folder);
    return lock ? std::move(*lock) : std::nullopt;
}

std::optional<std::uint64_t> size_of(const fs::path& path) {
    std::error_code failure;
    const std::uintmax_t bytes = fs::file_size(path, failure);
    if (failure) return std::nullopt;
    return bytes;
}

/// True where the pull that wrote the lock has read exactly this file and found it right.
bool read_by_pull(const ManifestFile& file, const std::optional<ModelLock>& lock) {
    const LockedFile* locked = lock ? lock->find(file.path) : nullptr;
    return locked != nullptr && locked->revision == file.revision &&
           (!file.pinned() || locked->sha256 == file.sha256);
}

FileReport look_at_file(const ManifestFile& file, const fs::path& folder,
                        const std::optional<ModelLock>& lock) {
    FileReport report{.path = file.path, .sha256 = {}, .message = {}};
    const fs::path path = folder / file.path;
    const auto bytes = size_of(path);
    if (!bytes) {
        const auto fetched = size_of(fs::path(path) += kPartialSuffix);
        report.bytes = fetched.value_or(0);
        report.standing = fetched ? FileStanding::partial : FileStanding::absent;
        report.message = fetched ? "is only half downloaded" : "is missing";
        return report;
    }
    report.bytes = *bytes;
    const auto expected = expectation(file, lock);
    if (expected && expected->bytes != *bytes) {
        report.standing = FileStanding::wrong_size;
        report.message =
            "has " + std::to_string(*bytes) + " bytes, expected are " + std::to_string(expected->bytes);
    } else {
        report.standing = read_by_pull(file, lock) ? FileStanding::verified : FileStanding::unverified;
    }
    return report;
}

void verify_file(const ManifestFile& file, const fs::path& path, const std::optional<Expectation>& expected,
                 const DigestProgress& progress, FileReport& report) {
    auto digest = sha256_of(path, progress);
    if (!digest) {
        report.standing = FileStanding::damaged;
        report.message = digest.error().message;
        return;
    }
    report.sha256 = *digest;
    if (expected && expected->sha256 != *digest) {
        report.standing = FileStanding::wrong_digest;
        report.message = "has the sha256 " + *digest + ", expected is " + expected->sha256 + " (by the " +
                         (expected->source == DigestSource::manifest ? "list of models)" : "folder's lock)");
        return;
    }
    if (fs::path(file.path).extension() == ".safetensors") {
        if (auto whole = check_weight_file(path); !whole) {
            report.standing = FileStanding::damaged;
            report.message = whole.error().message;
            return;
        }
    }
    report.standing = expected ? FileStanding::verified : FileStanding::unpinned;
    if (!expected) report.message = "neither the list of models nor a lock says what it must be";
}

}  // namespace

std::string_view name(FileStanding standing) {
    static constexpr std::array<std::string_view, 8> kNames{
        "absent", "partial", "wrong_size", "wrong_digest", "damaged", "unpinned", "unverified", "verified"};
    return kNames.at(static_cast<std::size_t>(standing));
}

std::uint64_t ModelReport::bytes() const {
    std::uint64_t sum = 0;
    for (const FileReport& file : files)
        sum += file.bytes;
    return sum;
}

std::string_view ModelReport::standing() const {
    const auto all = [&](auto holds) { return std::all_of(files.begin(), files.end(), holds); };
    if (all([](const FileReport& file) { return file.standing == FileStanding::absent; })) return "absent";
    if (all([](const FileReport& file) { return file.standing == FileStanding::verified; }))
        return "verified";
    const bool whole = all([](const FileReport& file) {
        return file.standing == FileStanding::verified || file.standing == FileStanding::unverified ||
               file.standing == FileStanding::unpinned;
    });
    return whole ? "unverified" : "partial";
}

std::optional<Expectation> expectation(const ManifestFile& file, const std::optional<ModelLock>& lock) {
    if (file.pinned()) {
        return Expectation{.bytes = file.bytes, .sha256 = file.sha256, .source = DigestSource::manifest};
    }
    const LockedFile* locked = lock ? lock->find(file.path) : nullptr;
    // The lock of another revision says nothing of this one.
    if (locked == nullptr || locked->revision != file.revision) return std::nullopt;
    return Expectation{.bytes = locked->bytes, .sha256 = locked->sha256, .source = DigestSource::server};
}

ModelReport look_at(const ManifestModel& model, const fs::path& folder) {
    const auto lock = lock_of(folder);
    ModelReport report{.name = model.name, .folder = folder, .files = {}};
    for (const ManifestFile& file : model.files)
        report.files.push_back(look_at_file(file, folder, lock));
    return report;
}

Result<ModelReport> verify(const ManifestModel& model, const fs::path& folder,
                           const VerifyProgress& progress) {
    const auto lock = lock_of(folder);
    ModelReport report = look_at(model, folder);
    for (std::size_t i = 0; i < model.files.size(); ++i) {
        FileReport& file = report.files[i];
        if (file.standing != FileStanding::verified && file.standing != FileStanding::unverified) continue;
        verify_file(
            model.files[i], folder / file.path, expectation(model.files[i], lock),
            [&](std::uint64_t bytes) { progress(file.path, bytes, file.bytes); }, file);
        if (interrupted()) return Error{ErrorCode::unavailable, "stopped", folder.string()};
    }
    return report;
}

}  // namespace bgm
