// Files with several tracks of sound, and with tracks that nobody here can decode: the best of those that can
// be decoded is heard, and where there is none the error names the codec. Each track is a tone of its own, so
// that what is heard says which.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>
#include <string>

#include "tests/shared_folder.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/voice_files.hpp"
#include "workers/media/av/av_audio.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;

constexpr int kDefault = 1;        // AV_DISPOSITION_DEFAULT
constexpr int kCommentary = 8;     // AV_DISPOSITION_COMMENT
constexpr int kForTheBlind = 256;  // AV_DISPOSITION_VISUAL_IMPAIRED

Result<Waveform> decode(const std::string& file) {
    return decode_audio(std::as_bytes(std::span(file.data(), file.size())), {}, CpuBudget(20));
}

AvTrack tone(double hertz, int disposition = 0, std::string codec = "aac") {
    AvTrack track;
    track.codec = std::move(codec);
    track.disposition = disposition;
    track.sound = [hertz](int, double time_s) {
        return 0.3 * std::sin(2 * std::numbers::pi * hertz * time_s);
    };
    return track;
}

AvTrack film() {
    AvTrack track;
    track.codec = "libx264";  // has no box of the name that with_other_codec() looks for
    track.width = 64;
    track.height = 48;
    track.disposition = kDefault;
    return track;
}

// The track whose sample description is the `nth` becomes one of another codec: its tag, and the box behind
// it that would still say AAC.
std::string with_other_codec(const std::string& file, const std::string& tag, std::size_t nth = 0) {
    return with_replaced(with_replaced(file, "mp4a", tag, nth), "esds", "skip", nth);
}

// Of the loudest tone, by its crossings of zero; the error's text where there is none.
std::string heard(const std::string& file) {
    const auto waveform = decode(file);
    if (!waveform) return waveform.error().to_string();
    int crossings = 0;
    for (std::size_t i = 1; i < waveform->samples.size(); ++i) {
        if (waveform->samples[i - 1] < 0 && waveform->samples[i] >= 0) ++crossings;
    }
    const double seconds = static_cast<double>(waveform->samples.size()) / waveform->sample_rate_hz;
    return std::to_string(std::lround(crossings / seconds / 100) * 100) + " Hz";
}

TEST(AudioTracks, TheOneThatCanBeDecodedIsHeardWhateverTheFileMarks) {
    AvTrack rich = tone(2'000, kDefault);
    rich.bits_per_s = 256'000;
    for (const char* tag : {"apac", "ac-4", "mha1", "DTS+", "xxxx"}) {
        const std::string behind = make_av_file({.container = "mp4", .tracks = {film(), tone(500), rich}});
        EXPECT_EQ(heard(with_other_codec(behind, tag, 1)), "500 Hz") << tag;
        const std::string before = make_av_file({.container = "mp4", .tracks = {film(), rich, tone(500)}});
        EXPECT_EQ(heard(with_other_codec(before, tag, 0)), "500 Hz") << tag;
    }
    EXPECT_EQ(
        heard(make_av_file({.container = "matroska", .tracks = {tone(2'000, kDefault, "dca"), tone(500)}})),
        "500 Hz");
}

TEST(AudioTracks, TheDefaultOneIsHeardOfSeveralLanguages) {
    for (const char* container : {"mov", "matroska", "mp4"}) {
        EXPECT_EQ(heard(make_av_file({.container = container,
                                      .tracks = {film(), tone(2'000), tone(500, kDefault), tone(3'000)}})),
                  "500 Hz")
            << container;
    }
}

TEST(AudioTracks, CommentariesComeLast) {
    EXPECT_EQ(heard(make_av_file(
                  {.container = "matroska",
                   .tracks = {tone(2'000, kDefault | kCommentary), tone(3'000, kForTheBlind), tone(500)}})),
              "500 Hz");
}

TEST(AudioTracks, OneWithoutContentIsPassedOver) {
    // A track whose packets are all zeros decodes to nothing.
    AvTrack broken;
    broken.codec = "mp3";
    broken.disposition = kDefault;
    broken.layout = "stereo";
    broken.packets.assign(20, std::string(400, '\0'));
    broken.packet_ms = 100;
    EXPECT_EQ(heard(make_av_file({.container = "matroska", .tracks = {broken, tone(500)}})), "500 Hz");
}

TEST(AudioTracks, WhereNoneCanBeDecodedTheErrorNamesTheCodec) {
    const std::string film_with_sound = make_av_file({.container = "mp4", .tracks = {film(), tone(500)}});
    const auto apac = decode(with_other_codec(film_with_sound, "apac"));
    ASSERT_FALSE(apac);
    EXPECT_EQ(apac.error().code, ErrorCode::unsupported);
    EXPECT_EQ(apac.error().message, "the codec 'apac' is not supported");
    const auto dts = decode(make_av_file({.container = "matroska", .tracks = {tone(500, 0, "dca")}}));
    ASSERT_FALSE(dts);
    EXPECT_EQ(dts.error().message, "the codec 'dts' is not supported");
    const auto unknown =
        decode(with_replaced(make_av_file({.container = "matroska", .tracks = {tone(500, 0, "libmp3lame")}}),
                             "A_MPEG/L3", "A_WHO/KNO"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::unsupported);
    EXPECT_THAT(unknown.error().message, testing::Not(HasSubstr("none")));
}

TEST(AudioTracks, EncryptedOnesAreCalledSo) {
    const AvFile file{.container = "mp4",
                      .tracks = {tone(500)},
                      .options = {{"encryption_scheme", "cenc-aes-ctr"},
                                  {"encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"},
                                  {"encryption_kid", "a7e61c373e219033c21091fa607bf3b8"}}};
    const auto cenc = decode(make_av_file(file));
    ASSERT_FALSE(cenc);
    EXPECT_EQ(cenc.error().code, ErrorCode::unsupported);
    EXPECT_THAT(cenc.error().message, HasSubstr("encrypted"));
    const auto fairplay =
        decode(with_replaced(make_av_file({.container = "ipod", .tracks = {tone(500)}}), "mp4a", "drms"));
    ASSERT_FALSE(fairplay);
    EXPECT_EQ(fairplay.error().message, "the track is encrypted ('aac')");
}

TEST(AudioTracks, AnIphonesSpatialFilmIsHeard) {
    std::ifstream shared(shared_folder() / "cases/iphone-spatial-audio-apac.mov", std::ios::binary);
    if (!shared) GTEST_SKIP() << "the shared cases are not here";
    const auto waveform = decode({std::istreambuf_iterator<char>(shared), {}});
    ASSERT_TRUE(waveform) << waveform.error().to_string();
    EXPECT_GT(waveform->samples.size(), 22'050U);
}

TEST(AudioTracks, VoiceOfOlderPhonesAndChatsIsHeard) {
    for (const std::string& file : {amr_nb(), amr_wb(), amr_nb_in_3gp()}) {
        const auto waveform = decode(file);
        ASSERT_TRUE(waveform) << waveform.error().to_string();
        EXPECT_NEAR(static_cast<double>(waveform->samples.size()) / waveform->sample_rate_hz, 4, 0.2);
    }
    for (const char* codec : {"alac", "pcm_s16le", "adpcm_ima_qt", "libopus"}) {
        AvTrack voice = tone(500, 0, codec);
        voice.rate_hz = 48'000;
        voice.layout = "mono";
        EXPECT_EQ(heard(make_av_file({.container = "caf", .tracks = {voice}})), "500 Hz") << codec;
    }
    AvTrack recorded = tone(500);
    EXPECT_EQ(heard(aac_in_caf(make_av_file({.container = "adts", .tracks = {recorded}}))), "500 Hz");
    AvTrack message = tone(500, 0, "libopus");
    message.rate_hz = 48'000;
    std::string opus = make_av_file({.container = "caf", .tracks = {message}});
    opus.insert(opus.find("data"),
                std::string("kuki\0\0\0\0\0\0\0\x1c\0\0\x08\0\0\0\xbb\x80\0\0\x03\xc0", 24) +
                    std::string(16, '\xff'));
    EXPECT_EQ(heard(opus), "500 Hz") << "with Apple's own description of the stream";
    for (const char* codec : {"aac", "libmp3lame"}) {
        EXPECT_EQ(heard(make_av_file({.container = "flv", .tracks = {tone(500, 0, codec)}})), "500 Hz")
            << codec;
    }
}

// Containers that are not read, by name: made by libav where it can write them.
TEST(UnreadContainers, AreRefusedByTheirNames) {
    const auto message = [](const std::string& file) {
        const auto waveform = decode(file);
        return waveform ? "read" : waveform.error().to_string();
    };
    const auto made = [](const char* container, const char* codec) {
        return make_av_file({.container = container, .tracks = {tone(500, 0, codec)}});
    };
    EXPECT_EQ(message(made("asf", "wmav2")), "Windows Media (WMA, WMV, ASF) is not supported (unsupported)");
    EXPECT_EQ(message(made("rm", "ac3")), "RealMedia is not supported (unsupported)");
    EXPECT_EQ(message(made("au", "pcm_s16be")), "Sun audio (AU) is not supported (unsupported)");
    EXPECT_EQ(message(made("ac3", "ac3")), "a raw AC-3 stream is not supported (unsupported)");
    EXPECT_EQ(message(made("w64", "pcm_s16le")), "Wave64 is not supported (unsupported)");
    EXPECT_EQ(message(made("wv", "wavpack")), "WavPack is not supported (unsupported)");
    EXPECT_EQ(message(made("tta", "tta")), "True Audio (TTA) is not supported (unsupported)");
    EXPECT_EQ(message(made("voc", "pcm_u8")), "Creative Voice (VOC) is not supported (unsupported)");
    EXPECT_EQ(message(made("vob", "mp2")),
              "an MPEG program stream (MPG, VOB) is not supported (unsupported)");
    EXPECT_EQ(message(made("nut", "aac")), "NUT is not supported (unsupported)");
    // Named by libav itself.
    EXPECT_EQ(message(made("sox", "pcm_s32le")), "SoX native is not supported (unsupported)");
    EXPECT_THAT(message(made("adx", "adpcm_adx")), HasSubstr("(unsupported)"));
    const std::string rest(2'000, '\7');
    for (const auto& [magic, name] : std::vector<std::pair<std::string, std::string>>{
             {std::string("MThd\0\0\0\6\0\1\0\1\0\140", 14), "MIDI"},
             {"DSD ", "DSD audio (DSF)"},
             {"FRM8", "DSD audio (DSDIFF)"},
             {"MAC \x96\x0f", "Monkey's Audio (APE)"},
             {"MPCKSH", "Musepack"},
             {"\x02#!SILK_V3", "SILK voice"},
             {"#!SILK_V3", "SILK voice"},
             {"RIFF\x10\1\1\1QLCMfmt ", "QCELP voice (QCP)"},
             {"RIFF\x10\1\1\1RMIDdata", "MIDI"},
             {"FORM\x10\1\1\1"
              "8SVX",
              "Amiga 8SVX"},
             {".ra\xfd", "RealAudio"},
             {"MMMD", "Yamaha SMAF (MMF)"},
             {"Extended Module: ", "tracker music (XM)"}}) {
        EXPECT_EQ(message(magic + rest), name + " is not supported (unsupported)");
    }
}

}  // namespace
}  // namespace bgm::test
