// Artists and genres by a number that outlives a catalogue: how a listener's taste finds them again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bgm {

/// As it is compared: folded_name() without '-' and '_', so that "K-Pop" is "kpop".
std::string folded_genre(std::string_view genre);

/// A hash of the folded name; nothing for one without a name.
std::optional<std::uint64_t> artist_key(std::string_view artist);
std::optional<std::uint64_t> genre_key(std::string_view genre);

/// From keys to what a catalogue calls them. Immutable once it is sorted.
class NameKeys {
 public:
    using Entry = std::pair<std::uint64_t, std::uint32_t>;  // key, and the catalogue's own number

    void add(std::uint64_t key, std::uint32_t number) { entries_.emplace_back(key, number); }
    /// After the last add().
    void sort();

    /// Genres may be written in more ways than one.
    std::span<const Entry> find(std::uint64_t key) const;
    std::size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
    std::vector<Entry> entries_;
};

}  // namespace bgm
