#include "fusion/wish/wish_numbers.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace bgm {
namespace {

constexpr std::uint32_t kAround = 10, kExactly = 5;       // beats a minute to either side
constexpr std::uint32_t kTempoMin = 30, kTempoMax = 300;  // others are no tempo

constexpr Word kFrom = U"from|since|at least|no less than|not less than|minimum|min|starting";
constexpr Word kOver = U"over|above|more than|faster than|quicker than";
constexpr Word kAfter = U"after|later than|newer than|post";
constexpr Word kUpTo = U"at most|up to|until|no more than|not more than|maximum|max|within|till|through";
constexpr Word kUnder = U"under|below|less than|slower than|shorter than";
constexpr Word kBefore = U"before|older than|pre|earlier than";
constexpr Word kAbout = U"about|around|roughly|approximately|약|대략";
constexpr Word kFromBehind =
    U"이상|이상의|이상인|이후|이후의|이후에|이후로|부터|부터의|or more|or faster|or above|or over|or "
    U"later|or newer|or "
    U"after|and later|and newer|and after|and up|and above|onwards|onward|plus|그 이후*|그 뒤*|그 후*";
constexpr Word kOverBehind = U"넘는|넘게|넘고|초과*|보다 빠른|보다 빠르*";
constexpr Word kAfterBehind = U"후|지나서";
constexpr Word kUpToBehind =
    U"이하|이하의|이하인|까지|까지의|까지만|이내|이내의|안쪽*|안으로|넘지|안 넘*|or less|or slower|or "
    U"under|or below|or "
    U"earlier|or before|or older|and earlier|and before|and older|and under|and below|max|그 이전*|그 "
    U"전*|그전*";
constexpr Word kUnderBehind = U"미만|미만의|미만인|보다 느린|보다 느리*";
constexpr Word kBeforeBehind = U"전|전의|전에|이전|이전의|이전에";
constexpr Word kAboutBehind = U"정도*|쯤*|전후*|내외*|or so|ish";
constexpr Word kTo = U"to|and|through|until|에서|부터|에서부터|~";
constexpr Word kEarly = U"early|초|초반*|초기*|전반*";
constexpr Word kLate = U"late|후반*|말|말기*";

struct Numeral {
    Word words;
    std::uint32_t value;
};
constexpr std::array kNumerals{
    Numeral{U"one|a single|한|하나*", 1},
    Numeral{U"two|a couple of|두|둘", 2},
    Numeral{U"three|세|셋", 3},
    Numeral{U"four|네|넷", 4},
    Numeral{U"five|다섯*", 5},
    Numeral{U"six|여섯*", 6},
    Numeral{U"seven|일곱*", 7},
    Numeral{U"eight|여덟*", 8},
    Numeral{U"nine|아홉*", 9},
    Numeral{U"ten|열", 10},
    Numeral{U"twelve|열두", 12},
    Numeral{U"twenty|스무", 20},
};

std::optional<std::uint32_t> digits(Word word) {
    if (word.empty() || word.size() > 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const char32_t c : word) {
        if (c < U'0' || c > U'9') return std::nullopt;
        value = value * 10 + (c - U'0');
    }
    return value;
}

class Reader {
 public:
    Reader(std::span<const SaidWord> said, std::size_t at) : said_(said), at_(at) {}

    std::optional<WishNumber> read() {
        if (const auto count = counted()) return count;
        const auto value = at_ < said_.size() ? digits(said_[at_].text) : std::nullopt;
        if (!value) return spoken_minutes();
        end_ = at_ + 1;
        if (takes_glued(U"s|'s") || takes_unit(U"년대") || takes_unit(U"년도")) return decade(*value);
        if (takes_unit(U"년") || looks_like_a_year(*value)) return year(*value);
        if (auto found = ranged_tempo(*value)) return found;
        if (takes(U"bpm|beats per minute|beats a minute|beats|비피엠*|템포*") ||
            before(U"bpm|tempo|tempo of|템포"))
            return tempo(*value, *value);
        if (takes(U"minutes|minute|mins|min|분|분을|분이|분짜리|분대")) return minutes(*value);
        return std::nullopt;
    }

 private:
    enum class Side : std::uint8_t { none, from, up_to, before };

    bool takes(Word patterns) {
        const std::size_t end = longest_phrase_end(said_, end_, patterns);
        if (end == 0) return false;
        end_ = end;
        return true;
    }
    bool takes_glued(Word patterns) { return end_ < said_.size() && said_[end_].glued && takes(patterns); }

    /// A Korean unit, and what is glued to it: "년대까지".
    bool takes_unit(Word unit) {
        if (end_ >= said_.size() || !said_[end_].text.starts_with(unit)) return false;
        const Word rest = Word(said_[end_].text).substr(unit.size());
        const auto is = [rest](std::initializer_list<Word> begins) {
            return std::ranges::any_of(begins, [rest](Word begin) { return rest.starts_with(begin); });
        };
        side_ = is({U"부터", U"이후", U"이상"})   ? Side::from
                : is({U"까지", U"이하", U"이내"}) ? Side::up_to
                : is({U"이전"})                   ? Side::before
                                                  : Side::none;
        ++end_;
        return true;
    }

    /// Whether one of the patterns ends right before the number; `begin_` then includes it.
    bool before(Word patterns) {
        for (std::size_t words = std::min<std::size_t>(begin_or_at(), 3); words > 0; --words) {
            const std::size_t begin = begin_or_at() - words;
            for (const Word pattern : split_at(patterns, U'|')) {
                if (phrase_end(said_, begin, pattern) != begin_or_at()) continue;
                begin_ = begin;
                return true;
            }
        }
        return false;
    }
    std::size_t begin_or_at() const { return begin_.value_or(at_); }

    WishNumber made(WishNumber::Kind kind, std::uint32_t from, std::uint32_t to) const {
        return {.kind = kind, .from = from, .to = to, .begin = begin_or_at(), .end = end_};
    }

    static bool looks_like_a_year(std::uint32_t value) { return value >= 1900 && value <= 2100; }
    static std::uint32_t century(std::uint32_t value) {
        return value >= 100 ? value : value + (value >= 30 ? 1900 : 2000);
    }

    // Where the number says no end of it, it is both.
    WishNumber bounded(WishNumber::Kind kind, std::uint32_t first, std::uint32_t last) {
        // "80년대 이전" has none of them; "1980년 이전" may have the year itself.
        if (side_ == Side::before) return made(kind, 0, first == last ? last : first - 1);
        if (side_ == Side::from) return made(kind, first, 0);
        if (side_ == Side::up_to) return made(kind, 0, last);
        (void)before(U"the|year|year of|the year");
        if (before(kBefore)) return made(kind, 0, first - 1);
        if (before(kAfter)) return made(kind, last + 1, 0);
        if (before(kOver)) return made(kind, last + 1, 0);
        if (before(kUnder)) return made(kind, 0, first - 1);
        if (before(kUpTo)) return made(kind, 0, last);
        if (takes(kFromBehind)) return made(kind, first, 0);
        if (takes(kAfterBehind)) return made(kind, last + 1, 0);
        if (takes(kUpToBehind)) return made(kind, 0, last);
        if (first == last && takes(U"이전|이전의|이전에")) return made(kind, 0, last);
        if (takes(kBeforeBehind)) return made(kind, 0, first - 1);
        // "from 1985" alone is open; in "from 1985 to 1990" the reader of years has seen the other end
        // already.
        if (first == last && before(kFrom)) return made(kind, first, 0);
        return made(kind, first, last);
    }

    std::optional<WishNumber> decade(std::uint32_t value) {
        if (value % 10 != 0) return std::nullopt;
        std::uint32_t first = century(value), last = first + 9;
        if (first < 1000 || first > 2100) return std::nullopt;
        (void)takes(U"혹은|또는");
        if (takes(kEarly) || before(kEarly)) {
            last = first + 4;
        } else if (takes(kLate) || before(kLate)) {
            first += 5;
        }
        return bounded(WishNumber::Kind::era, first, last);
    }

    std::optional<WishNumber> year(std::uint32_t value) {
        if (value < 1000) return std::nullopt;
        const std::size_t behind = end_;
        (void)takes(kTo);
        const auto other = end_ < said_.size() ? digits(said_[end_].text) : std::nullopt;
        if (other && looks_like_a_year(*other) && *other >= value) {
            ++end_;
            (void)takes(U"년*");
            (void)takes(U"까지|사이*");
            (void)before(U"from|between");
            return made(WishNumber::Kind::era, value, *other);
        }
        end_ = behind;
        return bounded(WishNumber::Kind::era, value, value);
    }

    std::optional<WishNumber> ranged_tempo(std::uint32_t value) {
        const std::size_t behind = end_;
        (void)takes(kTo);
        const auto other = end_ < said_.size() ? digits(said_[end_].text) : std::nullopt;
        if (other && *other > value) {
            ++end_;
            if (takes(U"bpm|beats per minute|beats|비피엠*") || before(U"bpm|템포|tempo")) {
                (void)before(U"from|between");
                return made(WishNumber::Kind::tempo, value, *other);
            }
        }
        end_ = behind;
        return std::nullopt;
    }

    std::optional<WishNumber> tempo(std::uint32_t low, std::uint32_t high) {
        if (low < kTempoMin || high > kTempoMax) return std::nullopt;
        constexpr auto kKind = WishNumber::Kind::tempo;
        if (before(kUpTo)) return made(kKind, 0, high);
        if (before(kFrom)) return made(kKind, low, 0);
        if (before(kOver) || before(kAfter)) return made(kKind, low + 1, 0);
        if (before(kUnder) || before(kBefore)) return made(kKind, 0, high - 1);
        if (takes(kFromBehind)) return made(kKind, low, 0);
        if (takes(kUpToBehind)) return made(kKind, 0, high);
        if (takes(kOverBehind)) return made(kKind, low + 1, 0);
        if (takes(kUnderBehind)) return made(kKind, 0, high - 1);
        const std::uint32_t width = before(kAbout) || takes(kAboutBehind) ? kAround : kExactly;
        return made(kKind, low > width ? low - width : 1, high + width);
    }

    std::optional<WishNumber> minutes(std::uint32_t value) {
        if (!before(kUpTo) && !before(kUnder) && !takes(kUpToBehind) && !takes(kUnderBehind) &&
            !takes(U"or shorter|long at most|at most"))
            return std::nullopt;
        return made(WishNumber::Kind::minutes, 0, value);
    }

    std::optional<WishNumber> spoken_minutes() {
        for (const Numeral& numeral : kNumerals) {
            end_ = longest_phrase_end(said_, at_, numeral.words);
            if (end_ > 0 && takes(U"minutes|minute|mins|분|분짜리")) return minutes(numeral.value);
        }
        return std::nullopt;
    }

    std::optional<WishNumber> counted() {
        constexpr Word kTracks =
            U"songs|song|tracks|track|tunes|tune|pieces|곡|곡만|곡을|곡정도|곡 정도|곡이*|곡쯤|곡으로";
        std::optional<std::uint32_t> value = digits(said_[at_].text);
        end_ = at_ + 1;
        for (const Numeral& numeral : kNumerals) {
            if (value) break;
            const std::size_t end = longest_phrase_end(said_, at_, numeral.words);
            if (end == 0) continue;
            value = numeral.value;
            end_ = end;
        }
        if (!value || *value == 0) return std::nullopt;
        // "노래 7개": what is counted stands before it.
        if (takes(U"개|개만|개쯤|개정도|개 정도") && before(U"곡|곡을|곡만|곡으로|노래|노래를|노래로|음악"))
            return made(WishNumber::Kind::tracks, *value, 0);
        if (longest_phrase_end(said_, end_, U"bpm|beats|minutes|minute|mins|min|년*|분*|대|비피엠*") > 0)
            return std::nullopt;
        // "three calm songs" says how many, too.
        for (std::size_t skipped = 0; skipped <= 2; ++skipped) {
            const std::size_t end = longest_phrase_end(said_, end_ + skipped, kTracks);
            if (end == 0) continue;
            if (skipped == 0) end_ = end;
            if (skipped > 0 && (looks_like_a_year(*value) || (end_ < said_.size() && said_[end_].glued)))
                return std::nullopt;
            return made(WishNumber::Kind::tracks, *value, 0);
        }
        return std::nullopt;
    }

    const std::span<const SaidWord> said_;
    const std::size_t at_;
    std::size_t end_ = 0;
    std::optional<std::size_t> begin_;
    Side side_ = Side::none;  // of what is asked for, by what is glued to the unit
};

}  // namespace

std::optional<WishNumber> number_at(std::span<const SaidWord> said, std::size_t at) {
    return Reader(said, at).read();
}

}  // namespace bgm
