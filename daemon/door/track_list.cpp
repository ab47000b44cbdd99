#include "daemon/door/track_list.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/admin/request.hpp"
#include "daemon/door/track_item.hpp"
#include "fusion/catalogue/similar.hpp"
#include "fusion/recommend/track_path.hpp"
#include "fusion/recommend/track_search.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kLimitDefault = 100;
constexpr std::size_t kLimitMax = 1000;
constexpr std::size_t kSimilarDefault = 20;
constexpr std::size_t kFilterBytesMax = kSearchBytesMax;

struct Filter {
    std::string text;  // folded
    std::string q;
    std::string genre, language, after;
    std::optional<std::size_t> mood;
    std::array<float, 2> valence{-1, 1};
    std::array<float, 2> arousal{-1, 1};
    std::size_t limit = kLimitDefault;
};

Status read_text(const json& request, const char* field, std::string& target) {
    const auto found = request.find(field);
    if (found == request.end() || found->is_null()) return ok_status();
    if (!found->is_string() || found->get_ref<const std::string&>().size() > kFilterBytesMax)
        return invalid_request(field, "must be a text of at most 512 bytes");
    target = found->get<std::string>();
    return ok_status();
}

Status read_bound(const json& request, const char* field, float& target) {
    const auto found = request.find(field);
    if (found == request.end() || found->is_null()) return ok_status();
    if (!found->is_number() || std::abs(found->get<double>()) > 1)
        return invalid_request(field, "must be a number from -1 to 1");
    target = found->get<float>();
    return ok_status();
}

Status read_count(const json& request, const char* field, std::size_t least, std::size_t most,
                  std::size_t& target) {
    const auto count = request.find(field);
    if (count == request.end() || count->is_null()) return ok_status();
    if (!count->is_number_integer() || *count < least || *count > most)
        return invalid_request(
            field, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    target = count->get<std::size_t>();
    return ok_status();
}

Status read_limit(const json& request, std::size_t& target) {
    return read_count(request, "limit", 1, kLimitMax, target);
}

Result<Filter> read_filter(const json& request) {
    Filter filter;
    std::string mood;
    for (const auto& [field, target] :
         {std::pair("text", &filter.text), std::pair("q", &filter.q), std::pair("genre", &filter.genre),
          std::pair("language", &filter.language), std::pair("after", &filter.after),
          std::pair("mood", &mood)}) {
        if (Status read = read_text(request, field, *target); !read) return read.error();
    }
    for (const auto& [field, target] :
         {std::pair("valence_min", &filter.valence[0]), std::pair("valence_max", &filter.valence[1]),
          std::pair("arousal_min", &filter.arousal[0]), std::pair("arousal_max", &filter.arousal[1])}) {
        if (Status read = read_bound(request, field, *target); !read) return read.error();
    }
    if (!mood.empty()) {
        const auto known = mood_from_name(mood);
        if (!known) return invalid_request("mood", "is not one of the thirteen moods");
        filter.mood = static_cast<std::size_t>(*known);
    }
    if (Status read = read_limit(request, filter.limit); !read) return read.error();
    filter.text = folded_name(filter.text);
    return filter;
}

bool holds(std::string_view name, const std::string& folded) {
    return folded_name(name).find(folded) != std::string::npos;
}

bool within(float value, const std::array<float, 2>& bounds) {
    return value >= bounds[0] && value <= bounds[1];
}

bool passes(const Filter& filter, const TrackView& track) {
    if (!filter.genre.empty() && track.genre != filter.genre) return false;
    if (!filter.language.empty() && track.language != filter.language) return false;
    if (!within(track.affect.valence, filter.valence) || !within(track.affect.arousal, filter.arousal))
        return false;
    if (filter.mood && std::ranges::max_element(track.moods) - track.moods.begin() !=
                           static_cast<std::ptrdiff_t>(*filter.mood))
        return false;
    return filter.text.empty() || holds(track.title, filter.text) || holds(track.artist, filter.text) ||
           holds(track.album, filter.text) || holds(track.track_id, filter.text);
}

json list_found(const Catalogue& catalogue, const Filter& filter, const SoundWish& place) {
    SearchWish wish = read_search(filter.q);
    wish.place = place;
    std::size_t total = 0;
    const auto hits = search_tracks(
        catalogue, wish, filter.limit,
        [&](std::uint32_t index) { return passes(filter, catalogue.track(index)); }, &total);
    json items = json::array();
    for (const SearchHit& hit : hits) {
        items.push_back(track_item(catalogue, hit.track_index));
        items.back()["score"] = plain_number(hit.score);
        items.back()["reason"] = hit.reason(catalogue, wish);
    }
    const bool by_ear = std::ranges::any_of(hits, [](const SearchHit& hit) { return hit.sound.has_value(); });
    return json{
        {"by", by_ear ? "ear" : "words"}, {"items", std::move(items)}, {"next", nullptr}, {"total", total}};
}

Result<std::uint32_t> read_track(const Catalogue& catalogue, const json& request, const char* field) {
    std::string track_id;
    if (Status read = read_text(request, field, track_id); !read) return read.error();
    const auto index = catalogue.find(track_id);
    if (index) return *index;
    return Error{.code = ErrorCode::not_found, .message = "is no track of the catalogue", .field = field};
}

}  // namespace

Result<json> list_tracks(const Catalogue& catalogue, const json& request, const SoundWish& place) {
    const auto filter = read_filter(request);
    if (!filter) return filter.error();
    if (!filter->q.empty()) {
        if (!filter->after.empty()) return invalid_request("after", "goes with no search: it has one page");
        return list_found(catalogue, *filter, place);
    }
    json items = json::array();
    json next;
    std::size_t total = 0;
    for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
        const TrackView track = catalogue.track(index);
        if (!passes(*filter, track)) continue;
        ++total;
        if (!filter->after.empty() && track.track_id <= filter->after) continue;
        if (items.size() < filter->limit) {
            items.push_back(track_item(catalogue, index));
        } else if (next.is_null()) {
            next = items.back()["track_id"];
        }
    }
    return json{{"items", std::move(items)}, {"next", std::move(next)}, {"total", total}};
}

Result<json> list_similar(const Catalogue& catalogue, const json& request) {
    std::size_t limit = kSimilarDefault;
    if (Status read = read_limit(request, limit); !read) return read.error();
    const auto index = read_track(catalogue, request, "track_id");
    if (!index) return index.error();
    const SimilarTracks similar = similar_tracks(catalogue, *index, limit);
    json items = json::array();
    for (const SimilarTrack& track : similar.tracks) {
        items.push_back(track_item(catalogue, track.track_index));
        items.back()["similarity"] = plain_number(track.similarity);
    }
    return json{{"by", similar.by_ear ? "ear" : "mood"}, {"items", std::move(items)}};
}

Result<json> list_path(const Catalogue& catalogue, const json& request) {
    std::size_t length = kPathDefault;
    if (Status read = read_count(request, "length", kPathMin, kPathMax, length); !read) return read.error();
    const auto from = read_track(catalogue, request, "track_id");
    if (!from) return from.error();
    if (!request.contains("to")) return invalid_request("to", "must name the track where the way ends");
    const auto to = read_track(catalogue, request, "to");
    if (!to) return to.error();
    auto path = find_path(catalogue, *from, *to, length);
    if (!path) {
        Error error = path.error();
        if (error.field == "from") error.field = "track_id";
        return error;
    }
    json items = json::array();
    for (const PathTrack& step : *path) {
        items.push_back(track_item(catalogue, step.track_index));
        items.back()["similarity"] = plain_number(step.similarity);
        items.back()["jump"] = plain_number(step.jump);
    }
    return json{{"items", std::move(items)}};
}

}  // namespace bgm
