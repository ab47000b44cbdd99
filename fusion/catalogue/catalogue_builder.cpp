#include "fusion/catalogue/catalogue_builder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "fusion/mood/elementary.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr std::size_t kTrackIdBytesMax = 128;
constexpr double kMoodWidth = 0.3;  // how far a mood reaches on the valence/arousal plane
constexpr std::uint64_t kTextBytesMax = std::numeric_limits<std::uint32_t>::max();

struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Index = std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>>;

struct Feeling {
    std::array<float, kMoodCount> root_mood{};
    Affect affect;
};

float cut(float value) {
    return std::clamp(value, -1.0F, 1.0F) + 0.0F;
}

/// Moods and affect of a track, each made from the other where it is missing.
Feeling feeling_of(const Track& track) {
    std::array<double, kMoodCount> moods{};
    double sum = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const float weight = track.moods[k];
        sum += moods[k] = std::isfinite(weight) && weight > 0.0F ? weight : 0.0;
    }
    const Affect given = track.affect;
    const bool has_moods = sum > 0;
    const bool has_affect = std::isfinite(given.valence) && std::isfinite(given.arousal) &&
                            (given.valence != 0.0F || given.arousal != 0.0F);
    Feeling feeling;
    if (has_affect) feeling.affect = {cut(given.valence), cut(given.arousal)};
    if (!has_moods) {
        for (std::size_t k = 0; k < kMoodCount; ++k) {
            const Affect place = affect(static_cast<Mood>(k));
            const double valence = double{feeling.affect.valence} - place.valence;
            const double arousal = double{feeling.affect.arousal} - place.arousal;
            const double squares = valence * valence + arousal * arousal;
            sum += moods[k] = has_affect ? elementary_exp(-squares / (2 * kMoodWidth * kMoodWidth)) : 1.0;
        }
    }
    double valence = 0;
    double arousal = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const double share = moods[k] / sum;
        valence += share * affect(static_cast<Mood>(k)).valence;
        arousal += share * affect(static_cast<Mood>(k)).arousal;
        feeling.root_mood[k] = static_cast<float>(std::sqrt(share));
    }
    if (!has_affect && has_moods)
        feeling.affect = {cut(static_cast<float>(valence)), cut(static_cast<float>(arousal))};
    return feeling;
}

/// FNV over the fields, each string behind its length.
class ContentHash {
 public:
    void add(std::string_view text) {
        add(text.size());
        state_ = fnv1a64(text, state_);
    }
    void add(std::uint64_t value) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            const char byte = static_cast<char>((value >> shift) & 0xFFU);
            state_ = fnv1a64({&byte, 1}, state_);
        }
    }
    void add(float value) { add(std::uint64_t{std::bit_cast<std::uint32_t>(value)}); }

    std::string hex() const {
        constexpr std::string_view digits = "0123456789abcdef";
        const std::uint64_t value = mix64(state_);
        std::string text;
        for (int shift = 60; shift >= 0; shift -= 4)
            text += digits[(value >> static_cast<unsigned>(shift)) & 0xFU];
        return text;
    }

 private:
    std::uint64_t state_ = kFnvOffset;
};

}  // namespace

struct CatalogueBuilder::State {
    Catalogue catalogue;
    std::vector<Feeling> feelings;
    Index name_indices;
    Index artist_groups;
    std::uint32_t nameless_artists = 0;

    std::uint32_t intern(const std::string& name) {
        const auto [entry, is_new] =
            name_indices.try_emplace(name, static_cast<std::uint32_t>(name_indices.size()));
        if (is_new) {
            catalogue.names_ += name;
            catalogue.name_ends_.push_back(static_cast<std::uint32_t>(catalogue.names_.size()));
        }
        return entry->second;
    }

    std::uint32_t artist_group(const std::string& artist) {
        const std::string folded = folded_name(artist);
        // Counted down from the top, out of reach of the named ones.
        if (folded.empty()) return std::numeric_limits<std::uint32_t>::max() - nameless_artists++;
        return artist_groups.try_emplace(folded, static_cast<std::uint32_t>(artist_groups.size()))
            .first->second;
    }

    /// Rows, blocks and version in the order of the track ids.
    void arrange(const std::vector<std::uint32_t>& order) {
        std::vector<Catalogue::Row> rows;
        rows.reserve(order.size());
        constexpr std::size_t lanes = CatalogueBlock::kTracks;
        catalogue.blocks_.assign((order.size() + lanes - 1) / lanes, CatalogueBlock{});
        for (std::size_t position = 0; position < order.size(); ++position) {
            const Feeling& feeling = feelings[order[position]];
            CatalogueBlock& block = catalogue.blocks_[position / lanes];
            const std::size_t lane = position % lanes;
            for (std::size_t k = 0; k < kMoodCount; ++k)
                block.root_mood[k][lane] = feeling.root_mood[k];
            block.valence[lane] = feeling.affect.valence;
            block.arousal[lane] = feeling.affect.arousal;
            rows.push_back(catalogue.rows_[order[position]]);
        }
        catalogue.rows_ = std::move(rows);

        ContentHash hash;
        for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
            const TrackView track = catalogue.track(index);
            for (std::string_view text : {track.track_id, track.title, track.artist, track.album, track.genre,
                                          track.language, track.uri, track.license, track.source}) {
                hash.add(text);
            }
            hash.add(std::uint64_t{track.duration_ms});
            hash.add(track.tempo_bpm);
            hash.add(std::uint64_t{track.is_explicit});
            for (float mood : track.moods)
                hash.add(mood);
            hash.add(track.affect.valence);
            hash.add(track.affect.arousal);
        }
        catalogue.version_ = hash.hex();
    }
};

CatalogueBuilder::CatalogueBuilder() : state_(std::make_unique<State>()) {}
CatalogueBuilder::~CatalogueBuilder() = default;
CatalogueBuilder::CatalogueBuilder(CatalogueBuilder&&) noexcept = default;
CatalogueBuilder& CatalogueBuilder::operator=(CatalogueBuilder&&) noexcept = default;

Status CatalogueBuilder::add(const Track& track) {
    if (!track.active) return ok_status();
    if (track.track_id.empty() || track.track_id.size() > kTrackIdBytesMax) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the track '" + track.title.substr(0, 64) +
                                "' has an id that is empty or longer than 128 bytes",
                     .field = "track_id"};
    }
    Catalogue& catalogue = state_->catalogue;
    const std::uint64_t own_bytes = track.track_id.size() + track.title.size() + track.uri.size();
    const std::uint64_t name_bytes = std::uint64_t{track.artist.size()} + track.album.size() +
                                     track.genre.size() + track.language.size() + track.license.size() +
                                     track.source.size();
    if (catalogue.arena_.size() + own_bytes > kTextBytesMax ||
        catalogue.names_.size() + name_bytes > kTextBytesMax) {
        return Error{.code = ErrorCode::too_large, .message = "the catalogue's text goes past 4 GiB"};
    }

    Catalogue::Row row;
    const auto append = [&](const std::string& text) {
        const auto begin = static_cast<std::uint32_t>(catalogue.arena_.size());
        catalogue.arena_ += text;
        return begin;
    };
    row.text = append(track.track_id);
    row.title = append(track.title);
    row.uri = append(track.uri);
    row.text_end = static_cast<std::uint32_t>(catalogue.arena_.size());
    row.artist = state_->intern(track.artist);
    row.album = state_->intern(track.album);
    row.genre = state_->intern(track.genre);
    row.language = state_->intern(track.language);
    row.license = state_->intern(track.license);
    row.source = state_->intern(track.source);
    row.artist_group = state_->artist_group(track.artist);
    row.duration_ms = track.duration_ms;
    row.tempo_bpm = std::isfinite(track.tempo_bpm) && track.tempo_bpm > 0.0F ? track.tempo_bpm : 0.0F;
    row.is_explicit = track.is_explicit;
    catalogue.rows_.push_back(row);
    state_->feelings.push_back(feeling_of(track));
    return ok_status();
}

Result<Catalogue> CatalogueBuilder::finish() {
    const auto state = std::exchange(state_, std::make_unique<State>());
    std::vector<std::uint32_t> order(state->catalogue.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return state->catalogue.track_id(a) < state->catalogue.track_id(b);
    });
    const auto twice = std::adjacent_find(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return state->catalogue.track_id(a) == state->catalogue.track_id(b);
    });
    if (twice != order.end()) {
        return Error{
            .code = ErrorCode::invalid_argument,
            .message = "the track_id '" + std::string(state->catalogue.track_id(*twice)) + "' appears twice",
            .field = "track_id"};
    }
    state->arrange(order);
    state->catalogue.arena_.shrink_to_fit();
    state->catalogue.names_.shrink_to_fit();
    state->catalogue.name_ends_.shrink_to_fit();
    return std::move(state->catalogue);
}

}  // namespace bgm
