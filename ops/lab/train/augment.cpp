#include "ops/lab/train/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

#include "workers/text/clean.hpp"
#include "workers/text/normalise.hpp"

namespace bgm::train {
namespace {

// Longer texts would drown the term.
constexpr std::size_t kSurroundingBytesMax = 90;
// A pattern is drawn as often as a term for every so many of its sentences, up to a limit.
constexpr std::size_t kSentencesPerTerm = 8;
constexpr std::size_t kPatternTermsMax = 12;
constexpr double kIronyShare = 0.12;   // of what is drawn from the lexicon: something bad, and praise of it
constexpr double kDenialShare = 0.05;  // of what is drawn from the lexicon: a feeling that is not there
constexpr double kPlainShare = 0.22;   // of what is drawn from the lexicon: sentences without feeling
// Of what is drawn from the lexicon: deaths, and people who want to die, which it would be worst to misread.
constexpr double kGraveShare = 0.12;
constexpr float kGraveValence = -0.79F;

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

std::array<bool, kMoodCount> sad_alone() {
    std::array<bool, kMoodCount> moods{};
    moods[static_cast<std::size_t>(Mood::sad)] = true;
    return moods;
}

// "so happy" -> "#sohappy"; a hashtag that is written without spaces is what it is made of all the same.
std::string as_hashtag(std::string_view term) {
    std::string tag = "#";
    for (char c : term) {
        if (c != ' ' && c != '\'') tag.push_back(c);
    }
    return tag;
}

// The stem of an adjective in its dictionary form (-다), with which "-지 않다" makes sense; empty for
// anything else: several words, and verbs that the present (-ㄴ다) or the past (-ㅆ다) has already bent.
std::string korean_stem(std::string_view term) {
    constexpr char32_t kFinals = 28, kFinalN = 4, kFinalSs = 20;
    const std::u32string word = clean_text(term);
    if (word.size() < 3 || !word.ends_with(U'다') ||
        std::any_of(word.begin(), word.end(), [](char32_t c) { return c < 0xAC00 || c > 0xD7A3; }))
        return {};
    const char32_t final = (word[word.size() - 2] - 0xAC00) % kFinals;
    return final == kFinalN || final == kFinalSs ? "" : utf8_of(word.substr(0, word.size() - 1));
}

std::size_t sentences(std::string_view pattern) {
    std::size_t all = 1;
    while (true) {
        const std::size_t begin = pattern.find('{');
        const std::size_t end = pattern.find('}', begin);
        if (end == std::string_view::npos) return all;
        all *=
            1 + static_cast<std::size_t>(std::count(pattern.begin() + static_cast<std::ptrdiff_t>(begin),
                                                    pattern.begin() + static_cast<std::ptrdiff_t>(end), ','));
        pattern.remove_prefix(end + 1);
    }
}

}  // namespace

std::string drawn_from(std::string_view pattern, Random& random) {
    std::string text;
    while (true) {
        const std::size_t begin = pattern.find('{');
        const std::size_t end = pattern.find('}', begin);
        text += pattern.substr(0, end == std::string_view::npos ? pattern.size() : begin);
        if (end == std::string_view::npos) return text;
        std::string_view choices = pattern.substr(begin + 1, end - begin - 1);
        std::size_t skip =
            draw(random, 1 + static_cast<std::size_t>(std::count(choices.begin(), choices.end(), ',')));
        for (; skip > 0; --skip)
            choices.remove_prefix(choices.find(',') + 1);
        text += choices.substr(0, choices.find(','));
        pattern.remove_prefix(end + 1);
    }
}

Augmenter::Augmenter(const std::vector<Example>& lexicon, const std::vector<Example>& examples)
    : lexicon_(lexicon), emoji_by_mood_(kMoodCount) {
    for (const Example& example : examples) {
        if (example.task != Task::goemotions || has_mood(example) ||
            example.text.size() > kSurroundingBytesMax)
            continue;
        (example.korean ? moodless_korean_ : moodless_english_).push_back(&example);
    }
    std::map<std::array<bool, kMoodCount>, std::vector<std::size_t>> by_moods;
    for (std::size_t i = 0; i < lexicon_.size(); ++i) {
        auto& terms = has_mood(lexicon_[i]) ? by_moods[lexicon_[i].moods] : plain_terms_;
        terms.insert(
            terms.end(),
            std::clamp<std::size_t>(sentences(lexicon_[i].text) / kSentencesPerTerm, 1, kPatternTermsMax), i);
    }
    if (const auto sad = by_moods.find(sad_alone()); sad != by_moods.end())
        std::copy_if(sad->second.begin(), sad->second.end(), std::back_inserter(grave_terms_),
                     [&](std::size_t i) { return lexicon_[i].affect.valence < kGraveValence; });
    for (std::size_t i = 0; i < lexicon_.size(); ++i) {
        const Example& term = lexicon_[i];
        if (!has_letter(term.text)) continue;
        const auto says = [&](std::initializer_list<Mood> moods) {
            return std::any_of(moods.begin(), moods.end(),
                               [&](Mood mood) { return term.moods[static_cast<std::size_t>(mood)]; });
        };
        const std::size_t language = term.korean ? 1 : 0;
        if (term.affect.valence < 0 && says({Mood::annoying, Mood::sad})) misfortunes_[language].push_back(i);
        if (term.affect.valence > 0.5F && says({Mood::joyful, Mood::beautiful}))
            praise_[language].push_back(i);
    }
    std::set<std::string_view> english;
    for (const Example& term : lexicon_)
        english.insert(term.text);
    for (std::size_t i = 0; i < lexicon_.size(); ++i) {
        const Example& term = lexicon_[i];
        if (!has_mood(term) || term.affect.valence == 0) continue;
        if (term.korean ? !korean_stem(term.text).empty() : english.contains("so " + term.text))
            deniable_[term.korean ? 1 : 0].push_back(i);
    }
    for (auto& [moods, terms] : by_moods) {
        draws_by_mood_.insert(draws_by_mood_.end(),
                              static_cast<std::size_t>(std::lround(std::sqrt(terms.size()))),
                              terms_by_mood_.size());
        terms_by_mood_.push_back(std::move(terms));
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
            const std::string emoji =
                drawn_from(lexicon_[candidates[draw(random, candidates.size())]].text, random);
            const std::size_t times = chance(random, 0.3) ? 1 + draw(random, 3) : 1;
            if (chance(random, 0.7)) out.push_back(' ');
            for (std::size_t i = 0; i < times; ++i)
                out += emoji;
        }
    }
    return out;
}

Example Augmenter::with_irony(Random& random) const {
    constexpr std::array kKoreanMarks{" ㅋㅋ ", " ㅋㅋㅋㅋ ", " ㅎㅎ ", " ^^ ",
                                      "... ",   " 참 ",       " 아주 ", " 와 "};
    constexpr std::array kEnglishMarks{" ", ". ", "... ", " lol ", ", just ", " wow ", " oh ", " so "};
    constexpr std::array kEnds{"", "", "", " /s", " /s", " 🙃", " 🙄", "..."};
    const std::size_t language = draw(random, 2);
    const auto& misfortunes = misfortunes_[language];
    const auto& praise = praise_[language];
    Example example = lexicon_[misfortunes[draw(random, misfortunes.size())]];
    std::string bad = drawn_from(example.text, random);
    std::string good = drawn_from(lexicon_[praise[draw(random, praise.size())]].text, random);
    const auto marks = language == 1 ? kKoreanMarks : kEnglishMarks;
    const std::string mark = marks.at(draw(random, marks.size()));
    const std::string end = kEnds.at(draw(random, kEnds.size()));
    // A laugh behind bad news, praise before or behind it, or praise that says itself how it is meant.
    if (chance(random, 0.3)) {
        example.text = bad + (language == 1 ? mark : std::string(chance(random, 0.5) ? " lol" : " haha"));
        return example;
    }
    if (chance(random, 0.2)) {
        example.text = good + (chance(random, 0.8) ? " /s" : " 🙄");
    } else {
        example.text = (chance(random, 0.5) ? good + mark + bad : bad + mark + good) + end;
    }
    example.moods = {};
    example.moods[static_cast<std::size_t>(Mood::annoying)] = true;
    example.affect = {.valence = -0.6F, .arousal = 0.3F};
    return example;
}

Example Augmenter::with_denial(Random& random) const {
    constexpr std::array kKoreanStarts{"",      "",        "하나도 ", "전혀 ",  "별로 ",
                                       "이제 ", "그렇게 ", "더는 ",   "오늘은 "};
    constexpr std::array kKoreanEnds{"지 않다",     "지 않아",   "지 않네",         "지 않음",
                                     "지 않았다",   "지 않은데", "지가 않다",       "지는 않아",
                                     "지 않습니다", "지 않더라", "다고 할 수 없다", "다는 생각은 안 든다"};
    constexpr std::array kEnglishStarts{"not ",        "not very ",    "not really ",   "isn't ",
                                        "wasn't ",     "never ",       "i'm not ",      "i wasn't ",
                                        "it's not ",   "nobody is ",   "we are never ", "i don't feel ",
                                        "nothing is ", "they weren't "};
    constexpr std::array kEnglishEnds{"", "", " at all", " anymore", " today", " with you", " these days"};
    const std::size_t language = draw(random, 2);
    Example example = lexicon_[deniable_[language][draw(random, deniable_[language].size())]];
    if (language == 1) {
        const std::string start = kKoreanStarts.at(draw(random, kKoreanStarts.size()));
        const std::string denied =
            chance(random, 0.25)
                ? "안 " + example.text
                : korean_stem(example.text) + kKoreanEnds.at(draw(random, kKoreanEnds.size()));
        example.text = start + denied;
    } else {
        const std::string start = kEnglishStarts.at(draw(random, kEnglishStarts.size()));
        example.text = start + example.text + kEnglishEnds.at(draw(random, kEnglishEnds.size()));
    }
    const bool was_pleasant = example.affect.valence > 0;
    example.moods = {};
    for (Mood mood :
         was_pleasant ? std::array{Mood::sad, Mood::annoying} : std::array{Mood::calm, Mood::joyful})
        example.moods[static_cast<std::size_t>(mood)] = true;
    example.affect =
        was_pleasant ? Affect{.valence = -0.5F, .arousal = 0.0F} : Affect{.valence = 0.5F, .arousal = 0.0F};
    return example;
}

Example Augmenter::from_lexicon(Random& random) const {
    if (!deniable_[0].empty() && !deniable_[1].empty() && chance(random, kDenialShare))
        return with_denial(random);
    const bool ironic =
        std::none_of(praise_.begin(), praise_.end(), [](const auto& terms) { return terms.empty(); }) &&
        std::none_of(misfortunes_.begin(), misfortunes_.end(),
                     [](const auto& terms) { return terms.empty(); });
    if (ironic && chance(random, kIronyShare)) return with_irony(random);
    if (!plain_terms_.empty() && (terms_by_mood_.empty() || chance(random, kPlainShare))) {
        Example example = lexicon_[plain_terms_[draw(random, plain_terms_.size())]];
        example.text = drawn_from(example.text, random);
        return example;
    }
    const auto& terms = !grave_terms_.empty() && chance(random, kGraveShare)
                            ? grave_terms_
                            : terms_by_mood_[draws_by_mood_[draw(random, draws_by_mood_.size())]];
    Example example = lexicon_[terms[draw(random, terms.size())]];
    example.text = drawn_from(example.text, random);
    const std::size_t more = draw(random, 3);
    for (std::size_t i = 0; i < more; ++i) {
        const Example& other = lexicon_[terms[draw(random, terms.size())]];
        if (other.korean == example.korean && chance(random, 0.5))
            example.text += ' ' + drawn_from(other.text, random);
    }
    // Emoji belong to both languages.
    const bool korean = has_letter(example.text) ? example.korean : chance(random, 0.5);
    if (!chance(random, 0.4)) return example;
    std::string around;
    if (!plain_terms_.empty() && chance(random, 0.3)) {
        const Example& plain = lexicon_[plain_terms_[draw(random, plain_terms_.size())]];
        if (plain.korean != korean) return example;
        around = drawn_from(plain.text, random);
    } else {
        const auto& surroundings = korean ? moodless_korean_ : moodless_english_;
        if (surroundings.empty()) return example;
        around = surroundings[draw(random, surroundings.size())]->text;
    }
    if (chance(random, 0.3) && has_letter(example.text)) {
        example.text = around + ' ' + as_hashtag(example.text);
    } else {
        example.text = chance(random, 0.5) ? around + ' ' + example.text : example.text + ' ' + around;
    }
    return example;
}

}  // namespace bgm::train
