// A film of which one half cannot be used: the other half is, and the answer says what was lost and why. What
// a film never had is no loss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/shared_folder.hpp"
#include "tests/workers/av_maker.hpp"
#include "workers/video/video_encoder.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

EncodeResult encode(const std::string& file) {
    auto encoder = make_video_encoder({});
    EncodeTask task;
    task.media = std::as_bytes(std::span(file.data(), file.size()));
    return (*encoder)->encode({&task, 1}).front();
}

AvTrack pictures(std::string codec, std::string pixel_format = {}) {
    AvTrack track;
    track.codec = std::move(codec);
    track.pixel_format = std::move(pixel_format);
    track.width = 128;
    track.height = 96;
    track.disposition = 1;
    return track;
}

AvTrack sound(std::string codec = "aac") {
    AvTrack track;
    track.codec = std::move(codec);
    return track;
}

// The one encoding that there is, of `used`; what it misses must be one thing of the other kind.
void expect_half(const std::string& file, Modality used, ErrorCode code, const std::string& why) {
    const auto result = encode(file);
    ASSERT_TRUE(result) << result.error().to_string();
    ASSERT_EQ(result->size(), 1U);
    EXPECT_EQ(result->front().modality, used);
    EXPECT_GT(result->front().quality, 0);
    ASSERT_EQ(result->front().missing.size(), 1U) << "lost without a word";
    const MissingPart& missing = result->front().missing.front();
    EXPECT_EQ(missing.modality, used == Modality::audio ? Modality::video : Modality::audio);
    EXPECT_EQ(missing.error.code, code);
    EXPECT_THAT(missing.error.message, HasSubstr(why));
}

TEST(HalfFilm, PicturesOfACodecThatIsNotReadAreMissedByItsName) {
    const auto film = [](const char* container, AvTrack track) {
        return make_av_file({.container = container, .tracks = {std::move(track), sound()}});
    };
    const auto lost = [](const std::string& file, const std::string& codec) {
        expect_half(file, Modality::audio, ErrorCode::unsupported, "'" + codec + "'");
    };
    lost(film("mov", pictures("prores_ks", "yuv422p10le")), "prores");
    lost(film("matroska", pictures("ffv1", "yuv420p")), "ffv1");
    lost(film("mov", pictures("png")), "png");
    lost(film("avi", pictures("rawvideo", "yuv420p")), "rawvideo");
    lost(film("avi", pictures("rawvideo", "bgr24")), "BGR[24]");
    lost(film("matroska", pictures("wmv2", "yuv420p")), "wmv2");
    lost(film("avi", pictures("huffyuv", "yuv422p")), "huffyuv");
    lost(with_replaced(film("mp4", pictures("libx264")), "avc1", "vvc1", 1), "vvc1");
    lost(film("mov", pictures("qtrle", "rgb24")), "qtrle");
}

TEST(HalfFilm, EncryptedPicturesAreMissed) {
    const std::string film = make_av_file({.container = "mp4", .tracks = {pictures("libx264"), sound()}});
    expect_half(with_replaced(film, "avc1", "encv", 1), Modality::audio, ErrorCode::unsupported, "encrypted");
}

TEST(HalfFilm, OfTwoTracksOfPicturesTheOneThatCanBeDecodedIsSeen) {
    const auto result = encode(
        make_av_file({.container = "mov",
                      .tracks = {pictures("prores_ks", "yuv422p10le"), pictures("libx264"), sound()}}));
    ASSERT_TRUE(result) << result.error().to_string();
    ASSERT_EQ(result->size(), 2U);
    EXPECT_THAT(result->front().missing, IsEmpty());
}

TEST(HalfFilm, DamagedPicturesAreMissed) {
    AvTrack damaged;
    damaged.codec = "vp8";
    damaged.packets.assign(20, std::string(300, '\7'));
    damaged.packet_ms = 100;
    damaged.width = 128;
    damaged.height = 96;
    expect_half(make_av_file({.container = "webm", .tracks = {damaged, sound("libvorbis")}}), Modality::audio,
                ErrorCode::corrupt, "no frames");
}

TEST(HalfFilm, SoundThatCannotBeDecodedIsMissedByItsName) {
    const std::string film = make_av_file({.container = "mp4", .tracks = {pictures("libx264"), sound()}});
    const auto lost = [](const std::string& file, ErrorCode code, const std::string& why) {
        expect_half(file, Modality::video, code, why);
    };
    lost(with_replaced(with_replaced(film, "mp4a", "apac"), "esds", "skip"), ErrorCode::unsupported,
         "'apac'");
    lost(with_replaced(with_replaced(film, "mp4a", "ac-4"), "esds", "skip"), ErrorCode::unsupported,
         "'ac-4'");
    lost(with_replaced(film, "mp4a", "enca"), ErrorCode::unsupported, "encrypted");
    lost(make_av_file({.container = "matroska", .tracks = {pictures("libx264"), sound("dca")}}),
         ErrorCode::unsupported, "'dts'");
    AvTrack empty = sound();
    empty.seconds = 0;
    lost(make_av_file({.container = "matroska", .tracks = {pictures("libx264"), empty}}), ErrorCode::corrupt,
         "no sound could be decoded");
    lost(make_av_file({.container = "mp4",
                       .tracks = {pictures("libx264"), empty},
                       .options = {{"movflags", "frag_keyframe+empty_moov"}}}),
         ErrorCode::corrupt, "no sound could be decoded");
    AvTrack damaged;
    damaged.codec = "mp3";
    damaged.packets.assign(20, std::string(400, '\0'));
    damaged.packet_ms = 100;
    lost(make_av_file({.container = "matroska", .tracks = {pictures("libx264"), damaged}}),
         ErrorCode::corrupt, "no sound could be decoded");
}

TEST(HalfFilm, AnEncryptedFilmIsRefusedAsThat) {
    const auto result =
        encode(make_av_file({.container = "mp4",
                             .tracks = {pictures("libx264"), sound()},
                             .options = {{"encryption_scheme", "cenc-aes-ctr"},
                                         {"encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"},
                                         {"encryption_kid", "a7e61c373e219033c21091fa607bf3b8"}}}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unsupported);
    EXPECT_THAT(result.error().message, HasSubstr("encrypted"));
}

TEST(HalfFilm, WhatWasNeverThereIsNotMissed) {
    AvTrack cover = pictures("png");
    cover.disposition = 1024;  // AV_DISPOSITION_ATTACHED_PIC
    for (const AvFile& file : {AvFile{.container = "mp4", .tracks = {pictures("libx264")}},
                               AvFile{.container = "mpegts", .tracks = {pictures("libx264"), sound()}},
                               AvFile{.container = "flv", .tracks = {pictures("flv"), sound("libmp3lame")}},
                               AvFile{.container = "ipod", .tracks = {sound(), cover}},
                               AvFile{.container = "ogg", .tracks = {sound("libvorbis")}}}) {
        const auto result = encode(make_av_file(file));
        ASSERT_TRUE(result) << file.container << result.error().to_string();
        for (const Encoding& encoding : *result)
            EXPECT_THAT(encoding.missing, IsEmpty()) << file.container;
    }
}

TEST(HalfFilm, WhereNothingIsUsableTheErrorIsThatOfWhatWasThere) {
    const std::string sound_only = make_av_file({.container = "mp4", .tracks = {sound()}});
    const auto result = encode(with_replaced(with_replaced(sound_only, "mp4a", "apac"), "esds", "skip"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "the codec 'apac' is not supported");
    const auto container =
        encode(make_av_file({.container = "asf", .tracks = {pictures("msmpeg4"), sound("wmav2")}}));
    ASSERT_FALSE(container);
    EXPECT_EQ(container.error().message, "Windows Media (WMA, WMV, ASF) is not supported");
}

TEST(HalfFilm, AnIphonesSpatialFilmLosesNothing) {
    std::ifstream shared(shared_folder() / "cases/iphone-spatial-audio-apac.mov", std::ios::binary);
    if (!shared) GTEST_SKIP() << "the shared cases are not here";
    const auto result = encode({std::istreambuf_iterator<char>(shared), {}});
    ASSERT_TRUE(result) << result.error().to_string();
    ASSERT_EQ(result->size(), 2U);
    EXPECT_THAT(result->at(0).missing, IsEmpty());
    EXPECT_THAT(result->at(1).missing, IsEmpty());
}

}  // namespace
}  // namespace bgm::test
