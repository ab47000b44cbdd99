#include "workers/reading/text_reader.hpp"

#include <omp.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "workers/reading/gray_picture.hpp"

namespace bgm {
namespace {

constexpr int kLongerSide = 1000;      // pixels; more costs time and finds no more
constexpr float kWordConfidence = 60;  // of 100
constexpr int kLettersMin = 10;
constexpr int kScreen_dpi = 96;
constexpr int kPatience_ms = 700;      // of each of two passes
constexpr int kWhite = 215;            // of 255, in all three colours: letters over photos are white
constexpr double kSyllableGap = 0.35;  // of the line's height: no space where Hangul stands closer

int letters_in(std::string_view word) {
    int letters = 0;
    const auto size = static_cast<std::int32_t>(word.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 character = 0;
        U8_NEXT(word.data(), at, size, character);
        if (character >= 0 && u_isalpha(character)) ++letters;
    }
    return letters;
}

bool is_hangul(std::string_view word) {
    const auto size = static_cast<std::int32_t>(word.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 character = 0;
        U8_NEXT(word.data(), at, size, character);
        if (character < 0xAC00 || character > 0xD7A3) return false;
    }
    return size > 0;
}

struct Box {
    int left = 0, top = 0, right = 0, bottom = 0;
};

// Korean is read in pieces, 하 루 도 for 하루도: what stands close together in one line is one word.
bool continues(const Box& before, const Box& box) {
    const int height = std::max(before.bottom - before.top, box.bottom - box.top);
    const int middle = (box.top + box.bottom) / 2;
    return middle > before.top && middle < before.bottom && box.left - before.right < kSyllableGap * height;
}

}  // namespace

class TextReader::Engine {
 public:
    ~Engine() { api_.End(); }

    bool init(const std::filesystem::path& data) {
        // Regions of no active level have one thread: a worker in its sandbox could not start another.
        omp_set_max_active_levels(0);
        if (api_.Init(data.c_str(), "kor+eng", tesseract::OEM_LSTM_ONLY) != 0) return false;
        return api_.SetVariable("debug_file", "/dev/null");
    }

    ReadText recognise(const GrayPicture& gray, tesseract::PageSegMode mode,
                       int dots_per_inch = kScreen_dpi) {
        api_.SetPageSegMode(mode);
        api_.SetImage(gray.pixels.data(), gray.width, gray.height, 1, gray.width);
        api_.SetSourceResolution(dots_per_inch);
        tesseract::ETEXT_DESC progress;
        progress.set_deadline_msecs(kPatience_ms);
        ReadText read;
        if (api_.Recognize(&progress) == 0) read = words();
        api_.Clear();
        return read;
    }

 private:
    ReadText words() {
        ReadText read;
        const std::unique_ptr<tesseract::ResultIterator> word(api_.GetIterator());
        if (!word) return read;
        constexpr auto kWord = tesseract::RIL_WORD;
        double confidence = 0;
        std::optional<Box> hangul_before;
        do {
            if (word->Empty(kWord)) continue;
            const float sure = word->Confidence(kWord);
            const std::unique_ptr<char[]> found(word->GetUTF8Text(kWord));
            const std::string_view text = found ? found.get() : "";
            const int letters = letters_in(text);
            if (sure < kWordConfidence || letters == 0) continue;
            Box box;
            word->BoundingBox(kWord, &box.left, &box.top, &box.right, &box.bottom);
            const bool hangul = is_hangul(text);
            const bool joined = hangul && hangul_before && continues(*hangul_before, box);
            if (!read.text.empty() && !joined) read.text += ' ';
            read.text += text;
            read.letters += letters;
            confidence += letters * sure / 100;
            hangul_before = hangul ? std::optional(box) : std::nullopt;
        } while (word->Next(kWord));
        if (read.letters > 0) read.confidence = static_cast<float>(confidence / read.letters);
        return read;
    }

    tesseract::TessBaseAPI api_;
};

namespace {

// How much of it is to be trusted.
float worth(const ReadText& read) {
    return static_cast<float>(read.letters) * read.confidence;
}

// Dark on light, as the library wants it.
std::uint8_t white_letters(int red, int green, int blue) {
    return std::min({red, green, blue}) >= kWhite ? 0 : 255;
}

}  // namespace

TextReader::TextReader(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

TextReader::~TextReader() = default;

Result<std::unique_ptr<TextReader>> TextReader::open(const std::filesystem::path& data) {
    for (const char* name : {"kor.traineddata", "eng.traineddata"}) {
        std::error_code error;
        if (!std::filesystem::is_regular_file(data / name, error))
            return Error{
                .code = ErrorCode::not_found, .message = "no such file", .field = (data / name).string()};
    }
    auto engine = std::make_unique<Engine>();
    if (!engine->init(data))
        return Error{
            .code = ErrorCode::corrupt, .message = "Tesseract cannot read it", .field = data.string()};
    std::unique_ptr<TextReader> reader(new TextReader(std::move(engine)));
    // What the library opens or makes at its first use must be there before files are given up: the file for
    // its complaints too, and a resolution that cannot be is one.
    const GrayPicture blank{
        .width = 64, .height = 64, .pixels = std::vector<std::uint8_t>(std::size_t{64} * 64, 255)};
    for (const auto mode : {tesseract::PSM_AUTO, tesseract::PSM_SPARSE_TEXT})
        (void)reader->engine_->recognise(blank, mode, 1);
    return reader;
}

ReadText TextReader::read(const RgbImage& image) {
    if (image.empty()) return {};
    const RgbImage seen = reduced(image, kLongerSide);
    // Pages, cards and screenshots first; where that finds nothing, white letters strewn over a photo.
    ReadText read = engine_->recognise(gray_picture(seen, brightness), tesseract::PSM_AUTO);
    if (read.letters < kLettersMin) {
        ReadText strewn = engine_->recognise(gray_picture(seen, white_letters), tesseract::PSM_SPARSE_TEXT);
        if (worth(strewn) > worth(read)) read = std::move(strewn);
    }
    return read.letters < kLettersMin ? ReadText{} : read;
}

}  // namespace bgm
