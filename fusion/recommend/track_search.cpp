#include "fusion/recommend/track_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "fusion/catalogue/scan.hpp"

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

ScanTarget target_of(const SearchWish& wish) {
    ScanTarget target;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        target.root_mood[k] = std::sqrt(wish.moods[k]);
        const Affect place = affect(static_cast<Mood>(k));
        target.affect.valence += wish.moods[k] * place.valence;
        target.affect.arousal += wish.moods[k] * place.arousal;
    }
    return target;
}

class Judge {
 public:
    Judge(const Catalogue& catalogue, const SearchWish& wish)
        : catalogue_(catalogue), wish_(wish), target_(target_of(wish)) {
        const SoundSpace& sounds = catalogue.sounds();
        const bool fits = !wish.sound.empty() && wish.sound.size() == sounds.width();
        const float length = fits ? std::sqrt(dot(wish.sound, wish.sound)) : 0;
        if (!(length > 0) || !std::isfinite(length)) return;
        sound_ = wish.sound;
        for (float& number : sound_)
            number /= length;
    }

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
            float far = std::max(wish_.min_tempo - bpm, 0.0F);
            if (wish_.max_tempo > 0) far = std::max(far, bpm - wish_.max_tempo);
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
        hit.score = weights > 0 ? sum / weights : 0;
        return hit;
    }

 private:
    void find_words(SearchHit& hit) const {
        const auto places = places_of(catalogue_.track(hit.track_index));
        for (const Place& place : places) {
            if (wish_.phrase.empty() || !stands_in(place.text, wish_.phrase)) continue;
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
    ScanTarget target_;
    std::vector<float> sound_;  // of length 1
};

bool better(const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : a.track_index < b.track_index;
}

}  // namespace

std::string SearchHit::reason(const Catalogue& catalogue, const SearchWish& wish) const {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    const auto percent = [](float share) { return std::to_string(std::lround(100 * share)) + " %"; };
    for (const Found& one : found)
        add(one.word + " in " + std::string(one.place));
    if (mood) {
        std::string said;
        for (const std::string& word : wish.mood_words)
            said += (said.empty() ? "" : ", ") + word;
        add(said + " " + percent(*mood));
    }
    if (tempo) add(std::to_string(std::lround(catalogue.rows()[track_index].tempo_bpm)) + " bpm");
    if (sound) add("sounds like it " + percent(*sound));
    return text;
}

std::vector<SearchHit> search_tracks(const Catalogue& catalogue, const SearchWish& wish, std::size_t limit,
                                     const std::function<bool(std::uint32_t)>& passes, std::size_t* total) {
    const Judge judge(catalogue, wish);
    std::vector<SearchHit> best;  // a heap, the worst of them in front
    std::size_t fitting = 0;
    for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
        if (passes && !passes(index)) continue;
        SearchHit hit = judge.hit(index);
        if (!(hit.score > 0)) continue;
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
