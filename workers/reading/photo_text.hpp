// The writing in a photo as evidence of the photo: found by a cheap gate, read, and given to the text
// encoder.
//
// Used by one thread; it never throws but std::bad_alloc.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "schemas/result.hpp"
#include "workers/media/picture/image_decoder.hpp"
#include "workers/process/encoder.hpp"
#include "workers/reading/text_reader.hpp"

namespace bgm {

class PhotoText {
 public:
    /// `text_model`: the text encoder's folder; `reader_data`: see TextReader::open. Errors of both.
    static Result<std::unique_ptr<PhotoText>> open(const std::filesystem::path& text_model,
                                                   const std::filesystem::path& reader_data);

    /// `seen`: the decoded photo, as small as it may be. The file is decoded again, larger, where there may
    /// be writing. The encoding is of the image, in the text encoder's words, with `text` and the fact
    /// `text_letters`; its quality is the text's, times how sure the reader is. Nothing where there is no
    /// text.
    std::optional<Encoding> read(std::span<const std::byte> file, const RgbImage& seen,
                                 const ImageDecoder& decoder);

 private:
    PhotoText(std::unique_ptr<TextReader> reader, std::unique_ptr<Encoder> encoder)
        : reader_(std::move(reader)), encoder_(std::move(encoder)) {}

    std::unique_ptr<TextReader> reader_;
    std::unique_ptr<Encoder> encoder_;
};

}  // namespace bgm
