#include "daemon/gateway/presented_key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>

#include "daemon/gateway/head_lint.hpp"
#include "schemas/api_key.hpp"
#include "schemas/hex.hpp"

namespace bgm::gateway {

std::optional<std::string> presented_key_digest(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    if (!equal_names(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    const std::string_view key = authorization.substr(kScheme.size());
    const bool formed = key.starts_with(kApiKeyPrefix) &&
                        key.size() == kApiKeyPrefix.size() + kApiKeyCharacters &&
                        std::all_of(key.begin(), key.end(), [](char c) {
                            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                   (c >= '0' && c <= '9') || c == '-' || c == '_';
                        });
    if (!formed) return std::nullopt;
    std::array<unsigned char, kDigestCharacters / 2> digest{};
    if (EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    return hex(digest);
}

}  // namespace bgm::gateway
