// Comments of the training sets that a person has judged: whether they speak of anything grave. The file
// holds no text: a comment is known by a hash of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "schemas/result.hpp"

namespace bgm::train {

class JudgedComments {
 public:
    struct Judgement {
        bool doubtful = false;      // nothing is to be learnt from it
        std::uint8_t subjects = 0;  // bits of GraveSubject; 0 where it only sounds grave
    };

    /// Of lines "hash<TAB>subjects", the hash the 64-bit FNV-1a of the comment in 16 hexadecimal digits, the
    /// subjects those of a pattern (grave_phrases.hpp), or '?'. Lines that begin with '#' say nothing.
    static Result<JudgedComments> read(const std::filesystem::path& file);

    std::optional<Judgement> of(std::string_view comment) const;

 private:
    std::unordered_map<std::uint64_t, Judgement> judgements_;
};

}  // namespace bgm::train
