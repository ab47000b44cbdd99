// bgm-parity: our numbers against reference outputs, an array a line. Exit status: 0 all is well, 1 something
// falls short, 2 the command line or a directory cannot be used.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "ops/lab/parity/fixture_kind.hpp"
#include "ops/lab/parity/parity_run.hpp"

namespace bgm {
namespace {

constexpr int kDone = 0;
constexpr int kFellShort = 1;
constexpr int kUsage = 2;

struct Totals {
    std::size_t lines = 0;
    std::size_t ok = 0;
};

void print(const ParityLine& line) {
    std::printf("%-52s %9.2e %9.1e  %s%s%s\n", line.name.c_str(), line.difference, line.limit,
                line.ok ? "ok" : "NOT OK", line.detail.empty() ? "" : "  ", line.detail.c_str());
}

Result<std::vector<std::filesystem::path>> find_all(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> all;
    for (const std::string& argument : arguments) {
        auto found = find_fixtures(argument);
        if (!found) return found.error();
        all.insert(all.end(), found->begin(), found->end());
    }
    return all;
}

int run(int argc, char** argv) {
    CLI::App app("Holds our models, tokenisers and preprocessing to reference outputs.", "bgm-parity");
    std::vector<std::string> directories;
    Arithmetic arithmetic;
    bool unfused = false;
    app.add_option("DIR", directories, "directories of the parity format, or directories that hold such")
        ->required();
    app.add_option("--precision", arithmetic.precision, "of the matrix products; bf16 has wider limits")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, Precision>{{"fp32", Precision::fp32}, {"bf16", Precision::bf16}}));
    app.add_flag("--unfused", unfused, "plain torch operators, as on other devices, instead of oneDNN");
    try {
        app.parse(argc, argv);
        arithmetic.fused = !unfused;
        if (unfused && arithmetic.precision == Precision::bf16)
            throw CLI::ValidationError("--unfused", "computes in fp32 only");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    const auto fixtures = find_all(directories);
    if (!fixtures) {
        std::fprintf(stderr, "bgm-parity: %s\n", fixtures.error().to_string().c_str());
        return kUsage;
    }
    std::printf("%-52s %9s %9s\n", "array", "rel diff", "limit");
    Totals totals;
    for (const auto& directory : *fixtures) {
        for (const ParityLine& line : check_fixture(directory, arithmetic)) {
            print(line);
            ++totals.lines;
            totals.ok += line.ok ? 1 : 0;
        }
        std::fflush(stdout);
    }
    std::printf("%zu lines from %zu directories: %zu ok, %zu not\n", totals.lines, fixtures->size(),
                totals.ok, totals.lines - totals.ok);
    return totals.ok == totals.lines ? kDone : kFellShort;
}

}  // namespace
}  // namespace bgm

int main(int argc, char** argv) {
    return bgm::run(argc, argv);
}
