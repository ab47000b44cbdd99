#include "ops/bgmctl/teach/teach_command.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "daemon/store/heard_tracks.hpp"
#include "daemon/store/seed_table.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/teach/teach_run.hpp"
#include "schemas/json_text.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr int kNice = 19;

std::string default_state_folder() {
    if (const auto state = process_environment("XDG_STATE_HOME"); state && !state->empty())
        return *state + "/bgmd/teach";
    return process_environment("HOME").value_or("/tmp") + "/.local/state/bgmd/teach";
}

std::string formatted(const char* format, double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

json as_json(const ComparedHeads& figures) {
    json all = json::object();
    for (std::size_t i = 0; i < kTaughtFigures; ++i) {
        const Compared& one = figures[i];
        all[std::string(name(static_cast<TaughtFigure>(i)))] = {{"in_use", one.in_use},
                                                                {"taught", one.taught},
                                                                {"better", one.better},
                                                                {"low", one.low},
                                                                {"high", one.high}};
    }
    return all;
}

void print_lesson(std::ostream& out, const TeachTarget& target, const Lesson& lesson) {
    out << target.kind << " (" << printable(target.head.model) << "): " << grouped(lesson.seeds)
        << (target.from_tracks ? " tracks of " : " seeds of ") << grouped(lesson.people)
        << (target.from_tracks ? " artists\n" : " people\n");
    Table table({{"on what was held back", Table::Align::left, 0},
                 {"in use", Table::Align::right, 0},
                 {"taught", Table::Align::right, 0},
                 {"better by", Table::Align::right, 0},
                 {"95 %", Table::Align::left, 0}});
    for (std::size_t i = 0; i < kTaughtFigures; ++i) {
        const Compared& one = lesson.figures[i];
        table.add_row({std::string(name(static_cast<TaughtFigure>(i))), formatted("%.3f", one.in_use),
                       formatted("%.3f", one.taught), formatted("%+.3f", one.better),
                       formatted("%+.3f", one.low) + " to " + formatted("%+.3f", one.high)});
    }
    table.print(out);
}

int run_teach(BgmctlContext& context, const TeachArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    watch_for_interrupts();
    // Live posts go first.
    (void)setpriority(PRIO_PROCESS, 0, kNice);
    const auto heads = served_heads(context);
    if (!heads) return report_failure(context, heads.error());
    std::ostream& out = *context.out;
    json document = json::array();
    bool failed = false;
    for (const TeachTarget& target : teach_targets(*heads, arguments.kinds)) {
        auto judged = run_lesson(context, target, arguments);
        json said{{"modality", target.kind}, {"model", target.head.model}, {"in_service", false}};
        if (!judged) {
            const Error& error = judged.error();
            // Without the database or the daemon, or stopped by hand, the others would fail the same way.
            if (interrupted() || error.code == ErrorCode::unavailable) return report_failure(context, error);
            // Too few seeds are an answer, and anything else a failure.
            const bool little = error.code == ErrorCode::invalid_argument;
            failed = failed || !little;
            said["offered"] = false;
            said["why"] = error.message;
            if (!context.json())
                out << target.kind << " (" << printable(target.head.model)
                    << "): " << printable(little ? error.message : error.to_string()) << "\n\n";
            document.push_back(std::move(said));
            continue;
        }
        const Lesson* const lesson = &judged->lesson;
        said["seeds"] = lesson->seeds;
        said["people"] = lesson->people;
        said["kept"] = lesson->kept;
        said["figures"] = as_json(lesson->figures);
        said["offered"] = lesson->verdict.better;
        said["why"] = lesson->verdict.why;
        std::string outcome = "not offered: " + lesson->verdict.why;
        if (lesson->verdict.better)
            outcome = "offered: " + lesson->verdict.why + "; --yes puts it in service";
        if (lesson->verdict.better && arguments.accept) {
            if (Status served = serve_lesson(context, *judged); !served)
                return report_failure(context, served.error());
            said["in_service"] = true;
            outcome = "in service: " + lesson->verdict.why + "; `bgmctl teach undo` takes it back";
        }
        if (!context.json()) {
            print_lesson(out, target, *lesson);
            out << outcome << "\n\n";
        }
        document.push_back(std::move(said));
    }
    if (context.json()) out << json_line(json{{"lessons", document}}) << '\n';
    if (document.empty() && !context.json()) out << "bgmd serves no such head\n";
    return failed ? kExitFailed : kExitDone;
}

int run_teach_status(BgmctlContext& context) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    const auto heads = served_heads(context);
    if (!heads) return report_failure(context, heads.error());
    MySqlConnection connection = reading_connection(context);
    const auto posts = SeedTable(connection).counts();
    if (!posts) return report_failure(context, with_mysql_advice(context, posts.error()));
    const auto tracks = HeardTracks(connection).with_moods(kTrackModel);
    if (!tracks) return report_failure(context, with_mysql_advice(context, tracks.error()));
    json document = json::array();
    Table table({{"teaches", Table::Align::left, 0},
                 {"model", Table::Align::left, 0},
                 {"seeds", Table::Align::right, 0},
                 {"of", Table::Align::left, 0},
                 {"head", Table::Align::left, 0}});
    const auto add = [&](const std::string& kind, const SeedCount& count, std::string_view source,
                         const std::string& head) {
        document.push_back({{"kind", kind},
                            {"model", count.model},
                            {"modality", count.modality},
                            {"seeds", count.seeds},
                            {"from", source},
                            {"head", head}});
        table.add_row(
            {printable(kind), printable(count.model), grouped(count.seeds), std::string(source), head});
    };
    for (const TeachTarget& target : teach_targets(*heads, {})) {
        SeedCount all{.model = target.head.model, .modality = target.head.modality, .seeds = 0};
        if (const auto heard = tracks->find(all.model); target.from_tracks && heard != tracks->end())
            all.seeds = heard->second;
        for (const SeedCount& count : *posts)
            all.seeds += !target.from_tracks && count.model == all.model ? count.seeds : 0;
        const std::string taught = target.head.earlier == 0
                                       ? "taught"
                                       : "taught, " + std::to_string(target.head.earlier) + " before it";
        add(target.kind, all, target.from_tracks ? "tracks" : "posts",
            target.head.taught ? taught : "as it came");
    }
    for (const SeedCount& count : *posts) {
        const bool served = std::any_of(heads->begin(), heads->end(),
                                        [&](const ServedHead& head) { return head.model == count.model; });
        if (!served) add(count.modality, count, "posts", "not served");
    }
    if (context.json()) {
        *context.out << json_line(json{{"heads", document}}) << '\n';
    } else {
        table.print(*context.out);
    }
    return kExitDone;
}

// Of each kind asked for that was taught; one step back.
int run_teach_undo(BgmctlContext& context, const TeachArguments& arguments) {
    const auto heads = served_heads(context);
    if (!heads) return report_failure(context, heads.error());
    json undone = json::array();
    for (const TeachTarget& target : teach_targets(*heads, arguments.kinds)) {
        const bool again = std::any_of(undone.begin(), undone.end(), [&](const json& one) {
            return text_at(one, "model") == target.head.model;
        });
        if (!target.head.taught || again) continue;
        const auto answer = ask_daemon(context, {{"op", "heads.undo"}, {"model", target.head.model}});
        if (!answer) return report_failure(context, answer.error());
        undone.push_back(*answer);
        if (context.json()) continue;
        *context.out << target.kind << " (" << printable(target.head.model) << "): "
                     << (answer->value("taught", json()) == json(true) ? "the head that was taught before it"
                                                                       : "the head that it came with")
                     << " serves again\n";
    }
    if (undone.empty())
        return report_failure(context,
                              Error{.code = ErrorCode::not_found, .message = "no such head is taught"});
    if (context.json()) *context.out << json_line(json{{"undone", undone}}) << '\n';
    return kExitDone;
}

}  // namespace

void add_teach_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<TeachArguments>();
    TeachArguments& a = *arguments;
    a.state_folder = default_state_folder();
    CLI::App* teach = root.add_subcommand(
        "teach", "Fit the heads of photos, videos, voices and music to your own posts and catalogue");
    teach->require_subcommand(0, 1);
    const auto add_kinds = [&a](CLI::App* command) {
        command
            ->add_option("--modality", a.kinds,
                         "photo, video, voice or music; may be repeated (default: all)")
            ->check(CLI::IsMember({"photo", "video", "voice", "music"}));
    };
    add_kinds(teach);
    CLI::Option* yes = teach->add_flag("--yes", a.accept, "put a head that is better in service");
    teach->add_flag("--dry-run", a.dry_run, "only say how much better it would be (the default)")
        ->excludes(yes);
    teach->add_flag("--resume", a.resume, "continue what was interrupted, with the seeds of then");
    teach->add_option("--state", a.state_folder, "where it is kept what is done so far")
        ->type_name("DIR")
        ->capture_default_str();
    teach->callback([teach, &chosen, arguments] {
        if (!teach->get_subcommands().empty()) return;
        chosen.run = [arguments](BgmctlContext& context) { return run_teach(context, *arguments); };
    });
    CLI::App* status =
        teach->add_subcommand("status", "Show how many seeds there are, and which heads are taught");
    status->callback(
        [&chosen] { chosen.run = [](BgmctlContext& context) { return run_teach_status(context); }; });
    CLI::App* undo = teach->add_subcommand("undo", "Take taught heads back, one step");
    add_kinds(undo);
    undo->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_teach_undo(context, *arguments); };
    });
}

}  // namespace bgm
