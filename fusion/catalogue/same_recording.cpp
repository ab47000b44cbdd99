#include "fusion/catalogue/same_recording.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

using Words = std::span<const std::uint32_t>;

constexpr std::size_t kWordsMax = 2'000;
constexpr std::size_t kTellingMin = 40;  // words: 5 s
constexpr float kDifferenceMax = 0.2F;
constexpr std::size_t kOffsetsTried = 8;
// A loop lies over itself at many places: it is shifted only where that is so much better.
constexpr float kShiftGain = 1.1F;

// A first look at two fingerprints that have a word in common: what lies around it.
constexpr int kAround = 16;
constexpr float kAroundMax = 0.25F;
// How many of the next ones with the same word each one is compared with.
constexpr std::size_t kNeighbours = 24;
// So many words are sorted at once, which bounds the memory.
constexpr std::size_t kSortedMax = std::size_t{1} << 23U;

Words looked_at(Words words) {
    return words.first(std::min(words.size(), kWordsMax));
}

bool rests(Words words, std::size_t at) {
    return at > 0 && words[at] == words[at - 1];
}

std::size_t telling(Words words) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < words.size(); ++at)
        count += rests(words, at) ? 0 : 1;
    return count;
}

struct Compared {
    std::size_t words = 0;  // that told something
    std::size_t bits = 0;   // of these, that differ

    float difference() const {
        return words == 0 ? 1 : static_cast<float>(bits) / (32 * static_cast<float>(words));
    }
    /// More is better: many words that agree well.
    float weight() const { return static_cast<float>(words) * (kDifferenceMax - difference()); }
};

/// The words of `first` in [begin, end) with those of `second`, which begins at `offset`.
Compared compare(Words first, Words second, int offset, int begin, int end) {
    begin = std::max({begin, offset, 0});
    end = std::min({end, static_cast<int>(first.size()), static_cast<int>(second.size()) + offset});
    Compared compared;
    for (int at = begin; at < end; ++at) {
        const auto here = static_cast<std::size_t>(at), there = static_cast<std::size_t>(at - offset);
        if (rests(first, here) && rests(second, there)) continue;
        ++compared.words;
        compared.bits += static_cast<std::size_t>(std::popcount(first[here] ^ second[there]));
    }
    return compared;
}

using Places = std::vector<std::pair<std::uint32_t, int>>;

/// Each word that is not the one before it, and where it stands: in the order of the words.
Places places_of(Words words) {
    Places places;
    places.reserve(words.size());
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (!rests(words, at)) places.emplace_back(words[at], static_cast<int>(at));
    }
    std::sort(places.begin(), places.end());
    return places;
}

/// Where most of the words that both have lie over each other, and next to these places.
std::vector<int> likely_offsets(Words first, Words second) {
    const Places here = places_of(first), there = places_of(second);
    std::map<int, std::size_t> votes;
    for (auto a = here.begin(), b = there.begin(); a != here.end() && b != there.end();) {
        if (a->first != b->first) {
            ++(a->first < b->first ? a : b);
            continue;
        }
        const auto same = [word = a->first](const auto& place) { return place.first == word; };
        const auto a_end = std::find_if_not(a, here.end(), same),
                   b_end = std::find_if_not(b, there.end(), same);
        for (; a != a_end; ++a) {
            for (auto other = b; other != b_end; ++other)
                ++votes[a->second - other->second];
        }
        b = b_end;
    }
    std::vector<std::pair<std::size_t, int>> ranked;
    for (const auto& [offset, count] : votes)
        ranked.emplace_back(count, offset);
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    ranked.resize(std::min(ranked.size(), kOffsetsTried));
    std::vector<int> offsets;
    for (const auto& [count, offset] : ranked)
        offsets.insert(offsets.end(), {offset, offset - 1, offset + 1});
    return offsets;
}

class Groups {
 public:
    explicit Groups(std::size_t size) : parents_(size) {
        std::iota(parents_.begin(), parents_.end(), std::size_t{0});
    }
    std::size_t first_of(std::size_t one) {
        while (parents_[one] != one)
            one = parents_[one] = parents_[parents_[one]];
        return one;
    }
    void unite(std::size_t a, std::size_t b) {
        a = first_of(a);
        b = first_of(b);
        parents_[std::max(a, b)] = std::min(a, b);
    }

 private:
    std::vector<std::size_t> parents_;
};

class Search {
 public:
    explicit Search(std::span<const std::vector<std::uint32_t>> fingerprints) : groups_(fingerprints.size()) {
        for (const Words words : fingerprints)
            words_.push_back(tells(words) ? looked_at(words) : Words{});
    }

    std::vector<std::vector<SameTrack>> run() {
        std::size_t words = 0;
        for (const Words one : words_)
            words += one.size();
        // Words by the share of them that their hash puts them in: one share at a time is sorted.
        const std::size_t shares = words / kSortedMax + 1;
        for (std::size_t share = 0; share < shares; ++share)
            search(share, shares);
        return grouped();
    }

 private:
    struct Place {
        std::uint32_t word;
        std::uint32_t one;
        std::int32_t at;
        auto operator<=>(const Place&) const = default;
    };

    void search(std::size_t share, std::size_t shares) {
        std::vector<Place> places;
        for (std::size_t one = 0; one < words_.size(); ++one) {
            const Words words = words_[one];
            for (std::size_t at = 0; at < words.size(); ++at) {
                if (!rests(words, at) && mix64(words[at]) % shares == share)
                    places.push_back(
                        {words[at], static_cast<std::uint32_t>(one), static_cast<std::int32_t>(at)});
            }
        }
        std::sort(places.begin(), places.end());
        for (std::size_t a = 0; a < places.size(); ++a) {
            const std::size_t end = std::min(places.size(), a + 1 + kNeighbours);
            for (std::size_t b = a + 1; b < end && places[b].word == places[a].word; ++b)
                look_at(places[a], places[b]);
        }
    }

    void look_at(const Place& a, const Place& b) {
        if (groups_.first_of(a.one) == groups_.first_of(b.one)) return;
        const Words first = words_[a.one], second = words_[b.one];
        const Compared around = compare(first, second, a.at - b.at, a.at - kAround, a.at + kAround + 1);
        if (around.difference() > kAroundMax) return;
        // Loops agree here and there without end: two of them are laid over each other once.
        if (!compared_.insert(std::uint64_t{a.one} << 32U | b.one).second) return;
        const auto overlap = same_recording(first, second);
        if (!overlap) return;
        groups_.unite(a.one, b.one);
        links_.push_back({.index = b.one, .like = a.one, .overlap = *overlap});
    }

    SameTrack laid_over(std::size_t first, std::size_t one) const {
        if (const auto overlap = same_recording(words_[first], words_[one]))
            return {.index = one, .like = first, .overlap = *overlap};
        // It is in the group through another one.
        for (const SameTrack& link : links_) {
            if (link.index == one) return link;
            if (link.like == one)
                return {.index = one,
                        .like = link.index,
                        .overlap = {.offset = -link.overlap.offset, .difference = link.overlap.difference}};
        }
        return {.index = one, .like = one, .overlap = {}};
    }

    std::vector<std::vector<SameTrack>> grouped() {
        std::map<std::size_t, std::vector<SameTrack>> groups;
        for (std::size_t one = 0; one < words_.size(); ++one) {
            const std::size_t first = groups_.first_of(one);
            groups[first].push_back(one == first ? SameTrack{.index = one, .like = one, .overlap = {}}
                                                 : laid_over(first, one));
        }
        std::vector<std::vector<SameTrack>> several;
        for (auto& [first, group] : groups) {
            if (group.size() > 1) several.push_back(std::move(group));
        }
        return several;
    }

    std::vector<Words> words_;  // of each; none where they do not tell enough
    Groups groups_;
    std::vector<SameTrack> links_;
    std::unordered_set<std::uint64_t> compared_;  // pairs of them
};

}  // namespace

std::optional<Overlap> same_recording(Words first, Words second) {
    first = looked_at(first);
    second = looked_at(second);
    const std::size_t least = std::max(kTellingMin, std::min(telling(first), telling(second)) / 2);
    std::optional<Overlap> best;
    float most = 0;
    std::vector<int> offsets = likely_offsets(first, second);
    std::ranges::stable_sort(offsets, {}, [](int offset) { return std::abs(offset); });
    for (const int offset : offsets) {
        const Compared compared = compare(first, second, offset, 0, static_cast<int>(first.size()));
        if (compared.words < least || compared.difference() > kDifferenceMax) continue;
        if (best && compared.weight() <= kShiftGain * most) continue;
        most = compared.weight();
        best = Overlap{.offset = offset, .difference = compared.difference()};
    }
    return best;
}

bool tells(Words fingerprint) {
    return telling(looked_at(fingerprint)) >= kTellingMin;
}

std::vector<std::vector<SameTrack>> find_same_recordings(
    std::span<const std::vector<std::uint32_t>> fingerprints) {
    return Search(fingerprints).run();
}

}  // namespace bgm
