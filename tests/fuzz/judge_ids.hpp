// What holds for the ids of every text, whatever its bytes and whatever the vocabulary.
#pragma once

#include <string_view>

#include "tests/fuzz/promise.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm::fuzz {

inline void judge_ids(const Tokenizer& tokenizer, std::string_view text, std::size_t length_max) {
    const auto ids = tokenizer.encode(text, length_max);
    require(ids.size() >= 2 && ids.size() <= std::max<std::size_t>(length_max, 2),
            "no more ids than asked for");
    require(ids.front() == tokenizer.start_id() && ids.back() == tokenizer.end_id(),
            "start and end are there");
    for (const std::int64_t id : ids)
        require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.ids_end(), "every id has an embedding");
}

}  // namespace bgm::fuzz
