// Tempo, beats and key of songs whose tempo, beats and key are known, over the whole range that songs have.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/workers/audio/track_songs.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/beats.hpp"
#include "workers/audio/tonality.hpp"

namespace bgm {
namespace {

using test::kSongRate_hz;

bool near(double left, double right) {
    return std::abs(left / right - 1) < 0.04;
}

TEST(TrackRhythm, FindsTheTempoOrAnOctaveOfIt) {
    int songs = 0, exact = 0, octave = 0;
    for (const bool swing : {false, true}) {
        for (const bool drums : {false, true}) {
            for (const double rubato : {0.0, 0.03}) {
                for (double tempo = 60; tempo <= 180; tempo += 15) {
                    const auto song = test::song_samples({.tempo_bpm = tempo,
                                                          .swing = swing,
                                                          .drums = drums,
                                                          .rubato = rubato,
                                                          .seconds = 20});
                    const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
                    const double found = measure_rhythm(envelope.rises, envelope.frame_rate_hz).tempo_bpm;
                    ++songs;
                    if (near(found, tempo)) ++exact;
                    if (near(found, tempo * 2) || near(found, tempo / 2)) ++octave;
                }
            }
        }
    }
    std::cout << "tempo: " << exact << " exact, " << octave << " an octave off, of " << songs << '\n';
    EXPECT_GE(exact + octave, 0.95 * songs);
}

TEST(TrackRhythm, PutsTheBeatsWhereTheyAre) {
    constexpr double kTempo = 96;
    const auto song = test::song_samples({.tempo_bpm = kTempo, .seconds = 60});
    const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
    const auto beats = track_beats(envelope.rises, envelope.frame_rate_hz, kTempo);
    ASSERT_NEAR(static_cast<double>(beats.size()), 96, 3);
    EXPECT_TRUE(std::is_sorted(beats.begin(), beats.end()));
    int on_the_beat = 0;
    for (const float beat : beats) {
        const double places = static_cast<double>(beat) / (60 / kTempo);
        // A frame of the envelope lasts 20 ms, and its window half as long again as that.
        if (std::abs(places - std::round(places)) * 60 / kTempo < 0.06) ++on_the_beat;
    }
    EXPECT_GE(on_the_beat, 0.95 * static_cast<double>(beats.size()));
}

TEST(TrackRhythm, HasNoBeatsWithoutATempo) {
    EXPECT_TRUE(track_beats({}, 50, 120).empty());
    EXPECT_TRUE(track_beats(std::vector<float>(1'000), 50, 0).empty());
    const auto silent = track_beats(std::vector<float>(1'000), 50, 120);
    EXPECT_TRUE(std::is_sorted(silent.begin(), silent.end()));
}

TEST(TrackRhythm, OfALongSongIsTheEnvelopeOfItsParts) {
    // Longer than what is analysed at once; a part begins with the frame that the one before ended with.
    const auto song = test::song_samples({.seconds = 130});
    const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
    EXPECT_NEAR(static_cast<double>(envelope.rises.size()), 130.0 * envelope.frame_rate_hz, 4);
    EXPECT_TRUE(onset_envelope_of({}, kSongRate_hz).rises.empty());
}

TEST(TrackKey, IsRightInAllTwentyFour) {
    for (const bool minor : {false, true}) {
        for (int tonic = 0; tonic < 12; ++tonic) {
            const Tonality heard = measure_tonality(test::cadence_samples(tonic, minor), kSongRate_hz);
            EXPECT_EQ(heard.tonic, tonic) << (minor ? "minor" : "major");
            EXPECT_EQ(heard.minor, minor) << tonic;
        }
    }
}

TEST(TrackKey, OfAWholeIsThatOfTheSumOfItsParts) {
    Tonality whole;
    for (int part = 0; part < 3; ++part) {
        const Tonality heard = measure_tonality(test::cadence_samples(9, true), kSongRate_hz);
        for (std::size_t i = 0; i < whole.chroma.size(); ++i)
            whole.chroma.at(i) += heard.chroma.at(i);
    }
    judge_key(whole);
    EXPECT_EQ(whole.tonic, 9);
    EXPECT_TRUE(whole.minor);
    EXPECT_GT(whole.key_clarity, 0.5F);
}

}  // namespace
}  // namespace bgm
