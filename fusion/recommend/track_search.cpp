#include "fusion/recommend/track_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "fusion/catalogue/scan.hpp"
#include "fusion/recommend/filter.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

constexpr float kWordsWeight = 1;
constexpr float kMoodWeight = 1;
constexpr float kTempoWeight = 0.5F;
constexpr float kSoundWeight = 1;
constexpr float kTempoReach_bpm = 30;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

/// A word of ASCII stands where a word begins; others (Korean has no spaces to rely on) anywhere.
bool stands_in(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const bool whole =
            static_cast<unsigned char>(word.front()) >= 0x80 || at == 0 || !is_letter_or_digit(text[at - 1]);
        if (whole) return true;
    }
    return false;
}

struct Place {
    std::string_view name;
    std::string text;
};

std::array<Place, 5> places_of(const TrackView& track) {
    return {{{"title", folded_words(track.title)},
             {"artist", folded_words(track.artist)},
             {"album", folded_words(track.album)},
             {"genre", folded_words(track.genre)},
             {"track_id", folded_words(track.track_id)}}};
}

ScanTarget target_of(const Evidence& wished) {
    ScanTarget target{.affect = wished.affect};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        target.root_mood[k] = std::sqrt(wished.mood[k]);
    return target;
}

/// "calm, beautiful", or the moment that is named in place of a mood.
std::string feeling_of(const Wish& wish) {
    std::string said;
    const auto add = [&said](std::string_view one) { said += (said.empty() ? "" : ", ") + std::string(one); };
    for (const Mood mood : wish.moods)
        add(name(mood));
    if (!said.empty()) return said;
    for (const std::string* label : {&wish.moment.weather, &wish.moment.place, &wish.moment.activity}) {
        if (!label->empty()) add(*label);
    }
    return "for " + (said.empty() ? "the hour" : said);
}

/// "1984; not classical; instrumental": what a search of filters alone finds in a track that passes them.
std::string held_by(const TrackView& track, const Wish& wish) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (wish.from_year > 0 || wish.to_year > 0) add(std::to_string(track.year));
    if (!wish.languages.empty()) add("in " + std::string(track.language));
    if (wish.instrumental_only) add("instrumental");
    if (wish.sung_only && wish.languages.empty()) add("sung");
    if (wish.exclude_explicit) add("not explicit");
    if (wish.max_duration_ms > 0) add(std::to_string(std::lround(track.duration_ms / 1000.0)) + " s");
    for (const Mood mood : wish.avoid_moods)
        add("not " + std::string(name(mood)));
    for (const std::string& genre : wish.avoid_genres)
        add("not " + genre);
    for (const std::string& language : wish.avoid_languages)
        add("not in " + language);
    return text;
}

class Judge {
 public:
    Judge(const Catalogue& catalogue, const SearchWish& wish)
        : catalogue_(catalogue), wish_(wish), filters_(wish.filters()), filter_(catalogue, filters_) {
        if (wish.asks_for_mood()) target_ = target_of(*wish.wish.target);
        const SoundSpace& sounds = catalogue.sounds();
        const std::vector<float>& place = wish.place.embedding;
        if (place.empty() || wish.place.model != sounds.model() || place.size() != sounds.width()) return;
        const float length = std::sqrt(dot(place, place));
        if (!(length > 0) || !std::isfinite(length)) return;
        sound_ = place;
        for (float& number : sound_)
            number /= length;
    }

    /// A title that is named is found, whatever else its words may mean.
    bool may_be(const SearchHit& hit) { return hit.named || filter_.allows(hit.track_index); }

    SearchHit hit(std::uint32_t index) const {
        SearchHit hit;
        hit.track_index = index;
        find_words(hit);
        if (wish_.asks_for_mood())
            hit.mood = std::clamp(score_lane(catalogue_.blocks()[index / CatalogueBlock::kTracks],
                                             index % CatalogueBlock::kTracks, target_),
                                  0.0F, 1.0F);
        const float bpm = catalogue_.rows()[index].tempo_bpm;
        if (wish_.asks_for_tempo() && bpm > 0) {
            float far = std::max(static_cast<float>(wish_.wish.min_tempo) - bpm, 0.0F);
            if (wish_.wish.max_tempo > 0) far = std::max(far, bpm - static_cast<float>(wish_.wish.max_tempo));
            hit.tempo = std::max(1 - far / kTempoReach_bpm, 0.0F);
        }
        if (!sound_.empty() && catalogue_.sounds().has(index))
            hit.sound = std::clamp(dot(sound_, catalogue_.sounds().vector(index)), 0.0F, 1.0F);
        float sum = 0, weights = 0;
        for (const auto& [term, weight] :
             {std::pair(hit.words, kWordsWeight), std::pair(hit.mood, kMoodWeight),
              std::pair(hit.tempo, kTempoWeight), std::pair(hit.sound, kSoundWeight)}) {
            if (!term) continue;
            sum += weight * *term;
            weights += weight;
        }
        hit.score = weights > 0 ? sum / weights : asks_for_filters_alone() ? 1 : 0;
        return hit;
    }

 private:
    bool asks_for_filters_alone() const {
        return wish_.states_filters() && wish_.words.empty() && !wish_.asks_for_mood() &&
               !wish_.asks_for_tempo() && sound_.empty();
    }

    void find_words(SearchHit& hit) const {
        const auto places = places_of(catalogue_.track(hit.track_index));
        for (const Place& place : places) {
            if (wish_.phrase.empty() || !stands_in(place.text, wish_.phrase)) continue;
            hit.named = true;
            hit.words = 1;
            hit.found.push_back({.word = wish_.phrase, .place = place.name});
            return;
        }
        if (wish_.words.empty()) return;
        for (const SearchWish::Word& word : wish_.words) {
            const auto place = std::ranges::find_if(places, [&](const Place& one) {
                return std::ranges::any_of(word.spellings, [&](const std::string& spelling) {
                    return stands_in(one.text, spelling);
                });
            });
            if (place != places.end()) hit.found.push_back({.word = word.said, .place = place->name});
        }
        hit.words = static_cast<float>(hit.found.size()) / static_cast<float>(wish_.words.size());
    }

    const Catalogue& catalogue_;
    const SearchWish& wish_;
    const MatchRequest filters_;
    TrackFilter filter_;
    ScanTarget target_;
    std::vector<float> sound_;  // of length 1
};

bool better(const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : a.track_index < b.track_index;
}

}  // namespace

bool may_hear_words(const Catalogue& catalogue) {
    const std::string& model = catalogue.sounds().model();
    return catalogue.sounds().size() > 0 && !model.starts_with(kBuiltinModels);
}

std::string SearchHit::reason(const Catalogue& catalogue, const SearchWish& wish) const {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    const auto percent = [](float share) { return std::to_string(std::lround(100 * share)) + " %"; };
    for (const Found& one : found)
        add(one.word + " in " + std::string(one.place));
    if (mood) add(feeling_of(wish.wish) + " " + percent(*mood));
    if (tempo) add(std::to_string(std::lround(catalogue.rows()[track_index].tempo_bpm)) + " bpm");
    if (sound) add("sounds like it " + percent(*sound));
    return text.empty() ? held_by(catalogue.track(track_index), wish.wish) : text;
}

std::vector<SearchHit> search_tracks(const Catalogue& catalogue, const SearchWish& wish, std::size_t limit,
                                     const std::function<bool(std::uint32_t)>& passes, std::size_t* total) {
    Judge judge(catalogue, wish);
    std::vector<SearchHit> best;  // a heap, the worst of them in front
    std::size_t fitting = 0;
    for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
        if (passes && !passes(index)) continue;
        SearchHit hit = judge.hit(index);
        if (!(hit.score > 0) || !judge.may_be(hit)) continue;
        ++fitting;
        if (best.size() == limit && (limit == 0 || !better(hit, best.front()))) continue;
        best.push_back(std::move(hit));
        std::ranges::push_heap(best, better);
        if (best.size() <= limit) continue;
        std::ranges::pop_heap(best, better);
        best.pop_back();
    }
    std::ranges::sort_heap(best, better);
    if (total != nullptr) *total = fitting;
    return best;
}

}  // namespace bgm
