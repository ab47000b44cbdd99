#include "schemas/sha256.hpp"

#include <openssl/evp.h>

#include <new>

#include "schemas/ascii.hpp"
#include "schemas/hex.hpp"

namespace bgm {

std::string sha256(std::string_view bytes) {
    std::string digest(32, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    return digest;
}

std::string sha256_hex(std::string_view bytes) {
    return hex(sha256(bytes));
}

bool same_digest(std::string_view digest, std::string_view raw) {
    return ascii_lower(digest) == hex(raw);
}

}  // namespace bgm
