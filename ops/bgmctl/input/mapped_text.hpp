// A file's bytes as text, mapped rather than read: a catalogue of a million rows takes no memory of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

class MappedText {
 public:
    /// `not_found` where there is no such file, `unsupported` where it is no regular file. The file must not
    /// be cut short while it is mapped (it is replaced by renaming, never in place).
    static Result<MappedText> open(const std::string& path);

    MappedText(MappedText&& other) noexcept;
    MappedText& operator=(MappedText&& other) noexcept;
    ~MappedText();

    std::string_view text() const { return {data_, size_}; }

 private:
    MappedText() = default;
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace bgm
