#include "tests/workers/reading/cards.hpp"

#include <filesystem>
#include <opencv2/freetype.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>

namespace bgm::test {
namespace {

constexpr const char* kKoreanFont = "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf";

}  // namespace

bool has_korean_font() {
    return std::filesystem::exists(kKoreanFont);
}

RgbImage write_on(RgbImage picture, const Words& words) {
    cv::Mat canvas(picture.height, picture.width, CV_8UC3, picture.pixels.data());
    const cv::Scalar ink = words.white ? cv::Scalar(255, 255, 255) : cv::Scalar(20, 20, 20);
    std::istringstream lines(words.text);
    cv::Point at(words.left, words.top);
    for (std::string line; std::getline(lines, line); at.y += words.height * 3 / 2) {
        if (has_korean_font()) {
            const auto font = cv::freetype::createFreeType2();
            font->loadFontData(kKoreanFont, 0);
            if (words.white) font->putText(canvas, line, at, words.height, {0, 0, 0}, 5, cv::LINE_AA, true);
            font->putText(canvas, line, at, words.height, ink, -1, cv::LINE_AA, true);
            continue;
        }
        const double scale = words.height / 30.0;
        if (words.white)
            cv::putText(canvas, line, at, cv::FONT_HERSHEY_DUPLEX, scale, {0, 0, 0}, 7, cv::LINE_AA);
        cv::putText(canvas, line, at, cv::FONT_HERSHEY_DUPLEX, scale, ink, 2, cv::LINE_AA);
    }
    return picture;
}

}  // namespace bgm::test
