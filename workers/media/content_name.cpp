#include "workers/media/content_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bgm {
namespace {

struct Signature {
    std::string_view bytes;
    std::string_view name;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures{
    Signature{"PK\x03\x04"sv, "a zip archive"},
    Signature{"PK\x05\x06"sv, "a zip archive"},
    Signature{"\x1f\x8b"sv, "a gzip file"},
    Signature{"\x28\xb5\x2f\xfd"sv, "a zstd file"},
    Signature{"BZh"sv, "a bzip2 file"},
    Signature{"\xfd"
              "7zXZ"sv,
              "an xz file"},
    Signature{"7z\xbc\xaf\x27\x1c"sv, "a 7-zip archive"},
    Signature{"Rar!"sv, "a rar archive"},
    Signature{"%PDF"sv, "a PDF document"},
    Signature{"\x89PNG"sv, "a PNG image"},
    Signature{"\xff\xd8\xff"sv, "a JPEG image"},
    Signature{"GIF8"sv, "a GIF image"},
    Signature{"BM"sv, "a BMP image"},
    Signature{"II*\0"sv, "a TIFF image"},
    Signature{"MM\0*"sv, "a TIFF image"},
    Signature{"\x7f"
              "ELF"sv,
              "a program"},
    Signature{"MZ"sv, "a program"},
    Signature{"#EXTM3U"sv, "a playlist"},
    Signature{"ffconcat"sv, "a playlist"},
    Signature{"[playlist]"sv, "a playlist"},
    Signature{"<?xml"sv, "an XML document"},
    Signature{"<!DOCTYPE"sv, "a web page"},
    Signature{"<html"sv, "a web page"},
    Signature{"SQLite format 3"sv, "a database"},
};

// What phones call their photos; a container like a video's, told apart by what stands behind "ftyp".
constexpr std::array kStillBrands{
    Signature{"heic"sv, "a HEIC image"},
    Signature{"heix"sv, "a HEIC image"},
    Signature{"mif1"sv, "a HEIF image"},
    Signature{"avif"sv, "an AVIF image"},
};

// Text that no signature names: a playlist or script of some kind, which libav would partly be glad to
// follow.
bool looks_like_text(std::string_view head) {
    return !head.empty() && std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte >= 0x20 ? byte != 0x7f : (byte == '\t' || byte == '\n' || byte == '\r');
    });
}

}  // namespace

std::string_view name_of_other_content(std::span<const std::byte> file) {
    const std::string_view head(reinterpret_cast<const char*>(file.data()),
                                std::min<std::size_t>(file.size(), 512));
    for (const auto& signature : kSignatures) {
        if (head.starts_with(signature.bytes)) return signature.name;
    }
    if (head.size() >= 12 && head.substr(4, 4) == "ftyp") {
        for (const auto& brand : kStillBrands) {
            if (head.substr(8).starts_with(brand.bytes)) return brand.name;
        }
    }
    if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return "a WebP image";
    return looks_like_text(head) ? "text" : "";
}

}  // namespace bgm
