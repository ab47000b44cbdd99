// What the mood words of a catalogue mean in the 13 moods: "romantic" -> mostly beautiful, partly erotic and
// dreamy.
//
// A vocabulary is plain data: built in for the sets that the project knows, or parsed from a file that the
// person who imports a catalogue wrote. The 13 mood names are always understood. Words are compared without
// regard to ASCII case.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct MoodMeaning {
    MoodDistribution moods{};      // sums to 1
    std::optional<Affect> affect;  // absent: taken from the moods' own places on the plane
};

struct MoodVocabulary {
    std::map<std::string, MoodMeaning, std::less<>> meanings;  // by the word in lower case
    /// True for a label set: a word that is not in it is a mistake in the row. False for free tags: unknown
    /// ones are passed over.
    bool closed = true;

    /// The word itself, else what follows its last underscore ("J_cluster_Cheerful" -> "cheerful"), else
    /// nothing.
    std::optional<MoodMeaning> find(std::string_view word) const;
};

/// The file of `--mood-map`: a line a word, tab-separated: word, moods as "joyful:0.6;energizing:0.4" (a
/// weight may be left out and is 1), then optionally valence and arousal in -1..1. Lines that are blank or
/// begin with # are passed over. Fails with the line of the mistake.
Result<MoodVocabulary> parse_mood_map(std::string_view text);

/// "joyful:0.6;energizing:0.4" (separators ; , or |, weights >= 0 and finite, default 1), not normalised.
Result<std::array<float, kMoodCount>> parse_mood_weights(std::string_view text);

/// Vocabularies that ship. The judgement behind each is written in docs/catalogue.md.
MoodVocabulary moodsic_moods();    // the five of Moodsic: happy romantic sad aggressive dramatic
MoodVocabulary lastfm_clusters();  // 19 tags in 13 clusters, and the cluster letters A to M
MoodVocabulary lastfm_moods();     // 45 mood tags
MoodVocabulary game_music_tags();  // free tags of game music; unknown ones are passed over

}  // namespace bgm
