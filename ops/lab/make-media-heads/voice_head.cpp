// Weights set by hand, from what listening studies agree on; no data set shaped a single one of them.
//
// [J] Juslin and Laukka 2003, Communication of emotions in vocal expression and music performance (104
// studies of voices: level, pitch and its range, pace, high frequencies, pauses, and how regular they are)
// [G] Eyben et al. 2016, The Geneva minimalistic acoustic parameter set (which measurements carry arousal and
// valence: spectral flux, loudness, length and rate of voiced stretches, pitch from its 20th to its 80th
// percentile)
// [P] Patel, Scherer, Björkner and Sundberg 2011 (how tension of the voice changes tilt and noise)
// [D] Dawes 1979, The robust beauty of improper linear models: where signs are known and sizes are not,
// standardised cues with equal weights do as well on new cases as fitted ones
#include "ops/lab/make-media-heads/voice_head.hpp"

#include <array>

#include "ops/lab/make-media-heads/cue_weights.hpp"

namespace bgm::heads {
namespace {

// Pleasant feelings are spoken regularly, unpleasant ones (anger, fear, sadness alike) irregularly: table 7
// of [J] for level, pitch and duration. So: voicing that breaks seldom, an even level, an even colour; and a
// melody, which happiness has and sadness and disgust have not [J].
constexpr std::array kValence{
    AffectWeight{"voiced_share", 1},    AffectWeight{"voiced_runs", -1}, AffectWeight{"level_spread", -1},
    AffectWeight{"tilt_variation", -1}, AffectWeight{"pitch_range", 1},
};

// Exciting: loud, high, tense, less clean, with hard and dense onsets [J][P]; most of all a sound that keeps
// changing, whatever its level, which the microphone decides as well [G]: twice.
constexpr std::array kArousal{
    AffectWeight{"spectral_change", 2},
    AffectWeight{"onset_strength", 1},
    AffectWeight{"onset_rate", 1},
    AffectWeight{"loudness", 1},
    AffectWeight{"pitch", 1},
    AffectWeight{"vocal_effort", 1},
    AffectWeight{"harmonics_to_noise", -1},
};

constexpr std::array kMoods{
    MoodWeight{Mood::indignant, "vocal_effort", 0.40F},  // anger: loud, tense, variable level, fast [J]
    MoodWeight{Mood::indignant, "loudness", 0.30F},
    MoodWeight{Mood::indignant, "level_spread", 0.15F},
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
    MoodWeight{Mood::calm, "level_spread", -0.15F},
    MoodWeight{Mood::calm, "pitch_range", -0.10F},
};

}  // namespace

std::string make_voice_head() {
    return make_cue_head({.model = kVoiceModel,
                          .temperature = "0.7",
                          .precision = kSoundPrecision,
                          .cues = voice_cues(),
                          .valence = {.reliability = 0.4F, .cues = kValence},
                          .arousal = {.reliability = 0.7F, .together = 1.5F, .cues = kArousal},
                          .moods = kMoods});
}

}  // namespace bgm::heads
