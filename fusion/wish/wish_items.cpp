#include "fusion/wish/wish_items.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "fusion/words/phrase_index.hpp"

namespace bgm {
namespace {

using enum WishField;

// What an "and" joins to what is denied.
bool is_thing(const WishItem& item) {
    constexpr std::array kThings{genre, language, instrument, voice, words, rude};
    return std::ranges::any_of(kThings, [&](WishField field) { return item.is(field); });
}

const PhraseIndex& wish_index() {
    static const PhraseIndex kIndex = [] {
        PhraseIndex index;
        for (std::size_t row = 0; row < wish_words().size(); ++row)
            index.add(wish_words()[row].words, row);
        return index;
    }();
    return kIndex;
}

}  // namespace

WishItems::WishItems(std::string_view text) : said_(said_words(text)) {
    find_items();
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (items_[i].is(denial_before)) deny_behind(i);
        if (items_[i].is(denial_behind)) deny_before(i);
    }
    std::ranges::copy_if(unread_, std::back_inserter(unread_denied_),
                         [this](std::size_t at) { return denied_alone(at); });
    std::erase_if(unread_, [this](std::size_t at) { return denied_alone(at); });
}

void WishItems::find_items() {
    std::size_t clause = 0;
    constexpr Word kTurns = U"but|just|only|though|instead|please|대신|근데|그런데|하지만|그냥";
    for (std::size_t at = 0; at < said_.size();) {
        const bool turns = said_[at].mark || longest_phrase_end(said_, at, kTurns) > 0;
        if (turns) ++clause;
        WishItem item = longest_at(at);
        item.clause = clause;
        if (item.end == 0 && !turns) unread_.push_back(at);
        at = std::max(item.end, at + 1);
        // A number takes words before it, too: "over 120 bpm".
        while (item.end > 0 && !unread_.empty() && unread_.back() >= item.begin)
            unread_.pop_back();
        if (item.end > 0 && !item.is(filler)) items_.push_back(item);
    }
}

WishItem WishItems::longest_at(std::size_t at) const {
    WishItem best;
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

// English: the next thing, and what "or" joins to it.
void WishItems::deny_behind(std::size_t denial) {
    std::size_t from = items_[denial].end;
    const bool korean = said_[items_[denial].begin].text == U"안";
    for (std::size_t i = denial + 1; i < items_.size(); ++i) {
        WishItem& item = items_[i];
        if (item.clause != items_[denial].clause || item.denies()) return;
        if (item.begin > from + (korean ? 0 : kDenialReach)) return;
        const bool first = i == denial + 1;
        if (!first && !joined(from, item)) return;
        item.denied = true;
        from = item.end;
        if (korean) return;
    }
}

bool WishItems::joined(std::size_t from, const WishItem& next) const {
    for (std::size_t at = from; at < next.begin; ++at) {
        const auto& word = said_[at].text;
        if (word == U"or" || word == U"nor" || (word == U"and" && is_thing(next))) return true;
    }
    return false;
}

// Korean: the last thing, and those that a particle joins to it.
void WishItems::deny_before(std::size_t denial) {
    constexpr Word kJoining = U"나랑고과와도며";
    std::size_t until = items_[denial].begin;
    for (std::size_t i = denial; i > 0; --i) {
        WishItem& item = items_[i - 1];
        if (item.clause != items_[denial].clause || item.denies()) return;
        if (until > item.end + (i == denial ? kDenialReach : 0)) return;
        if (i != denial && kJoining.find(said_[item.end - 1].text.back()) == Word::npos) return;
        item.denied = true;
        until = item.begin;
    }
}

// A word of no table right behind what denies it, or right before.
bool WishItems::denied_alone(std::size_t at) const {
    return std::ranges::any_of(items_, [at](const WishItem& item) {
        return (item.is(denial_before) && item.end == at) || (item.is(denial_behind) && item.begin == at + 1);
    });
}

std::string WishItems::text_of(const WishItem& item) const {
    std::string text;
    for (std::size_t at = item.begin; at < item.end; ++at)
        text += (at == item.begin || said_[at].glued ? "" : " ") + utf8(said_[at].text);
    return text;
}

bool WishItems::covered(std::size_t begin, std::size_t end) const {
    return std::any_of(items_.begin(), items_.end(),
                       [&](const WishItem& item) { return item.begin < end && begin < item.end; });
}

void add_names(std::vector<std::string>& list, std::string_view names) {
    while (!names.empty()) {
        const std::size_t end = std::min(names.find('|'), names.size());
        const std::string name(names.substr(0, end));
        if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
        names.remove_prefix(std::min(end + 1, names.size()));
    }
}

}  // namespace bgm
