// Where an encoder finds what it loads before the process gives up its files. Plain values.
#pragma once

#include <filesystem>

namespace bgm {

struct EncoderFiles {
    std::filesystem::path models;             // the preset's folder
    std::filesystem::path packages = "none";  // npm packages with networks; none: none
    std::filesystem::path reading =
        "none";  // what Tesseract knows of scripts (*.traineddata); none: no reading
};

}  // namespace bgm
