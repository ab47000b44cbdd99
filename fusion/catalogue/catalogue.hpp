// The catalogue as the matcher searches it: immutable, compact, in an order that does not depend on how it
// was imported.
//
// Numbers lie in blocks of 64 tracks, one row per mood, so that a scan reads memory in order; strings lie in
// one arena, those that repeat (artist, album, genre, language, licence, source) once. 100,000 typical tracks
// take about 25 MB.
//
// Immutable once built: share it between threads (std::shared_ptr<const Catalogue>), replace it as a whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/catalogue/name_keys.hpp"
#include "fusion/catalogue/sound_codes.hpp"
#include "fusion/catalogue/sound_groups.hpp"
#include "fusion/catalogue/sound_map.hpp"
#include "fusion/catalogue/sound_space.hpp"
#include "fusion/catalogue/track.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// One track, borrowed from a catalogue: valid as long as the catalogue is.
struct TrackView {
    std::string_view track_id;
    std::string_view title;
    std::string_view artist;
    std::string_view album;
    std::string_view genre;
    std::string_view language;
    std::string_view uri;
    std::string_view license;
    std::string_view source;
    std::uint32_t duration_ms = 0;
    float tempo_bpm = 0;
    std::uint32_t year = 0;
    bool is_explicit = false;
    MoodDistribution moods{};  // sums to 1
    Affect affect;

    // What was heard in it; the rest says nothing where nothing was.
    bool heard = false;
    std::uint32_t start_ms = 0;  // where the half minute begins that stands for it
    float loudness_lufs = 0;
    std::uint8_t key = 0;  // key_code(), 0 = none
    float speech = 0;      // the share of it, 0..1
};

/// What became of the tracks' analyses.
struct HeardCounts {
    std::size_t used = 0;               // and the track can be compared by ear
    std::size_t other_space = 0;        // used, but for its embedding: another model's, or of another length
    std::size_t other_model = 0;        // of another analysis: ignored
    std::string other_space_example{};  // a track and what its embedding is
    std::string other_model_example{};  // a track and its analysis
};

class CatalogueBuilder;

/// From so many tracks on, a first look in bytes is quicker than the exact scan of all.
inline constexpr std::size_t kQuickTracks = 16'384;

class Catalogue {
 public:
    /// Duplicate or unusable track ids (empty, longer than 128 bytes): `invalid_argument` that names the
    /// track. More than 4 GiB of text: `too_large`. See CatalogueBuilder, which takes one track at a time,
    /// for what becomes of moods and affect.
    static Result<Catalogue> build(std::vector<Track> tracks);

    std::size_t size() const { return rows_.size(); }
    bool empty() const { return rows_.empty(); }
    /// 16 hex digits; the same content in any order has the same version.
    const std::string& version() const { return version_; }
    /// Tracks are ordered by track_id. index < size().
    TrackView track(std::uint32_t index) const;
    std::string_view track_id(std::uint32_t index) const;
    /// Bytes of memory that it holds.
    std::size_t memory_bytes() const;
    /// How the tracks sound; empty where no file was listened to.
    const SoundSpace& sounds() const { return sounds_; }
    /// Where they lie when they are drawn by ear.
    const SoundMap& sound_map() const { return sound_map_; }
    const HeardCounts& heard() const { return heard_; }
    /// The index of the track with this id.
    std::optional<std::uint32_t> find(std::string_view track_id) const;

    // What the matcher scans and filters by.
    struct Row {
        std::uint32_t text = 0;  // offset of track_id, title, uri in the arena
        std::uint32_t title = 0;
        std::uint32_t uri = 0;
        std::uint32_t text_end = 0;
        std::uint32_t artist = 0;  // indices into names_
        std::uint32_t album = 0;
        std::uint32_t genre = 0;
        std::uint32_t language = 0;
        std::uint32_t license = 0;
        std::uint32_t source = 0;
        std::uint32_t artist_group =
            0;  // equal for the same artist in another spelling; a nameless artist is like no other
        std::uint32_t duration_ms = 0;
        float tempo_bpm = 0;
        float loudness_lufs = 0;
        std::uint32_t start_ms = 0;
        std::uint16_t year = 0;  // 0 = unknown
        std::uint8_t key = 0;
        std::uint8_t speech_percent = 0;
        bool is_explicit = false;
        bool heard = false;
    };
    /// What filters and tastes ask of many tracks, of 64 of them.
    struct alignas(64) FactsBlock {
        static constexpr std::size_t kTracks = CatalogueBlock::kTracks;
        std::array<std::uint32_t, kTracks> artist_group{};
        std::array<std::uint32_t, kTracks> genre{};  // indices into names_
        std::array<std::uint32_t, kTracks> language{};
        std::array<std::uint32_t, kTracks> duration_ms{};  // 0 = unknown, here and below
        std::array<float, kTracks> tempo_bpm{};
        std::array<std::uint16_t, kTracks> year{};
        std::array<std::uint8_t, kTracks> speech_percent{};  // 0 where nothing was heard
        std::array<bool, kTracks> is_explicit{};
    };
    const std::vector<Row>& rows() const { return rows_; }
    const std::vector<CatalogueBlock>& blocks() const { return blocks_; }
    /// What a first look reads of tracks, in an order of its own.
    struct QuickOrder {
        std::vector<std::uint32_t> tracks;  // by position
        std::vector<FactsBlock> facts;
        std::vector<QuickBlock> blocks;
        std::vector<QuickBounds> bounds;  // of 64 blocks each, by_feeling() only

        std::size_t memory_bytes() const;
    };
    /// Where there are so many tracks (kQuickTracks) that a first look pays; else empty. Tracks that feel
    /// alike are side by side (scan_order.hpp).
    const QuickOrder& by_feeling() const { return by_feeling_; }
    /// The same of tracks with a sound, as their vectors lie in sounds(): by group.
    const QuickOrder& by_sound() const { return by_sound_; }
    const SoundGroups& sound_groups() const { return sound_groups_; }
    const SoundCodes& sound_codes() const { return sound_codes_; }
    /// By position in by_feeling(): the group, and the position in by_sound(); SoundGroups::kNone and any
    /// where a track has no sound.
    const std::vector<std::uint16_t>& groups_by_feeling() const { return groups_by_feeling_; }
    const std::vector<std::uint32_t>& slots_by_feeling() const { return slots_by_feeling_; }
    /// A repeated string (artist, album, genre, language, licence, source) by its index in a row.
    std::string_view name(std::uint32_t index) const;
    std::size_t names() const { return name_ends_.size(); }
    /// From artist_key() to the artist_group of rows, and from genre_key() to their genre.
    const NameKeys& artist_keys() const { return artist_keys_; }
    const NameKeys& genre_keys() const { return genre_keys_; }

 private:
    friend class CatalogueBuilder;
    Catalogue() = default;

    std::vector<Row> rows_;
    std::vector<CatalogueBlock> blocks_;
    QuickOrder by_feeling_;
    QuickOrder by_sound_;
    SoundGroups sound_groups_;
    SoundCodes sound_codes_;
    std::vector<std::uint16_t> groups_by_feeling_;
    std::vector<std::uint32_t> slots_by_feeling_;
    std::string arena_;
    std::string names_;
    std::vector<std::uint32_t> name_ends_;
    NameKeys artist_keys_;
    NameKeys genre_keys_;
    std::string version_;
    SoundSpace sounds_;
    SoundMap sound_map_;
    HeardCounts heard_;
};

/// A name as it is compared: ASCII and Latin-1 letters in lower case, white space left out.
std::string folded_name(std::string_view name);

}  // namespace bgm
