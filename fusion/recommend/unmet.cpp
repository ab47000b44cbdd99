#include "fusion/recommend/unmet.hpp"

#include <algorithm>

#include "fusion/recommend/filter.hpp"
#include "fusion/recommend/guard.hpp"

namespace bgm {
namespace {

std::string list(const std::vector<std::string>& names, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text.append(i == 0 ? "" : i + 1 == names.size() ? last : ", ").append(names[i]);
    return text;
}

std::string range(std::uint32_t from, std::uint32_t to, const std::string& unit = "") {
    if (to == 0) return "from " + std::to_string(from) + unit + " on";
    return (from == 0 ? "up to " : "from " + std::to_string(from) + " to ") + std::to_string(to) + unit;
}

}  // namespace

std::vector<std::string> unmet_by(const Catalogue& catalogue, const MatchRequest& request,
                                  std::size_t found) {
    std::vector<std::string> unmet;
    if (found >= request.tracks) return unmet;
    const auto some_track = [&](const MatchRequest& alone) {
        TrackFilter filter(catalogue, alone);
        for (std::uint32_t track = 0; track < catalogue.size(); ++track) {
            if (filter.allows(track)) return true;
        }
        return false;
    };
    const auto ask = [&](bool stated, const MatchRequest& alone, const std::string& otherwise) {
        if (stated && !some_track(alone)) unmet.push_back(otherwise);
    };
    std::vector<std::string> avoided;
    for (const Mood mood : request.avoid_moods)
        avoided.emplace_back(name(mood));
    ask(!request.genres.empty(), {.genres = request.genres}, "no track is " + list(request.genres, " or "));
    ask(!request.avoid_genres.empty(), {.avoid_genres = request.avoid_genres},
        "every track is " + list(request.avoid_genres, " or "));
    std::vector<std::string> left_out = request.avoid_languages, wordless;
    if (std::erase(left_out, kNoLanguage) > 0) wordless.emplace_back(kNoLanguage);
    ask(!request.languages.empty(), {.languages = request.languages, .avoid_languages = wordless},
        "no track is sung in " + list(request.languages, " or "));
    ask(!wordless.empty() && request.languages.empty(), {.avoid_languages = wordless}, "no track is sung");
    ask(!left_out.empty(), {.avoid_languages = left_out}, "every track is sung in " + list(left_out, " or "));
    ask(!avoided.empty(), {.avoid_moods = request.avoid_moods}, "every track is " + list(avoided, " or "));
    ask(request.min_tempo != 0 || request.max_tempo != 0,
        {.min_tempo = request.min_tempo, .max_tempo = request.max_tempo},
        "no track is known to have a tempo " + range(request.min_tempo, request.max_tempo, " bpm"));
    ask(request.from_year != 0 || request.to_year != 0,
        {.from_year = request.from_year, .to_year = request.to_year},
        leaves_out_years(request)
            ? "every track came out " + range(request.to_year + 1, request.from_year - 1)
            : "no track is known to have come out " + range(request.from_year, request.to_year));
    ask(request.max_duration_ms != 0, {.max_duration_ms = request.max_duration_ms},
        "no track is known to be short enough");
    ask(request.instrumental_only, {.instrumental_only = true}, "every track has words");
    ask(request.exclude_explicit, {.exclude_explicit = true}, "every track is explicit");
    ask(!request.grave.empty(), {.grave = request.grave}, guard_note(request.grave));
    if (unmet.empty())
        unmet.push_back(found == 0 ? "no track meets all of it, though some meet each part"
                                   : "only " + std::to_string(found) +
                                         " tracks by different artists meet all of it, of " +
                                         std::to_string(request.tracks) + " asked for");
    return unmet;
}

}  // namespace bgm
