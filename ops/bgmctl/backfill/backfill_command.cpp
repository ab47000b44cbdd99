#include "ops/bgmctl/backfill/backfill_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/backfill/backfill.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

void print_json(std::ostream& out, const BackfillReport& report, const std::string& checkpoint_path) {
    const nlohmann::json document = {
        {"lines", report.totals.lines_done},
        {"accepted", report.totals.accepted},
        {"duplicate", report.totals.duplicate},
        {"rejected", report.totals.rejected},
        {"complete", report.totals.complete},
        {"lines_this_run", report.lines_this_run},
        {"seconds", report.seconds},
        {"ignored_bytes", report.ignored_bytes},
        {"checkpoint", checkpoint_path},
        {"rejected_file",
         report.rejected_path.empty() ? nlohmann::json() : nlohmann::json(report.rejected_path)}};
    out << json_line(document) << '\n';
}

void print_summary(std::ostream& out, const BackfillReport& report) {
    const BackfillCheckpoint& totals = report.totals;
    out << grouped(totals.lines_done) << " lines: " << grouped(totals.accepted) << " accepted, "
        << grouped(totals.duplicate) << " known already, " << grouped(totals.rejected) << " rejected";
    if (report.seconds > 0) {
        out << " (" << grouped(report.lines_this_run) << " of them in " << duration_text(report.seconds)
            << ", "
            << grouped(
                   static_cast<std::uint64_t>(static_cast<double>(report.lines_this_run) / report.seconds))
            << "/s)";
    }
    out << '\n';
    if (!report.rejected_path.empty())
        out << "rejected lines with their reasons: " << report.rejected_path << '\n';
}

int run(BgmctlContext& context, const BackfillOptions& options) {
    watch_for_interrupts();
    const std::string go_on = "`bgmctl backfill " + options.path + " --resume` goes on from there";
    auto report = run_backfill(context, options);
    if (!report) {
        Error error = report.error();
        const bool command_line_is_wrong =
            error.field == options.path &&
            (error.code == ErrorCode::not_found || error.code == ErrorCode::invalid_argument);
        if (command_line_is_wrong) return report_usage(context, error.to_string());
        if (error.code != ErrorCode::unsupported) error.message += "; what was settled is recorded, " + go_on;
        return report_failure(context, error);
    }
    if (context.json()) {
        print_json(*context.out, *report, options.path + ".progress");
    } else {
        print_summary(*context.out, *report);
    }
    if (report->ignored_bytes > 0) {
        *context.err << "bgmctl: " << options.path << ": the last " << grouped(report->ignored_bytes)
                     << " bytes are no gzip data; ignored, as gunzip does\n";
    }
    if (report->interrupted) {
        *context.err << "bgmctl: stopped after line " << grouped(report->totals.lines_done) << "; " << go_on
                     << '\n';
        return kExitFailed;
    }
    return report->totals.rejected > 0 ? kExitFailed : kExitDone;
}

}  // namespace

void add_backfill_command(CLI::App& root, ChosenCommand& chosen) {
    auto options = std::make_shared<BackfillOptions>();
    CLI::App* command = root.add_subcommand("backfill",
                                            "Send a file of posts (one JSON object a line, also gzip or "
                                            "zstd); exits 1 where a line was rejected");
    command->add_option("FILE", options->path, "the file")->required();
    command->add_flag("--resume", options->resume,
                      "go on where the last run of this file ended, however it ended");
    command
        ->add_option("--rate", options->posts_per_s_max,
                     "posts a second at most (default: what the daemon takes)")
        ->type_name("N")
        ->check(CLI::Range(0.01, 1e6));
    command->add_option("--window", options->window, "posts without an answer at once")
        ->type_name("N")
        ->check(CLI::Range(1U, 4096U))
        ->capture_default_str();
    command->add_option("--tenant", options->tenant, "for lines that name none")->capture_default_str();
    command
        ->add_option_function<unsigned>(
            "--patience", [options](unsigned seconds) { options->patience = std::chrono::seconds(seconds); },
            "seconds without any answer before it gives up (default: 60)")
        ->type_name("S")
        ->check(CLI::Range(1U, 86400U));
    command->callback([&chosen, options] {
        chosen.run = [options](BgmctlContext& context) { return run(context, *options); };
    });
}

}  // namespace bgm
