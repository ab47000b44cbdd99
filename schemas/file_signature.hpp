// What a file's first bytes give away. Each reader has its own table and words: what is good news to one is
// another's error.
#pragma once

#include <span>
#include <string_view>

namespace bgm {

struct FileSignature {
    std::string_view bytes;
    std::string_view name;
};

/// The name in the first row that fits; empty where none does.
inline std::string_view name_by_signature(std::span<const FileSignature> table, std::string_view head) {
    for (const FileSignature& signature : table) {
        if (head.starts_with(signature.bytes)) return signature.name;
    }
    return {};
}

}  // namespace bgm
