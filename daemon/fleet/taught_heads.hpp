// The folder of heads that were taught by the operator's own posts: one file a model, and those that it took
// the place of, numbered, so that each can be taken back.
//
// A file is there whole or not at all, whatever dies in between. Belongs to one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class TaughtHeads {
 public:
    /// The folder is made with the first head.
    explicit TaughtHeads(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Durable when it returns. `unavailable` with the file where it cannot be written.
    Status put(std::string_view model, std::string_view head_file);
    /// The one before takes its place; where it was the first there is none any more. `not_found` where there
    /// is none.
    Status undo(std::string_view model);
    /// How many lie behind the one in use.
    std::size_t earlier(std::string_view model) const;
    /// Renames to *.broken what is no whole head, or not the one of the model that its name tells, so that
    /// the others can serve. For each the file and the reason; `unavailable` where one cannot be renamed.
    Result<std::vector<Error>> set_aside_broken();

 private:
    std::filesystem::path file_of(std::string_view model) const;
    std::filesystem::path numbered(std::string_view model, std::size_t number) const;

    std::filesystem::path folder_;
};

}  // namespace bgm
