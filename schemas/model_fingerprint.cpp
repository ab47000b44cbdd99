#include "schemas/model_fingerprint.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "schemas/free_with.hpp"
#include "schemas/hex.hpp"
#include "schemas/mapped_file.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWholeBytesMax = 8 << 20;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kPages = 256;
constexpr std::size_t kDigits = 16;
constexpr std::size_t kVersionDigits = 8;

bool counts(const std::filesystem::path& file) {
    if (file.filename() == kModelLockName)
        return false;  // says where the files came from, not what they hold
    const auto extension = file.extension();
    return extension == ".safetensors" || extension == ".json" || extension == ".txt";
}

void add(EVP_MD_CTX* digest, std::span<const std::byte> bytes) {
    EVP_DigestUpdate(digest, bytes.data(), bytes.size());
}

void add_file(EVP_MD_CTX* digest, const std::string& name, std::span<const std::byte> bytes) {
    const auto size = static_cast<std::uint64_t>(bytes.size());
    EVP_DigestUpdate(digest, name.c_str(), name.size() + 1);
    EVP_DigestUpdate(digest, &size, sizeof size);
    if (bytes.size() <= kWholeBytesMax) return add(digest, bytes);
    add(digest, bytes.first(kWholeBytesMax / 8));
    const std::size_t stride = (bytes.size() - kPageBytes) / kPages;
    for (std::size_t page = 1; page <= kPages; ++page)
        add(digest, bytes.subspan(page * stride, kPageBytes));
}

}  // namespace

Result<std::string> model_fingerprint(const std::filesystem::path& directory) {
    std::set<std::filesystem::path> files;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry.depth() >= 1) entry.disable_recursion_pending();
        if (entry->is_regular_file() && counts(entry->path())) files.insert(entry->path());
    }
    if (error || files.empty()) {
        return Error{.code = ErrorCode::not_found,
                     .message = directory.string() + ": " + (error ? error.message() : "holds no model")};
    }
    const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> digest(EVP_MD_CTX_new());
    EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
    for (const auto& path : files) {
        auto file = MappedFile::open(path);
        if (!file) return file.error();
        add_file(digest.get(), path.lexically_relative(directory).string(), file->bytes());
    }
    std::vector<unsigned char> sum(EVP_MAX_MD_SIZE);
    EVP_DigestFinal_ex(digest.get(), sum.data(), nullptr);
    return hex(std::span(sum).first(kDigits / 2));
}

std::string model_name(const std::filesystem::path& directory, std::string_view fingerprint) {
    const auto path = std::filesystem::absolute(directory).lexically_normal();
    const std::string name = (path.has_filename() ? path : path.parent_path()).filename().string();
    return name + "@" + std::string(fingerprint.substr(0, kVersionDigits));
}

}  // namespace bgm
