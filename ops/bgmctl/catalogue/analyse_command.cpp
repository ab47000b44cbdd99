#include "ops/bgmctl/catalogue/analyse_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "ops/bgmctl/catalogue/analysis_view.hpp"
#include "ops/bgmctl/catalogue/catalogue_analyse.hpp"
#include "ops/bgmctl/catalogue/catalogue_store.hpp"
#include "ops/bgmctl/catalogue/database.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWorkersMax = 64;

int run_analyse(BgmctlContext& context, const AnalyseArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    if (context.settings.media_root.empty()) {
        return report_usage(
            context,
            "where are the tracks' files? Name the folder that their file: URIs begin at with "
            "--media-root, or the daemon's bgmd.toml with --config");
    }
    auto plan = plan_analysis(context, arguments);
    if (!plan) return report_failure(context, plan.error());
    if (arguments.dry_run) {
        for (const AnalyseFailure& failure : plan->failures)
            *context.err << failure_line(failure) << '\n';
        if (context.json()) {
            *context.out << plan_json(*plan) << '\n';
        } else {
            print_plan(*context.out, *plan);
        }
        return plan->failures.empty() ? kExitDone : kExitFailed;
    }
    const auto outcome = analyse_catalogue(context, arguments, *plan);
    if (!outcome) return report_failure(context, outcome.error());
    if (context.json()) {
        *context.out << outcome_json(*plan, *outcome) << '\n';
    } else {
        print_outcome(*context.out, *plan, *outcome);
    }
    return outcome->failed == 0 && outcome->left == 0 ? kExitDone : kExitFailed;
}

int run_show(BgmctlContext& context, const std::string& track_id) {
    auto store = open_catalogue_store(context, CatalogueUse::read);
    if (!store) return report_usage(context, store.error().message);
    std::optional<Track> found;
    const auto read = (*store)->for_each({.text = track_id, .genre = {}}, [&](Track&& track) {
        if (track.track_id == track_id) found = std::move(track);
    });
    if (!read) return report_failure(context, read.error());
    if (!found) {
        return report_failure(
            context, Error{.code = ErrorCode::not_found,
                           .message = "there is no track " + track_id + " in " + (*store)->description()});
    }
    std::optional<TrackAnalysis> analysis;
    if (context.settings.mysql.configured()) {
        MySqlConnection connection(mysql_options(context));
        auto row = AnalysisTable(connection).find(track_id);
        if (!row) return report_failure(context, with_mysql_advice(context, row.error()));
        analysis = *std::move(row);
    }
    if (context.json()) {
        *context.out << track_json(*found, analysis) << '\n';
    } else {
        print_track(*context.out, *found, analysis);
    }
    return kExitDone;
}

}  // namespace

void add_analyse_commands(CLI::App& catalogue, ChosenCommand& chosen) {
    auto arguments = std::make_shared<AnalyseArguments>();
    CLI::App* analyse = catalogue.add_subcommand(
        "analyse",
        "Listen to the tracks' files: loudness, tempo, key, moods, the moment; goes on where it stopped");
    analyse->add_option("PATH", arguments->paths,
                        "files and folders of tracks below the media root (default: every active track)");
    CLI::Option* missing =
        analyse->add_flag("--missing", arguments->missing,
                          "only tracks without an analysis: no file is compared with what it was");
    analyse->add_flag("--again", arguments->again, "also what was analysed before")->excludes(missing);
    analyse
        ->add_option("--workers", arguments->workers, "processes that analyse (default: one for each core)")
        ->check(CLI::Range(std::size_t{1}, kWorkersMax));
    analyse
        ->add_option("--preset", arguments->preset,
                     "builtin, or clip: the embeddings of CLAP, for a daemon of that preset (default: as the "
                     "daemon's file says)")
        ->check(CLI::IsMember({"builtin", "clip"}));
    analyse->add_option("--models-dir", arguments->models_dir, "clip: folder of the public models");
    analyse->add_option("--audio-model", arguments->audio_model,
                        "clip: CLAP, a folder in the models' or an absolute path");
    analyse->add_flag("--dry-run", arguments->dry_run, "only say what would be done");
    analyse->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_analyse(context, *arguments); };
    });

    auto track_id = std::make_shared<std::string>();
    CLI::App* show = catalogue.add_subcommand("show", "One track: what its row says, and what was heard");
    show->add_option("TRACK", *track_id, "its track_id")->required();
    show->callback([&chosen, track_id] {
        chosen.run = [track_id](BgmctlContext& context) { return run_show(context, *track_id); };
    });
}

}  // namespace bgm
