// A file's bytes as UTF-8, whichever encoding a spreadsheet or a shell wrote them in.
//
// Told without being asked: UTF-8, UTF-16 and UTF-32 with a byte order mark and without, and the encodings
// that Excel saves in Korea (CP949), Japan, China, Taiwan and Europe. Those have no mark: each is tried
// strictly, and what comes out is weighed by how plausible it is as text of the language it is for; short
// texts are decided by the words that the caller expects. Nothing is replaced silently: a byte that is none
// of the encoding becomes the byte 0xFF, which is not UTF-8 and costs its row. Pure; the tables are ICU's.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

/// UTF-8 is used where it lies; anything else is converted in memory, up to so many bytes.
inline constexpr std::size_t kConvertedBytesMax = std::size_t{512} << 20;

class DecodedText {
 public:
    /// UTF-8 without a byte order mark; borrows the bytes that it was made of where nothing was converted.
    std::string_view text() const { return converted_ ? std::string_view(own_) : borrowed_; }

    std::string encoding;            // "UTF-8", "CP949", "windows-1252" ...
    bool certain = true;             // false: the likeliest of several
    std::size_t damaged_places = 0;  // bytes or units that are none of the encoding

 private:
    friend Result<DecodedText> decode_text(std::string_view, std::string_view,
                                           std::span<const std::string_view>);
    bool converted_ = false;
    std::string own_;
    std::string_view borrowed_;
};

/// `encoding` is a name ("cp949", "euc-kr", "latin1", whatever ICU knows), or empty: find out.
/// `expected_words` are words of which such a text is likely to hold some. `invalid_argument` where there is
/// no such encoding, `corrupt` where the bytes are no text or nothing plausible comes out, with what they
/// might be; `too_large`.
Result<DecodedText> decode_text(std::string_view bytes, std::string_view encoding = {},
                                std::span<const std::string_view> expected_words = {});

}  // namespace bgm
