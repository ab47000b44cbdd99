#include "ops/bgmctl/catalogue/catalogue_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "fusion/catalogue/track_row.hpp"
#include "ops/bgmctl/catalogue/analyse_command.hpp"
#include "ops/bgmctl/catalogue/catalogue_import.hpp"
#include "ops/bgmctl/catalogue/catalogue_store.hpp"
#include "ops/bgmctl/catalogue/catalogue_view.hpp"
#include "ops/bgmctl/catalogue/duplicates_command.hpp"
#include "ops/bgmctl/catalogue/path_command.hpp"
#include "ops/bgmctl/catalogue/search_command.hpp"
#include "ops/bgmctl/catalogue/similar_command.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/input/decoded_file.hpp"
#include "ops/client/admin_client.hpp"

namespace bgm {
namespace {

struct ListArguments {
    TrackSearch filter;
    std::string mood;
    std::uint32_t limit = 50;
    std::string output;  // of export
};

/// True where a daemon answered that it has looked again. No daemon is no failure: an import may well come
/// before the first start, and a running one looks by itself now and then.
bool reload_daemon(const BgmctlContext& context) {
    const std::string& endpoint = context.settings.admin;
    // A missing socket file is told at once; waiting for it would only delay a script that prepares a
    // database.
    if (endpoint.starts_with("ipc://") && !std::filesystem::exists(endpoint.substr(6))) return false;
    constexpr std::chrono::milliseconds kConnectMost{1'000};
    auto admin = AdminClient::connect(endpoint, std::min(context.deadline, kConnectMost));
    if (!admin) return false;
    return admin->request({{"op", "catalogue.reload"}}, context.deadline).ok();
}

int run_import(BgmctlContext& context, const ImportArguments& arguments) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(arguments.file, error)) {
        return report_usage(context, std::filesystem::exists(arguments.file, error)
                                         ? arguments.file + " is no file that can be imported"
                                         : "there is no file " + arguments.file);
    }
    auto plan = plan_import(arguments);
    if (!plan) {
        // A workbook's or a picture's name says no format; what it is helps more than how to insist.
        const auto kind = plan.error().field == "format" ? file_kind_of(arguments.file) : ok_status();
        if (!kind) return report_failure(context, kind.error());
        return report_usage(context, plan.error().to_string());
    }
    std::unique_ptr<CatalogueStore> store;
    if (!arguments.dry_run) {
        auto opened = open_catalogue_store(context);
        if (!opened) return report_usage(context, opened.error().message);
        store = *std::move(opened);
    }
    ProgressLine progress(*context.err, context.stderr_is_terminal);
    const auto outcome = import_catalogue(arguments, *plan, store.get(), [&](std::uint64_t track_count) {
        if (progress.due()) progress.draw(grouped(track_count) + " tracks");
    });
    progress.clear();
    if (!outcome) return report_failure(context, outcome.error());
    const bool reloaded = store && reload_daemon(context);
    const std::string place = store ? store->description() : "";
    if (context.json()) {
        *context.out << import_json(arguments, *outcome, place, reloaded) << '\n';
    } else {
        print_import(*context.out, arguments, *outcome, place, reloaded);
    }
    return kExitDone;
}

float weight_of(const Track& track, Mood mood) {
    return track.moods.at(static_cast<std::size_t>(mood));
}

int run_list(BgmctlContext& context, const ListArguments& arguments) {
    auto store = open_catalogue_store(context, CatalogueUse::read);
    if (!store) return report_usage(context, store.error().message);
    const auto mood = mood_from_name(arguments.mood);
    const auto stronger = [&](const Track& left, const Track& right) {
        return weight_of(left, *mood) > weight_of(right, *mood);
    };
    std::vector<Track> tracks;
    std::uint64_t matching_count = 0;
    const auto listed = (*store)->for_each(arguments.filter, [&](Track&& track) {
        if (mood && weight_of(track, *mood) < *std::max_element(track.moods.begin(), track.moods.end()))
            return;
        if (mood && weight_of(track, *mood) == 0) return;
        ++matching_count;
        if (!mood && tracks.size() >= arguments.limit) return;
        tracks.push_back(std::move(track));
        // Twice the limit is kept, so that memory stays small and sorting is rare.
        if (tracks.size() >= 2 * std::size_t{arguments.limit}) {
            std::stable_sort(tracks.begin(), tracks.end(), stronger);
            tracks.resize(arguments.limit);
        }
    });
    if (!listed) return report_failure(context, listed.error());
    if (mood) {
        std::stable_sort(tracks.begin(), tracks.end(), stronger);
        if (tracks.size() > arguments.limit) tracks.resize(arguments.limit);
    }
    if (context.json()) {
        *context.out << tracks_json(tracks, matching_count) << '\n';
        return kExitDone;
    }
    if (tracks.empty()) {
        *context.out << "no such track\n";
        return kExitDone;
    }
    print_tracks(*context.out, tracks);
    if (matching_count > tracks.size()) {
        *context.out << "\n"
                     << grouped(matching_count - tracks.size()) << " more; --limit shows more at once\n";
    }
    return kExitDone;
}

int run_stats(BgmctlContext& context) {
    auto store = open_catalogue_store(context, CatalogueUse::read);
    if (!store) return report_usage(context, store.error().message);
    CatalogueFigures figures;
    const auto read = (*store)->for_each({}, [&](Track&& track) { figures.add(track); });
    if (!read) return report_failure(context, read.error());
    if (context.json()) {
        *context.out << figures_json(figures) << '\n';
    } else {
        print_figures(*context.out, figures, (*store)->description());
    }
    return kExitDone;
}

int run_export(BgmctlContext& context, const ListArguments& arguments) {
    auto store = open_catalogue_store(context, CatalogueUse::read);
    if (!store) return report_usage(context, store.error().message);
    std::ofstream file;
    if (!arguments.output.empty()) {
        file.open(arguments.output, std::ios::binary | std::ios::trunc);
        if (!file) return report_usage(context, "cannot write " + arguments.output);
    }
    std::ostream& out = arguments.output.empty() ? *context.out : file;
    std::uint64_t track_count = 0;
    const auto read = (*store)->for_each(arguments.filter, [&](Track&& track) {
        out << to_json_line(track) << '\n';
        ++track_count;
    });
    if (!read) return report_failure(context, read.error());
    out.flush();
    if (!out)
        return report_failure(context, Error{ErrorCode::unavailable, "cannot be written", arguments.output});
    if (arguments.output.empty()) return kExitDone;
    if (context.json()) {
        *context.out << nlohmann::json{{"file", arguments.output}, {"tracks", track_count}}.dump() << '\n';
    } else {
        *context.out << grouped(track_count) << " tracks in " << arguments.output << '\n';
    }
    return kExitDone;
}

std::vector<std::string> mood_names() {
    std::vector<std::string> names;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood)
        names.emplace_back(name(static_cast<Mood>(mood)));
    return names;
}

void add_import(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<ImportArguments>();
    ImportArguments& a = *arguments;
    CLI::App* command =
        catalogue.add_subcommand("import", "Add or update the tracks of a CSV, TSV, JSONL or JSON file");
    command->add_option("FILE", a.file, "the file")->required();
    command->add_option("--format", a.format, "csv, tsv, jsonl or json (default: by the file's name)")
        ->check(CLI::IsMember({"csv", "tsv", "jsonl", "json"}));
    command
        ->add_option("--encoding", a.encoding,
                     "of the file, e.g. cp949, utf-16, windows-1252 (default: found out, and said)")
        ->type_name("NAME");
    const auto presets = column_preset_names();
    command->add_option("--preset", a.preset, "columns and moods of a set that bgmctl knows")
        ->check(CLI::IsMember(std::vector<std::string>(presets.begin(), presets.end())));
    command->add_option("--map", a.columns, "which column is which field, e.g. title=song (repeatable)")
        ->type_name("FIELD=COLUMN")
        ->allow_extra_args(false);
    command
        ->add_option("--mood-map", a.mood_map,
                     "what the file's mood words mean: word<TAB>mood:weight;... a line")
        ->type_name("FILE");
    command
        ->add_option("--source", a.source,
                     "where the tracks come from (default: the preset's or the file's name)")
        ->check(CLI::Validator(
            [](const std::string& value) {
                return value.size() > 64 ? std::string("at most 64 bytes") : std::string();
            },
            "NAME"));
    command->add_flag("--no-header", a.no_header, "the first line is a track; columns go by number from 1");
    command->add_flag("--replace", a.replace, "take tracks that the file does not hold out of service");
    command->add_flag("--dry-run", a.dry_run, "read and report only");
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_import(context, *arguments); };
    });
}

void add_filter(CLI::App& command, ListArguments& arguments) {
    command.add_option("--genre", arguments.filter.genre, "only this genre");
    command
        .add_option("--search", arguments.filter.text, "only where title, artist, album or id contain this")
        ->type_name("TEXT");
}

}  // namespace

void add_catalogue_command(CLI::App& root, ChosenCommand& chosen) {
    CLI::App* catalogue = root.add_subcommand("catalogue",
                                              "The tracks to pick from: import, analyse, show, search, "
                                              "similar, path, duplicates, list, stats, export");
    catalogue->require_subcommand(1);
    add_import(*catalogue, chosen);
    add_analyse_commands(*catalogue, chosen);
    add_search_command(*catalogue, chosen);
    add_similar_command(*catalogue, chosen);
    add_path_command(*catalogue, chosen);
    add_duplicates_command(*catalogue, chosen);

    auto arguments = std::make_shared<ListArguments>();
    CLI::App* list = catalogue->add_subcommand("list", "List tracks");
    add_filter(*list, *arguments);
    list->add_option("--mood", arguments->mood, "only those whose strongest mood it is, strongest first")
        ->check(CLI::IsMember(mood_names()));
    list->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
    list->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_list(context, *arguments); };
    });

    CLI::App* stats =
        catalogue->add_subcommand("stats", "What the catalogue consists of, by mood, genre, licence");
    stats->callback([&chosen] { chosen.run = run_stats; });

    CLI::App* exported = catalogue->add_subcommand("export", "Write the tracks as JSONL, which import reads");
    exported->add_option("FILE", arguments->output, "where to (default: standard output)");
    add_filter(*exported, *arguments);
    exported->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_export(context, *arguments); };
    });
}

}  // namespace bgm
