#include "daemon/door/key_text.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "schemas/api_key.hpp"
#include "schemas/hex.hpp"
#include "schemas/random_bytes.hpp"

namespace bgm {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdBytes = 8;

}  // namespace

std::string new_key_text() {
    const std::string bytes = random_bytes(kKeyBytes);
    std::array<unsigned char, 4 * ((kKeyBytes + 2) / 3) + 1> encoded{};
    EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    std::string text(kApiKeyPrefix);
    for (std::size_t i = 0; i < kApiKeyCharacters; ++i) {
        const char character = static_cast<char>(encoded.at(i));
        text += character == '+' ? '-' : character == '/' ? '_' : character;
    }
    return text;
}

std::string new_key_id() {
    return "k_" + hex(random_bytes(kIdBytes));
}

std::string digest_of(std::string_view key_text) {
    std::array<unsigned char, kDigestCharacters / 2> digest{};
    if (EVP_Digest(key_text.data(), key_text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    return hex(digest);
}

}  // namespace bgm
