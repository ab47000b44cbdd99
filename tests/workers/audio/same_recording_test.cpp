// The same recording is found under all its ids, in whatever file and wherever it is cut, and a thousand
// others are told apart.
#include "fusion/catalogue/same_recording.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <span>

#include "tests/workers/audio/track_songs.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/audio/track_meters.hpp"

namespace bgm {
namespace {

using test::AudioFormat;
using test::kSongRate_hz;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Fingerprint = std::vector<std::uint32_t>;
using Samples = std::vector<float>;

Fingerprint fingerprint_of(const Samples& samples) {
    TrackMeters meters;
    EXPECT_TRUE(meters.begin(kSongRate_hz, 1));
    meters.hear(samples);
    return meters.fingerprint();
}

Fingerprint fingerprint_of(const std::string& file) {
    TrackMeters meters;
    const Status heard = hear_channels(test::as_bytes(file), file.size(), CpuBudget(60), meters);
    EXPECT_TRUE(heard) << heard.error().to_string();
    return meters.fingerprint();
}

std::string mp3_at_96(const Samples& samples) {
    test::AvTrack track{.codec = "libmp3lame",
                        .bits_per_s = 96'000,
                        .seconds = static_cast<double>(samples.size()) / kSongRate_hz,
                        .rate_hz = kSongRate_hz};
    track.sound = [&samples](int, double time_s) {
        const auto at = static_cast<std::size_t>(time_s * kSongRate_hz + 0.5);
        return at < samples.size() ? samples[at] : 0.0F;
    };
    return test::make_av_file({.container = "mp3", .tracks = {track}, .seconds = track.seconds});
}

Samples cut(const Samples& samples, double seconds) {
    return {samples.begin() + static_cast<std::ptrdiff_t>(seconds * kSongRate_hz), samples.end()};
}

std::vector<std::size_t> indices(const std::vector<SameTrack>& group) {
    std::vector<std::size_t> all;
    for (const SameTrack& same : group)
        all.push_back(same.index);
    return all;
}

TEST(SameRecording, IsKnownInOtherFilesAndCut) {
    const Samples song = test::random_song(1, 40);
    const Fingerprint whole = fingerprint_of(test::encode_audio(song, kSongRate_hz, AudioFormat::flac));
    const auto mp3 = same_recording(whole, fingerprint_of(mp3_at_96(song)));
    ASSERT_TRUE(mp3);
    EXPECT_NEAR(mp3->offset_s(), 0, 0.13);
    EXPECT_LT(mp3->difference, 0.12);
    const auto ogg = same_recording(
        whole, fingerprint_of(test::encode_audio(song, kSongRate_hz, AudioFormat::ogg_vorbis)));
    ASSERT_TRUE(ogg);
    EXPECT_NEAR(ogg->offset_s(), 0, 0.13);
    const Fingerprint late = fingerprint_of(mp3_at_96(cut(song, 5)));
    const auto there = same_recording(whole, late);
    ASSERT_TRUE(there);
    EXPECT_NEAR(there->offset_s(), 5, 0.13);
    const auto back = same_recording(late, whole);
    ASSERT_TRUE(back);
    EXPECT_NEAR(back->offset_s(), -5, 0.13);
    EXPECT_FALSE(same_recording(whole, fingerprint_of(test::random_song(2, 40))));
    Samples quieter = song;
    for (float& sample : quieter)
        sample *= 0.25F;
    EXPECT_TRUE(same_recording(whole, fingerprint_of(quieter)));
}

// Idea: the files of four songs, encoded and cut, lie among a thousand others.
TEST(SameRecording, AThousandOthersAreNone) {
    const test::SongBook book;
    std::vector<Fingerprint> fingerprints;
    for (unsigned seed = 0; seed < 1'000; ++seed)
        fingerprints.push_back(fingerprint_of(book.song(seed, 14)));
    EXPECT_TRUE(std::ranges::all_of(fingerprints, [](const auto& one) { return tells(one); }));
    EXPECT_THAT(find_same_recordings(fingerprints), IsEmpty());

    for (const unsigned seed : {10U, 400U, 999U})
        fingerprints.push_back(fingerprint_of(mp3_at_96(book.song(seed, 14))));
    fingerprints.push_back(fingerprint_of(cut(book.song(10, 14), 5)));
    fingerprints.push_back(
        fingerprint_of(test::encode_audio(book.song(700, 14), kSongRate_hz, AudioFormat::ogg_vorbis)));
    const auto recordings = find_same_recordings(fingerprints);
    ASSERT_EQ(recordings.size(), 4U);
    EXPECT_THAT(indices(recordings[0]), ElementsAre(10, 1000, 1003));
    EXPECT_THAT(indices(recordings[1]), ElementsAre(400, 1001));
    EXPECT_THAT(indices(recordings[2]), ElementsAre(700, 1004));
    EXPECT_THAT(indices(recordings[3]), ElementsAre(999, 1002));
    EXPECT_EQ(recordings[0][2].like, 10U);
    EXPECT_NEAR(recordings[0][2].overlap.offset_s(), 5, 0.13);
}

TEST(SameRecording, WhatIsTooShortOrStillIsNone) {
    const Samples song = test::random_song(1, 40);
    EXPECT_FALSE(tells(fingerprint_of(Samples(song.begin(), song.begin() + 5 * kSongRate_hz))));
    const Fingerprint silence = fingerprint_of(Samples(30 * kSongRate_hz, 0.0F));
    ASSERT_GT(silence.size(), 100U);
    EXPECT_FALSE(tells(silence));
    EXPECT_FALSE(same_recording(silence, silence));
    EXPECT_THAT(find_same_recordings(std::vector<Fingerprint>{silence, silence, {}, {1, 2, 3}}), IsEmpty());
    // A long silence in front makes no two songs one.
    Samples one(30 * kSongRate_hz, 0.0F), other = one;
    const Samples second = test::random_song(2, 40);
    one.insert(one.end(), song.begin(), song.begin() + 15 * kSongRate_hz);
    other.insert(other.end(), second.begin(), second.begin() + 15 * kSongRate_hz);
    EXPECT_FALSE(same_recording(fingerprint_of(one), fingerprint_of(other)));
}

// Idea: a loop agrees with itself a round later, and there a rest lies over a word that tells.
TEST(SameRecording, ALoopIsNotShifted) {
    Fingerprint loop;
    for (std::uint32_t round = 0; round < 40; ++round) {
        for (std::uint32_t step = 0; step < 8; ++step) {
            const std::uint32_t rest =
                round * 5 % 7;  // where a word stays for two steps: every round elsewhere
            loop.push_back(0xA5C30000U | 1U << (step > rest ? step - 1 : step));
        }
    }
    const auto itself = same_recording(loop, loop);
    ASSERT_TRUE(itself);
    EXPECT_EQ(itself->offset, 0);
    EXPECT_EQ(itself->difference, 0);
}

// Idea: words that very many have cost no more than others, and nobody is lost for them.
TEST(SameRecording, OfThousandsOfCopiesAllAreFound) {
    const Fingerprint one = fingerprint_of(test::random_song(3, 20));
    const std::vector<Fingerprint> copies(5'000, one);
    const auto recordings = find_same_recordings(copies);
    ASSERT_EQ(recordings.size(), 1U);
    EXPECT_EQ(recordings[0].size(), copies.size());
}

}  // namespace
}  // namespace bgm
