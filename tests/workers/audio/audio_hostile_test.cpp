// Idea: whatever bytes arrive, the answer is an encoding or an error of the right kind, in bounded time and
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "tests/workers/media_maker.hpp"
#include "workers/audio/audio_encoder.hpp"
#include "workers/media/av/av_audio.hpp"

namespace bgm {
namespace {

using test::AudioFormat;
using testing::HasSubstr;

constexpr std::array kFormats{AudioFormat::wav,      AudioFormat::flac, AudioFormat::ogg_vorbis,
                              AudioFormat::ogg_opus, AudioFormat::mp3,  AudioFormat::m4a_aac,
                              AudioFormat::adts_aac};

Result<Waveform> decode(std::string_view file) {
    return decode_audio(std::as_bytes(std::span(file.data(), file.size())), AudioLimits{}, CpuBudget(10));
}

void expect_sane(const Result<Waveform>& waveform) {
    if (!waveform) {
        EXPECT_FALSE(retryable(waveform.error().code)) << waveform.error().to_string();
        EXPECT_FALSE(waveform.error().message.empty());
        return;
    }
    EXPECT_FALSE(waveform->samples.empty());
    EXPECT_LE(waveform->samples.size(), 30U * 22'050U);
    for (const float sample : waveform->samples) {
        ASSERT_TRUE(std::isfinite(sample));
    }
}

TEST(HostileAudio, AFileThatBreaksOffIsUsedAsFarAsItGoes) {
    for (const AudioFormat format : kFormats) {
        const std::string whole = test::make_music_clip({.seconds = 6, .format = format});
        for (int part = 0; part < 40; ++part) {
            expect_sane(decode(
                std::string_view(whole).substr(0, whole.size() * static_cast<std::size_t>(part) / 40)));
        }
        // MP4 keeps its index at the end; the others can be heard without theirs.
        if (format == AudioFormat::m4a_aac) continue;
        const auto half = decode(std::string_view(whole).substr(0, whole.size() / 2));
        ASSERT_TRUE(half.ok()) << half.error().to_string();
        // Bytes are not spread evenly over time, and Ogg's pages are long.
        EXPECT_NEAR(static_cast<double>(half->samples.size()) / 22'050, 3, 1.5);
    }
}

TEST(HostileAudio, AnM4aWithoutItsIndexIsCorrupt) {
    const std::string whole = test::make_music_clip({.seconds = 3, .format = AudioFormat::m4a_aac});
    const auto result = decode(std::string_view(whole).substr(0, whole.size() / 2));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
}

TEST(HostileAudio, FlippedBitsNeverDoWorseThanAnError) {
    std::minstd_rand random(3);
    for (const AudioFormat format : kFormats) {
        const std::string whole = test::make_music_clip({.seconds = 2, .format = format});
        for (int round = 0; round < 40; ++round) {
            std::string broken = whole;
            for (int flips = 0; flips < 1 + round; ++flips) {
                // Half of the flips hit the headers, where the lengths and counts are.
                const std::size_t reach =
                    flips % 2 == 0 ? std::min<std::size_t>(512, broken.size()) : broken.size();
                broken[random() % reach] = static_cast<char>(random());
            }
            expect_sane(decode(broken));
        }
    }
}

TEST(HostileAudio, OtherKindsOfFilesAreNamed) {
    const std::array<std::pair<std::string, std::string>, 8> cases{{
        {std::string("PK\x03\x04") + std::string(500, 'x'), "zip"},
        {std::string("\x89PNG\r\n\x1a\n") + std::string(500, '\0'), "PNG"},
        {std::string("\0\0\0\x18"
                     "ftypheic",
                     12) +
             std::string(500, '\0'),
         "HEIC"},
        {std::string("II*\0\x08\0\0\0", 8) + std::string(500, '\0'), "TIFF"},
        {"#EXTM3U\nhttp://127.0.0.1/a.ts\n", "playlist"},
        {"ffconcat version 1.0\nfile '/etc/passwd'\n", "playlist"},
        {"just some words, no sound", "text"},
        {"%PDF-1.4 ...", "PDF"},
    }};
    for (const auto& [file, word] : cases) {
        const auto result = decode(file);
        ASSERT_FALSE(result.ok()) << word;
        EXPECT_EQ(result.error().code, ErrorCode::unsupported) << word;
        EXPECT_THAT(result.error().message, HasSubstr(word));
    }
}

TEST(HostileAudio, NothingAndRandomBytesAreErrors) {
    EXPECT_EQ(decode("").error().code, ErrorCode::corrupt);
    std::minstd_rand random(5);
    for (const std::size_t size : {1U, 7U, 64U, 4'096U, 300'000U}) {
        std::string bytes(size, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random() >> 8);
        expect_sane(decode(bytes));
    }
}

TEST(HostileAudio, AClaimOfHoursCostsNothing) {
    // A FLAC header's count of samples says hundreds of hours; one second follows, from its beginning.
    std::string file = test::make_music_clip({.seconds = 1, .format = AudioFormat::flac});
    file[21] = static_cast<char>(file[21] | 0x0f);
    const auto result = decode(file);
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    EXPECT_GT(result->clip_duration_s, 36'000);
    EXPECT_NEAR(static_cast<double>(result->samples.size()) / 22'050, 1, 0.1);
    EXPECT_EQ(result->start_s, 0);
    EXPECT_THAT(result->notes, testing::Contains(HasSubstr("breaks off")));
    // The same in a WAV's sizes, which libav corrects by itself.
    std::string wav = test::make_music_clip({.seconds = 0.5});
    const std::uint32_t bytes = 1'800'000'000;
    const auto at = wav.find("data");
    ASSERT_NE(at, std::string::npos);
    std::memcpy(wav.data() + 4, &bytes, 4);
    std::memcpy(wav.data() + at + 4, &bytes, 4);
    expect_sane(decode(wav));
}

TEST(HostileAudio, AbsurdRatesAndChannelCountsAreNotResampled) {
    std::string file = test::make_music_clip({.seconds = 0.5});
    const std::uint32_t one_hertz = 1;
    std::memcpy(file.data() + 24, &one_hertz, 4);
    expect_sane(decode(file));
    std::string wide = test::make_music_clip({.seconds = 0.5});
    const std::uint16_t channels = 60'000;
    std::memcpy(wide.data() + 22, &channels, 2);
    expect_sane(decode(wide));
}

TEST(HostileAudio, InfinitiesInAFloatStreamDoNotSpread) {
    // A WAV of 32-bit floats, all of them not numbers or infinite.
    std::string file = test::make_music_clip({.seconds = 1});
    const std::uint16_t format_float = 3, bits = 32, block = 8;
    const std::uint32_t rate_bytes = 44'100 * 8;
    std::memcpy(file.data() + 20, &format_float, 2);
    std::memcpy(file.data() + 28, &rate_bytes, 4);
    std::memcpy(file.data() + 32, &block, 2);
    std::memcpy(file.data() + 34, &bits, 2);
    const auto begin = file.find("data") + 8;
    for (std::size_t i = begin; i + 4 <= file.size(); i += 4) {
        const std::uint32_t value = i % 8 == 0 ? 0x7fc00000U : 0x7f800000U;
        std::memcpy(file.data() + i, &value, 4);
    }
    expect_sane(decode(file));
}

TEST(HostileAudio, AnEmptyBudgetIsADeadline) {
    const std::string file = test::make_music_clip({.seconds = 2, .format = AudioFormat::mp3});
    const auto result = decode_audio(test::as_bytes(file), AudioLimits{}, CpuBudget(0));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::deadline_exceeded);
}

TEST(HostileAudio, AFilePastTheLimitIsNotOpened) {
    const std::string file = test::make_music_clip({.seconds = 1});
    const auto result = decode_audio(test::as_bytes(file), AudioLimits{.bytes_max = 1'000}, CpuBudget(10));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::too_large);
}

TEST(HostileAudio, AVideoWithoutSoundHasNoSound) {
    const std::string file = test::make_video_clip({.seconds = 1});
    const auto result = decode(file);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::unsupported);
    EXPECT_THAT(result.error().message, HasSubstr("no sound"));
}

}  // namespace
}  // namespace bgm
