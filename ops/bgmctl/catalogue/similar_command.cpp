#include "ops/bgmctl/catalogue/similar_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <vector>

#include "daemon/store/heard_tracks.hpp"
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

struct Neighbour {
    std::string track_id, title, artist;
    float tempo_bpm = 0;
    double similarity = 0;  // -1..1
};

/// From the middle of the catalogue: what all tracks have in common likens none.
double cosine(const std::vector<float>& left, const std::vector<float>& right,
              const std::vector<double>& middle) {
    double product = 0, left_squares = 0, right_squares = 0;
    for (std::size_t i = 0; i < middle.size(); ++i) {
        const double a = static_cast<double>(left[i]) - middle[i];
        const double b = static_cast<double>(right[i]) - middle[i];
        product += a * b;
        left_squares += a * a;
        right_squares += b * b;
    }
    const double lengths = std::sqrt(left_squares * right_squares);
    return lengths > 0 ? product / lengths : 0;
}

/// Two looks at the rows, so that memory does not grow with the catalogue.
Result<std::vector<Neighbour>> neighbours_of(const BgmctlContext& context,
                                             const SimilarArguments& arguments) {
    MySqlConnection connection(mysql_options(context));
    HeardTracks tracks(connection);
    std::optional<TrackSound> own;
    Status read = tracks.for_each(kTrackModel, [&](Track&& track, const TrackSound* sound, std::string_view) {
        if (track.track_id == arguments.track_id && sound != nullptr) own = *sound;
    });
    if (!read) return with_mysql_advice(context, read.error());
    if (!own || own->embedding.empty())
        return Error{.code = ErrorCode::not_found,
                     .message = arguments.track_id +
                                " is no active track that was listened to: `bgmctl catalogue analyse`"};
    std::vector<double> middle(own->embedding.size());
    double count = 0;
    const auto comparable = [&](const TrackSound* sound) {
        return sound != nullptr && sound->embedding_model == own->embedding_model &&
               sound->embedding.size() == own->embedding.size();
    };
    read = tracks.for_each(kTrackModel, [&](Track&&, const TrackSound* sound, std::string_view) {
        if (!comparable(sound)) return;
        ++count;
        for (std::size_t i = 0; i < middle.size(); ++i)
            middle[i] += (static_cast<double>(sound->embedding[i]) - middle[i]) / count;
    });
    if (!read) return with_mysql_advice(context, read.error());
    std::vector<Neighbour> best;
    read = tracks.for_each(kTrackModel, [&](Track&& track, const TrackSound* sound, std::string_view) {
        if (!comparable(sound) || track.track_id == arguments.track_id) return;
        Neighbour next{.track_id = std::move(track.track_id),
                       .title = std::move(track.title),
                       .artist = std::move(track.artist),
                       .tempo_bpm = sound->tempo_bpm,
                       .similarity = cosine(own->embedding, sound->embedding, middle)};
        const auto place = std::upper_bound(
            best.begin(), best.end(), next,
            [](const Neighbour& a, const Neighbour& b) { return a.similarity > b.similarity; });
        best.insert(place, std::move(next));
        if (best.size() > arguments.limit) best.pop_back();
    });
    if (!read) return with_mysql_advice(context, read.error());
    return best;
}

int run_similar(BgmctlContext& context, const SimilarArguments& arguments) {
    if (!context.settings.mysql.configured())
        return report_usage(context,
                            "what was heard is in the database: name the daemon's bgmd.toml with "
                            "--config, or the database with --mysql-socket or --mysql-host");
    const auto found = neighbours_of(context, arguments);
    if (!found) return report_failure(context, found.error());
    if (context.json()) {
        nlohmann::json list = nlohmann::json::array();
        for (const Neighbour& each : *found)
            list.push_back({{"track_id", each.track_id},
                            {"title", each.title},
                            {"artist", each.artist},
                            {"tempo_bpm", each.tempo_bpm},
                            {"similarity", each.similarity}});
        *context.out << json_line({{"similar", list}}) << '\n';
        return kExitDone;
    }
    if (found->empty()) {
        *context.out << "no other track was listened to\n";
        return kExitDone;
    }
    Table table({{"alike", Table::Align::right, 0},
                 {"track", Table::Align::left, 0},
                 {"title", Table::Align::left, 40},
                 {"artist", Table::Align::left, 30}});
    for (const Neighbour& each : *found) {
        std::string alike(8, '\0');
        alike.resize(
            static_cast<std::size_t>(std::snprintf(alike.data(), alike.size(), "%.2f", each.similarity)));
        table.add_row({alike, printable(each.track_id), printable(each.title), printable(each.artist)});
    }
    table.print(*context.out);
    return kExitDone;
}

}  // namespace

void add_similar_command(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<SimilarArguments>();
    CLI::App* similar = catalogue.add_subcommand("similar", "The tracks that sound most like one");
    similar->add_option("TRACK", arguments->track_id, "its track_id")->required();
    similar->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
        ->capture_default_str();
    similar->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_similar(context, *arguments); };
    });
}

}  // namespace bgm
