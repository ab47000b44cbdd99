#include "fusion/catalogue/catalogue_builder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fusion/catalogue/quick_scan.hpp"
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

bool is_given(const Affect& affect) {
    return std::isfinite(affect.valence) && std::isfinite(affect.arousal) &&
           (affect.valence != 0.0F || affect.arousal != 0.0F);
}

double weight_of(float given) {
    return std::isfinite(given) && given > 0.0F ? given : 0.0;
}

double sum_of(const MoodDistribution& moods) {
    double sum = 0;
    for (const float weight : moods)
        sum += weight_of(weight);
    return sum;
}

/// Moods and affect of a track, each made from the other where it is missing.
Feeling feeling_of(const MoodDistribution& given_moods, Affect given) {
    std::array<double, kMoodCount> moods{};
    double sum = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        sum += moods[k] = weight_of(given_moods[k]);
    const bool has_moods = sum > 0;
    const bool has_affect = is_given(given);
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

/// What is written, beside what is heard where something was.
Feeling feeling_of(const Track& track, const TrackSound* sound) {
    const double heard_sum = sound == nullptr ? 0 : sum_of(sound->moods);
    if (!(heard_sum > 0)) return feeling_of(track.moods, track.affect);
    const double written_sum = sum_of(track.moods);
    const bool written = written_sum > 0 || is_given(track.affect);
    if (!written) return feeling_of(sound->moods, sound->affect);
    constexpr double all = double{kWrittenWeight} + kHeardWeight;
    MoodDistribution moods = sound->moods;
    for (std::size_t k = 0; k < kMoodCount && written_sum > 0; ++k) {
        moods[k] = static_cast<float>((kWrittenWeight * weight_of(track.moods[k]) / written_sum +
                                       kHeardWeight * weight_of(sound->moods[k]) / heard_sum) /
                                      all);
    }
    Feeling feeling = feeling_of(moods, {});
    const Affect own = feeling_of(track.moods, track.affect).affect;
    const Affect heard = feeling_of(sound->moods, sound->affect).affect;
    const auto mean = [](float by_hand, float by_ear) {
        return static_cast<float>((double{kWrittenWeight} * by_hand + double{kHeardWeight} * by_ear) / all);
    };
    feeling.affect = {mean(own.valence, heard.valence), mean(own.arousal, heard.arousal)};
    return feeling;
}

void hear(Catalogue::Row& row, const TrackSound& sound) {
    row.heard = true;
    if (row.tempo_bpm == 0.0F && std::isfinite(sound.tempo_bpm) && sound.tempo_bpm > 0)
        row.tempo_bpm = sound.tempo_bpm;
    constexpr float kSecondsMax = 24 * 3600;
    if (row.duration_ms == 0 && sound.seconds > 0 && sound.seconds <= kSecondsMax)
        row.duration_ms = static_cast<std::uint32_t>(std::lround(sound.seconds * 1000));
    row.start_ms = row.duration_ms == 0 || sound.moment_ms < row.duration_ms ? sound.moment_ms : 0;
    row.loudness_lufs = std::isfinite(sound.loudness_lufs) ? sound.loudness_lufs : 0.0F;
    row.key = sound.key <= 24 ? sound.key : std::uint8_t{0};
    row.speech_percent = static_cast<std::uint8_t>(
        std::lround(100 * (sound.speech > 0 ? std::min(sound.speech, 1.0F) : 0.0F)));
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
    /// Of one model and length, in the order in which they came.
    struct Embeddings {
        std::vector<std::uint32_t> rows;
        std::vector<float> numbers;
    };

    Catalogue catalogue;
    std::vector<Feeling> feelings;
    Index name_indices;
    Index artist_groups;
    std::uint32_t nameless_artists = 0;
    std::map<std::pair<std::string, std::size_t>, Embeddings> spaces;

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

    void embed(std::uint32_t row, const TrackSound& sound) {
        // Longer ones would not fit the sums of a scan, and nothing that hears makes them.
        constexpr std::size_t kNumbersMax = 1024;
        if (sound.embedding_model.empty() || sound.embedding.size() > kNumbersMax ||
            !has_direction(sound.embedding)) {
            return leave_out(catalogue.track_id(row), sound.embedding_model, sound.embedding.size(), 1);
        }
        Embeddings& space = spaces[{sound.embedding_model, sound.embedding.size()}];
        space.rows.push_back(row);
        space.numbers.insert(space.numbers.end(), sound.embedding.begin(), sound.embedding.end());
    }

    void leave_out(std::string_view track_id, const std::string& model, std::size_t numbers,
                   std::size_t tracks) {
        HeardCounts& heard = catalogue.heard_;
        heard.other_space += tracks;
        if (!heard.other_space_example.empty()) return;
        heard.other_space_example =
            std::string(track_id) + ": " + std::to_string(numbers) + " numbers of '" + model + "'";
    }

    /// The space of most tracks. Needs the rows as they came: `places` says where each of them goes.
    void fill_space(const std::vector<std::uint32_t>& places) {
        const auto most =
            std::max_element(spaces.begin(), spaces.end(), [](const auto& one, const auto& other) {
                return one.second.rows.size() < other.second.rows.size();
            });
        for (auto space = spaces.begin(); space != spaces.end(); ++space) {
            const auto& [key, embeddings] = *space;
            if (space != most)
                leave_out(catalogue.track_id(embeddings.rows.front()), key.first, key.second,
                          embeddings.rows.size());
        }
        if (most == spaces.end()) return;
        const auto& [key, embeddings] = *most;
        const auto vector = [&, width = key.second](std::uint32_t i) {
            return std::span(embeddings.numbers).subspan(i * width, width);
        };
        std::vector<std::uint32_t> order(embeddings.rows.size());
        std::iota(order.begin(), order.end(), 0U);
        if (places.size() >= kQuickTracks)
            catalogue.sound_groups_ = SoundGroups(embeddings.numbers, key.second, order);
        if (places.size() >= kQuickTracks) catalogue.sound_codes_ = SoundCodes(key.second, order.size());
        catalogue.sounds_ = SoundSpace(key.first, key.second, places.size());
        catalogue.sounds_.reserve(order.size());
        for (const std::uint32_t i : order) {
            const std::uint32_t track = places[embeddings.rows[i]];
            catalogue.sounds_.set(track, vector(i));
            if (places.size() < kQuickTracks) continue;
            catalogue.by_sound_.tracks.push_back(track);
            catalogue.sound_codes_.add(catalogue.sounds_.vector(track));
        }
        catalogue.sound_map_ = SoundMap(catalogue.sounds_);
        spaces.clear();
    }

    void find_keys() {
        std::unordered_set<std::uint32_t> artists;
        std::unordered_set<std::uint32_t> genres;
        for (const Catalogue::Row& row : catalogue.rows_) {
            if (artists.insert(row.artist_group).second) {
                if (const auto key = artist_key(catalogue.name(row.artist)))
                    catalogue.artist_keys_.add(*key, row.artist_group);
            }
            if (genres.insert(row.genre).second) {
                if (const auto key = genre_key(catalogue.name(row.genre)))
                    catalogue.genre_keys_.add(*key, row.genre);
            }
        }
        catalogue.artist_keys_.sort();
        catalogue.genre_keys_.sort();
    }

    /// `order` is that of the track ids.
    void find_scan_order(const std::vector<std::uint32_t>& order) {
        if (order.size() < kQuickTracks) return;
        std::vector<FeltPoint> points;
        points.reserve(order.size());
        for (const std::uint32_t row : order)
            points.push_back(felt_point(feelings[row].root_mood, feelings[row].affect));
        catalogue.by_feeling_.tracks = scan_order(points);
    }

    static void fill(Catalogue::FactsBlock& facts, std::size_t lane, const Catalogue::Row& row) {
        facts.artist_group[lane] = row.artist_group;
        facts.genre[lane] = row.genre;
        facts.language[lane] = row.language;
        facts.duration_ms[lane] = row.duration_ms;
        facts.tempo_bpm[lane] = row.tempo_bpm;
        facts.year[lane] = row.year;
        facts.speech_percent[lane] = row.heard ? row.speech_percent : std::uint8_t{0};
        facts.is_explicit[lane] = row.is_explicit;
    }

    /// What is read of the tracks of an order. Needs rows and blocks.
    void fill(Catalogue::QuickOrder& quick) {
        constexpr std::size_t lanes = CatalogueBlock::kTracks;
        const std::size_t size = quick.tracks.size();
        quick.tracks.shrink_to_fit();
        quick.facts.resize((size + lanes - 1) / lanes);
        quick.blocks.reserve(quick.facts.size());
        for (std::size_t first = 0; first < size; first += lanes) {
            CatalogueBlock block;
            for (std::size_t lane = 0; lane < std::min(lanes, size - first); ++lane) {
                const std::uint32_t track = quick.tracks[first + lane];
                const CatalogueBlock& own = catalogue.blocks_[track / lanes];
                for (std::size_t k = 0; k < kMoodCount; ++k)
                    block.root_mood[k][lane] = own.root_mood[k][track % lanes];
                block.valence[lane] = own.valence[track % lanes];
                block.arousal[lane] = own.arousal[track % lanes];
                fill(quick.facts[first / lanes], lane, catalogue.rows_[track]);
            }
            quick.blocks.push_back(quick_block(block));
        }
    }

    void fill_quick_orders() {
        if (catalogue.size() < kQuickTracks) return;
        Catalogue::QuickOrder& by_feeling = catalogue.by_feeling_;
        fill(by_feeling);
        fill(catalogue.by_sound_);
        const std::span<const QuickBlock> quick = by_feeling.blocks;
        for (std::size_t first = 0; first < quick.size(); first += QuickBounds::kBlocks)
            by_feeling.bounds.push_back(
                quick_bounds_of(quick.subspan(first, std::min(QuickBounds::kBlocks, quick.size() - first))));
        const std::vector<std::uint16_t> groups = catalogue.sound_groups_.by_place();
        catalogue.groups_by_feeling_.reserve(catalogue.size());
        catalogue.slots_by_feeling_.reserve(catalogue.size());
        for (const std::uint32_t track : by_feeling.tracks) {
            const bool has = catalogue.sounds_.has(track);
            const std::uint32_t slot = has ? catalogue.sounds_.slot(track) : 0;
            catalogue.slots_by_feeling_.push_back(slot);
            catalogue.groups_by_feeling_.push_back(has ? groups[slot] : SoundGroups::kNone);
        }
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
        std::vector<std::uint32_t> places(order.size());
        for (std::uint32_t position = 0; position < order.size(); ++position)
            places[order[position]] = position;
        find_scan_order(order);
        fill_space(places);
        catalogue.rows_ = std::move(rows);
        fill_quick_orders();
        find_keys();

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
            // A catalogue that nobody listened to keeps the version that it always had.
            if (track.year != 0) hash.add(std::uint64_t{track.year});
            if (!track.heard) continue;
            hash.add(std::uint64_t{track.start_ms} << 16U | std::uint64_t{track.key} << 8U |
                     std::uint64_t{catalogue.rows_[index].speech_percent});
            hash.add(track.loudness_lufs);
            if (!catalogue.sounds_.has(index)) continue;
            for (const float number : catalogue.sounds_.vector(index))
                hash.add(number);
        }
        if (!catalogue.sounds_.model().empty()) hash.add(catalogue.sounds_.model());
        catalogue.version_ = hash.hex();
    }
};

CatalogueBuilder::CatalogueBuilder() : state_(std::make_unique<State>()) {}
CatalogueBuilder::~CatalogueBuilder() = default;
CatalogueBuilder::CatalogueBuilder(CatalogueBuilder&&) noexcept = default;
CatalogueBuilder& CatalogueBuilder::operator=(CatalogueBuilder&&) noexcept = default;

void CatalogueBuilder::ignore_analysis(std::string_view track_id, std::string_view model) {
    HeardCounts& heard = state_->catalogue.heard_;
    ++heard.other_model;
    if (heard.other_model_example.empty())
        heard.other_model_example = std::string(track_id) + ": '" + std::string(model) + "'";
}

Status CatalogueBuilder::add(const Track& track, const TrackSound* sound) {
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
    row.year = static_cast<std::uint16_t>(std::min<std::uint32_t>(track.year, kYearMax));
    if (sound != nullptr) hear(row, *sound);
    catalogue.rows_.push_back(row);
    state_->feelings.push_back(feeling_of(track, sound));
    if (sound == nullptr) return ok_status();
    ++catalogue.heard_.used;
    state_->embed(static_cast<std::uint32_t>(catalogue.rows_.size() - 1), *sound);
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
