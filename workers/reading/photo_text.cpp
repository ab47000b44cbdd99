#include "workers/reading/photo_text.hpp"

#include <utility>

#include "workers/reading/text_gate.hpp"
#include "workers/text/text_encoder.hpp"

namespace bgm {
namespace {

constexpr int kShorterSideMin = 600;  // pixels: letters are legible

}  // namespace

Result<std::unique_ptr<PhotoText>> PhotoText::open(const std::filesystem::path& text_model,
                                                   const std::filesystem::path& reader_data) {
    auto reader = TextReader::open(reader_data);
    if (!reader) return reader.error();
    auto encoder = make_text_encoder(text_model);
    if (!encoder) return encoder.error();
    return std::unique_ptr<PhotoText>(new PhotoText(*std::move(reader), *std::move(encoder)));
}

std::optional<Encoding> PhotoText::read(std::span<const std::byte> file, const RgbImage& seen,
                                        const ImageDecoder& decoder) {
    if (!may_hold_writing(seen)) return std::nullopt;
    const auto larger = decoder.decode(file, {.shorter_side_min = kShorterSideMin});
    if (!larger) return std::nullopt;
    ReadText read = reader_->read(larger->image);
    if (read.text.empty()) return std::nullopt;
    const EncodeTask task{.text = read.text, .lang = {}, .media = {}};
    auto encoded = encoder_->encode({&task, 1});
    if (encoded.size() != 1 || !encoded[0] || encoded[0]->empty()) return std::nullopt;
    Encoding encoding = std::move(encoded[0]->front());
    encoding.modality = Modality::image;
    encoding.language.clear();  // of the post's own words
    encoding.quality *= read.confidence;
    std::erase_if(encoding.facts, [](const auto& fact) { return !fact.first.starts_with("grave_"); });
    encoding.facts["text_letters"] = static_cast<float>(read.letters);
    encoding.facts["text_confidence"] = read.confidence;
    encoding.text = std::move(read.text);
    return encoding;
}

}  // namespace bgm
