#include "ops/lab/train/augment.hpp"

#include <algorithm>
#include <string_view>

#include "workers/text/clean.hpp"
#include "workers/text/normalise.hpp"

namespace bgm::train {
namespace {

// Longer texts would drown the term.
constexpr std::size_t kSurroundingBytesMax = 90;

bool is_ascii_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

void typing_mistake(std::u32string& text, Random& random) {
    if (text.size() < 8) return;
    const std::size_t at = 1 + draw(random, text.size() - 3);
    if (!is_letter(text[at]) || !is_letter(text[at + 1])) return;
    switch (draw(random, 3)) {
        case 0:
            std::swap(text[at], text[at + 1]);
            break;
        case 1:
            text.erase(at, 1);
            break;
        default:
            text.insert(at, 1, text[at]);
            break;
    }
}

void drop_spaces(std::u32string& text, Random& random) {
    const double probability = chance(random, 0.5) ? 1.0 : 0.5;
    std::u32string kept;
    for (char32_t c : text) {
        if (c != U' ' || !chance(random, probability)) kept.push_back(c);
    }
    text = std::move(kept);
}

void stretch(std::u32string& text, Random& random) {
    constexpr std::u32string_view kVowels = U"aeiouyAEIOUY!?ㅋㅎㅠㅜ~";
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (kVowels.find(text[i]) != std::u32string_view::npos) places.push_back(i);
    }
    if (places.empty()) return;
    const std::size_t at = places[draw(random, places.size())];
    text.insert(at, 2 + draw(random, 4), text[at]);
}

void change_case(std::u32string& text, Random& random) {
    const bool upper = chance(random, 0.3);
    for (char32_t& c : text) {
        if (!is_ascii_letter(c)) continue;
        c = upper ? (c & ~char32_t{0x20}) : (c | 0x20);
    }
}

// "so happy today" -> "so happy #today", or the last two words in one hashtag.
void add_hashtag(std::u32string& text, Random& random) {
    const std::size_t last = text.rfind(U' ');
    if (last == std::u32string::npos || last + 1 >= text.size() || !is_letter(text[last + 1])) return;
    text.insert(last + 1, 1, U'#');
    if (last == 0 || !chance(random, 0.3)) return;
    const std::size_t before = text.rfind(U' ', last - 1);
    if (before == std::u32string::npos || !is_letter(text[before + 1])) return;
    text.erase(last, 2);
    text.insert(before + 1, 1, U'#');
}

void drop_punctuation(std::u32string& text) {
    constexpr std::u32string_view kMarks = U".,!?;:\"'";
    std::erase_if(text, [&](char32_t c) { return kMarks.find(c) != std::u32string_view::npos; });
}

bool has_letter(std::string_view term) {
    const std::u32string clean = clean_text(term);
    return std::any_of(clean.begin(), clean.end(),
                       [](char32_t c) { return is_letter(c) && !(c >= 0x3131 && c <= 0x318E); });
}

}  // namespace

Augmenter::Augmenter(const std::vector<Example>& lexicon, const std::vector<Example>& examples)
    : lexicon_(lexicon), emoji_by_mood_(kMoodCount) {
    for (const Example& example : examples) {
        const bool moodless =
            std::none_of(example.moods.begin(), example.moods.end(), [](bool held) { return held; });
        if (example.task != Task::goemotions || !moodless || example.text.size() > kSurroundingBytesMax)
            continue;
        (example.korean ? moodless_korean_ : moodless_english_).push_back(&example);
    }
    for (std::size_t i = 0; i < lexicon_.size(); ++i) {
        if (has_letter(lexicon_[i].text)) continue;
        for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
            if (lexicon_[i].moods[mood]) emoji_by_mood_[mood].push_back(i);
        }
    }
}

std::string Augmenter::operator()(const Example& example, Random& random) const {
    std::u32string text = clean_text(example.text);
    if (chance(random, 0.25)) typing_mistake(text, random);
    if (example.korean && chance(random, 0.3)) drop_spaces(text, random);
    if (chance(random, 0.15)) stretch(text, random);
    if (!example.korean && chance(random, 0.3)) change_case(text, random);
    if (chance(random, 0.15)) add_hashtag(text, random);
    if (chance(random, 0.25)) drop_punctuation(text);
    std::string out = utf8_of(text);
    if (chance(random, 0.3)) {
        std::vector<std::size_t> candidates;
        for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
            if (example.moods[mood])
                candidates.insert(candidates.end(), emoji_by_mood_[mood].begin(), emoji_by_mood_[mood].end());
        }
        if (!candidates.empty()) {
            const std::string& emoji = lexicon_[candidates[draw(random, candidates.size())]].text;
            const std::size_t times = chance(random, 0.3) ? 1 + draw(random, 3) : 1;
            if (chance(random, 0.7)) out.push_back(' ');
            for (std::size_t i = 0; i < times; ++i)
                out += emoji;
        }
    }
    return out;
}

Example Augmenter::from_lexicon(Random& random) const {
    Example example = lexicon_[draw(random, lexicon_.size())];
    const std::size_t more = draw(random, 3);
    for (std::size_t i = 0; i < more; ++i) {
        const Example& other = lexicon_[draw(random, lexicon_.size())];
        if (other.moods == example.moods && other.korean == example.korean) example.text += ' ' + other.text;
    }
    // Emoji belong to both languages.
    const bool korean = has_letter(example.text) ? example.korean : chance(random, 0.5);
    const auto& surroundings = korean ? moodless_korean_ : moodless_english_;
    if (!surroundings.empty() && chance(random, 0.4)) {
        const std::string& around = surroundings[draw(random, surroundings.size())]->text;
        example.text = chance(random, 0.5) ? around + ' ' + example.text : example.text + ' ' + around;
    }
    return example;
}

}  // namespace bgm::train
