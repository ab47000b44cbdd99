#include "workers/media/picture/image_signature.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bgm {
namespace {

using namespace std::string_view_literals;

struct Row {
    std::size_t offset;
    std::string_view magic;
    ImageKind kind;
    bool is_image;
    std::string_view what;
};

constexpr auto kOther = ImageKind::other;

// The first row that fits wins.
constexpr std::array kRows{
    Row{0, "\xFF\xD8\xFF"sv, ImageKind::jpeg, true, "a JPEG image"},
    Row{0, "\x89PNG\r\n\x1A\n"sv, ImageKind::png, true, "a PNG image"},
    Row{0, "GIF87a"sv, ImageKind::gif, true, "a GIF image"},
    Row{0, "GIF89a"sv, ImageKind::gif, true, "a GIF image"},
    Row{4, "ftypavif"sv, ImageKind::avif, true, "an AVIF image"},
    Row{4, "ftypavis"sv, ImageKind::avif, true, "an AVIF image"},
    Row{4, "ftypheic"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftypheix"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftypheim"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftypheis"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftyphevc"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftyphevx"sv, ImageKind::heic, true, "a HEIC image"},
    Row{4, "ftypmif1"sv, ImageKind::heic, true, "a HEIF image"},
    Row{4, "ftypmsf1"sv, ImageKind::heic, true, "a HEIF image"},
    Row{4, "ftypcrx "sv, kOther, true, "camera RAW (CR3)"},
    Row{4, "ftyp"sv, kOther, false, "an MP4 or QuickTime video"},
    Row{0, "II*\0"sv, ImageKind::tiff, true, "a TIFF image"},
    Row{0, "MM\0*"sv, ImageKind::tiff, true, "a TIFF image"},
    Row{0, "II+\0"sv, ImageKind::tiff, true, "a TIFF image"},
    Row{0, "MM\0+"sv, ImageKind::tiff, true, "a TIFF image"},
    Row{0, "FUJIFILMCCD-RAW"sv, kOther, true, "camera RAW (RAF)"},
    Row{0, "\0\0\0\x0CJXL \r\n\x87\n"sv, kOther, true, "JPEG XL"},
    Row{0, "\xFF\x0A"sv, kOther, true, "JPEG XL"},
    Row{0, "\0\0\0\x0CjP  \r\n\x87\n"sv, kOther, true, "JPEG 2000"},
    Row{0, "\xFF\x4F\xFF\x51"sv, kOther, true, "JPEG 2000"},
    Row{0, "8BPS"sv, kOther, true, "Photoshop"},
    Row{0, "\0\0\1\0"sv, kOther, true, "a Windows icon"},
    Row{0, "PK\3\4"sv, kOther, false, "a zip archive"},
    Row{0, "PK\5\6"sv, kOther, false, "a zip archive"},
    Row{0, "\x1F\x8B"sv, kOther, false, "gzip data"},
    Row{0, "\x28\xB5\x2F\xFD"sv, kOther, false, "zstd data"},
    Row{0, "7z\xBC\xAF\x27\x1C"sv, kOther, false, "a 7z archive"},
    Row{0, "Rar!\x1A\x07"sv, kOther, false, "a RAR archive"},
    Row{0, "%PDF-"sv, kOther, false, "a PDF document"},
    Row{0,
        "\x7F"
        "ELF"sv,
        kOther, false, "a program"},
    Row{0, "\x1A\x45\xDF\xA3"sv, kOther, false, "a Matroska or WebM video"},
    Row{0, "OggS"sv, kOther, false, "an Ogg sound file"},
    Row{0, "fLaC"sv, kOther, false, "a FLAC sound file"},
    Row{0, "ID3"sv, kOther, false, "an MP3 sound file"},
};

// BMP's two letters could begin any text: the header length that follows decides.
bool looks_like_bmp(std::string_view bytes) {
    if (bytes.size() < 18 || !bytes.starts_with("BM")) return false;
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    const std::uint32_t header_bytes = byte(14) | byte(15) << 8U | byte(16) << 16U | byte(17) << 24U;
    return header_bytes == 12 || (header_bytes >= 36 && header_bytes <= 124);
}

bool is_text(std::string_view bytes) {
    return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte >= 0x20 || c == '\n' || c == '\r' || c == '\t';
    });
}

}  // namespace

ImageSignature sniff_image(std::span<const std::byte> file) {
    constexpr std::size_t kHead = 512;
    const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min(file.size(), kHead));
    for (const Row& row : kRows) {
        if (head.size() >= row.offset && head.substr(row.offset).starts_with(row.magic)) {
            return {row.kind, row.is_image, row.what};
        }
    }
    if (head.size() >= 12 && head.starts_with("RIFF")) {
        const auto form = head.substr(8, 4);
        if (form == "WEBP") return {ImageKind::webp, true, "a WebP image"};
        if (form == "WAVE") return {kOther, false, "a WAV sound file"};
        if (form == "AVI ") return {kOther, false, "an AVI video"};
    }
    if (looks_like_bmp(head)) return {ImageKind::bmp, true, "a BMP image"};
    if (is_text(head)) {
        if (head.find("<svg") != std::string_view::npos) return {kOther, true, "SVG"};
        if (head.find("<html") != std::string_view::npos ||
            head.find("<!DOCTYPE html") != std::string_view::npos ||
            head.find("<!doctype html") != std::string_view::npos) {
            return {kOther, false, "a web page"};
        }
        return {kOther, false, "text"};
    }
    return {};
}

}  // namespace bgm
