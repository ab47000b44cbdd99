#include "fusion/catalogue/catalogue.hpp"

#include <algorithm>
#include <ranges>

#include "fusion/catalogue/catalogue_builder.hpp"

namespace bgm {

Result<Catalogue> Catalogue::build(std::vector<Track> tracks) {
    CatalogueBuilder builder;
    for (Track& track : tracks) {
        if (auto added = builder.add(track); !added) return added.error();
        track = Track{};  // its strings are in the builder now
    }
    return builder.finish();
}

std::string_view Catalogue::name(std::uint32_t index) const {
    const std::uint32_t begin = index == 0 ? 0 : name_ends_[index - 1];
    return std::string_view(names_).substr(begin, name_ends_[index] - begin);
}

std::string_view Catalogue::track_id(std::uint32_t index) const {
    return std::string_view(arena_).substr(rows_[index].text, rows_[index].title - rows_[index].text);
}

std::optional<std::uint32_t> Catalogue::find(std::string_view track_id) const {
    const std::ranges::iota_view indices(0U, static_cast<std::uint32_t>(size()));
    const auto found = std::ranges::lower_bound(indices, track_id, {},
                                                [this](std::uint32_t at) { return this->track_id(at); });
    if (found == indices.end() || this->track_id(*found) != track_id) return std::nullopt;
    return *found;
}

TrackView Catalogue::track(std::uint32_t index) const {
    const Row& row = rows_[index];
    const std::string_view arena = arena_;
    const CatalogueBlock& block = blocks_[index / CatalogueBlock::kTracks];
    const std::size_t lane = index % CatalogueBlock::kTracks;
    TrackView view{.track_id = arena.substr(row.text, row.title - row.text),
                   .title = arena.substr(row.title, row.uri - row.title),
                   .artist = name(row.artist),
                   .album = name(row.album),
                   .genre = name(row.genre),
                   .language = name(row.language),
                   .uri = arena.substr(row.uri, row.text_end - row.uri),
                   .license = name(row.license),
                   .source = name(row.source),
                   .duration_ms = row.duration_ms,
                   .tempo_bpm = row.tempo_bpm,
                   .year = row.year,
                   .is_explicit = row.is_explicit,
                   .moods = {},
                   .affect = {block.valence[lane], block.arousal[lane]},
                   .heard = row.heard,
                   .start_ms = row.start_ms,
                   .loudness_lufs = row.loudness_lufs,
                   .key = row.key,
                   .speech = static_cast<float>(row.speech_percent) / 100};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        view.moods[k] = block.root_mood[k][lane] * block.root_mood[k][lane];
    return view;
}

std::size_t Catalogue::QuickOrder::memory_bytes() const {
    return tracks.capacity() * sizeof(std::uint32_t) + facts.capacity() * sizeof(FactsBlock) +
           blocks.capacity() * sizeof(QuickBlock) + bounds.capacity() * sizeof(QuickBounds);
}

std::size_t Catalogue::memory_bytes() const {
    return sizeof *this + rows_.capacity() * sizeof(Row) + blocks_.capacity() * sizeof(CatalogueBlock) +
           by_feeling_.memory_bytes() + by_sound_.memory_bytes() + sound_groups_.memory_bytes() +
           sound_codes_.memory_bytes() + groups_by_feeling_.capacity() * sizeof(std::uint16_t) +
           slots_by_feeling_.capacity() * sizeof(std::uint32_t) + arena_.capacity() + names_.capacity() +
           name_ends_.capacity() * sizeof(std::uint32_t) + artist_keys_.memory_bytes() +
           genre_keys_.memory_bytes() + sounds_.overhead_bytes() + sounds_.vector_bytes();
}

std::string folded_name(std::string_view name) {
    std::string folded;
    folded.reserve(name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        const auto next = i + 1 < name.size() ? static_cast<unsigned char>(name[i + 1]) : 0U;
        const auto third = i + 2 < name.size() ? static_cast<unsigned char>(name[i + 2]) : 0U;
        if (byte == ' ' || (byte >= '\t' && byte <= '\r')) continue;
        if (byte == 0xC2 && next == 0xA0) {  // no-break space
            ++i;
        } else if (byte == 0xE3 && next == 0x80 && third == 0x80) {  // ideographic space
            i += 2;
        } else if (byte == 0xC3 && next >= 0x80 && next <= 0x9E &&
                   next != 0x97) {  // U+00C0 to U+00DE without the sign ×
            folded += name[i++];
            folded += static_cast<char>(next + 0x20U);
        } else {
            folded += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : name[i];
        }
    }
    return folded;
}

}  // namespace bgm
