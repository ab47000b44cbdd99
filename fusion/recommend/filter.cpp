#include "fusion/recommend/filter.hpp"

#include <algorithm>

namespace bgm {
namespace {

std::string folded_genre(std::string_view genre) {
    std::string folded = folded_name(genre);
    std::erase_if(folded, [](char c) { return c == '-' || c == '_'; });
    return folded;
}

/// "ko-KR" -> "ko"; empty for instrumental ("zxx" says: no linguistic content).
std::string primary_language(std::string_view tag) {
    std::string primary = folded_name(tag.substr(0, tag.find_first_of("-_")));
    if (primary == "zxx") primary.clear();
    return primary;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

TrackFilter::TrackFilter(const Catalogue& catalogue, const MatchRequest& request)
    : catalogue_(catalogue),
      exclude_explicit_(request.exclude_explicit),
      duration_max_ms_(request.max_duration_ms) {
    for (const auto& genre : request.genres)
        genres_.push_back(folded_genre(genre));
    for (const auto& language : request.languages)
        languages_.push_back(primary_language(language));
    if (!genres_.empty()) genre_verdicts_.resize(catalogue.names());
    if (!languages_.empty()) language_verdicts_.resize(catalogue.names());
}

bool TrackFilter::allows(std::uint32_t track_index) {
    const Catalogue::Row& row = catalogue_.rows()[track_index];
    if (exclude_explicit_ && row.is_explicit) return false;
    // A duration that is not known cannot be promised to be short enough.
    if (duration_max_ms_ != 0 && (row.duration_ms == 0 || row.duration_ms > duration_max_ms_)) return false;
    return (genres_.empty() || genre_allowed(row.genre)) &&
           (languages_.empty() || language_allowed(row.language));
}

bool TrackFilter::genre_allowed(std::uint32_t name_index) {
    Verdict& verdict = genre_verdicts_[name_index];
    if (verdict == Verdict::unknown) {
        verdict = contains(genres_, folded_genre(catalogue_.name(name_index))) ? Verdict::yes : Verdict::no;
    }
    return verdict == Verdict::yes;
}

bool TrackFilter::language_allowed(std::uint32_t name_index) {
    Verdict& verdict = language_verdicts_[name_index];
    if (verdict == Verdict::unknown) {
        const std::string language = primary_language(catalogue_.name(name_index));
        verdict = language.empty() || contains(languages_, language) ? Verdict::yes : Verdict::no;
    }
    return verdict == Verdict::yes;
}

}  // namespace bgm
