#include "ops/bgmctl/catalogue/path_command.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "fusion/recommend/track_path.hpp"
#include "ops/bgmctl/catalogue/analysis_view.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/catalogue/heard_catalogue.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

struct PathArguments {
    std::string from;
    std::string to;
    std::size_t length = kPathDefault;
};

using Path = std::vector<PathTrack>;

std::string percent(float share) {
    return std::to_string(std::lround(100 * share)) + " %";
}

std::string path_json(const Catalogue& catalogue, const Path& path) {
    nlohmann::json list = nlohmann::json::array();
    for (const PathTrack& step : path) {
        const TrackView track = catalogue.track(step.track_index);
        list.push_back({{"track_id", track.track_id},
                        {"title", track.title},
                        {"artist", track.artist},
                        {"tempo_bpm", track.tempo_bpm},
                        {"key", track.key == 0 ? nlohmann::json() : nlohmann::json(key_name(track.key))},
                        {"loudness_lufs", track.loudness_lufs},
                        {"similarity", step.similarity},
                        {"jump", step.jump}});
    }
    return json_line({{"path", std::move(list)}});
}

void print_path(std::ostream& out, const Catalogue& catalogue, const Path& path) {
    Table table({{"", Table::Align::right, 0},
                 {"track", Table::Align::left, 0},
                 {"title", Table::Align::left, 36},
                 {"artist", Table::Align::left, 24},
                 {"tempo", Table::Align::right, 0},
                 {"key", Table::Align::left, 0},
                 {"LUFS", Table::Align::right, 0},
                 {"alike", Table::Align::right, 0},
                 {"jump", Table::Align::right, 0}});
    for (std::size_t at = 0; at < path.size(); ++at) {
        const TrackView track = catalogue.track(path[at].track_index);
        table.add_row({std::to_string(at + 1), std::string(track.track_id), std::string(track.title),
                       std::string(track.artist),
                       track.tempo_bpm > 0 ? std::to_string(std::lround(track.tempo_bpm)) : "",
                       track.key == 0 ? "" : key_name(track.key),
                       std::to_string(std::lround(track.loudness_lufs)),
                       at == 0 ? "" : percent(path[at].similarity), at == 0 ? "" : percent(path[at].jump)});
    }
    table.print(out);
}

int run_path(BgmctlContext& context, const PathArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    const auto catalogue = heard_catalogue(context);
    if (!catalogue) return report_failure(context, catalogue.error());
    const auto from = find_active(*catalogue, arguments.from), to = find_active(*catalogue, arguments.to);
    if (!from || !to) return report_failure(context, from ? to.error() : from.error());
    const auto path = find_path(*catalogue, *from, *to, arguments.length);
    if (!path) {
        Error error = path.error();
        error.field = error.field == "from" ? arguments.from : arguments.to;
        return report_failure(context, error);
    }
    if (context.json()) {
        *context.out << path_json(*catalogue, *path) << '\n';
    } else {
        print_path(*context.out, *catalogue, *path);
    }
    return kExitDone;
}

}  // namespace

void add_path_command(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<PathArguments>();
    CLI::App* path =
        catalogue.add_subcommand("path", "A way from one track to another in steps that are small by ear");
    path->add_option("FROM", arguments->from, "its track_id")->required();
    path->add_option("TO", arguments->to, "its track_id")->required();
    path->add_option("--length", arguments->length, "tracks, with both ends")
        ->check(CLI::Range(kPathMin, kPathMax))
        ->capture_default_str();
    path->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_path(context, *arguments); };
    });
}

}  // namespace bgm
