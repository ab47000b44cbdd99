#include "fusion/recommend/filter.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "fusion/recommend/guard.hpp"
#include "fusion/taste/taste_scores.hpp"

namespace bgm {
namespace {

/// "ko-KR" -> "ko"; empty for instrumental ("zxx" says: no linguistic content).
std::string primary_language(std::string_view tag) {
    std::string primary = folded_name(tag.substr(0, tag.find_first_of("-_")));
    if (primary == "zxx") primary.clear();
    return primary;
}

/// Of an unknown year, 0, nothing can be promised; only what is known to be of years can be left out for
/// them.
bool of_era(std::uint32_t year, std::uint32_t from, std::uint32_t to) {
    if (to != 0 && from > to) return year >= from || year <= to;
    return year != 0 && year >= from && (to == 0 || year <= to);
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// What a filter asks of a track, read when it is asked: from its row, or from where 64 lie together.
struct OfRow {
    const Catalogue::Row& row;
    std::uint32_t artist_group() const { return row.artist_group; }
    std::uint32_t genre() const { return row.genre; }
    std::uint32_t language() const { return row.language; }
    std::uint32_t duration_ms() const { return row.duration_ms; }
    float tempo_bpm() const { return row.tempo_bpm; }
    std::uint16_t year() const { return row.year; }
    std::uint8_t speech_percent() const { return row.heard ? row.speech_percent : std::uint8_t{0}; }
    bool is_explicit() const { return row.is_explicit; }
};

struct OfLane {
    const Catalogue::FactsBlock& block;
    std::size_t lane;
    std::uint32_t artist_group() const { return block.artist_group[lane]; }
    std::uint32_t genre() const { return block.genre[lane]; }
    std::uint32_t language() const { return block.language[lane]; }
    std::uint32_t duration_ms() const { return block.duration_ms[lane]; }
    float tempo_bpm() const { return block.tempo_bpm[lane]; }
    std::uint16_t year() const { return block.year[lane]; }
    std::uint8_t speech_percent() const { return block.speech_percent[lane]; }
    bool is_explicit() const { return block.is_explicit[lane]; }
};

}  // namespace

TrackFilter::TrackFilter(const Catalogue& catalogue, const MatchRequest& request)
    : catalogue_(catalogue),
      request_(request),
      open_(request.genres.empty() && request.languages.empty() && !request.exclude_explicit &&
            request.max_duration_ms == 0 && request.avoid_moods.empty() && request.min_tempo == 0 &&
            request.max_tempo == 0 && request.from_year == 0 && request.to_year == 0 &&
            !request.instrumental_only && request.avoid_genres.empty() && request.avoid_languages.empty() &&
            request.grave.empty() && request.instruments.empty()) {
    const auto avoid = [this](const auto& moods) {
        for (const Mood mood : moods)
            avoided_moods_[static_cast<std::size_t>(mood)] = avoids_moods_ = true;
    };
    avoid(request.avoid_moods);
    if (!request.grave.empty()) avoid(kMockingMoods);
    for (const auto& genre : request.genres)
        genres_.push_back(folded_genre(genre));
    for (const auto& language : request.languages)
        languages_.push_back(primary_language(language));
    for (const auto& genre : request.avoid_genres)
        avoided_genres_.push_back(folded_genre(genre));
    for (const auto& language : request.avoid_languages)
        avoided_languages_.push_back(primary_language(language));
    if (!genres_.empty() || !avoided_genres_.empty()) genre_verdicts_.resize(catalogue.names());
    if (!languages_.empty() || !avoided_languages_.empty()) language_verdicts_.resize(catalogue.names());
    if (request.instrumental_only) wordless_verdicts_.resize(catalogue.names());
    const Listener& listener = request.listener;
    if (listener.taste && request.weights.taste > 0)
        turned_away_ = turned_away_artists(*listener.taste, listener.now_ms, catalogue);
    // Of a small catalogue a listener may have had most, and is asked for each of it.
    if (!listener.not_again.empty()) not_again_.resize(catalogue.size());
    for (const std::uint32_t track : listener.not_again)
        if (track < not_again_.size()) not_again_[track] = true;
    open_ = open_ && turned_away_.empty() && not_again_.empty();
}

bool TrackFilter::allows(std::uint32_t track_index) {
    return open_ || is_allowed(OfRow{catalogue_.rows()[track_index]}, track_index);
}

bool TrackFilter::allows_at(const Catalogue::QuickOrder& order, std::uint32_t position) {
    constexpr std::size_t lanes = Catalogue::FactsBlock::kTracks;
    return open_ ||
           is_allowed(OfLane{order.facts[position / lanes], position % lanes}, order.tracks[position]);
}

std::uint64_t TrackFilter::allowed_of(const Catalogue::QuickOrder& order, std::uint32_t first,
                                      std::uint64_t lanes) {
    // Of length most tracks fail where few are left: one comparison a track, as 0 is unknown.
    if (const std::uint32_t most = request_.max_duration_ms; most != 0) {
        const auto& lengths = order.facts[first / Catalogue::FactsBlock::kTracks].duration_ms;
        std::uint64_t short_enough = 0;
        for (std::size_t lane = 0; lane < lengths.size(); ++lane)
            short_enough |= std::uint64_t{lengths[lane] - 1 < most} << lane;
        lanes &= short_enough;
    }
    std::uint64_t allowed = 0;
    for (; lanes != 0; lanes &= lanes - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
        allowed |= std::uint64_t{allows_at(order, first + lane)} << lane;
    }
    return allowed;
}

template <typename Facts>
bool TrackFilter::is_allowed(const Facts& facts, std::uint32_t track_index) {
    if (request_.exclude_explicit && facts.is_explicit()) return false;
    // What is not known cannot be promised to be short enough, or slow, or old.
    const auto within = [](auto value, std::uint32_t least, std::uint32_t most) {
        return value != 0 && value >= static_cast<decltype(value)>(least) &&
               (most == 0 || value <= static_cast<decltype(value)>(most));
    };
    const auto is_asked = [](std::uint32_t least, std::uint32_t most) { return least != 0 || most != 0; };
    const MatchRequest& asked = request_;
    if (is_asked(0, asked.max_duration_ms) && !within(facts.duration_ms(), 0, asked.max_duration_ms))
        return false;
    if (!genre_verdicts_.empty() && !genre_allowed(facts.genre())) return false;
    if (is_asked(asked.min_tempo, asked.max_tempo) &&
        !within(facts.tempo_bpm(), asked.min_tempo, asked.max_tempo))
        return false;
    if (is_asked(asked.from_year, asked.to_year) && !of_era(facts.year(), asked.from_year, asked.to_year))
        return false;
    if (!language_verdicts_.empty() && !language_allowed(facts.language())) return false;
    if (asked.instrumental_only && !is_instrumental(facts.speech_percent(), facts.language())) return false;
    if (!not_again_.empty() && not_again_[track_index]) return false;
    if (!turned_away_.empty() &&
        std::binary_search(turned_away_.begin(), turned_away_.end(), facts.artist_group()))
        return false;
    if (avoids_moods_ && avoided(track_index)) return false;
    return asked.instruments.empty() || names_instruments(track_index);
}

bool TrackFilter::is_instrumental(std::uint8_t speech_percent, std::uint32_t language) {
    constexpr std::uint8_t kSpokenPercent = 50;
    if (speech_percent >= kSpokenPercent) return false;
    Verdict& verdict = wordless_verdicts_[language];
    if (verdict == Verdict::unknown)
        verdict = primary_language(catalogue_.name(language)).empty() ? Verdict::yes : Verdict::no;
    return verdict == Verdict::yes;
}

bool TrackFilter::names_instruments(std::uint32_t track_index) const {
    const TrackView track = catalogue_.track(track_index);
    // Of genres the Korean "guitar" means "others".
    const std::string_view genre = track.genre == "기타" ? "" : track.genre;
    return std::ranges::all_of(request_.instruments, [&](const Instrument& instrument) {
        return std::ranges::any_of(std::array{track.title, track.album, genre},
                                   [&](std::string_view text) { return is_named(instrument, text); });
    });
}

bool TrackFilter::avoided(std::uint32_t track_index) const {
    const CatalogueBlock& block = catalogue_.blocks()[track_index / CatalogueBlock::kTracks];
    const std::size_t lane = track_index % CatalogueBlock::kTracks;
    float others = 0;
    float most = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        float& strongest = avoided_moods_[k] ? most : others;
        strongest = std::max(strongest, block.root_mood[k][lane] * block.root_mood[k][lane]);
    }
    return most >= kAvoidShare || most > others;
}

bool TrackFilter::genre_allowed(std::uint32_t name_index) {
    Verdict& verdict = genre_verdicts_[name_index];
    if (verdict == Verdict::unknown) {
        const std::string genre = folded_genre(catalogue_.name(name_index));
        verdict = (genres_.empty() || contains(genres_, genre)) && !contains(avoided_genres_, genre)
                      ? Verdict::yes
                      : Verdict::no;
    }
    return verdict == Verdict::yes;
}

bool TrackFilter::language_allowed(std::uint32_t name_index) {
    Verdict& verdict = language_verdicts_[name_index];
    if (verdict == Verdict::unknown) {
        const std::string language = primary_language(catalogue_.name(name_index));
        const bool asked = language.empty() || languages_.empty() || contains(languages_, language);
        verdict = asked && !contains(avoided_languages_, language) ? Verdict::yes : Verdict::no;
    }
    return verdict == Verdict::yes;
}

}  // namespace bgm
