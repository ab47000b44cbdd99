#include "ops/bgmctl/input/file_kind.hpp"

#include <array>

#include "schemas/file_signature.hpp"

namespace bgm {
namespace {

using namespace std::string_view_literals;

using Signature = FileSignature;

constexpr std::string_view kUnpack = "; unpack it first, or compress with gzip or zstd";

constexpr std::array kPackers{
    Signature{"\xFD"
              "7zXZ\0"sv,
              "xz-compressed"},
    Signature{"BZh"sv, "bzip2-compressed"},
    Signature{"7z\xBC\xAF\x27\x1C"sv, "a 7z archive"},
    Signature{"\x04\x22\x4D\x18"sv, "LZ4-compressed"},
    Signature{"\x02\x21\x4C\x18"sv, "LZ4-compressed (legacy frames)"},
    Signature{"LZIP"sv, "lzip-compressed"},
    Signature{"\x89LZO\0\r\n"sv, "lzop-compressed"},
    Signature{"\xFF\x06\0\0sNaPpY"sv, "Snappy-compressed"},
    Signature{"Rar!\x1A\x07"sv, "a RAR archive"},
    Signature{"\x1F\x9D"sv, "compressed by compress (.Z)"},
};
constexpr std::array kReadable{
    Signature{"\x1F\x8B"sv, "gzip-compressed"},
    Signature{"\x28\xB5\x2F\xFD"sv, "zstd-compressed"},
};
constexpr std::array kOthers{
    Signature{"PK\x03\x04"sv, "a ZIP archive (an .xlsx workbook is one, too); unpack it, or save it as text"},
    Signature{"PK\x05\x06"sv, "an empty ZIP archive"},
    Signature{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an old Office file (.xls); save it as text"},
    Signature{"%PDF-"sv, "a PDF"},
    Signature{"PAR1"sv, "a Parquet file"},
    Signature{"Obj\x01"sv, "an Avro file"},
    Signature{"ORC"sv, "an ORC file"},
    Signature{"SQLite format 3\0"sv, "an SQLite database"},
    Signature{"\x7F"
              "ELF"sv,
              "a program"},
    Signature{"MZ\x90\0"sv, "a program"},
    Signature{"\xFF\xD8\xFF"sv, "a JPEG picture"},
    Signature{"\x89PNG\r\n\x1A\n"sv, "a PNG picture"},
    Signature{"GIF87a"sv, "a GIF picture"},
    Signature{"GIF89a"sv, "a GIF picture"},
    Signature{"ID3\x03"sv, "an MP3 file"},
    Signature{"ID3\x04"sv, "an MP3 file"},
    Signature{"\xFF\xFB"sv, "an MP3 file"},
    Signature{"fLaC"sv, "a FLAC file"},
    Signature{"OggS"sv, "an Ogg file"},
    Signature{"\x1A\x45\xDF\xA3"sv, "a Matroska or WebM file"},
    Signature{"{\\rtf"sv, "a Rich Text document; save it as text"},
    Signature{"<!DOCTYPE html"sv, "a web page"},
    Signature{"<!doctype html"sv, "a web page"},
    Signature{"<html"sv, "a web page"},
    Signature{"<?xml"sv, "an XML document; save it as text"},
};
constexpr std::array kEncodings{
    Signature{"\xFF\xFE\0\0"sv, "UTF-32 text; convert it to UTF-8"},
    Signature{"\0\0\xFE\xFF"sv, "UTF-32 text; convert it to UTF-8"},
    Signature{"\xFF\xFE"sv, "UTF-16 text; convert it to UTF-8"},
    Signature{"\xFE\xFF"sv, "UTF-16 text; convert it to UTF-8"},
};

// Every second byte of Latin text in UTF-16 is zero, and so is what JSON is made of.
bool utf16_without_mark(std::string_view head) {
    if (head.size() < 4) return false;
    const bool big = head[0] == '\0' && head[1] != '\0' && head[2] == '\0' && head[3] != '\0';
    const bool little = head[0] != '\0' && head[1] == '\0' && head[2] != '\0' && head[3] == '\0';
    return big || little;
}

bool tar(std::string_view head) {
    return head.size() >= 262 && head.substr(257, 5) == "ustar";
}

std::string archive_kind(std::string_view head) {
    if (const auto packer = name_by_signature(kPackers, head); !packer.empty())
        return std::string(packer).append(kUnpack);
    if (const auto other = name_by_signature(kOthers, head); !other.empty()) return std::string(other);
    if (head.size() >= 12 && head[0] == '\0' && head.substr(4, 4) == "ftyp") return "an MP4 or HEIC file";
    if (head.size() >= 12 && head.starts_with("RIFF")) {
        const std::string_view form = head.substr(8, 4);
        if (form == "WAVE" || form == "AVI " || form == "WEBP") return "a WAV, AVI or WebP file";
    }
    return tar(head) ? "a tar archive; unpack it first" : "";
}

}  // namespace

std::string packed_file_kind(std::string_view head) {
    if (const auto packer = name_by_signature(kReadable, head); !packer.empty())
        return std::string(packer) + "; unpack it first";
    return archive_kind(head);
}

std::string foreign_file_kind(std::string_view head, bool unpacked) {
    if (const auto twice = name_by_signature(kReadable, head); unpacked && !twice.empty())
        return "packed twice (" + std::string(twice) + " inside); unpack it once";
    if (std::string archive = archive_kind(head); !archive.empty()) return archive;
    if (const auto encoding = name_by_signature(kEncodings, head); !encoding.empty())
        return std::string(encoding);
    if (utf16_without_mark(head)) return "UTF-16 text without a byte order mark; convert it to UTF-8";
    return {};
}

}  // namespace bgm
