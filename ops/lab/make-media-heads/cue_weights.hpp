// A head written down cue by cue: what the tables of the music head and of the voice head have in common.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "fusion/mood/mood.hpp"
#include "workers/audio/audio_embedding.hpp"

namespace bgm::heads {

/// How a cue counts, in shares of the sum: whole for what the literature agrees on, half for what it does
/// not.
struct AffectWeight {
    std::string_view cue;
    float weight;
};

/// What tells moods apart that lie close to each other on the plane, in logits per deviation of the cue.
struct MoodWeight {
    Mood mood;
    std::string_view cue;
    float weight;
};

/// How one side of the plane is read. The cues' weighted sum z, scaled to deviation 1, foretells
/// mean + reliability * spread * z.
struct AffectRule {
    float mean = 0;         // of people's answers
    float spread = 0.5F;    // their deviation
    float reliability = 0;  // correlation of z with them, as measured: see the model card
    float together = 1;     // cues go together: how much more their sum varies than if they did not
    std::span<const AffectWeight> cues;
};

struct CueHead {
    std::string_view model;
    std::string_view temperature, precision;
    std::span<const AudioCue> cues;
    AffectRule valence, arousal;
    std::span<const MoodWeight> moods;
};

/// How much a sound counts beside a text: their correlations with people's valence are 0.40 and 0.58. The
/// temperatures are such that a sound alone, of this precision, is as sure as it is right.
inline constexpr std::string_view kSoundPrecision = "0.7";

/// The bytes of a head file. A cue that does not exist is a std::logic_error.
std::string make_cue_head(const CueHead& head);

}  // namespace bgm::heads
