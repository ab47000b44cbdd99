#include "workers/prompts/head_cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "schemas/sha256.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 8;  // a few models, and the edition of the prompts before this one
constexpr std::size_t kDigits = 64;
constexpr std::uintmax_t kFileBytesMax = 16 << 20;

Error failure(const fs::path& path, const std::error_code& error) {
    return {.code = ErrorCode::unavailable,
            .message = error ? error.message() : "cannot be written",
            .field = path.string()};
}

bool ours(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.size() > kDigits && name.find(".head") == kDigits;
}

}  // namespace

std::optional<std::string> HeadCache::load(const std::string& key) const {
    if (folder_.empty()) return std::nullopt;
    std::error_code error;
    const auto size = fs::file_size(file(key), error);
    if (error || size <= kDigits || size > kFileBytesMax) return std::nullopt;
    std::ifstream stream(file(key), std::ios::binary);
    std::string content(size, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(size));
    if (stream.gcount() != static_cast<std::streamsize>(size)) return std::nullopt;
    const std::string_view head = std::string_view(content).substr(kDigits);
    if (sha256_hex(head) != std::string_view(content).substr(0, kDigits)) return std::nullopt;
    fs::last_write_time(file(key), fs::file_time_type::clock::now(), error);  // used: it stays
    return std::string(head);
}

Status HeadCache::store(const std::string& key, std::string_view head) const {
    if (folder_.empty()) return ok_status();
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return failure(folder_, error);
    const fs::path aside = file(key).string() + "." + std::to_string(getpid());
    std::ofstream stream(aside, std::ios::binary);
    stream << sha256_hex(head) << head;
    stream.close();
    if (stream.fail()) {
        fs::remove(aside, error);
        return failure(aside, {});
    }
    fs::rename(aside, file(key), error);
    if (error) return failure(file(key), error);
    prune();
    return ok_status();
}

void HeadCache::prune() const {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
        if (ours(entry.path())) files.emplace_back(fs::last_write_time(entry.path(), error), entry.path());
    }
    std::ranges::sort(files, std::greater<>());
    for (std::size_t i = kKept; i < files.size(); ++i)
        fs::remove(files[i].second, error);
}

}  // namespace bgm
