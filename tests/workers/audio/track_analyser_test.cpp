// A whole file goes in, and what is said of it is what was put into it: its length, its loudness, its beats,
// and where the chorus begins. What is no track is refused with a reason.
#include "workers/audio/track_analyser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <sstream>

#include "fusion/mood/head.hpp"
#include "tests/workers/audio/track_songs.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/beats.hpp"
#include "workers/audio/moment.hpp"
#include "workers/audio/tempo.hpp"

namespace bgm {
namespace {

using test::AudioFormat;
using test::kSongRate_hz;

EncodeResult analyse(const std::string& file) {
    const auto analyser = make_track_analyser({.models = BGM_SOURCE_DIR "/data/builtin"}, 64U << 20U);
    EncodeTask task;
    task.media = test::as_bytes(file);
    return analyser->encode({&task, 1}).front();
}

std::string wav(std::span<const float> samples) {
    return test::encode_audio(samples, kSongRate_hz, AudioFormat::wav);
}

/// 32-bit floats as they are: 5.1 channels where there are six.
std::string float_wav(std::span<const float> samples, std::uint16_t channels) {
    std::string file;
    const auto number = [&](auto value) { file.append(reinterpret_cast<const char*>(&value), sizeof value); };
    const auto bytes = static_cast<std::uint32_t>(samples.size_bytes());
    file += "RIFF";
    number(std::uint32_t{36 + bytes});
    file += "WAVEfmt ";
    number(std::uint32_t{16});
    number(std::uint16_t{3});
    number(channels);
    number(std::uint32_t{kSongRate_hz});
    number(std::uint32_t{kSongRate_hz} * channels * 4);
    number(static_cast<std::uint16_t>(channels * 4));
    number(std::uint16_t{32});
    file += "data";
    number(bytes);
    return file.append(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
}

TEST(TrackAnalyser, SaysWhatIsInATrack) {
    const auto result = analyse(wav(test::song_samples({.tempo_bpm = 100, .seconds = 70})));
    ASSERT_TRUE(result) << result.error().to_string();
    ASSERT_EQ(result->size(), 1U);
    const Encoding& whole = result->front();
    ASSERT_TRUE(whole.track);
    EXPECT_NEAR(whole.facts.at("seconds"), 70, 0.1);
    EXPECT_NEAR(whole.facts.at("tempo_bpm"), 100, 4);
    EXPECT_GT(whole.facts.at("tempo_confidence"), 0.3F);
    EXPECT_EQ(whole.facts.at("tonic"), 0) << "C";
    EXPECT_EQ(whole.facts.at("minor"), 0);
    EXPECT_GT(whole.facts.at("loudness_lufs"), -40);
    EXPECT_LT(whole.facts.at("loudness_lufs"), 0);
    EXPECT_GT(whole.facts.at("energy"), 0);
    EXPECT_LE(whole.facts.at("energy"), 1);
    EXPECT_GT(whole.quality, 0);

    // The rest of 10 s is more than half a window, and so one of its own.
    ASSERT_EQ(whole.track->windows.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(whole.track->windows[i].start_s, kTrackWindow_s * static_cast<float>(i), 0.01);
        EXPECT_EQ(whole.track->windows[i].embedding.size(), whole.embedding.size());
        EXPECT_EQ(whole.track->windows[i].model, whole.model);
    }
    EXPECT_NEAR(static_cast<double>(whole.track->beats_s.size()), 70 * 100 / 60.0, 5);
    EXPECT_GT(whole.track->fingerprint.size(), 400U);
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
    const auto count = static_cast<double>(a.size());
    const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / count;
    const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / count;
    double product = 0, squares_a = 0, squares_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += (a[i] - mean_a) * (b[i] - mean_b);
        squares_a += (a[i] - mean_a) * (a[i] - mean_a);
        squares_b += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return product / std::sqrt(squares_a * squares_b);
}

// Idea: of music that stays as it is, each quarter of a minute feels as the whole does, over music of many
// kinds.
TEST(TrackAnalyser, WindowsAgreeWithTheWhole) {
    std::ostringstream bytes;
    bytes << std::ifstream(BGM_SOURCE_DIR "/data/builtin/music_head.safetensors", std::ios::binary).rdbuf();
    const std::string file = bytes.str();
    const auto head = LinearHead::parse(test::as_bytes(file));
    ASSERT_TRUE(head);
    std::vector<double> valence, arousal, whole_valence, whole_arousal;
    double largest = 0;
    for (const bool minor : {false, true}) {
        for (const double tempo : {70.0, 150.0}) {
            for (const double brightness : {0.2, 0.9}) {
                const auto result = analyse(wav(test::music_samples({.minor = minor,
                                                                     .tempo_bpm = tempo,
                                                                     .brightness = brightness,
                                                                     .staccato = tempo > 100,
                                                                     .seconds = 60,
                                                                     .sample_rate_hz = kSongRate_hz})));
                ASSERT_TRUE(result) << result.error().to_string();
                const Encoding& whole = result->front();
                ASSERT_EQ(whole.model, head->model());
                ASSERT_EQ(whole.track->windows.size(), 4U);
                const auto all = head->read(whole.embedding, whole.quality);
                for (const auto& window : whole.track->windows) {
                    const auto part = head->read(window.embedding, window.quality);
                    ASSERT_TRUE(all && part);
                    valence.push_back(part->affect.valence);
                    arousal.push_back(part->affect.arousal);
                    whole_valence.push_back(all->affect.valence);
                    whole_arousal.push_back(all->affect.arousal);
                    largest = std::max({largest, std::abs(valence.back() - whole_valence.back()),
                                        std::abs(arousal.back() - whole_arousal.back())});
                }
            }
        }
    }
    std::printf("windows beside the whole: arousal r %.3f, valence r %.3f, at most %.3f apart\n",
                correlation(arousal, whole_arousal), correlation(valence, whole_valence), largest);
    EXPECT_GT(correlation(arousal, whole_arousal), 0.95);
    EXPECT_GT(correlation(valence, whole_valence), 0.95);
}

TEST(TrackAnalyser, FindsWhereTheChorusBegins) {
    struct Around {
        const char* name;
        double silence_s, fade_in_s, outro_s;
    };
    int songs = 0, found = 0;
    for (const Around& around :
         {Around{"plain", 0, 0, 0}, Around{"silence before it", 12, 0, 0}, Around{"fades in", 0, 12, 0},
          Around{"a long outro", 0, 0, 50}, Around{"all of it", 5, 8, 40}}) {
        for (const double tempo : {84.0, 96.0, 110.0, 132.0}) {
            for (const double verse_db : {-4.0, -9.0}) {
                const double bar_s = 4 * 60 / tempo;
                const int bars = tempo > 100 ? 20 : 12;
                const test::SongSpec spec{.tempo_bpm = tempo,
                                          .swing = tempo > 120,
                                          .seconds = bars * bar_s + 50 + around.outro_s,
                                          .chorus_at_s = bars * bar_s,
                                          .chorus_s = 36,
                                          .verse_db = verse_db,
                                          .silence_s = around.silence_s,
                                          .fade_in_s = around.fade_in_s,
                                          .outro_s = around.outro_s};
                const auto song = test::song_samples(spec);
                const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
                const auto beats =
                    track_beats(envelope.rises, envelope.frame_rate_hz,
                                measure_tempo(envelope.band_rises, envelope.frame_rate_hz).bpm);
                const double moment = find_moment(levels_of(song, kSongRate_hz), kLevelStep_s, beats);
                ++songs;
                if (std::abs(moment - spec.chorus_at_s - spec.silence_s) <= bar_s) {
                    ++found;
                } else {
                    std::cout << around.name << ", " << tempo << " a minute, verse " << verse_db << " dB: at "
                              << moment << " instead of " << spec.chorus_at_s + spec.silence_s << '\n';
                }
            }
        }
    }
    std::cout << "moment: " << found << " of " << songs << " within a bar\n";
    EXPECT_GE(found, 0.9 * songs);
}

TEST(TrackAnalyser, AMomentIsOnABeat) {
    const auto result =
        analyse(wav(test::song_samples({.tempo_bpm = 96, .seconds = 75, .chorus_at_s = 30, .chorus_s = 36})));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_THAT(result->front().track->beats_s, testing::Contains(result->front().facts.at("moment_s")));
}

TEST(TrackAnalyser, ATrackThatIsTheSameThroughoutIsHeardFromItsBeginning) {
    for (const double silence_s : {0.0, 20.0}) {
        const auto song = test::song_samples({.seconds = 90, .silence_s = silence_s});
        const OnsetEnvelope envelope = onset_envelope_of(song, kSongRate_hz);
        const auto beats = track_beats(envelope.rises, envelope.frame_rate_hz, 120);
        EXPECT_NEAR(find_moment(levels_of(song, kSongRate_hz), kLevelStep_s, beats), silence_s, 1);
    }
}

TEST(TrackAnalyser, AMomentOfAShortTrackIsItsBeginning) {
    const std::vector<float> levels(60, -20);
    EXPECT_EQ(find_moment(levels, 0.5F, {}), 0) << "half a minute";
    EXPECT_EQ(find_moment({}, 0.5F, {}), 0);
    // Without beats it is on a whole second.
    std::vector<float> rising(240, -30);
    std::fill(rising.begin() + 100, rising.end(), -10.0F);
    EXPECT_NEAR(find_moment(rising, 0.5F, {}), 50, 1);
    EXPECT_EQ(find_moment(std::vector<float>(240, -20), 0.5F, {}), 0) << "nothing rises: the first";
}

TEST(TrackAnalyser, RefusesWhatIsNoTrack) {
    const auto code = [](const std::string& file) {
        const auto result = analyse(file);
        return result ? std::string("analysed") : std::string(name(result.error().code));
    };
    EXPECT_EQ(code("Dear diary, this is no music at all.\n"), "unsupported");
    EXPECT_THAT(code(""), testing::AnyOf("corrupt", "unsupported"));
    EXPECT_EQ(code(wav(test::song_samples({.seconds = 2}))), "unsupported");
    const auto wav_file = wav(test::song_samples({.seconds = 20}));
    EXPECT_EQ(code(wav_file.substr(0, wav_file.size() / 2)), "analysed")
        << "one that breaks off is heard so far";
    const auto analyser = make_track_analyser({.models = BGM_SOURCE_DIR "/data/builtin"}, 1'000);
    EncodeTask task;
    task.media = test::as_bytes(wav_file);
    EXPECT_EQ(analyser->encode({&task, 1}).front().error().code, ErrorCode::too_large);
}

TEST(TrackAnalyser, SaysWhyItHearsNothingWhereThereIsSound) {
    std::vector<float> broken(20 * kSongRate_hz, std::nanf(""));
    const auto result = analyse(float_wav(broken, 1));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    EXPECT_THAT(result.error().message, testing::HasSubstr("NaN"));
    std::vector<float> subwoofer(std::size_t{6} * 20 * kSongRate_hz);
    for (std::size_t i = 3; i < subwoofer.size(); i += 6)
        subwoofer[i] = 0.5F * static_cast<float>(std::sin(static_cast<double>(i) * 0.003));
    const auto low = analyse(float_wav(subwoofer, 6));
    ASSERT_FALSE(low);
    EXPECT_THAT(low.error().message, testing::HasSubstr("subwoofer"));
}

TEST(TrackAnalyser, HearsNothingInSilence) {
    const auto result = analyse(test::make_silent_clip(20));
    ASSERT_TRUE(result) << result.error().to_string();
    const Encoding& whole = result->front();
    EXPECT_EQ(whole.quality, 0);
    EXPECT_EQ(whole.facts.at("loudness_lufs"), -70);
    EXPECT_EQ(whole.facts.at("moment_s"), 0);
    for (const auto& [fact, value] : whole.facts)
        EXPECT_TRUE(std::isfinite(value)) << fact;
    for (const float value : whole.embedding)
        EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace bgm
