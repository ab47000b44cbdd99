#include "fusion/catalogue/name_keys.hpp"

#include <algorithm>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

std::optional<std::uint64_t> key_of(const std::string& folded) {
    if (folded.empty()) return std::nullopt;
    return stable_hash(folded);
}

}  // namespace

std::string folded_genre(std::string_view genre) {
    std::string folded = folded_name(genre);
    std::erase_if(folded, [](char c) { return c == '-' || c == '_'; });
    return folded;
}

std::optional<std::uint64_t> artist_key(std::string_view artist) {
    return key_of(folded_name(artist));
}

std::optional<std::uint64_t> genre_key(std::string_view genre) {
    return key_of(folded_genre(genre));
}

void NameKeys::sort() {
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
    entries_.shrink_to_fit();
}

std::span<const NameKeys::Entry> NameKeys::find(std::uint64_t key) const {
    const auto first = std::lower_bound(entries_.begin(), entries_.end(), Entry{key, 0});
    const auto last =
        std::find_if(first, entries_.end(), [key](const Entry& one) { return one.first != key; });
    return {first, last};
}

}  // namespace bgm
