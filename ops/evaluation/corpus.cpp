#include "ops/evaluation/corpus.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "fusion/catalogue/text_encoding.hpp"
#include "schemas/ascii.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

// GoEmotions' labels in the order of its labels.txt, each with its place in the five-mood task:
// 0..4 = index into kFiveMoods, -1 = the row does not belong to the task.
struct GoEmotion {
    std::string_view name;
    int five_mood;
};
constexpr std::array<GoEmotion, 28> kGoEmotions{{
    {"admiration", 0},     {"amusement", 0},    {"anger", 3},
    {"annoyance", 3},      {"approval", -1},    {"caring", 1},
    {"confusion", -1},     {"curiosity", -1},   {"desire", -1},
    {"disappointment", 2}, {"disapproval", -1}, {"disgust", 3},
    {"embarrassment", -1}, {"excitement", 4},   {"fear", -1},
    {"gratitude", -1},     {"grief", 2},        {"joy", 0},
    {"love", 1},           {"nervousness", -1}, {"optimism", 0},
    {"pride", -1},         {"realization", -1}, {"relief", -1},
    {"remorse", 2},        {"sadness", 2},      {"surprise", 4},
    {"neutral", -1},
}};

Error wrong(std::string_view what) {
    return Error{.code = ErrorCode::corrupt, .message = std::string(what)};
}

Error bad_line(const std::filesystem::path& file, std::size_t line, std::string_view what) {
    return wrong(file.string() + ":" + std::to_string(line) + ": " + std::string(what));
}

Result<std::vector<std::string>> read_lines(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return Error{.code = ErrorCode::not_found, .message = "cannot read " + file.string()};
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    // Labels are often kept in a spreadsheet, which saves what its country uses. A mere guess would spoil the
    // figures.
    const auto decoded = decode_text(bytes);
    std::string_view text = decoded && decoded->certain ? decoded->text() : bytes;
    const char line_end = text.find('\n') == std::string_view::npos ? '\r' : '\n';
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(line_end), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!valid_utf8(line)) return bad_line(file, lines.size() + 1, "not UTF-8");
        lines.emplace_back(line);
    }
    return lines;
}

std::vector<std::string_view> split(std::string_view line, char separator) {
    std::vector<std::string_view> fields;
    for (std::size_t begin = 0;;) {
        const std::size_t end = line.find(separator, begin);
        fields.push_back(line.substr(begin, end - begin));
        if (end == std::string_view::npos) return fields;
        begin = end + 1;
    }
}

// Fields of a CSV line; a field may be quoted, with "" for a quote.
std::vector<std::string> split_quoted(std::string_view line, char separator) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back().push_back('"');
            ++i;
        } else if (c == '"' && (quoted || fields.back().empty())) {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            fields.emplace_back();
        } else {
            fields.back().push_back(c);
        }
    }
    return fields;
}

std::optional<std::vector<std::uint8_t>> label_ids(std::string_view field, std::size_t count) {
    std::vector<std::uint8_t> ids;
    for (std::string_view id : split(field, ',')) {
        const auto value = number_from<unsigned>(id);
        if (!value || *value >= count) return std::nullopt;
        ids.push_back(static_cast<std::uint8_t>(*value));
    }
    return ids;
}

// Moods are the union over the labels; affect is their mean. Without meanings the example keeps its labels
// alone.
Status apply_meanings(Example& example, const LabelMeanings& meanings, std::string_view dataset,
                      const std::vector<std::string>& names) {
    if (meanings.empty()) return ok_status();
    for (std::uint8_t id : example.labels) {
        const auto found = meanings.find(std::string(dataset) + '\t' + names[id]);
        if (found == meanings.end()) {
            return Error{.code = ErrorCode::not_found, .message = "no meaning for the label " + names[id]};
        }
        for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
            if (!found->second.moods[mood]) continue;
            example.moods[mood] = true;
            ++example.votes[mood];
        }
        example.affect.valence += found->second.affect.valence / static_cast<float>(example.labels.size());
        example.affect.arousal += found->second.affect.arousal / static_cast<float>(example.labels.size());
    }
    example.has_affect = true;
    return ok_status();
}

std::optional<std::array<bool, kMoodCount>> parse_moods(std::string_view field) {
    std::array<bool, kMoodCount> moods{};
    if (field == "-") return moods;
    for (std::string_view name : split(field, ';')) {
        const auto mood = mood_from_name(name);
        if (!mood) return std::nullopt;
        moods[static_cast<std::size_t>(*mood)] = true;
    }
    return moods;
}

/// What of a file is no row.
struct Passed {
    bool header = false;    // the first line
    bool empty = false;     // empty lines
    bool comments = false;  // empty lines, and those that begin with '#'
};

/// Calls `take(line)` for every row. An error `corrupt` of it is one of that line, any other one ends the
/// reading as it is.
template <typename Take>
Status for_each_row(const std::filesystem::path& file, Passed passed, Take take) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    for (std::size_t i = passed.header ? 1 : 0; i < lines->size(); ++i) {
        const std::string& line = (*lines)[i];
        if (line.empty() && (passed.empty || passed.comments)) continue;
        if (passed.comments && line.front() == '#') continue;
        const Status taken = take(line);
        if (taken) continue;
        const Error& error = taken.error();
        return error.code == ErrorCode::corrupt ? bad_line(file, i + 1, error.message) : error;
    }
    return ok_status();
}

/// `make(line, examples)` adds what the row holds.
template <typename Make>
Result<std::vector<Example>> read_examples(const std::filesystem::path& file, Passed passed, Make make) {
    std::vector<Example> examples;
    const Status read =
        for_each_row(file, passed, [&](const std::string& line) -> Status { return make(line, examples); });
    if (!read) return read.error();
    return examples;
}

}  // namespace

Result<LabelMeanings> read_label_meanings(const std::filesystem::path& file) {
    LabelMeanings meanings;
    const Status read = for_each_row(file, {.header = true}, [&](const std::string& line) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() != 5) return wrong("expected dataset, label, moods, valence, arousal");
        const auto moods = parse_moods(fields[2]);
        const auto valence = number_from<float>(fields[3]);
        const auto arousal = number_from<float>(fields[4]);
        if (!moods || !valence || !arousal) return wrong("bad mood or number");
        meanings[std::string(fields[0]) + '\t' + std::string(fields[1])] = {.moods = *moods,
                                                                            .affect = {*valence, *arousal}};
        return ok_status();
    });
    if (!read) return read.error();
    return meanings;
}

Result<std::vector<Example>> read_goemotions(const std::filesystem::path& file, const LabelMeanings& meanings,
                                             bool korean) {
    std::vector<std::string> names;
    for (const GoEmotion& emotion : kGoEmotions)
        names.emplace_back(emotion.name);
    return read_examples(file, {.empty = true}, [&](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() < 2) return wrong("expected text and label ids");
        const auto ids = label_ids(fields[1], kGoEmotions.size());
        if (!ids) return wrong("bad label ids");
        Example example{
            .text = std::string(fields[0]), .task = Task::goemotions, .korean = korean, .labels = *ids};
        example.in_five_moods = true;
        for (std::uint8_t id : *ids) {
            const int mood = kGoEmotions[id].five_mood;
            if (mood < 0) {
                example.in_five_moods = false;
            } else {
                example.five_moods[static_cast<std::size_t>(mood)] = true;
            }
        }
        examples.push_back(std::move(example));
        return apply_meanings(examples.back(), meanings, "goemotions", names);
    });
}

Result<std::vector<Example>> read_kote(const std::filesystem::path& file,
                                       const std::filesystem::path& labels_file,
                                       const LabelMeanings& meanings) {
    auto names = read_lines(labels_file);
    if (!names) return names.error();
    std::erase(*names, "");
    return read_examples(file, {.empty = true}, [&](const std::string& line, auto& examples) -> Status {
        const auto fields = split_quoted(line, '\t');
        if (fields.size() != 3) return wrong("expected id, text and label ids");
        const auto ids = label_ids(fields[2], names->size());
        if (!ids) return wrong("bad label ids");
        examples.push_back({.text = fields[1], .task = Task::kote, .korean = true, .labels = *ids});
        return apply_meanings(examples.back(), meanings, "kote", *names);
    });
}

Result<std::vector<Example>> read_nsmc(const std::filesystem::path& file) {
    return read_examples(file, {.header = true}, [](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        const auto rating = fields.size() == 2 ? number_from<int>(fields[0]) : std::nullopt;
        if (!rating) return wrong("expected rating and text");
        examples.push_back({.text = std::string(fields[1]),
                            .task = Task::polarity,
                            .korean = true,
                            .polarity = *rating >= 9 ? 1 : -1});
        return ok_status();
    });
}

Result<std::vector<Example>> read_emobank(const std::filesystem::path& file) {
    return read_examples(file, {.header = true}, [](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() != 4) return wrong("expected valence, arousal, dominance, text");
        const auto valence = number_from<float>(fields[0]);
        const auto arousal = number_from<float>(fields[1]);
        if (!valence || !arousal) return wrong("bad number");
        examples.push_back({.text = std::string(fields[3]),
                            .task = Task::affect,
                            .has_affect = true,
                            .affect = {(*valence - 3) / 2, (*arousal - 3) / 2}});
        return ok_status();
    });
}

Result<std::vector<Example>> read_chatbot(const std::filesystem::path& file) {
    const Passed passed{.header = true, .empty = true};
    return read_examples(file, passed, [](const std::string& line, auto& examples) -> Status {
        const auto fields = split_quoted(line, ',');
        // The published file has spaces behind one label.
        const auto label = fields.size() == 3
                               ? number_from<int>(std::string_view(fields[2]).substr(0, fields[2].find(' ')))
                               : std::nullopt;
        if (!label || *label < 0 || *label > 2) return wrong("expected Q, A, label");
        examples.push_back({.text = fields[0],
                            .task = Task::chat,
                            .korean = true,
                            .labels = {static_cast<std::uint8_t>(*label)}});
        return ok_status();
    });
}

Result<std::vector<Example>> read_tweets(const std::filesystem::path& file, const LabelMeanings& meanings) {
    return read_examples(file, {.header = true}, [&](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() != 2) return wrong("expected label and text");
        examples.push_back({.text = std::string(fields[1]), .task = Task::tweets, .labels = {0}});
        return apply_meanings(examples.back(), meanings, "tweeteval_emotion", {std::string(fields[0])});
    });
}

Result<std::vector<Example>> read_lexicon(const std::filesystem::path& file) {
    return read_examples(file, {.comments = true}, [](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() != 4) return wrong("expected terms, moods, valence, arousal");
        const auto moods = parse_moods(fields[1]);
        const auto valence = number_from<float>(fields[2]);
        const auto arousal = number_from<float>(fields[3]);
        if (!moods || !valence || !arousal) return wrong("bad mood or number");
        for (std::string_view term : split(fields[0], '|')) {
            const bool ascii =
                std::ranges::all_of(term, [](char c) { return static_cast<signed char>(c) >= 0; });
            examples.push_back({.text = std::string(term),
                                .task = Task::lexicon,
                                .korean = !ascii,
                                .moods = *moods,
                                .has_affect = true,
                                .affect = {*valence, *arousal}});
        }
        return ok_status();
    });
}

Result<std::vector<Example>> read_list(const std::filesystem::path& file) {
    return read_examples(file, {.comments = true}, [](const std::string& line, auto& examples) -> Status {
        const auto fields = split(line, '\t');
        if (fields.size() != 4 || fields[0].empty())
            return wrong("expected text or file name, moods, valence, arousal");
        const auto moods = parse_moods(fields[1]);
        if (!moods) return wrong("'" + std::string(fields[1]) + "' is no list of moods");
        Example example{.text = std::string(fields[0]), .task = Task::list, .moods = *moods};
        example.has_affect = fields[2] != "-";
        if (example.has_affect) {
            const auto valence = number_from<float>(fields[2]);
            const auto arousal = number_from<float>(fields[3]);
            const auto fits = [](const std::optional<float>& value) {
                return value && *value >= -1 && *value <= 1;
            };
            if (!fits(valence) || !fits(arousal))
                return wrong("valence and arousal are numbers from -1 to 1, or both -");
            example.affect = {.valence = *valence, .arousal = *arousal};
        } else if (fields[3] != "-") {
            return wrong("arousal without valence");
        }
        examples.push_back(std::move(example));
        return ok_status();
    });
}

double credit(const Example& example, Mood mood) {
    const auto most = *std::max_element(example.votes.begin(), example.votes.end());
    const auto place = static_cast<std::size_t>(mood);
    return most == 0 ? static_cast<double>(example.moods[place])
                     : static_cast<double>(example.votes[place]) / most;
}

bool has_mood(const Example& example) {
    return std::ranges::any_of(example.moods, [](bool held) { return held; });
}

bool is_plain(const Example& example) {
    constexpr std::uint8_t kGoEmotionsNeutral = 27;
    constexpr std::uint8_t kKoteNothing = 24;
    if (example.labels.size() != 1) return false;
    return (example.task == Task::goemotions && example.labels.front() == kGoEmotionsNeutral) ||
           (example.task == Task::kote && example.labels.front() == kKoteNothing);
}

std::vector<Example> hold_back_tenth(std::vector<Example>& examples) {
    std::vector<Example> kept;
    std::vector<Example> held;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        (i % 10 == 9 ? held : kept).push_back(std::move(examples[i]));
    }
    examples = std::move(kept);
    return held;
}

}  // namespace bgm
