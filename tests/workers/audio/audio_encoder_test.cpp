// Idea: from a file to a mood, with the head that ships. What is synthesised to sound happy, sad, excited or
// calm must be ordered so; silence and scraps must say that they are evidence of nothing; every format must
// tell the same story.
#include "workers/audio/audio_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numbers>
#include <sstream>
#include <string>

#include "fusion/mood/head.hpp"
#include "ops/lab/make-media-heads/music_head.hpp"
#include "ops/lab/make-media-heads/voice_head.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/audio/audio_embedding.hpp"

namespace bgm {
namespace {

using test::AudioFormat;
using test::MusicSpec;
using test::VoiceSpec;
using testing::Contains;
using testing::HasSubstr;

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

EncodeResult encode(const std::string& file) {
    auto encoder = make_audio_encoder({});
    EncodeTask task;
    task.media = test::as_bytes(file);
    return (*encoder)->encode({&task, 1}).front();
}

Encoding encode_well(const std::string& file) {
    auto result = encode(file);
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? result->front() : Encoding{};
}

Result<LinearHead> shipped_head(const std::string& name) {
    const std::string bytes = read_file(BGM_SOURCE_DIR "/data/builtin/" + name + ".safetensors");
    return LinearHead::parse(test::as_bytes(bytes));
}

Evidence hear(const std::string& file) {
    static const auto music = shipped_head("music_head"), voice = shipped_head("voice_head");
    const Encoding encoding = encode_well(file);
    const auto& head = encoding.model == kVoiceModel ? voice : music;
    const auto evidence = head->read(encoding.embedding, encoding.quality);
    EXPECT_TRUE(evidence.ok()) << evidence.error().to_string();
    return *evidence;
}

float of(const Evidence& evidence, Mood mood) {
    return evidence.mood[static_cast<std::size_t>(mood)];
}

const MusicSpec kHappy{
    .minor = false, .tempo_bpm = 144, .loudness_db = -2, .brightness = 0.9, .staccato = true};
const MusicSpec kSad{
    .minor = true, .tempo_bpm = 56, .loudness_db = -20, .brightness = 0.1, .staccato = false};

TEST(AudioMood, FastLoudMajorIsMorePleasantAndMoreExcitedThanSlowSoftMinor) {
    const Evidence happy = hear(test::make_music_clip(kHappy));
    const Evidence sad = hear(test::make_music_clip(kSad));
    EXPECT_GT(happy.affect.valence, sad.affect.valence + 0.3F);
    EXPECT_GT(happy.affect.arousal, sad.affect.arousal + 0.3F);
    EXPECT_GT(of(happy, Mood::joyful), of(sad, Mood::joyful));
    EXPECT_GT(of(sad, Mood::sad), of(happy, Mood::sad));
}

TEST(AudioMood, ModeAloneMovesValenceAndNotArousal) {
    MusicSpec spec = kSad;
    const Evidence minor = hear(test::make_music_clip(spec));
    spec.minor = false;
    const Evidence major = hear(test::make_music_clip(spec));
    EXPECT_GT(major.affect.valence, minor.affect.valence + 0.2F);
    EXPECT_NEAR(major.affect.arousal, minor.affect.arousal, 0.15F);
}

TEST(AudioMood, TempoAloneMovesArousal) {
    MusicSpec spec{.loudness_db = -2, .brightness = 0.9};
    spec.tempo_bpm = 70;
    const float slow = hear(test::make_music_clip(spec)).affect.arousal;
    spec.tempo_bpm = 160;
    EXPECT_GT(hear(test::make_music_clip(spec)).affect.arousal, slow + 0.2F);
}

TEST(AudioMood, AHighLoudLivelyVoiceIsMoreExcitedThanALowSoftFlatOne) {
    const Evidence lively = hear(test::make_voice_clip({.pitch_hz = 260,
                                                        .pitch_range_semitones = 9,
                                                        .syllables_per_s = 5.5,
                                                        .loudness_db = -3,
                                                        .brightness = 0.9}));
    const Evidence flat = hear(test::make_voice_clip({.pitch_hz = 95,
                                                      .pitch_range_semitones = 1.5,
                                                      .syllables_per_s = 2.5,
                                                      .loudness_db = -22,
                                                      .brightness = 0.1}));
    EXPECT_GT(lively.affect.arousal, flat.affect.arousal + 0.3F);
    EXPECT_GT(of(flat, Mood::sad) + of(flat, Mood::calm), of(lively, Mood::sad) + of(lively, Mood::calm));
}

TEST(AudioEncoder, EveryFormatTellsTheSameStory) {
    const Encoding reference = encode_well(test::make_music_clip({}));
    for (const AudioFormat format : {AudioFormat::flac, AudioFormat::ogg_vorbis, AudioFormat::ogg_opus,
                                     AudioFormat::mp3, AudioFormat::m4a_aac, AudioFormat::adts_aac}) {
        const Encoding encoding = encode_well(test::make_music_clip({.format = format}));
        ASSERT_EQ(encoding.embedding.size(), reference.embedding.size());
        double product = 0, ours = 0, theirs = 0;
        for (std::size_t i = 0; i < encoding.embedding.size(); ++i) {
            product += double{encoding.embedding[i]} * reference.embedding[i];
            ours += double{encoding.embedding[i]} * encoding.embedding[i];
            theirs += double{reference.embedding[i]} * reference.embedding[i];
        }
        EXPECT_GT(product / std::sqrt(ours * theirs), 0.9) << "format " << static_cast<int>(format);
        EXPECT_NEAR(encoding.facts.at("tempo_bpm"), 120, 2);
        EXPECT_TRUE(encoding.notes.empty());
    }
}

TEST(AudioEncoder, NamesItsModelAndWhatItMeasured) {
    const Encoding encoding = encode_well(test::make_music_clip({}));
    EXPECT_EQ(encoding.modality, Modality::audio);
    EXPECT_EQ(encoding.model, "builtin-music-1");
    EXPECT_EQ(encoding.quality, 1.0F);
    for (const char* fact :
         {"tempo_bpm", "loudness_db", "mode", "brightness_hz", "onset_rate_hz", "speech", "seconds"}) {
        EXPECT_TRUE(encoding.facts.contains(fact)) << fact;
    }
    EXPECT_GT(encoding.facts.at("mode"), 0);
}

TEST(AudioEncoder, VoicesAndMusicAreToldApartAndNamed) {
    // By the rule, and by Silero's network where it is installed.
    for (const std::string packages : {"none", BGM_SOURCE_DIR "/data/packages/node_modules"}) {
        SCOPED_TRACE(packages);
        const auto encoder = make_audio_encoder({.models = {}, .packages = packages});
        const std::string voice = test::make_voice_clip({.pitch_hz = 150, .syllables_per_s = 4.5});
        const std::string music = test::make_music_clip({});
        std::vector<EncodeTask> tasks(2);
        tasks[0].media = test::as_bytes(voice);
        tasks[1].media = test::as_bytes(music);
        const auto results = (*encoder)->encode(tasks);
        ASSERT_TRUE(results[0].ok() && results[1].ok());
        const Encoding& spoken = results[0]->front();
        EXPECT_EQ(spoken.model, kVoiceModel);
        EXPECT_EQ(spoken.embedding.size(), embedding_size(voice_cues().size()));
        EXPECT_GE(spoken.facts.at("speech"), 0.5F);
        EXPECT_NEAR(spoken.facts.at("pitch_hz"), 150, 20);
        EXPECT_FALSE(spoken.facts.contains("tempo_bpm"));
        const Encoding& played = results[1]->front();
        EXPECT_EQ(played.model, kMusicModel);
        EXPECT_EQ(played.embedding.size(), embedding_size(music_cues().size()));
        EXPECT_GE(played.facts.at("music"), 0.5F);
        EXPECT_FALSE(played.facts.contains("pitch_hz"));
    }
}

TEST(AudioEncoder, SilenceIsEvidenceOfNothing) {
    const Encoding encoding = encode_well(test::make_silent_clip());
    EXPECT_EQ(encoding.quality, 0.0F);
    EXPECT_THAT(encoding.notes, Contains("silent"));
    EXPECT_EQ(encoding.facts.at("silent"), 1.0F);
    EXPECT_FALSE(encoding.facts.contains("music"));
}

// A pick that sets a beep aside as too short must not call it music, or speech, in the same breath.
TEST(AudioEncoder, SaysNeitherMusicNorSpeechOfWhatIsTooShort) {
    for (const float seconds : {0.05F, 0.1F, 0.3F, 0.45F}) {
        std::vector<float> beep(static_cast<std::size_t>(seconds * 22'050));
        for (std::size_t i = 0; i < beep.size(); ++i)
            beep[i] = 0.3F * std::sin(2 * std::numbers::pi_v<float> * 440 * static_cast<float>(i) / 22'050);
        const Encoding encoding = encode_well(test::encode_audio(beep, 22'050, AudioFormat::wav));
        for (const char* fact : {"music", "speech", "tempo_bpm", "mode", "pitch_hz"})
            EXPECT_FALSE(encoding.facts.contains(fact)) << fact << " of " << seconds << " s";
        EXPECT_TRUE(encoding.facts.contains("seconds")) << seconds;
    }
}

TEST(AudioEncoder, AScrapOfSoundCountsLittle) {
    const Encoding encoding = encode_well(test::make_music_clip({.seconds = 0.3}));
    EXPECT_LT(encoding.quality, 0.1F);
    EXPECT_THAT(encoding.notes, Contains(HasSubstr("half a second")));
}

// A whistle, a hum with its overtones, a dial tone, and one that rings and pauses.
TEST(AudioEncoder, AToneIsNoMusic) {
    constexpr int kRateHz = 44'100;
    const auto tone = [](const std::vector<double>& pitches_hz, bool pauses) {
        std::vector<float> samples(static_cast<std::size_t>(6 * kRateHz));
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double t = static_cast<double>(i) / kRateHz;
            double part = 0.3;
            if (pauses && std::fmod(t, 1.5) > 1) continue;
            for (const double pitch_hz : pitches_hz) {
                samples[i] += static_cast<float>(part * std::sin(6.283185307 * pitch_hz * t));
                part *= 0.6;
            }
        }
        return encode_well(test::encode_audio(samples, kRateHz, AudioFormat::m4a_aac));
    };
    for (const Encoding& encoding :
         {tone({440}, false), tone({1'000}, false), tone({120, 240, 480, 960}, false),
          tone({350, 440}, false), tone({440, 480}, true)}) {
        EXPECT_FALSE(encoding.facts.contains("music"));
        EXPECT_FALSE(encoding.facts.contains("tempo_bpm"));
        EXPECT_EQ(encoding.facts.at("tone"), 1);
        EXPECT_LE(encoding.quality, 0.3F);
        EXPECT_EQ(encoding.notes.back(), "tone");
    }
    for (const MusicSpec& music : {kHappy, kSad, MusicSpec{.brightness = 0, .staccato = false}})
        EXPECT_FALSE(encode_well(test::make_music_clip(music)).facts.contains("tone"));
}

TEST(AudioEncoder, NoiseCountsLittle) {
    EXPECT_LT(encode_well(test::make_noise_clip()).quality, 0.5F);
}

TEST(AudioEncoder, OfALongClipTheThirtySecondsFromAThirdOnAreHeard) {
    // Silence, then music in the second third, then silence: only the right window hears all of the music.
    std::vector<float> samples(90 * 22'050);
    const auto music = test::music_samples({.seconds = 30, .sample_rate_hz = 22'050});
    std::copy(music.begin(), music.end(), samples.begin() + 30 * 22'050);
    const float whole_db =
        encode_well(test::encode_audio(music, 22'050, AudioFormat::wav)).facts.at("loudness_db");
    for (const AudioFormat format : {AudioFormat::wav, AudioFormat::flac, AudioFormat::ogg_vorbis,
                                     AudioFormat::ogg_opus, AudioFormat::mp3, AudioFormat::m4a_aac}) {
        SCOPED_TRACE(static_cast<int>(format));
        const Encoding encoding = encode_well(test::encode_audio(samples, 22'050, format));
        EXPECT_NEAR(encoding.facts.at("seconds"), 30, 0.1);
        EXPECT_NEAR(encoding.facts.at("loudness_db"), whole_db, 0.5);
        EXPECT_NEAR(encoding.facts.at("onset_rate_hz"), 2, 0.2);
        EXPECT_TRUE(encoding.notes.empty());
    }
}

TEST(AudioEncoder, ATaskDoesNotChangeTheNext) {
    auto encoder = make_audio_encoder({});
    const std::string good = test::make_music_clip({.seconds = 3});
    const std::string bad = good.substr(0, 30);
    std::vector<EncodeTask> tasks(3);
    tasks[0].media = test::as_bytes(good);
    tasks[1].media = test::as_bytes(bad);
    tasks[2].media = test::as_bytes(good);
    const auto results = (*encoder)->encode(tasks);
    ASSERT_EQ(results.size(), 3U);
    ASSERT_TRUE(results[0].ok() && results[2].ok());
    EXPECT_FALSE(results[1].ok());
    EXPECT_EQ(results[0]->front().embedding, results[2]->front().embedding);
}

TEST(AudioHead, TheWorkerBringsBoth) {
    const auto brought = (*make_audio_encoder({.models = BGM_SOURCE_DIR "/data/builtin"}))->heads();
    ASSERT_EQ(brought.size(), 2U);
    EXPECT_EQ(LinearHead::parse(test::as_bytes(brought[0]))->model(), kMusicModel);
    EXPECT_EQ(LinearHead::parse(test::as_bytes(brought[1]))->model(), kVoiceModel);
    EXPECT_TRUE((*make_audio_encoder({}))->heads().empty());
}

TEST(AudioHead, TheShippedFileIsWhatTheProgramWrites) {
    EXPECT_TRUE(read_file(BGM_SOURCE_DIR "/data/builtin/music_head.safetensors") == heads::make_music_head())
        << "run bgm-make-media-heads data/builtin";
    EXPECT_TRUE(read_file(BGM_SOURCE_DIR "/data/builtin/voice_head.safetensors") == heads::make_voice_head())
        << "run bgm-make-media-heads data/builtin";
}

}  // namespace
}  // namespace bgm
