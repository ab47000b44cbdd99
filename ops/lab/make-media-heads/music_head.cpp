// Weights set by hand, from what listening studies agree on; no data set shaped a single one of them.
//
// [G] Gabrielsson and Lindström 2010, The role of structure in the musical expression of emotions (a review
// of a century of experiments: tempo, mode, loudness, timbre, articulation, consonance, rhythm)
// [E] Eerola, Friberg and Bresin 2013, Emotional expression in music: contribution, linearity, and additivity
// of primary musical cues (factorial; mode and tempo first, then register, dynamics, articulation, timbre;
// effects nearly linear and additive, which is what a linear head needs)
// [V] Eerola and Vuoskoski 2011 (valence and arousal of film music)
// [D] Dawes 1979, The robust beauty of improper linear models: where signs are known and sizes are not,
// standardised cues with equal weights do as well on new cases as fitted ones
#include "ops/lab/make-media-heads/music_head.hpp"

#include <array>

#include "ops/lab/make-media-heads/cue_weights.hpp"

namespace bgm::heads {
namespace {

// Pleasant: a clear major key, consonance, a bright sound, motion with a pulse, an even level. [G][E][V]
constexpr std::array kValence{
    AffectWeight{"mode", 1},
    AffectWeight{"key_clarity", 1},
    AffectWeight{"harmonicity", 1},
    AffectWeight{"roughness", -1},
    AffectWeight{"brightness", 1},        // [E]; many strong partials are anger's as well [G]: see roughness
    AffectWeight{"onset_rate", 0.5F},     // fast is joyful, and also tense [G]
    AffectWeight{"pulse_clarity", 0.5F},  // a firm rhythm is solemn, too [G]
    AffectWeight{"loudness_range", -0.5F},
};

// Exciting: dense, hard and regular onsets, a loud, noisy, bright sound, nothing that is held. [G][E][V]
constexpr std::array kArousal{
    AffectWeight{"onset_rate", 1},    AffectWeight{"onset_strength", 1},  AffectWeight{"pulse_clarity", 1},
    AffectWeight{"loudness", 1},      AffectWeight{"flatness", 1},        AffectWeight{"harmonicity", -1},
    AffectWeight{"steadiness", -1},   AffectWeight{"loudness_range", -1},  // compressed: pop and dance
    AffectWeight{"brightness", 0.5F},  // sharp or soft timbres: weaker than the others [E]
};

constexpr std::array kMoods{
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
    MoodWeight{Mood::amusing, "onset_strength", 0.25F},  // playful: staccato, light
    MoodWeight{Mood::amusing, "loudness", -0.10F},
    MoodWeight{Mood::amusing, "steadiness", -0.15F},
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

}  // namespace

std::string make_music_head() {
    return make_cue_head({.model = kMusicModel,
                          .temperature = "0.3",
                          .precision = kSoundPrecision,
                          .cues = music_cues(),
                          // Most music is rated as pleasant, sad music too [V].
                          .valence = {.mean = 0.2F, .reliability = 0.4F, .cues = kValence},
                          .arousal = {.reliability = 0.6F, .together = 1.6F, .cues = kArousal},
                          .moods = kMoods});
}

}  // namespace bgm::heads
