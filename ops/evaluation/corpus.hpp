// The labelled sets that the text encoder is trained on and measured with, read into one shape.
//
// Each reader takes the published file format and fails with `not_found` or `corrupt`, naming file and line.
// Rows are held back for development by position (every tenth of KOTE and NSMC), so that a split needs no
// file of its own.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm {

enum class Task : std::uint8_t { goemotions, kote, polarity, affect, chat, lexicon, tweets, list };

struct Example {
    std::string text;
    Task task = Task::goemotions;
    bool korean = false;
    std::vector<std::uint8_t> labels = {};         // ids into the set's label list; chat: one class
    std::array<bool, kMoodCount> moods{};          // the gold moods; none set = the labels map to no mood
    std::array<std::uint8_t, kMoodCount> votes{};  // how many of the labels mean the mood
    bool has_affect = false;
    Affect affect = {};
    int polarity = 0;  // -1, 0 = unknown, 1
    std::array<bool, 5> five_moods{};
    bool in_five_moods = false;  // whether the row belongs to the five-mood task
};

/// What a label says of mood and affect, from label_to_mood13.tsv.
struct LabelMeaning {
    std::array<bool, kMoodCount> moods{};
    Affect affect = {};
};
using LabelMeanings = std::map<std::string, LabelMeaning, std::less<>>;  // key: dataset + '\t' + label

inline constexpr std::array<std::string_view, 5> kFiveMoods{"happy", "romantic", "sad", "aggressive",
                                                            "dramatic"};

Result<LabelMeanings> read_label_meanings(const std::filesystem::path& file);

/// text \t comma-separated label ids \t anything
Result<std::vector<Example>> read_goemotions(const std::filesystem::path& file, const LabelMeanings& meanings,
                                             bool korean);
/// id \t text (quoted as in CSV where needed) \t comma-separated label ids; `labels_file` names them, one a
/// line
Result<std::vector<Example>> read_kote(const std::filesystem::path& file,
                                       const std::filesystem::path& labels_file,
                                       const LabelMeanings& meanings);
/// rating \t text, with a header; 9 and 10 are good, 1 to 4 are bad
Result<std::vector<Example>> read_nsmc(const std::filesystem::path& file);
/// valence \t arousal \t dominance (1 to 5) \t text, with a header
Result<std::vector<Example>> read_emobank(const std::filesystem::path& file);
/// Q,A,label with a header: 0 daily life, 1 break-up, 2 love
Result<std::vector<Example>> read_chatbot(const std::filesystem::path& file);
/// label \t text, with a header
Result<std::vector<Example>> read_tweets(const std::filesystem::path& file, const LabelMeanings& meanings);
/// term \t moods separated by ';' \t valence \t arousal; lines that start with '#' are comments
Result<std::vector<Example>> read_lexicon(const std::filesystem::path& file);
/// text or file name \t moods separated by ';' \t valence \t arousal (-1 to 1); "-" for what is not known;
/// lines that start with '#' are comments
Result<std::vector<Example>> read_list(const std::filesystem::path& file);

/// Whether the labels mean a mood.
bool has_mood(const Example& example);
/// How right an answer is where many labels mean many moods: how many mean this mood, as a share of how many
/// mean the mood that most of them mean. 1 or 0 where every mood is meant once or not at all.
double credit(const Example& example, Mood mood);
/// Whether the labels say that there is no feeling in it: GoEmotions' `neutral` and KOTE's 없음, alone.
bool is_plain(const Example& example);

/// Moves every tenth example (index % 10 == 9) out of `examples`.
std::vector<Example> hold_back_tenth(std::vector<Example>& examples);

}  // namespace bgm
