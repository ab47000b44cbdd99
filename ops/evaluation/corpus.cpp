#include "ops/evaluation/corpus.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "fusion/catalogue/text_encoding.hpp"
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

Error bad_line(const std::filesystem::path& file, std::size_t line, std::string_view what) {
    return Error{.code = ErrorCode::corrupt,
                 .message = file.string() + ":" + std::to_string(line) + ": " + std::string(what)};
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

template <typename T>
std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::vector<std::uint8_t>> label_ids(std::string_view field, std::size_t count) {
    std::vector<std::uint8_t> ids;
    for (std::string_view id : split(field, ',')) {
        const auto value = number<unsigned>(id);
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

}  // namespace

Result<LabelMeanings> read_label_meanings(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    LabelMeanings meanings;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        const auto fields = split((*lines)[i], '\t');
        if (fields.size() != 5)
            return bad_line(file, i + 1, "expected dataset, label, moods, valence, arousal");
        const auto moods = parse_moods(fields[2]);
        const auto valence = number<float>(fields[3]);
        const auto arousal = number<float>(fields[4]);
        if (!moods || !valence || !arousal) return bad_line(file, i + 1, "bad mood or number");
        meanings[std::string(fields[0]) + '\t' + std::string(fields[1])] = {.moods = *moods,
                                                                            .affect = {*valence, *arousal}};
    }
    return meanings;
}

Result<std::vector<Example>> read_goemotions(const std::filesystem::path& file, const LabelMeanings& meanings,
                                             bool korean) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<std::string> names;
    names.reserve(std::size(kGoEmotions));
    for (const GoEmotion& emotion : kGoEmotions)
        names.emplace_back(emotion.name);
    std::vector<Example> examples;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        if ((*lines)[i].empty()) continue;
        const auto fields = split((*lines)[i], '\t');
        if (fields.size() < 2) return bad_line(file, i + 1, "expected text and label ids");
        const auto ids = label_ids(fields[1], kGoEmotions.size());
        if (!ids) return bad_line(file, i + 1, "bad label ids");
        Example example{
            .text = std::string(fields[0]), .task = Task::goemotions, .korean = korean, .labels = *ids};
        if (const auto applied = apply_meanings(example, meanings, "goemotions", names); !applied)
            return applied.error();
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
    }
    return examples;
}

Result<std::vector<Example>> read_kote(const std::filesystem::path& file,
                                       const std::filesystem::path& labels_file,
                                       const LabelMeanings& meanings) {
    auto names = read_lines(labels_file);
    if (!names) return names.error();
    std::erase(*names, "");
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        if ((*lines)[i].empty()) continue;
        const auto fields = split_quoted((*lines)[i], '\t');
        if (fields.size() != 3) return bad_line(file, i + 1, "expected id, text and label ids");
        const auto ids = label_ids(fields[2], names->size());
        if (!ids) return bad_line(file, i + 1, "bad label ids");
        Example example{.text = fields[1], .task = Task::kote, .korean = true, .labels = *ids};
        if (const auto applied = apply_meanings(example, meanings, "kote", *names); !applied)
            return applied.error();
        examples.push_back(std::move(example));
    }
    return examples;
}

Result<std::vector<Example>> read_nsmc(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        const auto fields = split((*lines)[i], '\t');
        const auto rating = fields.size() == 2 ? number<int>(fields[0]) : std::nullopt;
        if (!rating) return bad_line(file, i + 1, "expected rating and text");
        examples.push_back({.text = std::string(fields[1]),
                            .task = Task::polarity,
                            .korean = true,
                            .polarity = *rating >= 9 ? 1 : -1});
    }
    return examples;
}

Result<std::vector<Example>> read_emobank(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        const auto fields = split((*lines)[i], '\t');
        if (fields.size() != 4) return bad_line(file, i + 1, "expected valence, arousal, dominance, text");
        const auto valence = number<float>(fields[0]);
        const auto arousal = number<float>(fields[1]);
        if (!valence || !arousal) return bad_line(file, i + 1, "bad number");
        examples.push_back({.text = std::string(fields[3]),
                            .task = Task::affect,
                            .has_affect = true,
                            .affect = {(*valence - 3) / 2, (*arousal - 3) / 2}});
    }
    return examples;
}

Result<std::vector<Example>> read_chatbot(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        if ((*lines)[i].empty()) continue;
        const auto fields = split_quoted((*lines)[i], ',');
        // The published file has spaces behind one label.
        const auto label = fields.size() == 3
                               ? number<int>(std::string_view(fields[2]).substr(0, fields[2].find(' ')))
                               : std::nullopt;
        if (!label || *label < 0 || *label > 2) return bad_line(file, i + 1, "expected Q, A, label");
        examples.push_back({.text = fields[0],
                            .task = Task::chat,
                            .korean = true,
                            .labels = {static_cast<std::uint8_t>(*label)}});
    }
    return examples;
}

Result<std::vector<Example>> read_tweets(const std::filesystem::path& file, const LabelMeanings& meanings) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 1; i < lines->size(); ++i) {
        const auto fields = split((*lines)[i], '\t');
        if (fields.size() != 2) return bad_line(file, i + 1, "expected label and text");
        Example example{.text = std::string(fields[1]), .task = Task::tweets, .labels = {0}};
        const std::vector<std::string> names{std::string(fields[0])};
        if (const auto applied = apply_meanings(example, meanings, "tweeteval_emotion", names); !applied) {
            return applied.error();
        }
        examples.push_back(std::move(example));
    }
    return examples;
}

Result<std::vector<Example>> read_lexicon(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        const std::string& line = (*lines)[i];
        if (line.empty() || line.front() == '#') continue;
        const auto fields = split(line, '\t');
        if (fields.size() != 4) return bad_line(file, i + 1, "expected terms, moods, valence, arousal");
        const auto moods = parse_moods(fields[1]);
        const auto valence = number<float>(fields[2]);
        const auto arousal = number<float>(fields[3]);
        if (!moods || !valence || !arousal) return bad_line(file, i + 1, "bad mood or number");
        for (std::string_view term : split(fields[0], '|')) {
            const bool ascii = std::all_of(term.begin(), term.end(),
                                           [](char c) { return static_cast<signed char>(c) >= 0; });
            examples.push_back({.text = std::string(term),
                                .task = Task::lexicon,
                                .korean = !ascii,
                                .moods = *moods,
                                .has_affect = true,
                                .affect = {*valence, *arousal}});
        }
    }
    return examples;
}

Result<std::vector<Example>> read_list(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    if (!lines) return lines.error();
    std::vector<Example> examples;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        const std::string& line = (*lines)[i];
        if (line.empty() || line.front() == '#') continue;
        const auto fields = split(line, '\t');
        if (fields.size() != 4 || fields[0].empty())
            return bad_line(file, i + 1, "expected text or file name, moods, valence, arousal");
        const auto moods = parse_moods(fields[1]);
        if (!moods) return bad_line(file, i + 1, "'" + std::string(fields[1]) + "' is no list of moods");
        Example example{.text = std::string(fields[0]), .task = Task::list, .moods = *moods};
        example.has_affect = fields[2] != "-";
        if (example.has_affect) {
            const auto valence = number<float>(fields[2]);
            const auto arousal = number<float>(fields[3]);
            const auto fits = [](const std::optional<float>& value) {
                return value && *value >= -1 && *value <= 1;
            };
            if (!fits(valence) || !fits(arousal))
                return bad_line(file, i + 1, "valence and arousal are numbers from -1 to 1, or both -");
            example.affect = {.valence = *valence, .arousal = *arousal};
        } else if (fields[3] != "-") {
            return bad_line(file, i + 1, "arousal without valence");
        }
        examples.push_back(std::move(example));
    }
    return examples;
}

bool has_mood(const Example& example) {
    return std::any_of(example.moods.begin(), example.moods.end(), [](bool held) { return held; });
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
