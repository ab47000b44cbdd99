// The catalogue as a client of the gateway looks through it: filtered, a page at a time, in the order of the
// track ids. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// `request` may hold text (in title, artist, album or track_id, whatever the case), genre, mood (a track's
/// strongest), language, valence_min, valence_max, arousal_min, arousal_max (-1..1), limit (100; 1000 at
/// most) and after (the `next` of the page before). `{"items", "next", "total"}`, of which `total` counts
/// all that the filters let through. `invalid_argument` names the field. With `q` it is the best tracks for
/// these words (track_search.hpp), best first, each with its `score` and `reason`: on one page, so `after` is
/// refused, and `total` counts those that fit; `by` is "ear" where `place`, which says where the words lie
/// among sounds, counted for one of them, or else "words".
Result<nlohmann::json> list_tracks(const Catalogue& catalogue, const nlohmann::json& request,
                                   const SoundWish& place = {});

/// The tracks most like the one with `track_id`, best first, `limit` of them (20; 1000 at most): `{"by":
/// "ear" or "mood", "items"}`, each with its `similarity` (similar.hpp). `not_found` where there is no such
/// track.
Result<nlohmann::json> list_similar(const Catalogue& catalogue, const nlohmann::json& request);

/// A way from the track with `track_id` to the one with `to` (track_path.hpp), `length` tracks (8; 3 to 30):
/// `{"items"}`, each with its `similarity` to the one before and the `jump` from there. `not_found` where
/// there is no such track, `unsupported` where nobody listened to it.
Result<nlohmann::json> list_path(const Catalogue& catalogue, const nlohmann::json& request);

}  // namespace bgm
