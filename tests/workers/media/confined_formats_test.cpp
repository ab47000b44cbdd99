// For every demuxer and decoder that strangers' files reach, a real file is read where it matters: inside the
// sandbox, in a process of its own. A library that opens something only when it first needs it is seen here,
// and nowhere else. The table is held to the list in av_allowed.cpp: what is added there needs a row here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "tests/shared_folder.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/sandbox/in_a_child.hpp"
#include "tests/workers/voice_files.hpp"
#include "workers/media/av/av_allowed.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/av_input.hpp"
#include "workers/media/av/av_video.hpp"
#include "workers/media/av/av_warm.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::span<const std::byte> as_bytes(const std::string& file) {
    return std::as_bytes(std::span(file.data(), file.size()));
}

template <typename Work>
Ended warm_and_confined(const Work& work, bool warm = true) {
    return confined(
        [warm] {
            if (warm) warm_media_libraries();
            return 0;
        },
        [&](int /*ready*/) { return work(); });
}

// "mov+aac: heard" and the like. Whole tracks are decoded, so that decoders meet what only later frames hold.
std::string read_track(const std::string& file, AVMediaType type) {
    const CpuBudget budget(20);
    auto input = av::Input::open(as_bytes(file), budget, "a file");
    if (!input) return input.error().to_string();
    const AVStream* stream = (*input)->choose(type);
    if (stream == nullptr) return "no such track";
    const auto decoder = (*input)->decoder_for(*stream);
    if (!decoder) return decoder.error().to_string();
    std::string said = (*input)->format()->iformat->name;
    said = said.substr(0, said.find(',')) + "+" + (*decoder)->codec->name + ": ";
    if (type == AVMEDIA_TYPE_AUDIO) {
        const auto waveform = decode_audio(as_bytes(file), {}, budget);
        return said + (waveform ? "heard" : waveform.error().to_string());
    }
    const auto sample = sample_video(as_bytes(file), {}, budget);
    return said + (sample ? "seen" : sample.error().to_string());
}

struct Row {
    std::string demuxer;
    std::string decoder;
    std::string container;  // libav's muxer
    AvTrack track = {};
    std::string (*made_by_hand)() = nullptr;  // where libav has no encoder
    bool pictures() const { return track.width > 0; }
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.demuxer << "+" << row.decoder;
}

AvTrack sound(std::string encoder, int rate_hz = 44'100, std::string layout = "stereo") {
    AvTrack track;
    track.codec = std::move(encoder);
    track.rate_hz = rate_hz;
    track.layout = std::move(layout);
    return track;
}

AvTrack film(std::string encoder, int width = 176, int height = 144) {
    AvTrack track;
    track.codec = std::move(encoder);
    track.width = width;
    track.height = height;
    if (track.codec == "libx265") track.options = {{"x265-params", "log-level=none:pools=none:bframes=0"}};
    if (track.codec == "libaom-av1") track.options = {{"usage", "realtime"}, {"cpu-used", "8"}};
    return track;
}

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"mov", "aac", "ipod", sound("aac")},
        {"mov", "alac", "ipod", sound("alac")},
        {"mov", "ac3", "mp4", sound("ac3")},
        {"mov", "eac3", "mp4", sound("eac3")},
        {"mov", "amrnb", "", {}, amr_nb_in_3gp},
        {"mov", "pcm_s24be", "mov", sound("pcm_s24be")},
        {"mov", "adpcm_ima_qt", "mov", sound("adpcm_ima_qt")},
        {"matroska", "vorbis", "webm", sound("libvorbis")},
        {"matroska", "opus", "webm", sound("libopus", 48'000)},
        {"matroska", "flac", "matroska", sound("flac")},
        {"ogg", "opus", "ogg", sound("libopus", 48'000)},
        {"ogg", "vorbis", "ogg", sound("libvorbis")},
        {"ogg", "flac", "ogg", sound("flac")},
        {"mp3", "mp3float", "mp3", sound("libmp3lame")},
        {"wav", "pcm_u8", "wav", sound("pcm_u8")},
        {"wav", "pcm_s16le", "wav", sound("pcm_s16le")},
        {"wav", "pcm_s24le", "wav", sound("pcm_s24le")},
        {"wav", "pcm_s32le", "wav", sound("pcm_s32le")},
        {"wav", "pcm_f32le", "wav", sound("pcm_f32le")},
        {"wav", "pcm_f64le", "wav", sound("pcm_f64le")},
        {"wav", "pcm_alaw", "wav", sound("pcm_alaw", 8'000, "mono")},
        {"wav", "pcm_mulaw", "wav", sound("pcm_mulaw", 8'000, "mono")},
        {"wav", "adpcm_ms", "wav", sound("adpcm_ms")},
        {"wav", "adpcm_ima_wav", "wav", sound("adpcm_ima_wav")},
        {"flac", "flac", "flac", sound("flac")},
        {"aac", "aac", "adts", sound("aac")},
        {"aiff", "pcm_s16be", "aiff", sound("pcm_s16be")},
        {"aiff", "pcm_s8", "aiff", sound("pcm_s8")},
        {"aiff", "pcm_s32be", "aiff", sound("pcm_s32be")},
        {"aiff", "pcm_f32be", "aiff", sound("pcm_f32be")},
        {"amr", "amrnb", "", {}, amr_nb},
        {"amr", "amrwb", "", {}, amr_wb},
        {"caf",
         "aac",
         "",
         {},
         [] { return aac_in_caf(make_av_file({.container = "adts", .tracks = {sound("aac")}})); }},
        {"caf", "alac", "caf", sound("alac")},
        {"caf", "pcm_s16le", "caf", sound("pcm_s16le")},
        {"caf", "adpcm_ima_qt", "caf", sound("adpcm_ima_qt")},
        {"caf", "opus", "caf", sound("libopus", 48'000)},
        {"flv", "mp3float", "flv", sound("libmp3lame")},
        {"flv", "aac", "flv", sound("aac")},
        {"matroska", "mp2", "matroska", sound("mp2")},
        {"mpegts", "aac", "mpegts", sound("aac")},
        {"mpegts", "ac3", "mpegts", sound("ac3")},
        {"avi", "mp3float", "avi", sound("libmp3lame")},
        {"mov", "h264", "mp4", film("libx264")},
        {"mov", "hevc", "mp4", film("libx265")},
        {"mov", "libdav1d", "mp4", film("libaom-av1")},
        {"mov", "mpeg4", "mp4", film("mpeg4")},
        {"mov", "h263", "3gp", film("h263")},
        {"mov", "mjpeg", "mov", film("mjpeg")},
        {"matroska", "vp8", "webm", film("libvpx")},
        {"matroska", "vp9", "webm", film("libvpx-vp9")},
        {"mpegts", "mpeg1video", "mpegts", film("mpeg1video")},
        {"mpegts", "mpeg2video", "mpegts", film("mpeg2video")},
        {"mpegts", "h264", "mpegts", film("libx264")},
        {"avi", "msmpeg4v2", "avi", film("msmpeg4v2")},
        {"avi", "msmpeg4", "avi", film("msmpeg4")},
        {"avi", "cinepak", "avi", film("cinepak")},
        {"ogg", "theora", "ogg", film("libtheora")},
        {"flv", "flv", "flv", film("flv")},
        {"flv", "h264", "flv", film("libx264")},
    };
    return all;
}

std::string file_of(const Row& row) {
    return row.made_by_hand != nullptr ? row.made_by_hand()
                                       : make_av_file({.container = row.container, .tracks = {row.track}});
}

class ConfinedFormat : public testing::TestWithParam<Row> {};

TEST_P(ConfinedFormat, IsReadWithoutOpeningAnything) {
    const Row& row = GetParam();
    const std::string file = made_elsewhere([&] { return file_of(row); });
    ASSERT_FALSE(file.empty());
    const Ended ended = warm_and_confined(
        [&] { return read_track(file, row.pictures() ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO); });
    EXPECT_TRUE(ended.well()) << ended.status << " " << ended.said;
    EXPECT_EQ(ended.said, row.demuxer + "+" + row.decoder + (row.pictures() ? ": seen" : ": heard"));
}

INSTANTIATE_TEST_SUITE_P(Each, ConfinedFormat, testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param.demuxer + "_" + row.param.decoder; });

TEST(AllowedFormats, HaveEachAFileInTheTable) {
    std::set<std::string_view> demuxers, decoders;
    for (const Row& row : rows()) {
        demuxers.insert(row.demuxer);
        decoders.insert(row.decoder);
    }
    for (const std::string_view name : av::allowed_demuxers())
        EXPECT_TRUE(demuxers.contains(name)) << "no file for the demuxer " << name;
    for (const std::string_view name : av::allowed_decoders())
        EXPECT_TRUE(decoders.contains(name)) << "no file for the decoder " << name;
}

// What is written where a file's text may stand: its character sets are what libraries load late.
const std::map<std::string, std::string> kKoreanTags{
    {"title", "바다의 노래"}, {"artist", "김 아무개"}, {"comment", "여름"}};

struct Dressed {
    std::string name;
    std::string file;
};

std::vector<Dressed> dressed_files() {
    AvTrack cover = film("png", 64, 64);
    cover.disposition = AV_DISPOSITION_ATTACHED_PIC;
    AvTrack mov_text;
    mov_text.codec = "mov_text";
    mov_text.packets = {std::string("\0\6", 2) + "안녕", std::string("\0\2hi", 4)};
    AvTrack subrip;
    subrip.codec = "subrip";
    subrip.packets = {"안녕하세요", "hello"};
    AvTrack korean = sound("aac");
    korean.tags = {{"language", "kor"}, {"title", "한국어"}};
    std::vector<Dressed> files{
        {"mp3, ID3v2.3 in UTF-16", make_av_file({.container = "mp3",
                                                 .tracks = {sound("libmp3lame"), cover},
                                                 .options = {{"id3v2_version", "3"}, {"write_id3v1", "1"}},
                                                 .tags = kKoreanTags})},
        {"mp3, ID3v2.4 in UTF-8",
         make_av_file({.container = "mp3", .tracks = {sound("libmp3lame"), cover}, .tags = kKoreanTags})},
        {"m4a with cover and chapters", make_av_file({.container = "ipod",
                                                      .tracks = {sound("aac"), cover},
                                                      .tags = kKoreanTags,
                                                      .chapters = {"첫째", "둘째"}})},
        {"mp4 with subtitles and chapters", make_av_file({.container = "mp4",
                                                          .tracks = {film("libx264"), korean, mov_text},
                                                          .tags = kKoreanTags,
                                                          .chapters = {"첫째", "둘째"}})},
        {"mov",
         make_av_file({.container = "mov", .tracks = {film("libx264"), sound("aac")}, .tags = kKoreanTags})},
        {"mkv with subtitles and chapters", make_av_file({.container = "matroska",
                                                          .tracks = {film("libx264"), korean, subrip},
                                                          .tags = kKoreanTags,
                                                          .chapters = {"첫째", "둘째"}})},
        {"avi",
         make_av_file(
             {.container = "avi", .tracks = {film("mpeg4"), sound("libmp3lame")}, .tags = kKoreanTags})},
        {"flv",
         make_av_file({.container = "flv", .tracks = {film("libx264"), sound("aac")}, .tags = kKoreanTags})},
        {"ogg", make_av_file({.container = "ogg", .tracks = {sound("libvorbis")}, .tags = kKoreanTags})},
        {"flac with cover",
         make_av_file({.container = "flac", .tracks = {sound("flac"), cover}, .tags = kKoreanTags})},
        {"wav", make_av_file({.container = "wav", .tracks = {sound("pcm_s16le")}, .tags = kKoreanTags})},
        {"caf", make_av_file({.container = "caf", .tracks = {sound("alac")}, .tags = kKoreanTags})},
        {"aiff with ID3v2", make_av_file({.container = "aiff",
                                          .tracks = {sound("pcm_s16be")},
                                          .options = {{"write_id3v2", "1"}},
                                          .tags = kKoreanTags})},
    };
    // Players of old wrote CP949 where the standard says Latin-1.
    const std::string latin = make_av_file({.container = "mp3",
                                            .tracks = {sound("libmp3lame")},
                                            .options = {{"id3v2_version", "3"}},
                                            .tags = {{"title", "abcdef"}}});
    files.push_back({"mp3, ID3v2.3 in CP949", with_replaced(latin, "abcdef", "\xb9\xd9\xb4\xd9\xc0\xc7")});
    return files;
}

TEST(ConfinedFiles, TagsChaptersCoversAndSubtitlesOpenNothing) {
    for (const auto& [name, file] : dressed_files()) {
        const Ended ended = warm_and_confined([&, &bytes = file] {
            std::string said = read_track(bytes, AVMEDIA_TYPE_AUDIO);
            const std::string pictures = read_track(bytes, AVMEDIA_TYPE_VIDEO);
            return said + (pictures == "no such track" ? "" : ", " + pictures);
        });
        EXPECT_TRUE(ended.well()) << name << ": " << ended.status << " " << ended.said;
        EXPECT_THAT(ended.said, HasSubstr(": heard")) << name;
        EXPECT_THAT(ended.said, Not(HasSubstr("sandbox"))) << name;
        EXPECT_THAT(ended.said, Not(HasSubstr("unsupported"))) << name;
    }
}

// The service's name, in each of the character sets that DVB knows: the first bytes say which (ETSI EN 300
// 468, annex A).
std::string with_service_name(const std::string& name) {
    return make_av_file({.container = "mpegts",
                         .tracks = {sound("aac")},
                         .tags = {{"service_name", name}, {"service_provider", name}}});
}

std::string service_name(const std::string& file) {
    const CpuBudget budget(20);
    auto input = av::Input::open(as_bytes(file), budget, "a file");
    if (!input || (*input)->format()->nb_programs == 0) return "not read";
    const AVDictionaryEntry* entry =
        av_dict_get((*input)->format()->programs[0]->metadata, "service_name", nullptr, 0);
    return entry != nullptr ? entry->value : "none";
}

struct ServiceName {
    std::string bytes;
    std::string read;
};

// The muxer takes UTF-8 only, so that a placeholder of the same length is written and replaced; the checksum
// of the table, which libav looks at, is made anew.
std::string with_raw_service_name(const std::string& bytes) {
    const std::string placeholder(bytes.size(), 'Q');
    std::string file = with_service_name(placeholder);
    for (std::size_t packet = 0; packet + 188 <= file.size(); packet += 188) {
        const std::size_t at = file.substr(packet, 188).find(placeholder);
        if (at == std::string::npos) continue;
        const std::size_t section = packet + 5;  // the header, and the pointer field
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(file[section + i]); };
        const std::size_t length = 3 + ((byte(1) & 0x0fU) << 8U | byte(2));
        for (std::size_t name = file.find(placeholder, packet); name < packet + 188;
             name = file.find(placeholder, name + 1))
            file.replace(name, bytes.size(), bytes);
        std::uint32_t crc = 0xffffffff;
        for (std::size_t i = 0; i + 4 < length; ++i) {
            crc ^= static_cast<std::uint32_t>(byte(i)) << 24U;
            for (int bit = 0; bit < 8; ++bit)
                crc = (crc << 1U) ^ ((crc & 0x80000000U) != 0 ? 0x04c11db7U : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i)
            file[section + length - 4 + i] = static_cast<char>(crc >> (24 - 8 * i));
    }
    return file;
}

TEST(ConfinedFiles, ServicesAreNamedInEveryCharacterSetOfDvb) {
    using namespace std::string_literals;
    std::vector<ServiceName> names{
        {"plain name", "plain name"},
        {"\x12\xc7\xd1\xb1\xb9\xb9\xe6\xbc\xdb"s, ""},  // KS X 1001, by a name that glibc does not know
        {"\x13\xd6\xd0\xb9\xfa"s, "中国"},              // GB 2312
        {"\x11\xd5\x5c\xae\x00"s, "한글"},              // UCS-2
        {"\x14\x4e\x2d\x57\x1b"s, "中圛"},              // libav reads Big5 as UCS-2
        {"\x15\xed\x95\x9c\xea\xb8\x80"s, "한글"},      // UTF-8
        {"\x01\xba\xd8\xdd\xde"s, "Кино"},              // ISO 8859-5
        {"\x10\x00\x02\xb3\xf3"s, "łó"},                // ISO 8859-2, by its number
        {"caf\xc2\x65"s, "café"},                       // ISO 6937
    };
    for (int table = 1; table <= 0x1f; ++table)
        names.push_back({std::string(1, static_cast<char>(table)) + "abcd", ""});
    for (int part = 0; part <= 20; ++part)
        names.push_back({"\x10\x00"s + static_cast<char>(part) + "abcd", ""});
    for (const ServiceName& name : names) {
        const std::string file = with_raw_service_name(name.bytes);
        const Ended ended = warm_and_confined(
            [&] { return service_name(file) + "|" + read_track(file, AVMEDIA_TYPE_AUDIO); });
        EXPECT_TRUE(ended.well()) << testing::PrintToString(name.bytes) << ended.status << " " << ended.said;
        EXPECT_THAT(ended.said, testing::EndsWith("|mpegts+aac: heard"))
            << testing::PrintToString(name.bytes);
        EXPECT_THAT(ended.said, Not(HasSubstr("sandbox"))) << testing::PrintToString(name.bytes);
        EXPECT_TRUE(name.read.empty() || ended.said.starts_with(name.read + "|")) << ended.said;
    }
}

// What nobody has warmed: refused with an error, told, and the file is read all the same.
TEST(ConfinedFiles, ALibraryThatLooksForItsPartsTooLateGoesWithout) {
    const std::string file = with_raw_service_name("\x12\xc7\xd1\xb1\xb9\xb9\xe6\xbc\xdb");
    const Ended ended = warm_and_confined([&] { return read_track(file, AVMEDIA_TYPE_AUDIO); }, false);
    EXPECT_TRUE(ended.well()) << ended.status << " " << ended.said;
    EXPECT_THAT(ended.said, HasSubstr("sandbox: goes without /usr/lib/"));
    EXPECT_THAT(ended.said, HasSubstr("mpegts+aac: heard"));
}

TEST(ConfinedFiles, AnotherProgramsTransportStreamIsRead) {
    std::ifstream shared(shared_folder() / "cases/ffmpeg-made-mpegts-with-service-name.ts", std::ios::binary);
    if (!shared) GTEST_SKIP() << "the shared cases are not here";
    const std::string file{std::istreambuf_iterator<char>(shared), {}};
    const Ended ended = warm_and_confined([&] { return read_track(file, AVMEDIA_TYPE_VIDEO); });
    EXPECT_TRUE(ended.well()) << ended.status << " " << ended.said;
    EXPECT_THAT(ended.said, testing::EndsWith(": seen"));
}

}  // namespace
}  // namespace bgm::test
