#include "workers/audio/audio_encoder.hpp"

#include <optional>
#include <utility>

#include "schemas/mapped_file.hpp"
#include "workers/audio/audio_embedding.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/sound_quality.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/av_warm.hpp"

namespace bgm {
namespace {

// Half of what a task may use in all (20 s), so that the limit is met here, with a message, and not by the
// kernel.
constexpr double kCpuSecondsMax = 10;

// A whistle, a dial tone or a hum: sharp partials of few pitches, from beginning to end. Music moves: its
// pitches are shared out over at least this many of the twelve classes.
constexpr float kPitchesOfMusic = 2.5F;
constexpr float kHarmonicityOfTones = 0.8F;
constexpr float kOfOddSound = 0.3F;  // of the quality, where it is neither music nor speech

bool is_tone(const Tonality& tonality) {
    float squares = 0;
    for (const float share : tonality.chroma)
        squares += share * share;
    return tonality.harmonicity > kHarmonicityOfTones && squares * kPitchesOfMusic > 1;
}

class AudioEncoder final : public Encoder {
 public:
    AudioEncoder(const EncoderFiles& files, const AudioLimits& limits)
        : limits_(limits), gate_(open_speech_gate(files.packages)), heads_(sound_heads(files.models)) {}

    Modality modality() const override { return Modality::audio; }
    /// Of most of what is posted; a voice's embedding says that it is one.
    std::string model() const override { return std::string(kMusicModel); }
    std::vector<std::string> heads() const override { return heads_; }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks)
            results.push_back(encode_one(task));
        return results;
    }

 private:
    EncodeResult encode_one(const EncodeTask& task) const {
        const auto waveform = decode_audio(task.media, limits_, CpuBudget(kCpuSecondsMax));
        if (!waveform) return waveform.error();
        return std::vector{encode_waveform(*waveform, gate_.get())};
    }

    AudioLimits limits_;
    std::shared_ptr<const SpeechGate> gate_;
    std::vector<std::string> heads_;
};

}  // namespace

Encoding encode_waveform(const Waveform& waveform, const SpeechGate* gate, AudioFeatures* measured) {
    std::optional<float> speech;
    if (gate != nullptr) speech = gate->share_of_speech(waveform);
    const AudioFeatures features = measure_audio(waveform.samples, waveform.sample_rate_hz, speech);
    if (measured != nullptr) *measured = features;
    const bool voice = features.is_voice();
    Encoding encoding;
    encoding.modality = Modality::audio;
    encoding.model = voice ? kVoiceModel : kMusicModel;
    encoding.embedding = embed_audio(features, voice ? voice_cues() : music_cues());
    encoding.notes = waveform.notes;
    encoding.facts = {
        {"seconds", features.seconds},
        {"loudness_db", features.loudness.integrated_db},
        {"onset_rate_hz", features.rhythm.onset_rate_hz},
        {"brightness_hz", features.timbre.brightness_hz},
        {"speech", features.speech},
    };
    if (voice) {
        if (features.voice.pitch_hz > 0) encoding.facts["pitch_hz"] = features.voice.pitch_hz;
    } else {
        encoding.facts["tempo_bpm"] = features.rhythm.tempo_bpm;
        encoding.facts["mode"] = features.tonality.mode;
    }
    encoding.quality =
        sound_quality(features.loudness, encoding.notes, voice ? kEnoughSecondsOfVoice : kEnoughSeconds);
    if (encoding.quality > 0)
        encoding.facts["music"] = 1 - features.speech;
    else
        encoding.facts["silent"] = 1;
    // Too short for a tempo, a key or syllables: what the measures say then is chance, and the pick sets it
    // aside.
    if (features.loudness.sounding_s < kTooShortSeconds) {
        for (const char* fact : {"speech", "music", "tempo_bpm", "mode", "pitch_hz"})
            encoding.facts.erase(fact);
    }
    // Nearly white noise carries loudness and little else.
    if (encoding.quality > 0 && !voice && features.timbre.flatness > 0.35F &&
        features.tonality.harmonicity < 0.1F) {
        encoding.quality *= kOfOddSound;
        encoding.facts.erase("music");
        encoding.notes.emplace_back("noise");
    } else if (encoding.quality > 0 && !voice && is_tone(features.tonality)) {
        encoding.quality *= kOfOddSound;
        for (const char* fact : {"music", "tempo_bpm", "mode"})
            encoding.facts.erase(fact);
        encoding.facts["tone"] = 1;
        encoding.notes.emplace_back("tone");
    }
    return encoding;
}

std::vector<std::string> sound_heads(const std::filesystem::path& models) {
    std::vector<std::string> heads;
    for (const char* name : {"music_head.safetensors", "voice_head.safetensors"}) {
        if (const auto file = MappedFile::open(models / name)) heads.emplace_back(file->text());
    }
    return heads;
}

Result<std::unique_ptr<Encoder>> make_audio_encoder(const EncoderFiles& files, const MediaLimits& limits) {
    warm_media_libraries();
    return std::unique_ptr<Encoder>(std::make_unique<AudioEncoder>(files, limits.audio));
}

}  // namespace bgm
