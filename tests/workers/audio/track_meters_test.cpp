// Loudness after the test signals of the standards, with their known answers, and beside ffmpeg's meter where
// ffmpeg is installed; and the fingerprint, that knows a recording again.
#include "workers/audio/track_meters.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>

#include "tests/workers/audio/track_songs.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm {
namespace {

using test::AudioFormat;
using test::kSongRate_hz;

struct Part {
    double seconds = 20;
    double left_db = 0;
    double right_db = 0;  // full scale is 0; -200: nothing
};

/// A sine of 997 Hz, in portions as a decoder gives them.
void hear(TrackMeters& meters, int rate_hz, const std::vector<Part>& parts) {
    ASSERT_TRUE(meters.begin(rate_hz, 2));
    std::uint64_t at = 0;
    std::vector<float> portion;
    for (const Part& part : parts) {
        const auto end = at + static_cast<std::uint64_t>(part.seconds * rate_hz);
        for (; at < end; ++at) {
            const double value = std::sin(2 * std::numbers::pi * 997 * static_cast<double>(at) / rate_hz);
            portion.push_back(static_cast<float>(value * std::pow(10, part.left_db / 20)));
            portion.push_back(static_cast<float>(value * std::pow(10, part.right_db / 20)));
            if (portion.size() < 2 * 1'152 && at + 1 < end) continue;
            ASSERT_TRUE(meters.hear(portion));
            portion.clear();
        }
    }
}

TEST(TrackMeters, MeasuresLoudnessAsTheStandardSays) {
    for (const int rate_hz : {44'100, 48'000, 22'050}) {
        TrackMeters left;
        hear(left, rate_hz, {{.right_db = -200}});
        EXPECT_NEAR(left.integrated_lufs(), -3.01, 0.1) << "BS.1770: full scale in one channel, " << rate_hz;
        TrackMeters both;
        hear(both, rate_hz, {{.left_db = -23, .right_db = -23}});
        EXPECT_NEAR(both.integrated_lufs(), -23.0, 0.1) << "EBU Tech 3341, case 1, " << rate_hz;
        EXPECT_NEAR(both.seconds(), 20, 1e-6);
    }
    TrackMeters gated;
    hear(gated, 48'000,
         {{.seconds = 10, .left_db = -72, .right_db = -72},
          {.seconds = 10, .left_db = -36, .right_db = -36},
          {.seconds = 60, .left_db = -23, .right_db = -23},
          {.seconds = 10, .left_db = -36, .right_db = -36},
          {.seconds = 10, .left_db = -72, .right_db = -72}});
    EXPECT_NEAR(gated.integrated_lufs(), -23.0, 0.1) << "EBU Tech 3341, case 4: the gates";
}

TEST(TrackMeters, MeasuresTheRangeAsTheStandardSays) {
    TrackMeters ten;
    hear(ten, 48'000, {{.left_db = -20, .right_db = -20}, {.left_db = -30, .right_db = -30}});
    EXPECT_NEAR(ten.range_lu(), 10, 1) << "EBU Tech 3342, case 1";
    TrackMeters five;
    hear(five, 48'000, {{.left_db = -20, .right_db = -20}, {.left_db = -15, .right_db = -15}});
    EXPECT_NEAR(five.range_lu(), 5, 1) << "EBU Tech 3342, case 2";
}

TEST(TrackMeters, OfSilenceIsTheGate) {
    TrackMeters silent;
    hear(silent, 44'100, {{.left_db = -200, .right_db = -200}});
    EXPECT_EQ(silent.integrated_lufs(), -70);
    EXPECT_EQ(silent.range_lu(), 0);
    TrackMeters nothing;
    EXPECT_EQ(nothing.integrated_lufs(), -70);
    EXPECT_EQ(nothing.seconds(), 0);
    EXPECT_TRUE(nothing.fingerprint().empty());
}

/// All of a file, as the analysis hears it.
void hear_file(TrackMeters& meters, const std::string& file) {
    const Status heard = hear_channels(test::as_bytes(file), file.size(), CpuBudget(60), meters);
    ASSERT_TRUE(heard) << heard.error().to_string();
}

TEST(TrackMeters, AgreesWithFfmpegsMeter) {
    if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "ffmpeg is not installed";
    const auto path = std::filesystem::temp_directory_path() / ("bgm-meters-" + std::to_string(::getpid()));
    for (const auto format : {AudioFormat::wav, AudioFormat::mp3, AudioFormat::ogg_vorbis}) {
        const std::string file = test::encode_audio(
            test::song_samples({.seconds = 40, .chorus_at_s = 20, .chorus_s = 20}), kSongRate_hz, format);
        std::ofstream(path, std::ios::binary) << file;
        std::FILE* pipe = ::popen(
            ("ffmpeg -hide_banner -nostats -i " + path.string() + " -af ebur128 -f null - 2>&1").c_str(),
            "r");
        ASSERT_NE(pipe, nullptr);
        std::array<char, 512> line{};
        double integrated = 0;
        while (std::fgets(line.data(), line.size(), pipe) != nullptr)
            static_cast<void>(std::sscanf(line.data(), " I: %lf LUFS", &integrated));
        ::pclose(pipe);
        TrackMeters meters;
        hear_file(meters, file);
        EXPECT_NEAR(meters.integrated_lufs(), integrated, 0.1) << static_cast<int>(format);
    }
    std::filesystem::remove(path);
}

std::vector<std::uint32_t> print_of(std::span<const float> samples, AudioFormat format) {
    TrackMeters meters;
    hear_file(meters, test::encode_audio(samples, kSongRate_hz, format));
    return meters.fingerprint();
}

/// The share of bits that differ where two prints lie over each other best.
double difference(const std::vector<std::uint32_t>& left, const std::vector<std::uint32_t>& right) {
    double least = 1;
    for (std::size_t offset = 0; offset < 80 && offset + 100 < left.size(); ++offset) {
        const std::size_t count = std::min(left.size() - offset, right.size());
        int bits = 0;
        for (std::size_t i = 0; i < count; ++i)
            bits += std::popcount(left[offset + i] ^ right[i]);
        least = std::min(least, bits / (32.0 * static_cast<double>(count)));
    }
    return least;
}

TEST(TrackMeters, TheFingerprintKnowsARecordingAgain) {
    const auto song = test::random_song(1, 60);
    const auto print = print_of(song, AudioFormat::wav);
    ASSERT_GT(print.size(), 400U);
    EXPECT_LT(difference(print, print_of(song, AudioFormat::mp3)), 0.15);
    EXPECT_LT(difference(print, print_of(song, AudioFormat::ogg_vorbis)), 0.15);
    const auto cut = std::span(song).subspan(5 * kSongRate_hz);
    EXPECT_LT(difference(print, print_of(cut, AudioFormat::mp3)), 0.2);
    for (unsigned seed = 2; seed < 8; ++seed)
        EXPECT_GT(difference(print, print_of(test::random_song(seed, 60), AudioFormat::wav)), 0.3) << seed;
}

}  // namespace
}  // namespace bgm
