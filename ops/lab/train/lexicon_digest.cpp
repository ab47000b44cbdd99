#include "ops/lab/train/lexicon_digest.hpp"

#include <openssl/evp.h>

#include <array>

#include "schemas/hex.hpp"
#include "schemas/mapped_file.hpp"

namespace bgm {

Result<std::string> lexicon_digest(const std::vector<std::filesystem::path>& files) {
    std::string all;
    for (const auto& path : files) {
        const auto file = MappedFile::open(path);
        if (!file) return file.error();
        const auto bytes = file->bytes();
        all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    EVP_Digest(all.data(), all.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return hex(digest);
}

}  // namespace bgm
