#include "fusion/wish/wish_numbers.hpp"

#include <algorithm>
#include <array>

namespace bgm {
namespace {

constexpr std::uint32_t kAround = 10, kExactly = 5;       // beats a minute to either side
constexpr std::uint32_t kTempoMin = 30, kTempoMax = 300;  // others are no tempo

constexpr Word kFrom = U"from|since|over|above|at least|more than|faster than|minimum|min|starting";
constexpr Word kAfter = U"after|later than|newer than|post";
constexpr Word kUpTo =
    U"under|below|at most|up to|until|less than|slower than|shorter than|maximum|max|within|till";
constexpr Word kBefore = U"before|older than|pre|earlier than";
constexpr Word kAbout = U"about|around|roughly|approximately|약|대략";
constexpr Word kFromBehind =
    U"이상|이상의|이상인|넘는|넘게|초과|이후|이후의|이후에|이후로|부터|부터의|or more|or faster|or later|and "
    U"up|onwards|onward|plus";
constexpr Word kAfterBehind = U"후|지나서";
constexpr Word kUpToBehind =
    U"이하|이하의|이하인|미만|미만의|까지|까지의|이전|이전의|이전에|이내|이내의|안쪽*|안으로|넘지|안 넘*|or "
    U"less|or "
    U"slower|or earlier|and under|and below|max";
constexpr Word kBeforeBehind = U"전|전의|전에";
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
        if (takes_glued(U"s|'s|년대*|년도*|년대")) return decade(*value);
        if (takes(U"년*") || looks_like_a_year(*value)) return year(*value);
        if (auto found = ranged_tempo(*value)) return found;
        if (takes(U"bpm|beats per minute|beats a minute|beats|비피엠*|템포*") ||
            before(U"bpm|tempo|tempo of|템포"))
            return tempo(*value, *value);
        if (takes(U"minutes|minute|mins|min|분|분을|분이|분짜리|분대")) return minutes(*value);
        return std::nullopt;
    }

 private:
    bool takes(Word patterns) {
        const std::size_t end = longest_phrase_end(said_, end_, patterns);
        if (end == 0) return false;
        end_ = end;
        return true;
    }
    bool takes_glued(Word patterns) { return end_ < said_.size() && said_[end_].glued && takes(patterns); }

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
        (void)before(U"the|year|year of|the year");
        if (before(kBefore)) return made(kind, 0, first - 1);
        if (before(kAfter)) return made(kind, last + 1, 0);
        if (before(kUpTo)) return made(kind, 0, last);
        if (takes(kFromBehind)) return made(kind, first, 0);
        if (takes(kAfterBehind)) return made(kind, last + 1, 0);
        // "before the 80s" has none of them; "before 1980" may have the year itself in Korean.
        if (takes(kUpToBehind)) return made(kind, 0, first == last ? last : first - 1);
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
        if (before(kUpTo) || before(kBefore)) return made(kKind, 0, high);
        if (before(kFrom) || before(kAfter)) return made(kKind, low, 0);
        if (takes(kFromBehind)) return made(kKind, low, 0);
        if (takes(kUpToBehind)) return made(kKind, 0, high);
        const std::uint32_t width = before(kAbout) || takes(kAboutBehind) ? kAround : kExactly;
        return made(kKind, low > width ? low - width : 1, high + width);
    }

    std::optional<WishNumber> minutes(std::uint32_t value) {
        if (!before(kUpTo) && !takes(kUpToBehind) && !takes(U"or shorter|long at most|at most"))
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
};

}  // namespace

std::optional<WishNumber> number_at(std::span<const SaidWord> said, std::size_t at) {
    return Reader(said, at).read();
}

}  // namespace bgm
