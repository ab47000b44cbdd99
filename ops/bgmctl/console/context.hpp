// What every bgmctl command is given, and how it answers.
//
// A command lives in <noun>_command.{hpp,cpp} and offers `void add_<noun>_command(CLI::App& root,
// ChosenCommand& chosen)`, which adds its subcommands; each subcommand's callback stores in `chosen.run` what
// is to happen. main() parses the command line, resolves the settings and only then runs the chosen one, so
// no command reads settings itself.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>

#include "ops/bgmctl/console/settings.hpp"
#include "schemas/result.hpp"

namespace CLI {
class App;
}

namespace bgm {

enum class OutputMode {
    table,  // for people
    json,   // for machines: one JSON document on standard output, nothing else
};

// What bgmctl exits with.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage =
    2;  // the command line asks for something that cannot be, e.g. a file that is missing

struct BgmctlContext {
    BgmctlSettings settings;
    OutputMode output = OutputMode::table;
    bool stdout_is_terminal = false;
    bool stderr_is_terminal = false;             // progress bars go to standard error, only when this is set
    std::chrono::milliseconds deadline{10'000};  // for reaching the daemon and for each answer of it
    std::ostream* out = nullptr;                 // never null once a command runs
    std::ostream* err = nullptr;

    bool json() const { return output == OutputMode::json; }
};

/// The command that the command line names: set by its callback, run by main(). Returns the exit code.
struct ChosenCommand {
    std::function<int(BgmctlContext&)> run;
};

/// Says what went wrong (readable on `err`; with --json an object {"error": {code, field, message}} on `out`)
/// and returns kExitFailed.
int report_failure(BgmctlContext& context, const Error& error);

/// The same for a command line that cannot be carried out. Returns kExitUsage.
int report_usage(BgmctlContext& context, const std::string& sentence);

}  // namespace bgm
