#include "fusion/catalogue/mood_vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "schemas/ascii.hpp"

namespace bgm {
namespace {

using MoodWeights = std::array<float, kMoodCount>;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::optional<float> number(std::string_view text) {
    const auto value = number_from<float>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

bool normalise(MoodWeights& weights) {
    const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
    if (!(sum > 0) || !std::isfinite(sum)) return false;
    for (float& weight : weights)
        weight /= sum;
    return true;
}

struct VocabularyRow {
    std::string_view word;
    std::string_view moods;
};

MoodVocabulary vocabulary(std::initializer_list<VocabularyRow> rows, bool closed) {
    MoodVocabulary result{.meanings = {}, .closed = closed};
    for (const VocabularyRow& row : rows) {
        MoodMeaning meaning{.moods = parse_mood_weights(row.moods).value(), .affect = std::nullopt};
        normalise(meaning.moods);
        result.meanings.emplace(row.word, meaning);
    }
    return result;
}

Error map_error(std::size_t line, const std::string& what) {
    return Error{ErrorCode::invalid_argument, what, "line " + std::to_string(line)};
}

}  // namespace

std::optional<MoodMeaning> MoodVocabulary::find(std::string_view word) const {
    const std::string lower = ascii_lower(trim(word));
    if (const auto found = meanings.find(lower); found != meanings.end()) return found->second;
    if (const auto mood = mood_from_name(lower)) {
        MoodMeaning meaning;
        meaning.moods.at(static_cast<std::size_t>(*mood)) = 1;
        return meaning;
    }
    const std::size_t underscore = lower.rfind('_');
    if (underscore == std::string::npos) return std::nullopt;
    return find(std::string_view(lower).substr(underscore + 1));
}

Result<MoodWeights> parse_mood_weights(std::string_view text) {
    MoodWeights weights{};
    while (!text.empty()) {
        const std::size_t separator = std::min(text.find_first_of(";,|"), text.size());
        const std::string_view part = trim(text.substr(0, separator));
        text.remove_prefix(std::min(separator + 1, text.size()));
        if (part.empty()) continue;
        const std::size_t colon = std::min(part.find_first_of(":="), part.size());
        const std::string mood_name = ascii_lower(trim(part.substr(0, colon)));
        const auto mood = mood_from_name(mood_name);
        if (!mood)
            return Error{ErrorCode::invalid_argument, "'" + mood_name + "' is not one of the 13 moods", ""};
        float weight = 1;
        if (colon < part.size()) {
            const auto given = number(trim(part.substr(colon + 1)));
            if (!given || *given < 0) {
                return Error{ErrorCode::invalid_argument,
                             "the weight of " + mood_name + " is not a number >= 0", ""};
            }
            weight = *given;
        }
        weights.at(static_cast<std::size_t>(*mood)) += weight;
    }
    return weights;
}

Result<MoodVocabulary> parse_mood_map(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    MoodVocabulary result;
    const char ending = text.find('\n') == std::string_view::npos ? '\r' : '\n';
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t line_end = std::min(text.find(ending), text.size());
        const std::string_view row = text.substr(0, line_end);
        text.remove_prefix(std::min(line_end + 1, text.size()));
        if (trim(row).empty() || trim(row).front() == '#') continue;

        std::vector<std::string_view> cells;
        for (std::size_t begin = 0; begin <= row.size();) {
            const std::size_t tab = std::min(row.find('\t', begin), row.size());
            cells.push_back(trim(row.substr(begin, tab - begin)));
            begin = tab + 1;
        }
        if (cells.size() != 2 && cells.size() != 4) {
            return map_error(line, "expected 'word<TAB>moods' or 'word<TAB>moods<TAB>valence<TAB>arousal'");
        }
        auto weights = parse_mood_weights(cells[1]);
        if (!weights) return map_error(line, weights.error().message);
        MoodMeaning meaning{.moods = *weights, .affect = std::nullopt};
        if (!normalise(meaning.moods)) return map_error(line, "no mood has a weight above zero");
        if (cells.size() == 4) {
            const auto valence = number(cells[2]);
            const auto arousal = number(cells[3]);
            if (!valence || !arousal || std::abs(*valence) > 1 || std::abs(*arousal) > 1) {
                return map_error(line, "valence and arousal must be numbers in -1..1");
            }
            meaning.affect = Affect{*valence, *arousal};
        }
        if (!result.meanings.emplace(ascii_lower(cells[0]), meaning).second) {
            return map_error(line, "'" + std::string(cells[0]) + "' is already mapped above");
        }
    }
    if (result.meanings.empty()) return Error{ErrorCode::invalid_argument, "the mood map holds no word", ""};
    return result;
}

MoodVocabulary moodsic_moods() {
    return vocabulary(
        {
            {"happy", "joyful:0.55;energizing:0.25;amusing:0.2"},
            {"romantic", "beautiful:0.5;erotic:0.3;dreamy:0.2"},
            {"sad", "sad:0.85;beautiful:0.15"},
            {"aggressive", "indignant:0.55;energizing:0.2;annoying:0.15;scary:0.1"},
            {"dramatic", "triumphant:0.4;energizing:0.3;anxious:0.3"},
        },
        true);
}

MoodVocabulary lastfm_clusters() {
    return vocabulary(
        {
            {"a", "amusing"},
            {"b", "annoying"},
            {"c", "anxious"},
            {"d", "beautiful"},
            {"e", "calm"},
            {"f", "dreamy"},
            {"g", "energizing"},
            {"h", "erotic"},
            {"i", "indignant"},
            {"j", "joyful"},
            {"k", "sad"},
            {"l", "scary"},
            {"m", "triumphant"},
            {"tense", "anxious"},
            {"relaxing", "calm"},
            {"pump-up", "energizing"},
            {"defiant", "indignant"},
            {"cheerful", "joyful"},
            {"depressing", "sad"},
            {"heroic", "triumphant"},
        },
        true);
}

MoodVocabulary lastfm_moods() {
    return vocabulary(
        {
            // The first spelling is the set's own.
            {"aggresive", "indignant:0.6;energizing:0.3;scary:0.1"},
            {"aggressive", "indignant:0.6;energizing:0.3;scary:0.1"},
            {"angry", "indignant:0.85;annoying:0.15"},
            {"atmospheric", "dreamy:0.8;calm:0.2"},
            {"bittersweet", "sad:0.5;beautiful:0.5"},
            {"bright", "joyful:0.8;energizing:0.2"},
            {"cheerful", "joyful:0.8;amusing:0.2"},
            {"cold", "sad:0.4;anxious:0.4;dreamy:0.2"},
            {"complex", "anxious:0.5;dreamy:0.3;annoying:0.2"},
            {"confident", "triumphant:0.6;energizing:0.4"},
            {"dramatic", "triumphant:0.4;anxious:0.4;energizing:0.2"},
            {"driving", "energizing:0.9;triumphant:0.1"},
            {"earnest", "beautiful:0.6;sad:0.2;calm:0.2"},
            {"energetic", "energizing"},
            {"epic", "triumphant:0.9;energizing:0.1"},
            {"exciting", "energizing:0.7;joyful:0.3"},
            {"fierce", "indignant:0.5;energizing:0.5"},
            {"fun", "joyful:0.5;amusing:0.5"},
            {"gentle", "calm:0.7;beautiful:0.3"},
            {"gloomy", "sad:0.8;scary:0.2"},
            {"happy", "joyful"},
            {"intense", "energizing:0.5;anxious:0.5"},
            {"intimate", "erotic:0.5;beautiful:0.3;calm:0.2"},
            {"light", "calm:0.5;joyful:0.5"},
            {"lonely", "sad:0.9;dreamy:0.1"},
            {"lovely", "beautiful:0.7;joyful:0.3"},
            {"lyrical", "beautiful:0.8;dreamy:0.2"},
            {"melancholy", "sad:0.8;beautiful:0.2"},
            {"mysterious", "dreamy:0.5;anxious:0.3;scary:0.2"},
            {"nostalgic", "dreamy:0.4;sad:0.3;beautiful:0.3"},
            {"positive", "joyful:0.8;triumphant:0.2"},
            {"relaxed", "calm"},
            {"romantic", "beautiful:0.6;erotic:0.4"},
            {"sensual", "erotic"},
            {"sentimental", "sad:0.5;beautiful:0.5"},
            {"serious", "anxious:0.4;sad:0.3;indignant:0.3"},
            {"sexy", "erotic"},
            {"smooth", "calm:0.6;erotic:0.4"},
            {"strong", "triumphant:0.5;energizing:0.5"},
            {"sweet", "beautiful:0.5;joyful:0.5"},
            {"uplifting", "joyful:0.5;triumphant:0.5"},
            {"warm", "calm:0.5;beautiful:0.5"},
        },
        true);
}

MoodVocabulary game_music_tags() {
    return vocabulary(
        {
            {"happy", "joyful"},
            {"cheerful", "joyful"},
            {"upbeat", "joyful:0.5;energizing:0.5"},
            {"bright", "joyful"},
            {"cute", "amusing:0.5;joyful:0.5"},
            {"funny", "amusing"},
            {"silly", "amusing"},
            {"peaceful", "calm"},
            {"serene", "calm"},
            {"relaxing", "calm"},
            {"ambient", "calm:0.5;dreamy:0.5"},
            {"enchanting", "dreamy"},
            {"magic", "dreamy"},
            {"mystic", "dreamy:0.7;anxious:0.3"},
            {"space", "dreamy"},
            {"sad strings", "sad"},
            {"lonely", "sad"},
            {"longing", "sad:0.6;beautiful:0.4"},
            {"dark", "scary:0.5;anxious:0.5"},
            {"evil", "scary"},
            {"ghost", "scary"},
            {"horror", "scary"},
            {"creepy", "scary"},
            {"storm", "anxious:0.5;scary:0.5"},
            {"tense", "anxious"},
            {"dramatic", "anxious:0.5;triumphant:0.5"},
            {"action", "energizing"},
            {"battle", "energizing:0.5;triumphant:0.3;anxious:0.2"},
            {"fight", "energizing:0.6;indignant:0.4"},
            {"warfare", "indignant:0.5;anxious:0.5"},
            {"epic", "triumphant"},
            {"heroic", "triumphant"},
            {"victory", "triumphant"},
            {"fanfare", "triumphant"},
            {"romantic", "beautiful:0.6;erotic:0.4"},
        },
        false);
}

}  // namespace bgm
