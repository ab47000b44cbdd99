#include "workers/prompts/head_cache.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <vector>

#include "schemas/hex.hpp"

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

std::string hex_digest(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return hex(std::span(digest).first(length));
}

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
    if (hex_digest(head) != std::string_view(content).substr(0, kDigits)) return std::nullopt;
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
    stream << hex_digest(head) << head;
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
    std::sort(files.begin(), files.end(), std::greater<>());
    for (std::size_t i = kKept; i < files.size(); ++i)
        fs::remove(files[i].second, error);
}

}  // namespace bgm
