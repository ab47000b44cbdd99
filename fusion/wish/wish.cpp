#include "fusion/wish/wish.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "fusion/context/moment_table.hpp"
#include "fusion/wish/wish_numbers.hpp"
#include "fusion/wish/wish_words.hpp"
#include "fusion/words/phrase_index.hpp"

namespace bgm {
namespace {

using enum WishField;

constexpr std::size_t kDenialReach = 3;  // words between a denial and what it denies
constexpr float kAvoidFrom = 0.5F;       // a phrase's moods of this share are avoided where it is denied
constexpr float kNamedFrom = 0.15F;      // moods of this share are named
constexpr float kSaid = 0.9F;            // of the target; the rest is spread over all moods

/// A phrase of one of the tables, or a number, at its place in the text.
struct Item {
    const WishWords* words = nullptr;
    const MomentEffect* moment = nullptr;
    std::optional<WishNumber> number{};
    std::size_t begin = 0, end = 0;
    std::size_t clause = 0;
    bool denied = false;

    bool is(WishField field) const { return words != nullptr && words->field == field; }
    bool denies() const { return is(denial_before) || is(denial_behind); }
    bool is_thing() const {
        return is(genre) || is(language) || is(instrument) || is(voice) || is(WishField::words) || is(rude);
    }
};

const PhraseIndex& wish_index() {
    static const PhraseIndex kIndex = [] {
        PhraseIndex index;
        for (std::size_t row = 0; row < wish_words().size(); ++row)
            index.add(wish_words()[row].words, row);
        return index;
    }();
    return kIndex;
}

class Reader {
 public:
    explicit Reader(std::string_view text) : said_(said_words(text)) {
        find_items();
        find_denied();
    }

    Wish read() {
        for (const Item& item : items_) {
            if (item.moment != nullptr) {
                add_moment(item);
            } else if (item.number) {
                add_number(item);
            } else {
                add_words(item);
            }
        }
        find_unknown();
        settle_moods();
        set_target();
        return std::move(wish_);
    }

 private:
    void find_items() {
        std::size_t clause = 0;
        constexpr Word kTurns = U"but|just|only|though|instead|please|대신|근데|그런데|하지만|그냥";
        for (std::size_t at = 0; at < said_.size();) {
            if (said_[at].mark || longest_phrase_end(said_, at, kTurns) > 0) ++clause;
            Item item = longest_at(at);
            item.clause = clause;
            at = std::max(item.end, at + 1);
            if (item.end > 0 && !item.is(filler)) items_.push_back(item);
        }
    }

    Item longest_at(std::size_t at) const {
        Item best;
        wish_index().at(said_, at, [&](std::size_t row, std::size_t end) {
            if (end > best.end) best = {.words = &wish_words()[row], .begin = at, .end = end};
        });
        moment_index().at(said_, at, [&](std::size_t row, std::size_t end) {
            if (end > best.end) best = {.moment = &moment_effects()[row], .begin = at, .end = end};
        });
        if (best.end > 0 || said_[at].mark) return best;
        if (const auto number = number_at(said_, at))
            return {.number = number, .begin = number->begin, .end = number->end};
        return {};
    }

    void find_denied() {
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (items_[i].is(denial_before)) deny_behind(i);
            if (items_[i].is(denial_behind)) deny_before(i);
        }
    }

    // English: the next thing, and what "or" joins to it.
    void deny_behind(std::size_t denial) {
        std::size_t from = items_[denial].end;
        const bool korean = said_[items_[denial].begin].text == U"안";
        for (std::size_t i = denial + 1; i < items_.size(); ++i) {
            Item& item = items_[i];
            if (item.clause != items_[denial].clause || item.denies()) return;
            if (item.begin > from + (korean ? 0 : kDenialReach)) return;
            const bool first = i == denial + 1;
            if (!first && !joined(from, item)) return;
            item.denied = true;
            from = item.end;
            if (korean) return;
        }
    }

    bool joined(std::size_t from, const Item& next) const {
        for (std::size_t at = from; at < next.begin; ++at) {
            const auto& word = said_[at].text;
            if (word == U"or" || word == U"nor" || (word == U"and" && next.is_thing())) return true;
        }
        return false;
    }

    // Korean: the last thing, and those that a particle joins to it.
    void deny_before(std::size_t denial) {
        constexpr Word kJoining = U"나랑고과와도며";
        std::size_t until = items_[denial].begin;
        for (std::size_t i = denial; i > 0; --i) {
            Item& item = items_[i - 1];
            if (item.clause != items_[denial].clause || item.denies()) return;
            if (until > item.end + (i == denial ? kDenialReach : 0)) return;
            if (i != denial && kJoining.find(said_[item.end - 1].text.back()) == Word::npos) return;
            item.denied = true;
            until = item.begin;
        }
    }

    void add_moment(const Item& item) {
        if (item.denied) return;
        std::string& label = item.moment->part == MomentPart::weather ? wish_.moment.weather
                             : item.moment->part == MomentPart::place ? wish_.moment.place
                                                                      : wish_.moment.activity;
        add_label(label, item);
    }

    void add_label(std::string& label, const Item& item) const {
        constexpr std::size_t kLabelMax = 64;  // as a post's
        const std::string said = text_of(item);
        if (label.size() + 2 + said.size() > kLabelMax) return;
        label += (label.empty() ? "" : ", ") + said;
    }

    std::string text_of(const Item& item) const {
        std::string text;
        for (std::size_t at = item.begin; at < item.end; ++at)
            text += (at == item.begin || said_[at].glued ? "" : " ") + utf8(said_[at].text);
        return text;
    }

    void add_number(const Item& item) {
        const WishNumber& number = *item.number;
        switch (number.kind) {
            case WishNumber::Kind::era:
                return add_era(number.from, number.to, item.denied);
            case WishNumber::Kind::tempo:
                return add_tempo(number.from, number.to, item.denied);
            case WishNumber::Kind::tracks:
                wish_.tracks = number.from;
                return;
            case WishNumber::Kind::minutes:
                wish_.max_duration_ms = number.to * 60'000;
                return;
        }
    }

    // Several are one from the first to the last: "80s and 90s".
    void add_era(std::uint32_t from, std::uint32_t to, bool denied) {
        if (denied) return cannot("an era can be asked for, and not left out");
        const bool first = wish_.from_year == 0 && wish_.to_year == 0;
        wish_.from_year = first || (wish_.from_year != 0 && from != 0)
                              ? (first ? from : std::min(wish_.from_year, from))
                              : 0;
        wish_.to_year =
            first || (wish_.to_year != 0 && to != 0) ? (first ? to : std::max(wish_.to_year, to)) : 0;
    }

    void add_tempo(std::uint32_t from, std::uint32_t to, bool denied) {
        if (denied && from != 0 && to != 0)
            return cannot("a tempo between two others can be asked for, and not left out");
        if (denied) {
            const std::uint32_t above = to != 0 ? to + 1 : 0;
            to = from != 0 ? from - 1 : 0;
            from = above;
        }
        if (from != 0) wish_.min_tempo = std::max(wish_.min_tempo, from);
        if (to != 0) wish_.max_tempo = wish_.max_tempo == 0 ? to : std::min(wish_.max_tempo, to);
    }

    void add_words(const Item& item) {
        const WishWords& row = *item.words;
        switch (row.field) {
            case mood:
            case remedy:
                add_mood(row, item.denied);
                return;
            case tempo:
                return add_tempo(row.from, row.to, item.denied);
            case era:
                return add_era(row.from, row.to, item.denied);
            case genre:
                return add_names(item.denied ? wish_.avoid_genres : wish_.genres, row.value);
            case language:
                return add_names(item.denied ? wish_.avoid_languages : wish_.languages, row.value);
            case instrument:
                return cannot("no track says what plays in it: " + std::string(row.value));
            case voice:
                return cannot("no track says whose voice it is: " + std::string(row.value));
            case WishField::words:
                if (item.denied) {
                    wish_.instrumental_only = true;
                } else {
                    cannot("no track says what is sung in it, or how");
                }
                return;
            case wordless:
                if (item.denied) return cannot("tracks without words can be asked for, and not left out");
                wish_.instrumental_only = true;
                return;
            case clean:
                wish_.exclude_explicit = wish_.exclude_explicit || !item.denied;
                return;
            case rude:
                wish_.exclude_explicit = wish_.exclude_explicit || item.denied;
                return;
            case vague:
                if (!item.denied) cannot(std::string(row.value));
                return;
            case hour:
                if (!item.denied) wish_.moment.local_hour = row.from;
                return;
            case weekday:
                if (!item.denied) wish_.moment.weekday = row.from;
                return;
            case denial_before:
            case denial_behind:
            case filler:
                return;
        }
    }

    static void add_names(std::vector<std::string>& list, std::string_view names) {
        while (!names.empty()) {
            const std::size_t end = std::min(names.find('|'), names.size());
            const std::string name(names.substr(0, end));
            if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
            names.remove_prefix(std::min(end + 1, names.size()));
        }
    }

    void add_mood(const WishWords& row, bool denied) {
        auto& shares = row.field == remedy ? remedies_ : shares_;
        for (const WishShare& share : row.moods) {
            if (!denied) {
                shares[static_cast<std::size_t>(share.mood)] += share.share;
            } else if (share.share >= kAvoidFrom &&
                       std::find(wish_.avoid_moods.begin(), wish_.avoid_moods.end(), share.mood) ==
                           wish_.avoid_moods.end()) {
                wish_.avoid_moods.push_back(share.mood);
            }
        }
    }

    // What the tables do not know, where it is plainly asked for: "with theremin", "테레민 소리".
    void find_unknown() {
        constexpr Word kSmall =
            U"a|an|the|some|lots|lot|of|my|our|your|more|much|good|great|nice|very|really|me|no|any|him|her|"
            U"you|us|them|friends|family|grandma|grandpa|mom|dad|kids|wife|husband|girlfriend|boyfriend|baby|"
            U"cat|dog";
        for (std::size_t at = 0; at < said_.size(); ++at) {
            if (longest_phrase_end(said_, at, U"with|featuring|feat") > 0 && !covered(at, at + 1)) {
                std::size_t next = at + 1;
                while (next < said_.size() && longest_phrase_end(said_, next, kSmall) > 0)
                    ++next;
                if (next < said_.size() && !said_[next].mark && !covered(next, next + kDenialReach))
                    unknown(next);
            }
            if (at > 0 && longest_phrase_end(said_, at, U"소리|들어간|들어가는|연주|연주가") > 0 &&
                !said_[at - 1].mark && !covered(at - 1, at + 1))
                unknown(at - 1);
        }
    }
    bool covered(std::size_t begin, std::size_t end) const {
        return std::any_of(items_.begin(), items_.end(),
                           [&](const Item& item) { return item.begin < end && begin < item.end; });
    }
    void unknown(std::size_t at) { cannot("not known: " + utf8(said_[at].text)); }

    void cannot(const std::string& why) {
        if (std::find(wish_.unmet.begin(), wish_.unmet.end(), why) == wish_.unmet.end())
            wish_.unmet.push_back(why);
    }

    void settle_moods() {
        constexpr std::array kComplaints{Mood::sad, Mood::anxious, Mood::annoying, Mood::indignant,
                                         Mood::scary};
        if (std::any_of(remedies_.begin(), remedies_.end(), [](float share) { return share > 0; })) {
            for (const Mood complaint : kComplaints)
                shares_[static_cast<std::size_t>(complaint)] = 0;
        }
        float sum = 0;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            shares_[k] += remedies_[k];
            if (std::find(wish_.avoid_moods.begin(), wish_.avoid_moods.end(), static_cast<Mood>(k)) !=
                wish_.avoid_moods.end())
                shares_[k] = 0;
            sum += shares_[k];
        }
        if (!(sum > 0)) return;
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            shares_[k] /= sum;
            if (shares_[k] >= kNamedFrom) wish_.moods.push_back(static_cast<Mood>(k));
        }
        std::stable_sort(wish_.moods.begin(), wish_.moods.end(), [&](Mood a, Mood b) {
            return shares_[static_cast<std::size_t>(a)] > shares_[static_cast<std::size_t>(b)];
        });
    }

    void set_target() {
        Evidence target;
        target.precision = 1;
        if (!wish_.moods.empty()) {
            for (std::size_t k = 0; k < kMoodCount; ++k)
                target.mood[k] = kSaid * shares_[k] + (1 - kSaid) / kMoodCount;
        } else if (const auto moment = read_moment(wish_.moment)) {
            // Here the moment is all that is asked for, and no shade of something else.
            float sum = 0;
            for (const float share : moment->evidence.mood)
                sum += share * share * share * share;
            for (std::size_t k = 0; k < kMoodCount; ++k) {
                const float share = moment->evidence.mood[k];
                target.mood[k] = share * share * share * share / sum;
            }
        } else {
            return;
        }
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            target.affect.valence += target.mood[k] * affect(static_cast<Mood>(k)).valence;
            target.affect.arousal += target.mood[k] * affect(static_cast<Mood>(k)).arousal;
        }
        wish_.target = target;
    }

    const std::vector<SaidWord> said_;
    std::vector<Item> items_;
    std::array<float, kMoodCount> shares_{}, remedies_{};
    Wish wish_;
};

}  // namespace

Wish read_wish(std::string_view text) {
    return Reader(text).read();
}

}  // namespace bgm
