#include "daemon/pipeline/wish_reading.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fusion/recommend/filter.hpp"
#include "fusion/wish/wish.hpp"

namespace bgm {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

void add(Names& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.Add(std::string(name));
}

/// What the post itself names wins.
void fill(Names& names, const std::vector<std::string>& wished) {
    if (!names.empty()) return;
    for (const std::string& name : wished)
        add(names, name);
}

void fill_options(v1::PickOptions& options, const Wish& wish) {
    fill(*options.mutable_genres(), wish.genres);
    fill(*options.mutable_languages(), wish.languages);
    for (const std::string& genre : wish.avoid_genres)
        add(*options.mutable_avoid_genres(), genre);
    for (const std::string& language : wish.avoid_languages)
        add(*options.mutable_avoid_languages(), language);
    if (wish.sung_only && !options.instrumental_only())
        add(*options.mutable_avoid_languages(), std::string(kNoLanguage));
    for (const Mood mood : wish.avoid_moods)
        add(*options.mutable_avoid_moods(), std::string(name(mood)));
    if (options.min_tempo() == 0 && options.max_tempo() == 0) {
        options.set_min_tempo(wish.min_tempo);
        options.set_max_tempo(wish.max_tempo);
    }
    if (!options.has_era() && (wish.from_year != 0 || wish.to_year != 0)) {
        options.mutable_era()->set_from_year(wish.from_year);
        options.mutable_era()->set_to_year(wish.to_year);
    }
    if (options.max_duration_ms() == 0) options.set_max_duration_ms(wish.max_duration_ms);
    if (wish.instrumental_only) options.set_instrumental_only(true);
    if (wish.exclude_explicit) options.set_exclude_explicit(true);
}

/// What the wish says of the moment wins: it may be for another than that of the post.
void fill_context(v1::Context& context, const Moment& moment) {
    if (moment.local_hour) context.set_local_hour(*moment.local_hour);
    if (!moment.weather.empty()) context.set_weather(moment.weather);
    if (!moment.place.empty()) context.set_place(moment.place);
    if (!moment.activity.empty()) context.set_activity(moment.activity);
}

}  // namespace

std::optional<WishReading> read_wish_of(const v1::Post& post, std::uint32_t tracks_max) {
    if (post.kind() != v1::WISH) return std::nullopt;
    const Wish wish = read_wish(post.text());
    WishReading reading{
        .post = post, .target = wish.target ? wish.target : what_is_left(wish), .understood = {}};
    v1::PickOptions& options = *reading.post.mutable_options();
    fill_options(options, wish);
    if (options.tracks() == 0) options.set_tracks(std::min(wish.tracks, tracks_max));
    fill_context(*reading.post.mutable_context(), wish.moment);
    for (const Mood mood : wish.moods)
        reading.understood.add_moods(std::string(name(mood)));
    *reading.understood.mutable_options() = options;
    *reading.understood.mutable_context() = reading.post.context();
    for (const std::string& unmet : wish.unmet)
        reading.understood.add_unmet(unmet);
    if (wish.tracks > tracks_max)
        reading.understood.add_unmet("no more than " + std::to_string(tracks_max) +
                                     " tracks can be asked for");
    const auto refuse_empty_range = [&](std::uint32_t from, std::uint32_t to, const std::string& what) {
        if (from != 0 && to != 0 && from > to)
            reading.understood.add_unmet("no track can be of both: " + what);
    };
    refuse_empty_range(options.min_tempo(), options.max_tempo(), "the tempos");
    return reading;
}

}  // namespace bgm
