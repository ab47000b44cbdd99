#include "daemon/taste_requests.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/base/clock.hpp"

namespace bgm {
namespace {

using nlohmann::json;

Error none_is_kept() {
    return Error{.code = ErrorCode::unsupported,
                 .message = "taste is kept in MySQL alone, and none is configured"};
}

json named_json(std::vector<Leanings::Named> list, std::int64_t now_ms) {
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
        return a.value != b.value ? a.value > b.value : a.of->key < b.of->key;
    });
    json all = json::array();
    for (const Leanings::Named& one : list) {
        const bool away =
            one.of->turned_away >= kTurnedAwayMin && now_ms - one.of->turned_away_ms < kTasteHalfLifeMs;
        all.push_back(
            {{"name", one.of->name}, {"leaning", one.value}, {"weight", one.weight}, {"turned_away", away}});
    }
    return all;
}

json taste_json(const Taste& taste, std::int64_t now_ms) {
    const Leanings known = leanings(taste, now_ms);
    json moods = json::object();
    for (std::size_t k = 0; k < kMoodCount; ++k)
        moods[std::string(name(static_cast<Mood>(k)))] = known.moods[k];
    json genres = named_json(known.genres, now_ms);
    for (json& genre : genres)
        genre.erase("turned_away");  // of artists alone
    return {{"reactions", taste.reactions},
            {"newest_ms", taste.at_ms},
            {"weight", taste.all.weight * taste_decay(now_ms - taste.at_ms)},
            {"moods", std::move(moods)},
            {"artists", named_json(known.artists, now_ms)},
            {"genres", std::move(genres)},
            {"sound",
             {{"model", taste.sound_model},
              {"numbers", taste.sound.size()},
              {"weight", taste.heard.weight * taste_decay(now_ms - taste.at_ms)}}}};
}

}  // namespace

void show_taste(TasteLearner* learner, const json& request, const AdminReply& reply) {
    if (learner == nullptr) return reply(none_is_kept());
    const ListenerKey listener{request_text(request, "tenant", "default"), request_text(request, "user_id")};
    if (listener.user_id.empty()) return reply(invalid_request("user_id", "is missing"));
    learner->show(listener, [reply, listener](const Result<StoredListener>& found) {
        if (!found) return reply(found.error());
        if (!found->taste)
            return reply(Error{.code = ErrorCode::not_found,
                               .message = "nothing is known of this user",
                               .field = "user_id"});
        json shown = taste_json(*found->taste, now_ms());
        shown["tenant"] = listener.tenant;
        shown["user_id"] = listener.user_id;
        shown["recent_tracks"] = found->recent.size();
        reply(std::move(shown));
    });
}

void rebuild_taste(TasteLearner* learner, const json& request, const AdminReply& reply) {
    if (learner == nullptr) return reply(none_is_kept());
    learner->rebuild({request_text(request, "tenant", "default"), request_text(request, "user_id")},
                     request_text(request, "after"), [reply](const Result<TasteLearner::Rebuilt>& rebuilt) {
                         if (!rebuilt) return reply(rebuilt.error());
                         reply(json{{"listeners", rebuilt->listeners},
                                    {"next", rebuilt->next.empty() ? json() : json(rebuilt->next)}});
                     });
}

}  // namespace bgm
