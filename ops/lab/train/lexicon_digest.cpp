#include "ops/lab/train/lexicon_digest.hpp"

#include "schemas/mapped_file.hpp"
#include "schemas/sha256.hpp"

namespace bgm {

Result<std::string> lexicon_digest(const std::vector<std::filesystem::path>& files) {
    std::string all;
    for (const auto& path : files) {
        const auto file = MappedFile::open(path);
        if (!file) return file.error();
        const auto bytes = file->bytes();
        all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return sha256_hex(all);
}

}  // namespace bgm
