#include "ops/bgmctl/models/file_digest.hpp"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "ops/bgmctl/console/interrupt.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/free_with.hpp"
#include "schemas/hex.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBlock = 1 << 20;

Error at(const std::filesystem::path& path, int reason) {
    return Error{reason == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable, std::strerror(reason),
                 path.string()};
}

Result<std::string> digest_of(const std::filesystem::path& path, const EVP_MD* kind, bool as_git_blob,
                              const DigestProgress& progress) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.ok()) return at(path, errno);
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return at(path, errno);
    if (!S_ISREG(facts.st_mode)) return Error{ErrorCode::unsupported, "is not a regular file", path.string()};

    const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    const Error failed{ErrorCode::internal, "the digest cannot be computed", path.string()};
    if (!context || EVP_DigestInit_ex(context.get(), kind, nullptr) != 1) return failed;
    if (as_git_blob) {
        const std::string head = "blob " + std::to_string(facts.st_size);
        // With the zero byte at its end.
        if (EVP_DigestUpdate(context.get(), head.c_str(), head.size() + 1) != 1) return failed;
    }
    std::vector<unsigned char> block(kBlock);
    std::uint64_t bytes = 0;
    while (true) {
        if (interrupted()) return Error{ErrorCode::unavailable, "stopped", path.string()};
        const ssize_t count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return at(path, errno);
        if (count == 0) break;
        if (EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(count)) != 1)
            return failed;
        bytes += static_cast<std::uint64_t>(count);
        if (progress) progress(bytes);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) return failed;
    return hex(std::span(digest).first(length));
}

}  // namespace

Result<std::string> sha256_of(const std::filesystem::path& path, const DigestProgress& progress) {
    return digest_of(path, EVP_sha256(), false, progress);
}

Result<std::string> git_blob_of(const std::filesystem::path& path) {
    return digest_of(path, EVP_sha1(), true, {});
}

}  // namespace bgm
