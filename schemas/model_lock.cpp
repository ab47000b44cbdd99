#include "schemas/model_lock.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "schemas/descriptor.hpp"
#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;
constexpr std::uintmax_t kLockBytesMax = 1 << 20;
constexpr std::string_view kWeights = ".safetensors";

Error at(const fs::path& path, ErrorCode code, std::string message) {
    return Error{.code = code, .message = std::move(message), .field = path.string()};
}

ErrorCode code_of(int reason) {
    if (reason == ENOENT || reason == ENOTDIR) return ErrorCode::not_found;
    return reason == ENOSPC || reason == EDQUOT ? ErrorCode::resource_exhausted : ErrorCode::unavailable;
}

/// False where the entry is not what a lock holds.
bool read_entry(const json& entry, LockedFile& file) {
    const auto text = [&](const char* key, std::string& value) {
        const auto found = entry.find(key);
        if (found == entry.end() || !found->is_string()) return false;
        value = found->get<std::string>();
        return true;
    };
    std::string source;
    if (!entry.is_object() || !text("path", file.path) || !text("sha256", file.sha256) ||
        !text("revision", file.revision) || !text("checked_against", source)) {
        return false;
    }
    const auto bytes = entry.find("bytes");
    if (bytes == entry.end() || !bytes->is_number_unsigned()) return false;
    file.bytes = bytes->get<std::uint64_t>();
    if (source == name(DigestSource::server)) {
        file.source = DigestSource::server;
    } else if (source != name(DigestSource::manifest)) {
        return false;
    }
    return stays_below(file.path) && is_sha256(file.sha256);
}

std::string fetch_it(const fs::path& folder) {
    const fs::path last = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    return "`bgmctl models pull " + last.string() + "` fetches what is missing";
}

bool half_fetched(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(fs::path(file) += kPartialSuffix, ignored);
}

Status check_locked(const fs::path& folder, const ModelLock& lock) {
    for (const LockedFile& file : lock.files) {
        const fs::path path = folder / file.path;
        std::error_code failure;
        const std::uintmax_t bytes = fs::file_size(path, failure);
        if (failure) {
            return at(path, ErrorCode::not_found,
                      std::string(half_fetched(path) ? "is only half downloaded; " : "is missing; ") +
                          fetch_it(folder));
        }
        if (bytes != file.bytes) {
            return at(path, ErrorCode::corrupt,
                      "has " + std::to_string(bytes) + " bytes and must have " + std::to_string(file.bytes) +
                          "; " + fetch_it(folder));
        }
    }
    return ok_status();
}

Status no_weights(const fs::path& folder) {
    std::error_code ignored;
    if (half_fetched(folder / "model.safetensors")) {
        return at(folder / "model.safetensors", ErrorCode::not_found,
                  "is only half downloaded; " + fetch_it(folder));
    }
    if (fs::exists(folder / "pytorch_model.bin", ignored)) {
        return at(folder / "model.safetensors", ErrorCode::not_found,
                  "is missing; pytorch_model.bin, which is there, is a pickle and is not read; " +
                      fetch_it(folder));
    }
    return at(folder / "model.safetensors", ErrorCode::not_found, "is missing; " + fetch_it(folder));
}

/// The weight files in the folder (`in_root`) and one folder deeper, as 2_Dense/model.safetensors is.
Status check_weights(const fs::path& folder) {
    bool in_root = false;
    std::error_code failure;
    fs::recursive_directory_iterator entry(folder, failure);
    for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
        if (entry->is_directory(failure)) {
            const bool hidden = entry->path().filename().string().starts_with('.');
            if (hidden || entry.depth() > 0) entry.disable_recursion_pending();
            continue;
        }
        if (entry->path().extension() != kWeights) continue;
        if (auto whole = check_weight_file(entry->path()); !whole) return whole;
        in_root = in_root || entry.depth() == 0;
    }
    if (failure) return at(folder, code_of(failure.value()), failure.message());
    return in_root ? ok_status() : no_weights(folder);
}

}  // namespace

std::string_view name(DigestSource source) {
    return source == DigestSource::manifest ? "manifest" : "server";
}

const LockedFile* ModelLock::find(std::string_view path) const {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const LockedFile& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool stays_below(std::string_view path) {
    if (path.empty() || path.size() > 512 || path.find('\\') != std::string_view::npos) return false;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") return false;
        begin = end + 1;
    }
    return std::none_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::optional<ModelLock>> read_model_lock(const fs::path& folder) {
    const fs::path path = folder / kModelLockName;
    std::error_code failure;
    const std::uintmax_t bytes = fs::file_size(path, failure);
    if (failure == std::errc::no_such_file_or_directory) return std::optional<ModelLock>();
    if (failure) return at(path, ErrorCode::unavailable, failure.message());
    if (bytes > kLockBytesMax) return at(path, ErrorCode::too_large, "is too large for a lock");
    std::ifstream stream(path, std::ios::binary);
    const json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
    const Error corrupt = at(path, ErrorCode::corrupt, "is not a lock that this version understands");
    if (!document.is_object() || document.value("format", json()) != json(kFormat)) return corrupt;
    const json repository = document.value("repository", json());
    const json files = document.value("files", json());
    if (!repository.is_string() || !files.is_array()) return corrupt;
    ModelLock lock{.repository = repository.get<std::string>(), .files = {}};
    for (const json& entry : files) {
        LockedFile file;
        if (!read_entry(entry, file) || lock.find(file.path) != nullptr) return corrupt;
        lock.files.push_back(std::move(file));
    }
    return std::optional(std::move(lock));
}

Status write_model_lock(const fs::path& folder, const ModelLock& lock) {
    json files = json::array();
    for (const LockedFile& file : lock.files) {
        files.push_back({{"path", file.path},
                         {"bytes", file.bytes},
                         {"sha256", file.sha256},
                         {"revision", file.revision},
                         {"checked_against", name(file.source)}});
    }
    const json document = {{"format", kFormat}, {"repository", lock.repository}, {"files", files}};
    const std::string text = document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";

    const fs::path path = folder / kModelLockName;
    const fs::path unfinished = fs::path(path) += ".new";
    const Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.ok() || !file.write(text) || !file.sync())
        return at(path, code_of(errno), std::strerror(errno));
    std::error_code failure;
    fs::rename(unfinished, path, failure);
    if (failure) return at(path, code_of(failure.value()), failure.message());
    return ok_status();
}

Status check_weight_file(const fs::path& path) {
    const auto file = MappedFile::open(path);
    if (!file) return file.error();
    const std::span<const std::byte> bytes = file->bytes();
    const auto index = SafeTensors::parse(bytes);
    if (!index) return at(path, index.error().code, index.error().message);
    std::uint64_t accounted = 0;
    std::memcpy(&accounted, bytes.data(), sizeof accounted);
    accounted += sizeof accounted;
    for (const auto& [name, tensor] : index->tensors())
        accounted += tensor.data.size();
    if (accounted == bytes.size()) return ok_status();
    return at(path, ErrorCode::corrupt,
              "safetensors: " + std::to_string(bytes.size() - accounted) + " bytes belong to no tensor");
}

Status check_model_folder(const fs::path& folder) {
    std::error_code failure;
    if (!fs::is_directory(folder, failure)) {
        return at(folder, ErrorCode::not_found, "there is no such model folder; " + fetch_it(folder));
    }
    const auto lock = read_model_lock(folder);
    if (!lock) return lock.error();
    if (*lock) {
        if (auto whole = check_locked(folder, **lock); !whole) return whole;
    }
    if (!fs::is_regular_file(folder / "config.json", failure)) {
        return at(folder / "config.json", ErrorCode::not_found, "is missing; " + fetch_it(folder));
    }
    return check_weights(folder);
}

}  // namespace bgm
