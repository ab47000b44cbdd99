// Streams a file of posts to the daemon, once each, however often it is interrupted.
//
// Memory is bounded by the window. Progress lies in FILE.progress, rejected lines in FILE.rejected.ndjson.
#pragma once

#include <chrono>
#include <string>

#include "ops/bgmctl/backfill/backfill_checkpoint.hpp"
#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct BackfillOptions {
    std::string path;
    std::string tenant = "default";  // for lines that name none
    std::size_t window = 256;        // posts on their way at once
    double posts_per_s_max = 0;      // 0 = as fast as the daemon takes them
    bool resume = false;
    std::chrono::seconds patience{60};  // without any answer for so long it gives up
    std::size_t window_bytes_max = 64 * 1024 * 1024;
};

struct BackfillReport {
    BackfillCheckpoint totals;  // over all runs, where this one was a resumption
    std::uint64_t lines_this_run = 0;
    double seconds = 0;
    bool interrupted = false;
    std::uint64_t ignored_bytes = 0;  // InputFile::ignored_bytes()
    std::string rejected_path;        // empty where no line was rejected
};

/// Ends at the end of the file, when interrupted() says so, or with an error; in each case the checkpoint is
/// written first. Errors: `unavailable` where the daemon does not answer, `corrupt` where the file's
/// compression is damaged, `invalid_argument` where --resume meets another file than the one before.
Result<BackfillReport> run_backfill(BgmctlContext& context, const BackfillOptions& options);

}  // namespace bgm
