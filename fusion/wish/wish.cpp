#include "fusion/wish/wish.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

#include "fusion/wish/wish_items.hpp"
#include "fusion/wish/wish_years.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using enum WishField;

constexpr float kAvoidFrom = 0.5F;   // a phrase's moods of this share are avoided where it is denied
constexpr float kNamedFrom = 0.15F;  // moods of this share are named
constexpr float kSaid = 0.9F;        // of the target; the rest is spread over all moods

Evidence with_affect(Evidence target) {
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        target.affect.valence += target.mood[k] * affect(static_cast<Mood>(k)).valence;
        target.affect.arousal += target.mood[k] * affect(static_cast<Mood>(k)).arousal;
    }
    return target;
}

class Reader {
 public:
    explicit Reader(std::string_view text) : items_(text), said_(items_.said()) {}

    Wish read() {
        for (const WishItem& item : items_.items()) {
            if (item.moment != nullptr) {
                add_moment(item);
            } else if (item.number) {
                add_number(item);
            } else {
                add_words(item);
            }
        }
        find_unknown();
        find_unknown_denied();
        find_subject();
        find_names();
        settle_era();
        wish_.sung_only = (wish_.sung_only || !wish_.languages.empty()) && !wish_.instrumental_only;
        settle_moods();
        set_target();
        return std::move(wish_);
    }

 private:
    void add_moment(const WishItem& item) {
        if (item.denied) return;
        std::string& label = item.moment->part == MomentPart::weather ? wish_.moment.weather
                             : item.moment->part == MomentPart::place ? wish_.moment.place
                                                                      : wish_.moment.activity;
        add_label(label, item);
    }

    void add_label(std::string& label, const WishItem& item) const {
        constexpr std::size_t kLabelMax = 64;  // as a post's
        const std::string said = items_.text_of(item);
        if (label.size() + 2 + said.size() > kLabelMax) return;
        label += (label.empty() ? "" : ", ") + said;
    }

    void add_number(const WishItem& item) {
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

    void add_era(std::uint32_t from, std::uint32_t to, bool denied) {
        denied ? years_.deny(from, to) : years_.ask(from, to);
    }

    void settle_era() {
        const WishYears::Settled settled = years_.settle();
        wish_.from_year = settled.from;
        wish_.to_year = settled.to;
        for (const std::string& why : settled.unmet)
            cannot(why);
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

    void add_words(const WishItem& item) {
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
                return add_instrument(row, item.denied);
            case voice:
                // Whatever voice it is, it sings.
                if (!item.denied) wish_.sung_only = true;
                return cannot("whose voice it is is not known of any track: " + std::string(row.value));
            case WishField::words:
                (item.denied ? wish_.instrumental_only : wish_.sung_only) = true;
                if (!item.denied && !row.value.empty())
                    cannot("what is sung in it is not known of any track");
                return;
            case wordless:
                (item.denied ? wish_.sung_only : wish_.instrumental_only) = true;
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

    void add_instrument(const WishWords& row, bool denied) {
        const std::string name(row.value);
        if (denied) return cannot("what does not play in it is not known of any track: " + name);
        if (std::ranges::none_of(wish_.instruments, [&](const auto& one) { return one.name == name; }))
            wish_.instruments.push_back({.name = name, .words = row.words});
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
                if (share.mood == Mood::erotic) wish_.exclude_explicit = true;
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
            if (longest_phrase_end(said_, at, U"with|featuring|feat") > 0 && !items_.covered(at, at + 1)) {
                std::size_t next = at + 1;
                while (next < said_.size() && longest_phrase_end(said_, next, kSmall) > 0)
                    ++next;
                if (next < said_.size() && !said_[next].mark &&
                    !items_.covered(next, next + WishItems::kDenialReach))
                    unknown(next);
            }
            if (at > 0 && longest_phrase_end(said_, at, U"소리|들어간|들어가는|연주|연주가") > 0 &&
                !said_[at - 1].mark && !items_.covered(at - 1, at + 1))
                unknown(at - 1);
        }
    }
    // What is not wanted and in no table: "not cheesy", "오글거리지 않는".
    void find_unknown_denied() {
        constexpr Word kNothing =
            U"a|an|the|my|any|so|too|very|really|that|this|all|one|it|more|much|many|please|bad|sure|just|"
            U"only|want|wanna|like|need|play|give|have|care|mind|know|think|be|get|make|song|songs|music|"
            U"track|"
            U"tracks|stuff|things|거|것|건|게|걸|거는|건데|노래*|음악*|곡*|느낌*|너무|전혀|별로|관계|"
            U"관계없이|상관|부담|끝|말이|할|수";
        for (const std::size_t at : items_.unread_denied()) {
            if (!said_[at].mark && said_[at].text.size() > 1 && longest_phrase_end(said_, at, kNothing) == 0)
                cannot("not understood: not " + utf8(said_[at].text));
        }
    }

    void unknown(std::size_t at) { cannot("not understood: " + utf8(said_[at].text)); }

    // What a track is to be about: "songs about the sea", "바다에 대한 노래".
    void find_subject() {
        constexpr Word kSmall = U"a|an|the|my|our|your|being|how|all|some|every|falling in|getting";
        const auto is_about = [this](std::size_t from, std::size_t until) {
            std::string subject;
            for (std::size_t at = from; at < until; ++at) {
                std::u32string word = said_[at].text;
                // A Korean particle says nothing.
                if (word.size() > 1 && Word(U"에을를").find(word.back()) != Word::npos) word.pop_back();
                subject += (subject.empty() ? "" : " ") + utf8(word);
            }
            cannot("what a track is about is not known: " + subject);
        };
        for (std::size_t at = 0; at < said_.size(); ++at) {
            if (longest_phrase_end(said_, at, U"about") > 0 && !items_.covered(at, at + 1)) {
                std::size_t last = at + 1;
                while (last < said_.size() && longest_phrase_end(said_, last, kSmall) > 0)
                    last = longest_phrase_end(said_, last, kSmall);
                const bool begins = last == at + 1 && last < said_.size() && said_[last].text == U"to";
                if (last < said_.size() && !said_[last].mark && !begins) is_about(at + 1, last + 1);
            }
            if (at > 0 &&
                longest_phrase_end(said_, at,
                                   U"대한|관한|대해*|관해*|다룬|주제로|주제의|얘기하는|이야기하는") > 0 &&
                !said_[at - 1].mark)
                is_about(at - 1, at);
        }
    }

    void find_names() {
        std::map<std::size_t, WishedName> by_place;
        for (const std::size_t at : items_.unread())
            by_place[at].said = utf8(said_[at].text);
        for (const WishItem& item : items_.items()) {
            const bool named =
                item.moment != nullptr || item.is(instrument) || item.is(genre) || item.is(voice);
            if (!named || item.denied) continue;
            WishedName& name = by_place[item.begin];
            name.said = items_.text_of(item);
            if (item.is(genre) || item.is(instrument)) add_names(name.names, item.words->value);
        }
        for (auto& [place, name] : by_place)
            wish_.names.push_back(std::move(name));
    }

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
        wish_.target = with_affect(target);
    }

    const WishItems items_;
    const std::vector<SaidWord>& said_;
    WishYears years_;
    std::array<float, kMoodCount> shares_{}, remedies_{};
    Wish wish_;
};

}  // namespace

bool is_named(const Instrument& instrument, std::string_view text) {
    if (!valid_utf8(text)) return false;
    const std::vector<SaidWord> said = said_words(text);
    for (std::size_t at = 0; at < said.size(); ++at)
        if (longest_phrase_end(said, at, instrument.words) > 0) return true;
    return false;
}

std::optional<Evidence> what_is_left(const Wish& wish) {
    if (wish.target ||
        (wish.avoid_moods.empty() && wish.avoid_genres.empty() && wish.avoid_languages.empty()))
        return std::nullopt;
    Evidence target;
    target.precision = 1;
    float left = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const Mood mood = static_cast<Mood>(k);
        const bool avoided =
            std::find(wish.avoid_moods.begin(), wish.avoid_moods.end(), mood) != wish.avoid_moods.end();
        target.mood[k] = !avoided && mood != Mood::erotic && affect(mood).valence > 0 ? 1.0F : 0.0F;
        left += target.mood[k];
    }
    if (!(left > 0)) return std::nullopt;
    for (float& share : target.mood)
        share /= left;
    return with_affect(target);
}

Wish read_wish(std::string_view text) {
    return Reader(text).read();
}

}  // namespace bgm
