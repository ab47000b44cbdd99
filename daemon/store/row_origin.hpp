// What a row of a statement is in terms of the caller's batch, as an error's `field` says it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

/// "picks[3]" or "picks[3].tracks[1]".
struct RowOrigin {
    std::string_view batch;  // "picks"
    std::size_t index = 0;
    std::optional<std::size_t> track;

    std::string to_string() const;
};

/// Which row of a batch can never be written: the one to take out before the rest is tried again.
struct RefusedRow {
    enum class Kind { pick, dead_letter, track, feedback };
    Kind kind = Kind::pick;
    std::size_t index = 0;  // into the span that was given
};
/// Empty where the error is not about one row (then nothing is wrong with the batch).
std::optional<RefusedRow> refused_row(const Error& error);

}  // namespace bgm
