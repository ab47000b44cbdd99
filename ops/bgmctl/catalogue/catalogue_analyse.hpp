// bgmctl catalogue analyse: the files of the catalogue are listened to, and what was heard goes into the
// database.
//
// What is stored is not done again: a run that was ended, however, goes on where it stopped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/bgmctl/catalogue/track_crew.hpp"
#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct AnalyseArguments {
    std::vector<std::string> paths = {};  // files and folders; none: the whole catalogue
    std::size_t workers = 0;
    std::string preset = {};  // these three: empty, as the daemon's file says
    std::string models_dir = {};
    std::string audio_model = {};
    bool missing =
        false;  // those with an analysis of this model are left alone, whatever became of their files
    bool again = false;  // all, whatever is known
    bool dry_run = false;
};

/// What was asked for and is not among the files to be analysed, or could not be analysed.
struct AnalyseFailure {
    std::string track_id = {};  // empty where it is no track's
    std::string path = {};
    Error error = {};
};

struct AnalysePlan {
    std::vector<TrackFile> files;
    std::vector<AnalyseFailure> failures;
    std::uint64_t left_alone = 0;    // by `missing`
    std::uint64_t without_file = 0;  // active tracks without a file: URI
    std::uint64_t known = 0;         // of `files`: analysed before, to be compared
};

struct AnalyseOutcome {
    static constexpr std::size_t kFailuresKept = 1'000;

    std::uint64_t analysed = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t failed = 0;
    std::vector<AnalyseFailure> failures;  // the first of them
    double heard_s = 0;                    // of sound
    double seconds = 0;                    // that it took
    std::uint64_t left = 0;                // where it was interrupted
    std::size_t workers = 0;
};

/// Which tracks are meant. Errors are those of the database, and of the preset's audio model.
Result<AnalysePlan> plan_analysis(const BgmctlContext& context, const AnalyseArguments& arguments);

/// Says each failure on `context.err` when it is known. Errors are those of the database and of workers that
/// do not come up; what was stored before stays.
Result<AnalyseOutcome> analyse_catalogue(const BgmctlContext& context, const AnalyseArguments& arguments,
                                         const AnalysePlan& plan);

}  // namespace bgm
