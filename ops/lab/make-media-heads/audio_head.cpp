// Weights set by hand, from what listening studies agree on; no data set shaped a single one of them.
//
// [G] Gabrielsson and Lindström 2010, The role of structure in the musical expression of emotions (a review
// of a century
//     of experiments: tempo, mode, loudness, timbre, articulation, consonance, rhythm)
// [E] Eerola, Friberg and Bresin 2013, Emotional expression in music: contribution, linearity, and additivity
// of primary
//     musical cues (factorial; sizes relative to each other: mode and tempo first, then register, dynamics,
//     articulation, timbre; effects nearly linear and additive, which is what a linear head needs)
// [V] Eerola and Vuoskoski 2011 (valence and arousal of film music)
// [J] Juslin and Laukka 2003, Communication of emotions in vocal expression and music performance (104
// studies of voices)
#include "ops/lab/make-media-heads/audio_head.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include "ops/lab/make-media-heads/linear_weights.hpp"
#include "workers/audio/audio_embedding.hpp"

namespace bgm::heads {
namespace {

// A cue's effect per standard deviation.
struct AffectWeight {
    std::string_view cue;
    float valence, arousal;
};

// Music. Arousal follows loudness, tempo, density, hard attacks and brightness; valence follows mode,
// consonance, a clear pulse and light articulation, and a fast tempo helps it. [G][E][V]
constexpr std::array kMusicAffect{
    AffectWeight{"loudness", 0.02F, 0.16F},     AffectWeight{"loudness_range", -0.04F, 0.02F},
    AffectWeight{"low_energy", 0.0F, -0.02F},   AffectWeight{"brightness", 0.03F, 0.10F},
    AffectWeight{"roll_off", 0.0F, 0.05F},      AffectWeight{"flatness", -0.03F, 0.08F},
    AffectWeight{"onset_rate", 0.07F, 0.14F},   AffectWeight{"onset_strength", 0.05F, 0.06F},
    AffectWeight{"tempo", 0.06F, 0.10F},        AffectWeight{"pulse_clarity", 0.08F, 0.05F},
    AffectWeight{"mode", 0.16F, 0.0F},          AffectWeight{"key_clarity", 0.06F, -0.02F},
    AffectWeight{"harmonicity", 0.02F, -0.06F}, AffectWeight{"steadiness", 0.0F, -0.08F},
    AffectWeight{"roughness", -0.09F, 0.06F},   AffectWeight{"pitch", 0.02F, 0.0F},
};

// Voices. Arousal is loudness, pitch, effort and pace; valence is heard poorly from the voice alone and
// mostly in a lively but regular pitch. [J]
constexpr std::array kVoiceAffect{
    AffectWeight{"loudness", 0.0F, 0.18F},       AffectWeight{"loudness_range", -0.02F, 0.04F},
    AffectWeight{"pitch", 0.02F, 0.16F},         AffectWeight{"pitch_range", 0.08F, 0.10F},
    AffectWeight{"vocal_effort", -0.06F, 0.14F}, AffectWeight{"brightness", 0.0F, 0.05F},
    AffectWeight{"syllable_rate", 0.03F, 0.08F}, AffectWeight{"pauses", -0.03F, -0.06F},
    AffectWeight{"onset_strength", 0.0F, 0.04F},
};

// What tells moods apart that lie close to each other on the plane, in logits per standard deviation.
struct MoodWeight {
    Mood mood;
    std::string_view cue;
    float weight;
};

constexpr std::array kMusicMoods{
    MoodWeight{Mood::triumphant, "loudness", 0.30F},  // pride and power: loud, major, broad, full chords [G]
    MoodWeight{Mood::triumphant, "mode", 0.20F},
    MoodWeight{Mood::triumphant, "loudness_range", 0.15F},
    MoodWeight{Mood::triumphant, "steadiness", 0.15F},
    MoodWeight{Mood::beautiful, "key_clarity",
               0.25F},  // tenderness: consonant, legato, soft timbre, slow [G]
    MoodWeight{Mood::beautiful, "steadiness", 0.20F},
    MoodWeight{Mood::beautiful, "roughness", -0.25F},
    MoodWeight{Mood::beautiful, "flatness", -0.20F},
    MoodWeight{Mood::dreamy, "steadiness", 0.30F},  // held sounds, no attacks, no pulse
    MoodWeight{Mood::dreamy, "pulse_clarity", -0.30F},
    MoodWeight{Mood::dreamy, "onset_strength", -0.25F},
    MoodWeight{Mood::dreamy, "onset_rate", -0.15F},
    MoodWeight{Mood::calm, "onset_rate", -0.15F},  // peace: slow, soft, flowing [G]
    MoodWeight{Mood::calm, "loudness", -0.15F},
    MoodWeight{Mood::calm, "loudness_range", -0.10F},
    MoodWeight{Mood::energizing, "pulse_clarity", 0.25F},
    MoodWeight{Mood::energizing, "onset_rate", 0.15F},
    MoodWeight{Mood::energizing, "onset_strength", 0.20F},
    MoodWeight{Mood::energizing, "flatness", 0.15F},
    MoodWeight{Mood::joyful, "mode", 0.25F},  // happiness: major, fast, staccato, simple harmony [G][E]
    MoodWeight{Mood::joyful, "pulse_clarity", 0.10F},
    MoodWeight{Mood::joyful, "key_clarity", 0.10F},
    MoodWeight{Mood::amusing, "onset_strength", 0.25F},  // playful: staccato, light, high
    MoodWeight{Mood::amusing, "loudness", -0.10F},
    MoodWeight{Mood::amusing, "steadiness", -0.15F},
    MoodWeight{Mood::amusing, "pitch", 0.15F},
    MoodWeight{Mood::scary, "roughness",
               0.30F},  // fear: dissonant, no clear key, sudden changes of level [G]
    MoodWeight{Mood::scary, "loudness_range", 0.25F},
    MoodWeight{Mood::scary, "key_clarity", -0.25F},
    MoodWeight{Mood::scary, "pulse_clarity", -0.15F},
    MoodWeight{Mood::anxious, "roughness", 0.20F},
    MoodWeight{Mood::anxious, "key_clarity", -0.20F},
    MoodWeight{Mood::anxious, "mode", -0.15F},
    MoodWeight{Mood::indignant, "loudness", 0.20F},  // anger: loud, rough, noisy, dense [G]
    MoodWeight{Mood::indignant, "flatness", 0.25F},
    MoodWeight{Mood::indignant, "roughness", 0.20F},
    MoodWeight{Mood::annoying, "flatness", 0.30F},
    MoodWeight{Mood::annoying, "roughness", 0.25F},
    MoodWeight{Mood::annoying, "key_clarity", -0.20F},
    MoodWeight{Mood::erotic, "pulse_clarity", 0.15F},  // slow, warm, low, with a groove
    MoodWeight{Mood::erotic, "tempo", -0.15F},
    MoodWeight{Mood::erotic, "brightness", -0.15F},
    MoodWeight{Mood::sad, "mode", -0.25F},  // sadness: minor, slow, soft, dull, legato [G][E]
    MoodWeight{Mood::sad, "tempo", -0.15F},
    MoodWeight{Mood::sad, "brightness", -0.15F},
    MoodWeight{Mood::sad, "onset_rate", -0.10F},
};

constexpr std::array kVoiceMoods{
    MoodWeight{Mood::indignant, "vocal_effort", 0.40F},  // anger: loud, tense, variable level, fast [J]
    MoodWeight{Mood::indignant, "loudness", 0.30F},
    MoodWeight{Mood::indignant, "loudness_range", 0.15F},
    MoodWeight{Mood::scary, "pitch", 0.40F},  // fear: high, fast, with little range [J]
    MoodWeight{Mood::scary, "pitch_range", -0.20F},
    MoodWeight{Mood::scary, "syllable_rate", 0.20F},
    MoodWeight{Mood::anxious, "pitch", 0.20F},
    MoodWeight{Mood::anxious, "syllable_rate", 0.15F},
    MoodWeight{Mood::anxious, "loudness", -0.15F},
    MoodWeight{Mood::sad, "syllable_rate", -0.25F},  // sadness: slow, soft, flat, dull, pauses [J]
    MoodWeight{Mood::sad, "pitch_range", -0.25F},
    MoodWeight{Mood::sad, "vocal_effort", -0.30F},
    MoodWeight{Mood::sad, "pauses", 0.20F},
    MoodWeight{Mood::joyful, "pitch_range", 0.40F},  // happiness: high, lively, fairly loud and fast [J]
    MoodWeight{Mood::joyful, "pitch", 0.25F},
    MoodWeight{Mood::amusing, "pitch_range", 0.30F},
    MoodWeight{Mood::calm, "vocal_effort", -0.25F},  // tenderness: slow, soft, even [J]
    MoodWeight{Mood::calm, "loudness_range", -0.15F},
    MoodWeight{Mood::calm, "pitch_range", -0.10F},
};

// How common a feeling is in music, and in spoken posts, before anything is heard; in logits.
struct Prior {
    Mood mood;
    float music, voice;
};

constexpr std::array kPriors{
    Prior{Mood::amusing, -0.6F, 0.0F},    Prior{Mood::annoying, -1.2F, 0.1F},
    Prior{Mood::anxious, -0.4F, 0.1F},    Prior{Mood::beautiful, 0.2F, -0.8F},
    Prior{Mood::calm, 0.2F, 0.2F},        Prior{Mood::dreamy, 0.1F, -0.8F},
    Prior{Mood::energizing, 0.5F, -0.3F}, Prior{Mood::erotic, -0.8F, -1.0F},
    Prior{Mood::indignant, -0.7F, 0.2F},  Prior{Mood::joyful, 0.5F, 0.4F},
    Prior{Mood::sad, 0.3F, 0.2F},         Prior{Mood::scary, -0.5F, 0.1F},
    Prior{Mood::triumphant, 0.0F, -0.6F},
};

// The plane's resolution: how far two places must lie apart to be told apart by ear.
constexpr float kPlaneDeviation = 0.5F;

std::size_t cue_index(std::string_view wanted) {
    for (std::size_t i = 0; i < kAudioCueCount; ++i) {
        if (kAudioCues[i].name == wanted) return i;
    }
    throw std::logic_error("no cue is called " + std::string(wanted));
}

}  // namespace

std::string make_audio_head() {
    LinearWeights weights(kAudioEmbeddingSize);
    for (const AffectWeight& row : kMusicAffect) {
        weights.valence[cue_index(row.cue)] += row.valence;
        weights.arousal[cue_index(row.cue)] += row.arousal;
    }
    for (const AffectWeight& row : kVoiceAffect) {
        weights.valence[kAudioVoiceBegin + cue_index(row.cue)] += row.valence;
        weights.arousal[kAudioVoiceBegin + cue_index(row.cue)] += row.arousal;
    }
    weights.valence[kAudioMusicGate] = 0.15F;  // most music is rated as pleasant, sad music too [V]
    weights.add_distance_on_the_plane(kPlaneDeviation);
    for (const MoodWeight& row : kMusicMoods)
        weights.add(row.mood, cue_index(row.cue), row.weight);
    for (const MoodWeight& row : kVoiceMoods)
        weights.add(row.mood, kAudioVoiceBegin + cue_index(row.cue), row.weight);
    for (const Prior& prior : kPriors) {
        weights.add(prior.mood, kAudioMusicGate, prior.music);
        weights.add(prior.mood, kAudioSpeechGate, prior.voice);
    }
    return weights.to_safetensors({{"model", std::string(kAudioModel)},
                                   {"modality", "audio"},
                                   {"temperature", "1.0"},
                                   {"precision", "0.5"},
                                   {"license", "MIT"},
                                   {"made_by", "bgm-make-media-heads"}});
}

}  // namespace bgm::heads
