#include "workers/media/av/content_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "schemas/file_signature.hpp"

namespace bgm {
namespace {

using namespace std::string_view_literals;
using Signature = FileSignature;

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

// Containers of sound or moving pictures that are not read. What libav knows beside these is named by libav.
constexpr std::array kUnreadContainers{
    Signature{"\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, "Windows Media (WMA, WMV, ASF)"},
    Signature{".RMF"sv, "RealMedia"},
    Signature{".ra\xfd"sv, "RealAudio"},
    Signature{".snd"sv, "Sun audio (AU)"},
    Signature{"MThd"sv, "MIDI"},
    Signature{"DSD "sv, "DSD audio (DSF)"},
    Signature{"FRM8"sv, "DSD audio (DSDIFF)"},
    Signature{"MAC "sv, "Monkey's Audio (APE)"},
    Signature{"wvpk"sv, "WavPack"},
    Signature{"TTA1"sv, "True Audio (TTA)"},
    Signature{"TTA2"sv, "True Audio (TTA)"},
    Signature{"MPCK"sv, "Musepack"},
    Signature{"MP+"sv, "Musepack"},
    Signature{"OFR "sv, "OptimFROG"},
    Signature{"ajkg"sv, "Shorten"},
    Signature{"\x02#!SILK"sv, "SILK voice"},
    Signature{"#!SILK"sv, "SILK voice"},
    Signature{"#!EVRC"sv, "EVRC voice"},
    Signature{"#!QCELP"sv, "QCELP voice"},
    Signature{"#!iLBC"sv, "iLBC voice"},
    Signature{"#!AMR_MC"sv, "AMR voice of several channels"},
    Signature{"#!AMR-WB_MC"sv, "AMR voice of several channels"},
    Signature{"#!AMR-WB+"sv, "AMR-WB+ sound"},
    Signature{"Creative Voice File"sv, "Creative Voice (VOC)"},
    Signature{"Extended Module:"sv, "tracker music (XM)"},
    Signature{"IMPM"sv, "tracker music (IT)"},
    Signature{"MMMD"sv, "Yamaha SMAF (MMF)"},
    Signature{"PSID"sv, "Commodore music (SID)"},
    Signature{"RSID"sv, "Commodore music (SID)"},
    Signature{"SNES-SPC700"sv, "Nintendo music (SPC)"},
    Signature{"NESM\x1a"sv, "Nintendo music (NSF)"},
    Signature{"2BIT"sv, "Audio Visual Research (AVR)"},
    Signature{"PVF1"sv, "portable voice (PVF)"},
    Signature{"ea3\x03"sv, "Sony ATRAC (OMA)"},
    Signature{"\x00\x00\x01\xba"sv, "an MPEG program stream (MPG, VOB)"},
    Signature{"\x00\x00\x01\xb3"sv, "a raw MPEG video stream"},
    Signature{"\x0b\x77"sv, "a raw AC-3 stream"},
    Signature{"\x7f\xfe\x80\x01"sv, "a raw DTS stream"},
    Signature{"FWS"sv, "Flash (SWF)"},
    Signature{"CWS"sv, "Flash (SWF)"},
    Signature{"ZWS"sv, "Flash (SWF)"},
    Signature{"\x06\x0e\x2b\x34"sv, "MXF"},
    Signature{"DKIF"sv, "IVF"},
    Signature{"YUV4MPEG2 "sv, "raw YUV4MPEG video"},
    Signature{"nut/multimedia container"sv, "NUT"},
    Signature{"\xb7\xd8\x00\x20\x37\x49\xda\x11"sv, "Windows recorded TV (WTV)"},
    Signature{"BIKi"sv, "Bink video"},
    Signature{"SMK"sv, "Smacker video"},
    Signature{"riff\x2e\x91\xcf\x11"sv, "Wave64"},
};

// Behind "RIFF", or "FORM", and four bytes of length.
constexpr std::array kUnreadForms{
    Signature{"RMID"sv, "MIDI"},       Signature{"QLCM"sv, "QCELP voice (QCP)"},
    Signature{"CDXA"sv, "Video CD"},   Signature{"AMV "sv, "AMV video"},
    Signature{"8SVX"sv, "Amiga 8SVX"}, Signature{"ANIM"sv, "an Amiga animation"},
};

// Text that no signature names: a playlist or script of some kind, which libav would partly be glad to
// follow.
bool looks_like_text(std::string_view head) {
    return !head.empty() && std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte >= 0x20 ? byte != 0x7f : (byte == '\t' || byte == '\n' || byte == '\r');
    });
}

std::string_view head_of(std::span<const std::byte> file) {
    return {reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 512)};
}

}  // namespace

std::string_view name_of_other_content(std::span<const std::byte> file) {
    const std::string_view head = head_of(file);
    if (const auto name = name_by_signature(kSignatures, head); !name.empty()) return name;
    if (head.size() >= 12 && head.substr(4, 4) == "ftyp") {
        if (const auto name = name_by_signature(kStillBrands, head.substr(8)); !name.empty()) return name;
    }
    if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return "a WebP image";
    return looks_like_text(head) ? "text" : "";
}

std::string_view name_of_unread_container(std::span<const std::byte> file) {
    const std::string_view head = head_of(file);
    if (const auto name = name_by_signature(kUnreadContainers, head); !name.empty()) return name;
    const bool form = head.size() >= 12 && (head.starts_with("RIFF") || head.starts_with("FORM"));
    return form ? name_by_signature(kUnreadForms, head.substr(8)) : std::string_view();
}

}  // namespace bgm
