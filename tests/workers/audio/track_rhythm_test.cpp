// Tempo, beats and key of songs whose tempo, beats and key are known, over the whole range that songs have.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/workers/audio/track_patterns.hpp"
#include "tests/workers/audio/track_songs.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/beats.hpp"
#include "workers/audio/tempo.hpp"
#include "workers/audio/tonality.hpp"

namespace bgm {
namespace {

using test::kSongRate_hz;

bool near(double left, double right) {
    return std::abs(left / right - 1) < 0.04;
}

Tempo tempo_of(std::span<const float> samples) {
    const OnsetEnvelope envelope = onset_envelope_of(samples, kSongRate_hz);
    return measure_tempo(envelope.band_rises, envelope.frame_rate_hz);
}

struct Found {
    int songs = 0, exact = 0, octave = 0;

    void count(double found, double tempo) {
        ++songs;
        if (near(found, tempo)) ++exact;
        if (near(found, tempo * 2) || near(found, tempo / 2)) ++octave;
    }
    friend std::ostream& operator<<(std::ostream& out, const Found& found) {
        return out << found.exact << " exact, " << found.octave << " an octave off, of " << found.songs;
    }
};

TEST(TrackRhythm, FindsTheTempoOrAnOctaveOfIt) {
    Found found;
    for (const bool swing : {false, true}) {
        for (const bool drums : {false, true}) {
            for (const double rubato : {0.0, 0.03}) {
                for (double tempo = 60; tempo <= 180; tempo += 15) {
                    const auto song = test::song_samples({.tempo_bpm = tempo,
                                                          .swing = swing,
                                                          .drums = drums,
                                                          .rubato = rubato,
                                                          .seconds = 20});
                    found.count(tempo_of(song).bpm, tempo);
                }
            }
        }
    }
    std::cout << "tempo of songs: " << found << '\n';
    EXPECT_GE(found.exact + found.octave, 0.95 * found.songs);
}

TEST(TrackRhythm, FindsTheTempoOfGroovesOfEveryKind) {
    Found found;
    for (const test::Groove& groove : test::grooves()) {
        Found of_kind;
        for (unsigned seed = 1; seed <= 4; ++seed) {
            const double tempo =
                groove.slowest_bpm + (groove.fastest_bpm - groove.slowest_bpm) * (seed - 0.5) / 4;
            const auto song = test::groove_samples(
                groove.name, {.tempo_bpm = tempo, .rubato = seed % 2 == 0 ? 0.03 : 0, .seed = seed});
            const Tempo heard = tempo_of(song);
            of_kind.count(heard.bpm, tempo);
            found.count(heard.bpm, tempo);
        }
        std::cout << "tempo, " << groove.name << ": " << of_kind << '\n';
    }
    std::cout << "tempo of grooves: " << found << '\n';
    EXPECT_GE(found.exact + found.octave, 0.9 * found.songs);
}

TEST(TrackRhythm, WhatHasNoPulseHasNoTempo) {
    EXPECT_EQ(measure_tempo({}, 50).bpm, 0);
    std::vector<float> tones = test::silence(30), chord = tones, noise = tones;
    test::add(tones, 0, test::bowed(69, 30, 0.05), 1);
    for (const int note : {48, 60, 64, 67})
        test::add(chord, 0, test::bowed(note, 30, 0.05), 1);
    test::add(noise, 0, test::burst(30, 0, 7), 1);
    for (const auto* const sound : {&tones, &chord, &noise}) {
        const Tempo heard = tempo_of(*sound);
        EXPECT_EQ(heard.bpm, 0);
        EXPECT_EQ(heard.confidence, 0);
    }
    EXPECT_EQ(tempo_of(test::silence(30)).confidence, 0);
}

TEST(TrackRhythm, IsSureOfAPulseThatAnybodyHears) {
    const auto song = test::groove_samples("four on the floor", {.tempo_bpm = 124});
    EXPECT_GT(tempo_of(song).confidence, 0.5F);
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

// Idea: a tempo that is kept by a machine is told as it is, not as the grid of readings has it.
TEST(TrackRhythm, TellsTheTempoThatTheBeatsKeep) {
    for (const double tempo : {76.0, 100.0, 120.0, 128.0, 140.0}) {
        const auto song = test::groove_samples("four on the floor", {.tempo_bpm = tempo});
        const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
        const float heard = measure_tempo(envelope.band_rises, envelope.frame_rate_hz).bpm;
        const auto beats = track_beats(envelope.rises, envelope.frame_rate_hz, heard);
        const double octave = std::exp2(std::round(std::log2(static_cast<double>(heard) / tempo)));
        EXPECT_NEAR(static_cast<double>(tempo_of_beats(beats, heard)) / (tempo * octave), 1, 0.003)
            << tempo << ", heard as " << heard;
    }
    const std::vector<float> few{0, 0.5F, 1, 1.5F, 2, 2.5F};
    EXPECT_EQ(tempo_of_beats(few, 118), 118);
    EXPECT_EQ(tempo_of_beats({}, 0), 0);
    std::vector<float> others;
    for (int beat = 0; beat < 100; ++beat)
        others.push_back(0.4F * static_cast<float>(beat));
    EXPECT_EQ(tempo_of_beats(others, 118), 118) << "the beats followed something else";
    EXPECT_NEAR(tempo_of_beats(others, 148), 150, 0.1);
    EXPECT_EQ(tempo_of_beats(std::vector<float>(100), 118), 118);
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
