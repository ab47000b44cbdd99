// Idea: sounds are made for which the answer is known (a tempo, a key, a level, a pitch), and each
// measurement must find it.
#include "workers/audio/audio_features.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "tests/workers/media_maker.hpp"
#include "workers/audio/audio_embedding.hpp"

namespace bgm {
namespace {

using test::MusicSpec;
using test::VoiceSpec;

constexpr int kRateHz = 22'050;

std::vector<float> tone(double hz, double amplitude, double seconds) {
    std::vector<float> samples(static_cast<std::size_t>(seconds * kRateHz));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = static_cast<float>(
            amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRateHz));
    }
    return samples;
}

AudioFeatures features_of(MusicSpec spec) {
    spec.sample_rate_hz = kRateHz;
    return measure_audio(test::music_samples(spec), kRateHz);
}

AudioFeatures features_of(VoiceSpec spec) {
    spec.sample_rate_hz = kRateHz;
    return measure_audio(test::voice_samples(spec), kRateHz);
}

TEST(Loudness, AFullScaleToneOfOneKilohertzReadsAsTheStandardSays) {
    // BS.1770: 0 dBFS at 997 Hz on one channel is -3.01 LUFS.
    EXPECT_NEAR(measure_loudness(tone(997, 1.0, 5), kRateHz).integrated_db, -3.01, 0.1);
}

TEST(Loudness, HalvingTheAmplitudeTakesSixDecibels) {
    const float loud = measure_loudness(tone(440, 0.5, 5), kRateHz).integrated_db;
    const float soft = measure_loudness(tone(440, 0.25, 5), kRateHz).integrated_db;
    EXPECT_NEAR(loud - soft, 6.02, 0.05);
}

TEST(Loudness, PausesDoNotCount) {
    auto samples = tone(440, 0.5, 5);
    const float whole = measure_loudness(samples, kRateHz).integrated_db;
    samples.resize(samples.size() * 2);
    EXPECT_NEAR(measure_loudness(samples, kRateHz).integrated_db, whole, 0.3);
    EXPECT_NEAR(measure_loudness(samples, kRateHz).sounding_s, 5, 0.1);
}

TEST(Timbre, BrightnessOfAToneIsItsFrequency) {
    const auto features = measure_audio(tone(1'500, 0.5, 3), kRateHz);
    EXPECT_NEAR(features.timbre.brightness_hz, 1'500, 15);
    EXPECT_NEAR(features.timbre.zero_crossings_hz, 1'500, 30);
    EXPECT_LT(features.timbre.flatness, 0.01);
}

TEST(Timbre, NoiseIsFlatAndNotHarmonic) {
    const auto features = measure_audio(test::noise_samples(3, kRateHz, -12), kRateHz);
    EXPECT_GT(features.timbre.flatness, 0.4);
    EXPECT_LT(features.tonality.harmonicity, 0.1);
}

TEST(Rhythm, FindsTheTempoOfStaccatoMusic) {
    for (const double bpm : {80.0, 100.0, 120.0, 140.0, 160.0}) {
        const auto features = features_of(MusicSpec{.tempo_bpm = bpm, .seconds = 20});
        EXPECT_NEAR(features.rhythm.tempo_bpm, bpm, bpm * 0.02);
        EXPECT_NEAR(features.rhythm.onset_rate_hz, bpm / 60, 0.15);
        EXPECT_GT(features.rhythm.pulse_clarity, 0.5);
    }
}

TEST(Rhythm, ASteadyToneHasNeitherOnsetsNorPulse) {
    const auto features = measure_audio(tone(440, 0.5, 10), kRateHz);
    EXPECT_LT(features.rhythm.onset_rate_hz, 0.2);
}

TEST(Tonality, TellsMajorFromMinorAndFindsTheTonic) {
    for (const bool staccato : {true, false}) {
        const auto major = features_of(MusicSpec{.minor = false, .staccato = staccato}).tonality;
        EXPECT_FALSE(major.minor);
        EXPECT_EQ(major.tonic, 0) << "C";
        EXPECT_GT(major.mode, 0.1);
        const auto minor = features_of(MusicSpec{.minor = true, .staccato = staccato}).tonality;
        EXPECT_TRUE(minor.minor);
        EXPECT_EQ(minor.tonic, 9) << "A";
        EXPECT_LT(minor.mode, -0.05);
    }
}

TEST(Tonality, NeighbouringPartialsAreRoughAndOctavesAreNot) {
    const auto mix = [](double ratio) {
        auto samples = tone(440, 0.4, 3);
        const auto other = tone(440 * ratio, 0.4, 3);
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] += other[i];
        return measure_tonality(samples, kRateHz).roughness;
    };
    EXPECT_GT(mix(1.06), 0.3) << "a semitone";
    EXPECT_LT(mix(2.0), 0.05) << "an octave";
}

TEST(Voice, FindsThePitchAndThePaceOfAVoice) {
    const auto low =
        features_of(VoiceSpec{.pitch_hz = 110, .pitch_range_semitones = 2, .syllables_per_s = 3}).voice;
    EXPECT_NEAR(low.pitch_hz, 110, 12);
    EXPECT_NEAR(low.syllable_rate_hz, 3, 0.8);
    const auto high =
        features_of(VoiceSpec{.pitch_hz = 230, .pitch_range_semitones = 8, .syllables_per_s = 5}).voice;
    EXPECT_NEAR(high.pitch_hz, 230, 40);
    EXPECT_NEAR(high.syllable_rate_hz, 5, 1.2);
    EXPECT_GT(high.pitch_range_semitones, low.pitch_range_semitones + 2);
}

TEST(Speech, VoicesAreToldFromMusicAndNoise) {
    EXPECT_GT(features_of(VoiceSpec{}).speech, 0.6);
    EXPECT_GT(
        features_of(VoiceSpec{.pitch_hz = 240, .pitch_range_semitones = 9, .syllables_per_s = 5.5}).speech,
        0.6);
    EXPECT_LT(features_of(MusicSpec{.tempo_bpm = 140}).speech, 0.3);
    EXPECT_LT(features_of(MusicSpec{.tempo_bpm = 60, .staccato = false}).speech, 0.3);
    EXPECT_LT(measure_audio(test::noise_samples(3, kRateHz, -12), kRateHz).speech, 0.3);
}

TEST(AudioEmbedding, IsFiniteAndBoundedForEveryLengthAndForAbsurdSamples) {
    std::vector<std::vector<float>> cases;
    for (const std::size_t size : {0U, 1U, 2U, 100U, 441U, 1'023U, 1'024U, 5'000U, 8'191U})
        cases.emplace_back(size, 0.3F);
    cases.push_back(test::noise_samples(1, kRateHz, 12));
    cases.emplace_back(30'000, 4.0F);
    std::vector<float> alternating(30'000);
    for (std::size_t i = 0; i < alternating.size(); ++i)
        alternating[i] = i % 2 == 0 ? 4.0F : -4.0F;
    cases.push_back(alternating);
    std::vector<float> impulse(30'000);
    impulse[15'000] = 1;
    cases.push_back(impulse);
    cases.emplace_back(30'000, std::numeric_limits<float>::denorm_min());
    for (const auto& samples : cases) {
        for (const auto cues : {music_cues(), voice_cues()}) {
            const auto embedding = embed_audio(measure_audio(samples, kRateHz), cues);
            ASSERT_EQ(embedding.size(), embedding_size(cues.size()));
            for (const float value : embedding) {
                EXPECT_TRUE(std::isfinite(value)) << samples.size() << " samples";
                EXPECT_LE(std::fabs(value), 3.0F);
            }
        }
    }
}

TEST(AudioEmbedding, EveryCueIsDocumented) {
    std::ostringstream document;
    document << std::ifstream(BGM_SOURCE_DIR "/docs/features-audio.md").rdbuf();
    for (const auto cues : {music_cues(), voice_cues()}) {
        for (const AudioCue& cue : cues)
            EXPECT_THAT(document.str(), testing::HasSubstr("`" + std::string(cue.name) + "`"));
    }
}

}  // namespace
}  // namespace bgm
