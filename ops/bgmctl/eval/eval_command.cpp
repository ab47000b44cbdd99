#include "ops/bgmctl/eval/eval_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/eval/eval_figures.hpp"
#include "ops/bgmctl/eval/eval_heads.hpp"
#include "ops/bgmctl/eval/eval_run.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/bgmctl/post/post_draft.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

struct EvalArguments {
    std::string path, format, labels, map, tenant = "eval";
    std::uint64_t limit = 0;
    std::size_t window = 512;
    bool held_back = false;
    std::vector<std::string> heads;
};

/// `file` beside the data, or in a folder above it.
std::filesystem::path beside_or_above(const std::filesystem::path& data, const std::string& file) {
    std::error_code failure;
    for (auto folder = std::filesystem::absolute(data, failure).parent_path();;
         folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / file, failure) || folder == folder.parent_path())
            return folder / file;
    }
}

Result<std::vector<Example>> read_examples(const EvalArguments& arguments) {
    if (arguments.format == "emobank") return read_emobank(arguments.path);
    if (arguments.format == "nsmc") return read_nsmc(arguments.path);
    auto meanings =
        read_label_meanings(arguments.map.empty() ? beside_or_above(arguments.path, "label_to_mood13.tsv")
                                                  : std::filesystem::path(arguments.map));
    if (!meanings) return meanings.error();
    if (arguments.format == "goemotions") return read_goemotions(arguments.path, *meanings, false);
    if (arguments.format == "tweets") return read_tweets(arguments.path, *meanings);
    const auto labels = arguments.labels.empty()
                            ? std::filesystem::path(arguments.path).parent_path() / "labels.txt"
                            : std::filesystem::path(arguments.labels);
    return read_kote(arguments.path, labels, *meanings);
}

nlohmann::json or_null(const std::optional<double>& figure) {
    return figure ? nlohmann::json(*figure) : nlohmann::json();
}

nlohmann::json as_json(const EvalArguments& arguments, const EvalFigures& figures,
                       const EvalAnswers& answers) {
    nlohmann::json moods = nlohmann::json::object();
    for (std::size_t m = 0; m < kMoodCount; ++m) {
        const train::MoodCounts& mood = figures.moods[m];
        moods[std::string(name(static_cast<Mood>(m)))] = {
            {"predicted", mood.predicted}, {"predicted_right", mood.predicted_right}, {"gold", mood.gold}};
    }
    return {{"file", arguments.path},
            {"format", arguments.format},
            {"rows", figures.rows},
            {"answered", figures.answered},
            {"rejected", answers.rejected},
            {"dead", answers.dead},
            {"ambiguous_share", figures.ambiguous_share},
            {"rows_with_moods", figures.rows_with_moods},
            {"top1", or_null(figures.top1)},
            {"macro_f1", or_null(figures.macro_f1)},
            {"calibration_error", or_null(figures.calibration_error)},
            {"graded_calibration_error", or_null(figures.graded_calibration_error)},
            {"felt_ambiguous_share", or_null(figures.felt_ambiguous)},
            {"plain_rows", figures.plain_rows},
            {"plain_ambiguous_share", or_null(figures.plain_ambiguous)},
            {"valence_r", or_null(figures.valence_r)},
            {"arousal_r", or_null(figures.arousal_r)},
            {"rows_with_polarity", figures.rows_with_polarity},
            {"polarity_accuracy", or_null(figures.polarity_accuracy)},
            {"moods", moods},
            {"seconds", answers.seconds}};
}

void print_json(std::ostream& out, const nlohmann::json& document) {
    out << json_line(document) << '\n';
}

std::string decimals(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", value);
    return text.data();
}

void print_readable(std::ostream& out, const EvalFigures& figures, const EvalAnswers& answers) {
    out << grouped(figures.rows) << " texts, " << grouped(figures.answered) << " answered in "
        << duration_text(answers.seconds) << " ("
        << grouped(static_cast<std::uint64_t>(static_cast<double>(figures.answered) /
                                              std::max(1e-9, answers.seconds)))
        << "/s), " << grouped(answers.rejected) << " rejected, " << grouped(answers.dead) << " dead; "
        << percent_text(figures.ambiguous_share) << " ambiguous\n\n";
    if (figures.top1) {
        out << "top-1 mood within the gold moods  " << decimals(*figures.top1) << "  ("
            << grouped(figures.rows_with_moods) << " texts whose labels mean a mood)\n"
            << "macro-F1 over the moods            " << decimals(*figures.macro_f1) << '\n'
            << "expected calibration error         " << decimals(*figures.calibration_error) << '\n'
            << "the same, graded                   " << decimals(*figures.graded_calibration_error) << '\n'
            << "of these called ambiguous          " << decimals(*figures.felt_ambiguous) << '\n';
    }
    if (figures.plain_ambiguous) {
        out << "plain texts called ambiguous       " << decimals(*figures.plain_ambiguous) << "  ("
            << grouped(figures.plain_rows) << " texts without feeling)\n";
    }
    if (figures.valence_r)
        out << "valence, Pearson r                " << decimals(*figures.valence_r) << '\n';
    if (figures.arousal_r)
        out << "arousal, Pearson r                " << decimals(*figures.arousal_r) << '\n';
    if (figures.polarity_accuracy) {
        out << "polarity (sign of valence)        " << decimals(*figures.polarity_accuracy) << "  ("
            << grouped(figures.rows_with_polarity) << " texts)\n";
    }
    if (!figures.top1) return;
    out << '\n';
    Table table({{"mood", Table::Align::left, 0},
                 {"answered", Table::Align::right, 0},
                 {"right", Table::Align::right, 0},
                 {"gold", Table::Align::right, 0},
                 {"found", Table::Align::right, 0}});
    for (std::size_t m = 0; m < kMoodCount; ++m) {
        const train::MoodCounts& mood = figures.moods[m];
        const auto part = [&](std::uint64_t whole) {
            return whole == 0
                       ? std::string("-")
                       : percent_text(static_cast<double>(mood.predicted_right) / static_cast<double>(whole));
        };
        table.add_row({std::string(name(static_cast<Mood>(m))), grouped(mood.predicted), part(mood.predicted),
                       grouped(mood.gold), part(mood.gold)});
    }
    table.print(out);
}

int run_eval(BgmctlContext& context, const EvalArguments& arguments) {
    auto examples = read_examples(arguments);
    if (!examples) return report_usage(context, examples.error().to_string());
    if (arguments.held_back) examples = hold_back_tenth(*examples);
    if (arguments.limit > 0 && examples->size() > arguments.limit) examples->resize(arguments.limit);
    if (examples->empty()) return report_usage(context, arguments.path + " holds no rows to evaluate");
    std::vector<std::string> texts;
    texts.reserve(examples->size());
    for (const Example& example : *examples) {
        texts.push_back(example.text);
    }
    watch_for_interrupts();
    const auto once = [&](const std::string& heads) -> Result<HeadsEvaluation> {
        EvalRunOptions options;
        options.tenant = arguments.tenant;
        options.run = random_post_id();
        options.window = arguments.window;
        auto answers = ask_daemon(context, texts, options);
        if (!answers) return answers.error();
        EvalFigures figures = evaluate(*examples, answers->picks);
        return HeadsEvaluation{.heads = heads, .figures = figures, .answers = std::move(*answers)};
    };
    if (!arguments.heads.empty()) {
        const auto compared = compare_heads(context, arguments.heads, once);
        if (!compared) return report_failure(context, compared.error());
        if (!context.json()) {
            print_heads(*context.out, *compared);
            return kExitDone;
        }
        nlohmann::json list = nlohmann::json::array();
        for (const HeadsEvaluation& each : *compared) {
            list.push_back(as_json(arguments, each.figures, each.answers));
            list.back()["heads"] = each.heads;
        }
        print_json(*context.out, list);
        return kExitDone;
    }
    const auto evaluated = once("");
    if (!evaluated) return report_failure(context, evaluated.error());
    if (context.json()) {
        print_json(*context.out, as_json(arguments, evaluated->figures, evaluated->answers));
    } else {
        print_readable(*context.out, evaluated->figures, evaluated->answers);
    }
    return kExitDone;
}

}  // namespace

void add_eval_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<EvalArguments>();
    EvalArguments& a = *arguments;
    CLI::App* command = root.add_subcommand(
        "eval",
        "Post labelled texts and compare the moods that come back with the labels. The picks "
        "stay with the daemon, under the tenant");
    command->add_option("FILE", a.path, "the labelled texts")->required()->check(CLI::ExistingFile);
    command->add_option("--format", a.format, "how the file is laid out")
        ->type_name("goemotions|kote|emobank|nsmc|tweets")
        ->required()
        ->check(CLI::IsMember({"goemotions", "kote", "emobank", "nsmc", "tweets"}));
    command
        ->add_option("--labels", a.labels,
                     "names of the labels, one a line (default: labels.txt beside FILE)")
        ->type_name("F")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--map", a.map,
                     "what labels mean: dataset, label, moods, valence, arousal (default: "
                     "label_to_mood13.tsv in a folder "
                     "above FILE)")
        ->type_name("F")
        ->check(CLI::ExistingFile);
    command->add_flag("--held-back", a.held_back, "only every tenth row, those that training leaves out");
    command->add_option("--limit", a.limit, "only the first N rows")
        ->type_name("N")
        ->check(CLI::Range(1U, 1U << 30));
    command->add_option("--window", a.window, "texts under way at once")
        ->type_name("N")
        ->check(CLI::Range(1U, 10000U))
        ->capture_default_str();
    command
        ->add_option("--heads", a.heads,
                     "a folder of mood heads that the daemon is to use for this, or none: those of its "
                     "workers; several are compared. The daemon gets its own back afterwards")
        ->type_name("DIR")
        ->allow_extra_args(false);
    command->add_option("--tenant", a.tenant, "under whose name they are posted")->capture_default_str();
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_eval(context, *arguments); };
    });
}

}  // namespace bgm
