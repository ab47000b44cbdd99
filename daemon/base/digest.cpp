#include "daemon/base/digest.hpp"

#include <openssl/evp.h>

#include <cctype>

namespace bgm {

std::string sha256(std::string_view bytes) {
    std::string digest(32, '\0');
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
               EVP_sha256(), nullptr);
    return digest;
}

bool same_digest(std::string_view digest, std::string_view raw) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (digest.size() != 2 * raw.size()) return false;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const auto byte = static_cast<unsigned char>(raw[i / 2]);
        const char wanted = kDigits[i % 2 == 0 ? byte >> 4U : byte & 15U];
        if (std::tolower(static_cast<unsigned char>(digest[i])) != wanted) return false;
    }
    return true;
}

}  // namespace bgm
