// A file of text as UTF-8, whichever encoding it is in: mapped where it is UTF-8, converted in memory where
// not.
#pragma once

#include <string>
#include <string_view>

#include "fusion/catalogue/text_encoding.hpp"
#include "schemas/mapped_file.hpp"
#include "schemas/result.hpp"

namespace bgm {

class DecodedFile {
 public:
    /// `encoding`: as decode_text(). Errors as of MappedFile::open() and decode_text(); `unsupported` names a
    /// file that is no text (a workbook, an archive).
    static Result<DecodedFile> open(const std::string& path, const std::string& encoding = {});

    std::string_view text() const { return decoded_.text(); }
    const DecodedText& decoded() const { return decoded_; }

 private:
    DecodedFile(MappedFile mapped, DecodedText decoded)
        : mapped_(std::move(mapped)), decoded_(std::move(decoded)) {}
    MappedFile mapped_;
    DecodedText decoded_;
};

/// `unsupported` names a file that is no text, as open() does; nothing is decoded.
Status file_kind_of(const std::string& path);

}  // namespace bgm
