#include "fusion/recommend/search_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/mood_vocabulary.hpp"

namespace bgm {
namespace {

struct MoodStem {
    std::string_view stem;  // Korean: of a word that begins with it
    std::string_view moods;
};

// Beside the moods' names and the tags of mood_vocabulary.hpp.
constexpr MoodStem kMoodStems[] = {
    {"잔잔", "calm"},
    {"차분", "calm"},
    {"편안", "calm"},
    {"고요", "calm"},
    {"평온", "calm"},
    {"평화", "calm"},
    {"조용", "calm"},
    {"느긋", "calm"},
    {"부드러", "calm:0.7;beautiful:0.3"},
    {"따뜻", "calm:0.5;beautiful:0.5"},
    {"포근", "calm:0.5;beautiful:0.5"},
    {"힐링", "calm:0.5;beautiful:0.5"},
    {"아름다", "beautiful"},
    {"예쁜", "beautiful"},
    {"예쁘", "beautiful"},
    {"서정", "beautiful:0.8;dreamy:0.2"},
    {"감미로", "beautiful:0.7;calm:0.3"},
    {"로맨틱", "beautiful:0.6;erotic:0.4"},
    {"몽환", "dreamy"},
    {"꿈같", "dreamy"},
    {"신비", "dreamy"},
    {"나른", "dreamy:0.5;calm:0.5"},
    {"아련", "dreamy:0.4;sad:0.3;beautiful:0.3"},
    {"그리", "dreamy:0.4;sad:0.3;beautiful:0.3"},
    {"설레", "joyful:0.6;dreamy:0.4"},
    {"행복", "joyful"},
    {"기쁜", "joyful"},
    {"기쁘", "joyful"},
    {"즐거", "joyful"},
    {"밝은", "joyful"},
    {"명랑", "joyful"},
    {"발랄", "joyful"},
    {"경쾌", "joyful:0.5;energizing:0.5"},
    {"신나", "energizing:0.7;joyful:0.3"},
    {"신난", "energizing:0.7;joyful:0.3"},
    {"활기", "energizing"},
    {"힘찬", "energizing"},
    {"에너지", "energizing"},
    {"강렬", "energizing:0.7;indignant:0.3"},
    {"웅장", "triumphant"},
    {"장엄", "triumphant"},
    {"벅찬", "triumphant"},
    {"승리", "triumphant"},
    {"비장", "triumphant:0.6;sad:0.4"},
    {"슬픈", "sad"},
    {"슬프", "sad"},
    {"슬퍼", "sad"},
    {"우울", "sad"},
    {"쓸쓸", "sad"},
    {"외로", "sad"},
    {"애절", "sad:0.7;beautiful:0.3"},
    {"눈물", "sad"},
    {"웃긴", "amusing"},
    {"웃기", "amusing"},
    {"재밌", "amusing"},
    {"재미있", "amusing"},
    {"유쾌", "amusing:0.5;joyful:0.5"},
    {"익살", "amusing"},
    {"짜증", "annoying"},
    {"시끄러", "annoying:0.5;energizing:0.5"},
    {"불안", "anxious"},
    {"초조", "anxious"},
    {"긴장", "anxious"},
    {"무서", "scary"},
    {"공포", "scary"},
    {"으스스", "scary"},
    {"어두", "scary:0.5;sad:0.5"},
    {"분노", "indignant"},
    {"화난", "indignant"},
    {"관능", "erotic"},
    {"섹시", "erotic"},
    {"끈적", "erotic"},
};

constexpr MoodStem kMoodWords[] = {
    {"calming", "calm"},
    {"soothing", "calm"},
    {"quiet", "calm"},
    {"tranquil", "calm"},
    {"chill", "calm"},
    {"mellow", "calm"},
    {"soft", "calm"},
    {"pretty", "beautiful"},
    {"joyous", "joyful"},
    {"merry", "joyful"},
    {"energising", "energizing"},
    {"lively", "energizing"},
    {"majestic", "triumphant"},
    {"triumph", "triumphant"},
    {"sorrowful", "sad"},
    {"mournful", "sad"},
    {"melancholic", "sad:0.8;beautiful:0.2"},
    {"spooky", "scary"},
    {"nervous", "anxious"},
    {"furious", "indignant"},
};

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

constexpr std::string_view kSlow[] = {"slow", "slowly", "느린", "느리", "천천히", "슬로우"};
constexpr std::string_view kFast[] = {"fast", "quick", "rapid", "빠른", "빠르", "빨라"};
constexpr float kSlowMost_bpm = 90;
constexpr float kFastLeast_bpm = 120;

// Said of all music.
constexpr std::string_view kFillers[] = {
    "a",    "an",     "the",   "of",   "for",    "to",    "and",    "with", "some",   "in",
    "that", "is",     "music", "song", "songs",  "track", "tracks", "음악", "음악이", "음악을",
    "노래", "노래를", "곡",    "곡을", "연주곡", "같은",  "듣기",   "듣는", "좋은"};

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

std::optional<MoodDistribution> moods_of(std::string_view word) {
    std::string_view moods;
    for (const MoodStem& row : kMoodStems) {
        if (word.starts_with(row.stem)) moods = row.moods;
    }
    for (const MoodStem& row : kMoodWords) {
        if (word == row.stem) moods = row.moods;
    }
    if (!moods.empty()) {
        MoodDistribution weights = parse_mood_weights(moods).value();
        return weights;
    }
    static const MoodVocabulary kTags = lastfm_moods(), kFreeTags = game_music_tags();
    if (const auto tag = kTags.find(word)) return tag->moods;
    if (const auto tag = kFreeTags.find(word)) return tag->moods;
    return std::nullopt;
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
    SearchWish wish;
    wish.phrase = folded_words(text);
    float sum = 0;
    for (std::size_t begin = 0; begin < wish.phrase.size();) {
        const std::size_t end = std::min(wish.phrase.find(' ', begin), wish.phrase.size());
        const std::string word = wish.phrase.substr(begin, end - begin);
        begin = end + 1;
        if (holds(kFillers, word)) continue;
        if (const auto moods = moods_of(word)) {
            wish.mood_words.push_back(word);
            for (std::size_t k = 0; k < kMoodCount; ++k)
                sum += (*moods)[k], wish.moods[k] += (*moods)[k];
        } else if (holds(kSlow, word)) {
            wish.max_tempo = kSlowMost_bpm;
        } else if (holds(kFast, word)) {
            wish.min_tempo = kFastLeast_bpm;
        } else {
            wish.words.push_back({.said = word, .spellings = spellings_of(word)});
        }
    }
    for (float& mood : wish.moods)
        mood = sum > 0 ? mood / sum : 0;
    return wish;
}

}  // namespace bgm
