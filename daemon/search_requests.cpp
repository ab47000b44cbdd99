#include "daemon/search_requests.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "fusion/recommend/search_words.hpp"

namespace bgm {

void place_text(TextPlaces& places, const nlohmann::json& request, const AdminReply& reply) {
    std::string text = request_text(request, "text");
    if (text.empty() || text.size() > kSearchBytesMax)
        return reply(
            invalid_request("text", "must be a text of 1 to " + std::to_string(kSearchBytesMax) + " bytes"));
    places.find(std::move(text), [reply](const Result<SoundWish>& place) {
        if (!place) return reply(place.error());
        reply(nlohmann::json{{"model", place->model}, {"embedding", place->embedding}});
    });
}

}  // namespace bgm
