// Reads the writing in a picture, Korean and English, with Tesseract. The one place that knows that library.
//
// Used by one thread. It never throws. Everything that it needs of the disk is read by open(): after that the
// process may give up its files. OpenMP, which the library is built with, is held to the calling thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

struct ReadText {
    std::string
        text;  // UTF-8, words apart by spaces, as read from the top; empty where there is none to trust
    int letters = 0;       // of it, in any script; digits do not count
    float confidence = 0;  // 0..1: mean over these letters
};

class TextReader {
 public:
    /// `data` holds kor.traineddata and eng.traineddata, as Debian's packages tesseract-ocr-kor and -eng
    /// install them. `not_found` names the file that is missing, `corrupt` one that the library does not
    /// take.
    static Result<std::unique_ptr<TextReader>> open(const std::filesystem::path& data);
    ~TextReader();
    TextReader(const TextReader&) = delete;
    TextReader& operator=(const TextReader&) = delete;

    /// `image` is consistent. Words of little confidence are left out; fewer than ten letters are no text.
    /// What takes longer than about a second is given up.
    ReadText read(const RgbImage& image);

 private:
    class Engine;
    explicit TextReader(std::unique_ptr<Engine> engine);

    std::unique_ptr<Engine> engine_;
};

}  // namespace bgm
