// bgmctl: everything a person does with bgmd, through the daemon's public interfaces only.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <span>
#include <string_view>

#include "ops/bgmctl/backfill/backfill_command.hpp"
#include "ops/bgmctl/catalogue/catalogue_command.hpp"
#include "ops/bgmctl/catalogue/db_command.hpp"
#include "ops/bgmctl/console/context.hpp"
#include "ops/bgmctl/eval/eval_command.hpp"
#include "ops/bgmctl/keys/keys_command.hpp"
#include "ops/bgmctl/models/models_command.hpp"
#include "ops/bgmctl/post/dead_command.hpp"
#include "ops/bgmctl/post/erase_command.hpp"
#include "ops/bgmctl/post/feedback_command.hpp"
#include "ops/bgmctl/post/picks_command.hpp"
#include "ops/bgmctl/post/post_command.hpp"
#include "ops/bgmctl/post/status_command.hpp"
#include "ops/bgmctl/taste/eval_picks_command.hpp"
#include "ops/bgmctl/taste/taste_command.hpp"
#include "ops/bgmctl/teach/teach_command.hpp"
#include "schemas/mapped_file.hpp"

namespace bgm {
namespace {

struct GlobalFlags {
    std::string config;
    std::map<std::string, std::string> values;  // flag -> value, only those given
    double deadline_s = 10;
    bool json = false;
};

void add_global_flags(CLI::App& root, GlobalFlags& flags) {
    root.add_option("--config", flags.config, "the daemon's bgmd.toml, to learn where it listens")
        ->type_name("FILE");
    root.add_flag("--json", flags.json, "one JSON document on standard output, for machines");
    root.add_option("--deadline", flags.deadline_s, "seconds to wait for the daemon before giving up")
        ->type_name("S")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    for (const SettingRow& row : setting_rows()) {
        if (row.flag.empty()) continue;
        const std::string flag(row.flag);
        root.add_option_function<std::string>(
                flag, [&flags, flag](const std::string& value) { flags.values[flag] = value; },
                std::string(row.help))
            ->type_name(std::string(row.environment))
            ->group("Where the daemon is (environment variables of the names shown do the same)");
    }
}

/// One sentence on what is wrong with the command line, and where to read on.
std::string explain_mistake(const CLI::App* root, const CLI::Error& error) {
    const CLI::App* command = root;
    std::string path = "bgmctl";
    for (; !command->get_subcommands().empty(); path += " " + command->get_name())
        command = command->get_subcommands().front();
    const std::string help = "`" + path + " --help` ";
    const bool no_command = error.get_name() == "RequiredError" && command->get_require_subcommand_min() > 0;
    if (command == root || no_command) {
        for (const std::string& word : root->remaining(true)) {
            if (word.starts_with('-')) continue;
            const std::string before = command == root ? "" : path.substr(path.find(' ') + 1) + " ";
            return "there is no command '" + before + word + "'; " + help + "lists those that there are";
        }
        if (no_command) return "say what to do; " + help + "lists the commands";
    }
    return std::string(error.what()) + "; " + help + "tells what goes";
}

/// What was asked for goes to standard output, what is wrong where failures of this kind of output go.
int report_unparsed(const CLI::App& root, const CLI::ParseError& error, bool as_json) {
    if (error.get_exit_code() == 0) {  // help, or the version
        root.exit(error, std::cout, std::cerr);
        return kExitDone;
    }
    BgmctlContext context;
    context.out = &std::cout;
    context.err = &std::cerr;
    context.output = as_json ? OutputMode::json : OutputMode::table;
    return report_usage(context, explain_mistake(&root, error));
}

int run(int argc, char** argv) {
    CLI::App root("Everything a person does with bgmd: post, look at picks, import, watch, repair.",
                  "bgmctl");
    root.set_version_flag("--version", BGM_VERSION);
    root.require_subcommand(1);
    root.fallthrough();  // global flags may stand behind the command as well
    GlobalFlags flags;
    add_global_flags(root, flags);
    ChosenCommand chosen;
    add_post_command(root, chosen);
    add_wish_command(root, chosen);
    add_picks_command(root, chosen);
    add_backfill_command(root, chosen);
    add_catalogue_command(root, chosen);
    add_status_command(root, chosen);
    add_dead_command(root, chosen);
    add_erase_command(root, chosen);
    add_db_command(root, chosen);
    add_eval_command(root, chosen);
    add_feedback_command(root, chosen);
    add_keys_command(root, chosen);
    add_models_command(root, chosen);
    add_taste_command(root, chosen);
    add_eval_picks_command(root, chosen);
    add_teach_command(root, chosen);

    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Where the line stops making sense the flag may not have been read yet.
        const std::span<char*> words(argv, static_cast<std::size_t>(argc));
        return report_unparsed(root, error,
                               std::ranges::find(words, std::string_view("--json")) != words.end());
    }

    BgmctlContext context;
    context.out = &std::cout;
    context.err = &std::cerr;
    context.output = flags.json ? OutputMode::json : OutputMode::table;
    context.stdout_is_terminal = ::isatty(STDOUT_FILENO) != 0;
    context.stderr_is_terminal = ::isatty(STDERR_FILENO) != 0;
    context.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(flags.deadline_s * 1000));
    auto settings =
        resolve_settings(flags.config.empty() ? std::nullopt : std::optional<std::string>(flags.config),
                         process_environment, flags.values);
    if (!settings) return report_usage(context, settings.error().to_string());
    context.settings = *settings;
    return chosen.run(context);
}

/// What was said may have got nowhere: a full disk makes a failure of every command. A reader that has seen
/// enough (`| head`) does not.
int written_out(int code) {
    if (std::cout.flush() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
    if (::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0) return code;
    std::cerr << "bgmctl: standard output cannot be written: is the disk full?\n";
    return code == kExitDone ? kExitFailed : code;
}

}  // namespace
}  // namespace bgm

int main(int argc, char** argv) {
    // `bgmctl ... | head` ends quietly through a failed write instead of a signal.
    std::signal(SIGPIPE, SIG_IGN);
    bgm::explain_shrunken_files("bgmctl");
    return bgm::written_out(bgm::run(argc, argv));
}
