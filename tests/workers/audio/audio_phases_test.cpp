// Several channels become one without loss of what both ears hear: opposite phases, one silent side. What
// needs no such care is added up as ever.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>
#include <string>

#include "tests/shared_folder.hpp"
#include "tests/workers/av_maker.hpp"
#include "workers/media/av/av_audio.hpp"

namespace bgm::test {
namespace {

using Sound = std::function<double(int channel, double time_s)>;

// Something like a song: a wandering tone that is never the same twice.
double song(double time_s) {
    return 0.25 * std::sin(2 * std::numbers::pi * (440 * time_s + 20 * std::sin(time_s * 3)));
}

double other_song(double time_s) {
    return 0.25 * std::sin(2 * std::numbers::pi * (660 * time_s + 30 * std::cos(time_s * 2)));
}

std::string file_of(const Sound& sound, const std::string& layout = "stereo", double seconds = 6,
                    const std::string& container = "wav", const std::string& codec = "pcm_f32le") {
    AvTrack track;
    track.codec = codec;
    track.layout = layout;
    track.sound = sound;
    return make_av_file({.container = container, .tracks = {track}, .seconds = seconds});
}

Waveform decode(const std::string& file) {
    auto waveform = decode_audio(std::as_bytes(std::span(file.data(), file.size())), {}, CpuBudget(20));
    EXPECT_TRUE(waveform) << waveform.error().to_string();
    return waveform ? *std::move(waveform) : Waveform();
}

// Root of the mean square from one second to another, in dB.
double level_db(const Waveform& waveform, double from_s = 0.5, double to_s = 5.5) {
    double sum = 0;
    double count = 0;
    for (auto i = static_cast<std::size_t>(from_s * waveform.sample_rate_hz);
         i < static_cast<std::size_t>(to_s * waveform.sample_rate_hz) && i < waveform.samples.size(); ++i) {
        sum += std::pow(static_cast<double>(waveform.samples[i]), 2);
        ++count;
    }
    return 10 * std::log10(sum / count + 1e-12);
}

double same_on_both_db() {
    static const double level = level_db(decode(file_of([](int, double t) { return song(t); })));
    return level;
}

TEST(AudioPhases, OppositePhasesAreAsLoudAsEqualOnes) {
    const Sound opposite = [](int channel, double t) { return channel == 0 ? song(t) : -song(t); };
    EXPECT_NEAR(level_db(decode(file_of(opposite))), same_on_both_db(), 0.1);
    EXPECT_NEAR(level_db(decode(file_of(opposite, "stereo", 6, "ipod", "aac"))), same_on_both_db(), 0.5);
    EXPECT_NEAR(level_db(decode(file_of(opposite, "stereo", 6, "mp3", "libmp3lame"))), same_on_both_db(),
                0.5);
    EXPECT_NEAR(level_db(decode(file_of(opposite, "stereo", 90)), 0.5, 29), same_on_both_db(), 0.2)
        << "of a longer clip a window is taken";
}

TEST(AudioPhases, NearlyOppositeOnesAreHeardToo) {
    for (const double share : {-0.95, -0.8, -0.6}) {
        const auto waveform = decode(
            file_of([share](int channel, double t) { return channel == 0 ? song(t) : share * song(t); }));
        EXPECT_GT(level_db(waveform), same_on_both_db() - 3.1) << share;
    }
    // A voice of opposite phases over quiet music in the middle: both are heard.
    const auto both = decode(file_of(
        [](int channel, double t) { return 0.2 * other_song(t) + (channel == 0 ? song(t) : -song(t)); }));
    EXPECT_GT(level_db(both), same_on_both_db() - 1);
}

TEST(AudioPhases, ThatChangeInMidSoundAreHeardThroughout) {
    const auto waveform = decode(
        file_of([](int channel, double t) { return channel == 1 && t > 2 && t < 5 ? -song(t) : song(t); }));
    EXPECT_NEAR(level_db(waveform, 2.2, 4.8), same_on_both_db(), 0.5);
    EXPECT_NEAR(level_db(waveform, 0.5, 1.8), same_on_both_db(), 0.5);
}

TEST(AudioPhases, OppositeOnesOfSurroundSoundAreHeard) {
    for (const char* layout : {"5.1", "7.1", "quad"}) {
        const auto equal =
            decode(file_of([](int channel, double t) { return channel < 2 ? song(t) : 0; }, layout));
        const auto opposite = decode(file_of(
            [](int channel, double t) { return channel == 0   ? song(t)
                                               : channel == 1 ? -song(t)
                                                              : 0; },
            layout));
        EXPECT_NEAR(level_db(opposite), level_db(equal), 1.5) << layout;
    }
}

TEST(AudioPhases, ASilentSideTakesNothingFromTheOther) {
    const double mono_db = level_db(decode(file_of([](int, double t) { return song(t); }, "mono")));
    for (const int silent : {0, 1}) {
        const auto waveform =
            decode(file_of([silent](int channel, double t) { return channel == silent ? 0 : song(t); }));
        EXPECT_NEAR(level_db(waveform), mono_db, 0.2) << silent;
    }
}

// The same bits as without any of this: what the sum is made of is libswresample's own downmix.
TEST(AudioPhases, OrdinarySoundIsAddedUpAsEver) {
    const auto sum_of = [](double left, double right) { return std::sqrt(0.5) * (left + right); };
    const std::vector<std::pair<const char*, Sound>> ordinary{
        {"two songs", [](int channel, double t) { return channel == 0 ? song(t) : other_song(t); }},
        {"wide", [](int channel, double t) { return other_song(t) + (channel == 0 ? 0.5 : -0.5) * song(t); }},
        {"an echo", [](int channel, double t) { return song(channel == 0 ? t : t - 0.013); }},
        {"quieter on one side", [](int channel, double t) { return (channel == 0 ? 1 : 0.2) * song(t); }},
    };
    for (const auto& [name, sound] : ordinary) {
        const auto waveform = decode(file_of(sound));
        const Waveform expected = decode(
            file_of([&, &sides = sound](int, double t) { return sum_of(sides(0, t), sides(1, t)); }, "mono"));
        ASSERT_EQ(waveform.samples.size(), expected.samples.size()) << name;
        double furthest = 0;
        for (std::size_t i = 0; i < waveform.samples.size(); ++i)
            furthest =
                std::max(furthest, std::fabs(static_cast<double>(waveform.samples[i] - expected.samples[i])));
        EXPECT_LT(furthest, 1e-5) << name;
    }
}

TEST(AudioPhases, SilenceAndInfinitiesStayWhatTheyAre) {
    const auto silent = decode(file_of([](int, double) { return 0.0; }));
    EXPECT_LT(level_db(silent), -100);
    const auto hostile = decode(file_of([](int channel, double t) {
        return t > 1 && t < 1.1 ? (channel == 0 ? HUGE_VAL : -1e30) : (channel == 0 ? song(t) : -song(t));
    }));
    EXPECT_GT(level_db(hostile, 2, 5), same_on_both_db() - 1);
}

TEST(AudioPhases, ASharedFileOfOppositePhasesIsHeard) {
    std::ifstream shared(shared_folder() / "cases/antiphase-stereo.m4a", std::ios::binary);
    if (!shared) GTEST_SKIP() << "the shared cases are not here";
    const auto waveform = decode({std::istreambuf_iterator<char>(shared), {}});
    EXPECT_GT(level_db(waveform), -40);
}

}  // namespace
}  // namespace bgm::test
