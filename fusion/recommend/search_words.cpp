#include "fusion/recommend/search_words.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/filter.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

// One thing by its names, the Korean ones first. What begins with a Korean one of two syllables is it, too.
constexpr std::array<std::string_view, 4> kNames[] = {
    {"피아노", "piano"},
    {"기타", "guitar"},
    {"바이올린", "violin"},
    {"첼로", "cello"},
    {"플루트", "flute"},
    {"오르간", "organ"},
    {"오케스트라", "orchestra"},
    {"교향곡", "symphony"},
    {"협주곡", "concerto"},
    {"소나타", "sonata"},
    {"왈츠", "waltz", "valse"},
    {"행진곡", "march"},
    {"자장가", "lullaby", "wiegenlied"},
    {"야상곡", "녹턴", "nocturne"},
    {"전주곡", "prelude"},
    {"환상곡", "fantasia", "fantasy"},
    {"클래식", "classical"},
    {"재즈", "jazz"},
    {"블루스", "blues"},
    {"포크", "folk"},
    {"록", "락", "rock"},
    {"팝", "pop"},
    {"케이팝", "kpop", "k-pop"},
    {"힙합", "hip hop", "hip-hop", "hiphop"},
    {"발라드", "ballad"},
    {"국악", "korean traditional"},
    {"가야금", "gayageum"},
    {"민요", "folk"},
    {"동요", "children"},
    {"탱고", "tango"},
    {"래그타임", "ragtime"},
    {"앰비언트", "ambient"},
    {"전자음악", "일렉트로닉", "electronic"},
    {"영화음악", "사운드트랙", "soundtrack", "ost"},
    {"캐럴", "캐롤", "carol", "christmas"},
    {"찬송가", "hymn"},
    {"베토벤", "beethoven"},
    {"모차르트", "mozart"},
    {"바흐", "bach"},
    {"쇼팽", "chopin"},
    {"비발디", "vivaldi"},
    {"슈베르트", "schubert"},
    {"차이콥스키", "차이코프스키", "tchaikovsky"},
    {"드뷔시", "debussy"},
};

// Said of all music.
constexpr std::string_view kFillers[] = {
    "a",      "an",   "the",    "of",   "for",   "to",     "and",   "with",  "some",   "in",   "that",
    "is",     "on",   "by",     "from", "music", "song",   "songs", "track", "tracks", "음악", "음악이",
    "음악을", "노래", "노래를", "곡",   "곡을",  "연주곡", "같은",  "듣기",  "듣는",   "좋은"};

// Of Korean nouns: what stands behind them.
constexpr std::string_view kParticles[] = {"으로", "에서", "의", "로", "를", "을", "이",
                                           "가",   "은",   "는", "와", "과", "에", "도"};

constexpr std::size_t kSyllable = 3;  // bytes

bool is_korean(std::string_view word) {
    return !word.empty() && static_cast<unsigned char>(word.front()) >= 0xEA;
}

bool is(std::string_view word, std::string_view name) {
    return word == name || (is_korean(name) && name.size() >= 2 * kSyllable && word.starts_with(name));
}

std::vector<std::string> spellings_of(const std::string& word) {
    std::vector<std::string> spellings{word};
    for (const auto& names : kNames) {
        const bool named = std::ranges::any_of(
            names, [&](std::string_view name) { return !name.empty() && is(word, name); });
        for (const std::string_view name : names) {
            if (named && !name.empty() && name != word) spellings.emplace_back(name);
        }
    }
    if (spellings.size() > 1 || !is_korean(word)) return spellings;
    for (const std::string_view particle : kParticles) {
        if (word.ends_with(particle) && word.size() >= particle.size() + 2 * kSyllable) {
            spellings.push_back(word.substr(0, word.size() - particle.size()));
            break;
        }
    }
    return spellings;
}

bool holds(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::any_of(words, [&](std::string_view one) { return is(word, one); });
}

}  // namespace

std::string folded_words(std::string_view text) {
    std::string folded;
    std::string word;
    const auto end_word = [&] {
        const std::string small = folded_name(word);
        if (!small.empty()) folded += (folded.empty() ? "" : " ") + small;
        word.clear();
    };
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= ' ' ||
            std::string_view(",;:!?\"()[]").find(c) != std::string_view::npos) {
            end_word();
        } else {
            word += c;
        }
    }
    end_word();
    return folded;
}

SearchWish read_search(std::string_view text) {
    SearchWish search;
    search.phrase = folded_words(text);
    if (valid_utf8(text)) search.wish = read_wish(truncate_utf8(text, kSearchBytesMax));
    for (const WishedName& name : search.wish.names) {
        const std::string said = folded_words(name.said);
        if (said.empty() || holds(kFillers, said)) continue;
        // Said again it asks for no more.
        if (std::ranges::any_of(search.words, [&](const auto& word) { return word.said == said; })) continue;
        SearchWish::Word word{.said = said, .spellings = spellings_of(said)};
        // The name of the thing says more than that of its kind: a sonata is not all that is classical.
        if (word.spellings.size() == 1) {
            for (const std::string& other : name.names)
                word.spellings.push_back(folded_words(other));
        }
        search.words.push_back(std::move(word));
    }
    return search;
}

MatchRequest SearchWish::filters() const {
    MatchRequest request;
    request.languages = wish.languages;
    request.exclude_explicit = wish.exclude_explicit;
    request.max_duration_ms = wish.max_duration_ms;
    request.avoid_moods = wish.avoid_moods;
    request.from_year = wish.from_year;
    request.to_year = wish.to_year;
    request.instrumental_only = wish.instrumental_only;
    request.avoid_genres = wish.avoid_genres;
    request.avoid_languages = wish.avoid_languages;
    if (wish.sung_only) request.avoid_languages.emplace_back(kNoLanguage);
    return request;
}

bool SearchWish::states_filters() const {
    return wish.exclude_explicit || wish.instrumental_only || wish.sung_only || wish.max_duration_ms > 0 ||
           wish.from_year > 0 || wish.to_year > 0 || !wish.languages.empty() || !wish.avoid_moods.empty() ||
           !wish.avoid_genres.empty() || !wish.avoid_languages.empty();
}

}  // namespace bgm
