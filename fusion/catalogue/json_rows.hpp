// The objects of a JSON catalogue, one at a time: JSON lines, or one array of objects. Neither is ever held
// in memory as a whole.
//
// A row is flattened to text, so that one builder serves every format: a number or a boolean as JSON writes
// it, a list of words as "a;b", an object of numbers as "a:1;b:2". Paths go into nested objects with dots.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

class JsonRows {
 public:
    enum class Dialect { lines, array };
    enum class Outcome { row, malformed, end };

    /// `text` must outlive this object.
    JsonRows(std::string_view text, Dialect dialect);

    /// Finds the next row; values() reads it.
    Outcome next();

    /// The texts at `paths`, in their order; empty where a path is empty, missing or null. False where the
    /// row is not a JSON object, with reason() set.
    bool values(std::span<const std::string> paths, std::span<std::string> texts);

    std::size_t line() const { return row_line_; }
    const std::string& reason() const { return reason_; }

 private:
    Outcome next_line();
    Outcome next_element();

    std::string_view text_;
    Dialect dialect_;
    char line_end_ = '\n';  // '\r' where there is no other
    std::size_t position_ = 0;
    std::size_t line_ = 1;
    std::size_t row_line_ = 1;
    std::string_view row_;
    std::string reason_;
};

}  // namespace bgm
