#include "ops/bgmctl/catalogue/similar_command.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "daemon/store/heard_tracks.hpp"
#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/catalogue/similar.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

struct SimilarArguments {
    std::string track_id;
    std::size_t limit = 10;
};

Result<Catalogue> heard_catalogue(const BgmctlContext& context) {
    MySqlConnection connection(mysql_options(context));
    CatalogueBuilder builder;
    Status added = ok_status();
    const Status read =
        HeardTracks(connection)
            .for_each(kTrackModel, [&](Track&& track, const TrackSound* sound, std::string_view) {
                if (Status done = builder.add(track, sound); !done) added = std::move(done);
            });
    if (!read) return with_mysql_advice(context, read.error());
    if (!added) return added.error();
    return builder.finish();
}

int run_similar(BgmctlContext& context, const SimilarArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    const auto catalogue = heard_catalogue(context);
    if (!catalogue) return report_failure(context, catalogue.error());
    const auto index = catalogue->find(arguments.track_id);
    if (!index)
        return report_failure(context, Error{.code = ErrorCode::not_found,
                                             .message = "is no active track of the catalogue",
                                             .field = arguments.track_id});
    const SimilarTracks similar = similar_tracks(*catalogue, *index, arguments.limit);
    if (context.json()) {
        nlohmann::json list = nlohmann::json::array();
        for (const SimilarTrack& each : similar.tracks) {
            const TrackView track = catalogue->track(each.track_index);
            list.push_back({{"track_id", track.track_id},
                            {"title", track.title},
                            {"artist", track.artist},
                            {"tempo_bpm", track.tempo_bpm},
                            {"similarity", each.similarity}});
        }
        *context.out << json_line({{"by", similar.by_ear ? "ear" : "mood"}, {"similar", list}}) << '\n';
        return kExitDone;
    }
    if (!similar.by_ear)
        *context.out << "nobody has listened to it yet (bgmctl catalogue analyse): by mood\n";
    if (similar.tracks.empty()) {
        *context.out << "no other track can be compared with it\n";
        return kExitDone;
    }
    Table table({{"alike", Table::Align::right, 0},
                 {"track", Table::Align::left, 0},
                 {"title", Table::Align::left, 40},
                 {"artist", Table::Align::left, 30}});
    for (const SimilarTrack& each : similar.tracks) {
        const TrackView track = catalogue->track(each.track_index);
        table.add_row({std::to_string(std::lround(100 * each.similarity)) + " %", printable(track.track_id),
                       printable(track.title), printable(track.artist)});
    }
    table.print(*context.out);
    return kExitDone;
}

}  // namespace

void add_similar_command(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<SimilarArguments>();
    CLI::App* similar = catalogue.add_subcommand(
        "similar", "The tracks most like one: by ear where it was listened to, else by its moods");
    similar->add_option("TRACK", arguments->track_id, "its track_id")->required();
    similar->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
        ->capture_default_str();
    similar->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_similar(context, *arguments); };
    });
}

}  // namespace bgm
