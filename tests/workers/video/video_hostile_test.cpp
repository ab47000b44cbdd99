// Idea: whatever bytes arrive as a video, the answer is a sample or a final error, in bounded time and
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>

#include "schemas/default_limits.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/media/av/av_video.hpp"
#include "workers/video/video_encoder.hpp"

namespace bgm {
namespace {

using test::VideoFormat;
using testing::HasSubstr;

constexpr std::array kFormats{VideoFormat::mp4_h264, VideoFormat::mp4_hevc, VideoFormat::webm_vp8,
                              VideoFormat::webm_vp9, VideoFormat::mkv_h264, VideoFormat::avi_mpeg4};

Result<VideoSample> sample(std::string_view file) {
    return sample_video(std::as_bytes(std::span(file.data(), file.size())), VideoLimits{}, CpuBudget(20));
}

void expect_sane(const Result<VideoSample>& result) {
    if (!result) {
        EXPECT_FALSE(retryable(result.error().code)) << result.error().to_string();
        EXPECT_FALSE(result.error().message.empty());
        return;
    }
    ASSERT_FALSE(result->frames.empty());
    EXPECT_LE(result->frames.size(), 16U);
    for (const VideoFrame& frame : result->frames) {
        EXPECT_TRUE(frame.image.consistent() && !frame.image.empty());
        EXPECT_LE(std::max(frame.image.width, frame.image.height), 384);
    }
}

std::string small_clip(VideoFormat format) {
    return test::make_video_clip(
        {.format = format, .width = 96, .height = 64, .seconds = 2, .key_frame_every = 10});
}

TEST(HostileVideo, AFileThatBreaksOffIsUsedAsFarAsItGoes) {
    for (const VideoFormat format : kFormats) {
        const std::string whole = small_clip(format);
        for (int part = 0; part < 30; ++part) {
            expect_sane(sample(
                std::string_view(whole).substr(0, whole.size() * static_cast<std::size_t>(part) / 30)));
        }
    }
    const std::string webm = small_clip(VideoFormat::webm_vp8);
    EXPECT_TRUE(sample(std::string_view(webm).substr(0, webm.size() / 2)).ok());
    const std::string mp4 = small_clip(VideoFormat::mp4_h264);
    const auto without_index = sample(std::string_view(mp4).substr(0, mp4.size() / 2));
    ASSERT_FALSE(without_index.ok());
    EXPECT_EQ(without_index.error().code, ErrorCode::corrupt);
}

TEST(HostileVideo, FlippedBitsNeverDoWorseThanAnError) {
    std::minstd_rand random(9);
    for (const VideoFormat format : kFormats) {
        const std::string whole = small_clip(format);
        for (int round = 0; round < 30; ++round) {
            std::string broken = whole;
            for (int flips = 0; flips < 1 + round; ++flips) {
                // A third hits the head and a third the tail, where the indexes are.
                const std::size_t reach = std::min<std::size_t>(1'024, broken.size());
                std::size_t place = random() % broken.size();
                if (flips % 3 == 0) place = random() % reach;
                if (flips % 3 == 1) place = broken.size() - 1 - random() % reach;
                broken[place] = static_cast<char>(random());
            }
            expect_sane(sample(broken));
        }
    }
}

// Where a box of an MP4 file begins with its type, its content.
std::size_t content_of(const std::string& file, const char* type) {
    const auto at = file.rfind(type);  // brands at the beginning may be called the same
    EXPECT_NE(at, std::string::npos) << type;
    return at + 4;
}

void put_big_endian(std::string& file, std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        file[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
}

TEST(HostileVideo, AClaimOfTenHoursCostsNothing) {
    std::string file = test::make_video_clip({.seconds = 1});
    const auto movie = content_of(file, "mvhd");
    put_big_endian(file, movie + 16, 36'000 * 1'000);
    const auto track = content_of(file, "mdhd");
    put_big_endian(file, track + 16, 36'000 * 12'800);
    const auto result = sample(file);
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    EXPECT_GE(result->frames.size(), 4U);
    expect_sane(result);
}

TEST(HostileVideo, HugeDeclaredFramesAreTooLarge) {
    std::string file = test::make_video_clip({.seconds = 1});
    const auto entry = content_of(file, "avc1") + 24;  // width and height, 16 bits each
    put_big_endian(file, entry, 0xfff0fff0U);
    const auto result = sample(file);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::too_large);
    EXPECT_THAT(result.error().message, HasSubstr("the limit is " + std::to_string(kPixelsMaxDefault)));
}

TEST(HostileVideo, AZipIsNamedForPicturesAndSoundAlike) {
    auto encoder = make_video_encoder({});
    const std::string zip = std::string("PK\x03\x04") + std::string(2'000, 'x');
    EncodeTask task;
    task.media = test::as_bytes(zip);
    const auto result = (*encoder)->encode({&task, 1}).front();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::unsupported);
    EXPECT_EQ(result.error().message, "this is a zip archive, not a video");
}

TEST(HostileVideo, AnEmptyBudgetIsADeadlineAndAnEmptyFileCorrupt) {
    const std::string file = small_clip(VideoFormat::mp4_h264);
    EXPECT_EQ(sample_video(test::as_bytes(file), VideoLimits{}, CpuBudget(0)).error().code,
              ErrorCode::deadline_exceeded);
    EXPECT_EQ(sample("").error().code, ErrorCode::corrupt);
    EXPECT_EQ(sample_video(test::as_bytes(file), VideoLimits{.bytes_max = 100}, CpuBudget(1)).error().code,
              ErrorCode::too_large);
}

}  // namespace
}  // namespace bgm
