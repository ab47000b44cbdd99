#include "ops/bgmctl/catalogue/catalogue_analyse.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <ostream>
#include <unordered_map>
#include <unordered_set>

#include "daemon/base/clock.hpp"
#include "daemon/store/analysis_table.hpp"
#include "daemon/store/track_table.hpp"
#include "ops/bgmctl/catalogue/analysis_view.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "schemas/model_fingerprint.hpp"
#include "schemas/model_lock.hpp"
#include "schemas/track_model.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

using Known = std::unordered_map<std::string, AnalysedFile>;

// Where two names of one file become one. The file itself need not be there.
std::string resolved(const fs::path& path) {
    std::error_code error;
    const fs::path whole = fs::weakly_canonical(path, error);
    return (error ? path.lexically_normal() : whole).string();
}

bool lies_in(const std::string& path, const std::string& folder) {
    return path.size() > folder.size() && path.starts_with(folder) &&
           (folder.ends_with('/') || path[folder.size()] == '/');
}

// The tracks that the paths name; each path that names none, wholly or in part, is a failure.
class AskedPaths {
 public:
    AskedPaths(const std::vector<std::string>& paths, std::vector<AnalyseFailure>& failures)
        : failures_(failures) {
        for (const std::string& path : paths) {
            std::error_code error;
            const std::string name = resolved(path);
            if (fs::is_directory(name, error)) {
                folders_.push_back({path, name});
            } else if (fs::exists(name, error)) {
                files_.emplace(name, path);
            } else {
                fail(path, ErrorCode::not_found, "there is no such file or folder");
            }
        }
    }

    bool wants(const std::string& file) {
        bool wanted = false;
        if (const auto found = files_.find(file); found != files_.end()) {
            seen_.insert(file);
            wanted = true;
        }
        for (Folder& folder : folders_) {
            if (!lies_in(file, folder.resolved)) continue;
            folder.tracks = true;
            wanted = true;
        }
        return wanted;
    }

    void tell_the_others() {
        for (const auto& [file, path] : files_) {
            if (!seen_.contains(file))
                fail(path, ErrorCode::not_found, "is the file of no active track of the catalogue");
        }
        for (const Folder& folder : folders_) {
            if (!folder.tracks)
                fail(folder.path, ErrorCode::not_found, "holds the file of no active track of the catalogue");
        }
    }

 private:
    struct Folder {
        std::string path;
        std::string resolved;
        bool tracks = false;
    };

    void fail(const std::string& path, ErrorCode code, std::string message) {
        failures_.push_back({.path = path, .error = {.code = code, .message = std::move(message)}});
    }

    std::vector<AnalyseFailure>& failures_;
    std::unordered_map<std::string, std::string> files_;  // resolved -> as it was given
    std::unordered_set<std::string> seen_;
    std::vector<Folder> folders_;
};

bool is_clip(const Config::Models& models) {
    return models.preset == "clip";
}

// What the daemon's file says, but for what was asked for.
Config::Models models_of(const BgmctlSettings& settings, const AnalyseArguments& arguments) {
    const auto first = [](std::initializer_list<const std::string*> choices) {
        const auto said = std::find_if(choices.begin(), choices.end(),
                                       [](const std::string* choice) { return !choice->empty(); });
        return said != choices.end() ? **said : std::string();
    };
    Config::Models models;
    models.packages_dir = settings.packages_dir;
    models.preset = first({&arguments.preset, &settings.preset, &models.preset});
    if (!is_clip(models)) return models;
    models.dir = first({&arguments.models_dir, &settings.serving_models_dir, &settings.models_dir});
    models.audio = first({&arguments.audio_model, &settings.audio_model, &models.audio});
    models.precision = first({&settings.precision, &models.precision});
    return models;
}

// The name of the space that the embeddings of this preset lie in; "builtin-" for those of the built-in one.
Result<std::string> space_of(const Config::Models& models) {
    if (!is_clip(models)) return std::string(kBuiltinModels);
    const fs::path folder = fs::path(models.dir) / models.audio;
    if (const Status whole = check_model_folder(folder); !whole) return whole.error();
    const auto fingerprint = model_fingerprint(folder);
    if (!fingerprint) return fingerprint.error();
    return model_name(folder, *fingerprint);
}

void say(const BgmctlContext& context, const AnalyseFailure& failure) {
    *context.err << failure_line(failure) << '\n';
}

std::string progress_text(const AnalyseOutcome& outcome, std::size_t all, double seconds) {
    const std::uint64_t done = outcome.analysed + outcome.unchanged + outcome.failed;
    std::string text = grouped(done) + " of " + grouped(all) + " tracks";
    if (outcome.heard_s > 0) text += ", " + rate_text(outcome.heard_s, seconds);
    if (done > 0 && done < all)
        text += ", " + clock_text(seconds / static_cast<double>(done) * static_cast<double>(all - done)) +
                " left";
    if (outcome.failed > 0) text += ", " + grouped(outcome.failed) + " failed";
    return text;
}

}  // namespace

Result<AnalysePlan> plan_analysis(const BgmctlContext& context, const AnalyseArguments& arguments) {
    const auto space = space_of(models_of(context.settings, arguments));
    if (!space) return space.error();
    MySqlConnection connection(mysql_options(context));
    AnalysisTable table(connection);
    auto rows = table.files();
    if (!rows) return with_mysql_advice(context, rows.error());
    Known known;
    for (AnalysedFile& row : *rows) {
        // The name of a public model has its version at its end: there is nothing behind it.
        if (row.model == kTrackModel && row.embedding_model.starts_with(*space))
            known.emplace(row.track_id, std::move(row));
    }
    AnalysePlan plan;
    AskedPaths asked(arguments.paths, plan.failures);
    const fs::path root(context.settings.media_root);
    const auto listed = TrackTable(connection).for_each({.active_only = true}, [&](Track&& track) {
        if (!track.uri.starts_with("file:")) {
            ++plan.without_file;
            return;
        }
        auto path = media_path(track.uri);
        if (!arguments.paths.empty() && (!path || !asked.wants(resolved(root / *path)))) return;
        if (!path) {
            plan.failures.push_back({.track_id = track.track_id, .path = track.uri, .error = path.error()});
            return;
        }
        const auto before = known.find(track.track_id);
        if (before != known.end() && arguments.missing) {
            ++plan.left_alone;
            return;
        }
        TrackFile file{.track_id = std::move(track.track_id), .path = *std::move(path)};
        if (before != known.end() && !arguments.again) {
            ++plan.known;
            file.known_bytes = before->second.bytes;
            file.known_sha256 = before->second.sha256;
        }
        plan.files.push_back(std::move(file));
    });
    if (!listed) return with_mysql_advice(context, listed.error());
    asked.tell_the_others();
    return plan;
}

Result<AnalyseOutcome> analyse_catalogue(const BgmctlContext& context, const AnalyseArguments& arguments,
                                         const AnalysePlan& plan) {
    AnalyseOutcome outcome;
    ProgressLine progress(*context.err, context.stderr_is_terminal);
    const auto fail = [&](AnalyseFailure failure) {
        progress.clear();
        say(context, failure);
        ++outcome.failed;
        if (outcome.failures.size() < AnalyseOutcome::kFailuresKept)
            outcome.failures.push_back(std::move(failure));
    };
    for (const AnalyseFailure& failure : plan.failures)
        fail(failure);
    if (plan.files.empty()) return outcome;

    MySqlConnection connection(mysql_options(context));
    AnalysisTable table(connection);
    const auto claimed = table.claim();
    if (!claimed) return with_mysql_advice(context, claimed.error());
    if (!*claimed)
        return Error{.code = ErrorCode::unavailable,
                     .message = "another analysis of this catalogue is under way: two would do it twice"};
    watch_for_interrupts();
    auto crew = TrackCrew::open({.workers = arguments.workers,
                                 .media_root = context.settings.media_root,
                                 .models = models_of(context.settings, arguments)});
    if (!crew) return crew.error();
    outcome.workers = (*crew)->workers();
    const Stopwatch clock;
    std::size_t next = 0, answered = 0;
    const std::size_t all = plan.files.size() + plan.failures.size();
    const Status run = (*crew)->run(
        [&]() -> std::optional<TrackFile> {
            if (next == plan.files.size()) return std::nullopt;
            return plan.files[next++];
        },
        [&](const TrackFile& file, Result<HeardFile> heard) -> Status {
            ++answered;
            if (heard && heard->unchanged) {
                ++outcome.unchanged;
                return ok_status();
            }
            Status stored = heard ? table.upsert(heard->analysis) : Status(heard.error());
            if (stored) {
                ++outcome.analysed;
                outcome.heard_s += static_cast<double>(heard->analysis.seconds);
                return stored;
            }
            // Without its table it makes no sense to go on; one value that it refuses is one track's failure.
            if (heard && stored.error().code != ErrorCode::invalid_argument)
                return with_mysql_advice(context, stored.error());
            fail({.track_id = file.track_id, .path = file.path, .error = stored.error()});
            return ok_status();
        },
        [&] {
            if (progress.due()) progress.draw(progress_text(outcome, all, clock.seconds()));
            return !interrupted();
        });
    outcome.seconds = clock.seconds();
    outcome.left = plan.files.size() - answered;
    if (!run) return run.error();
    return outcome;
}

}  // namespace bgm
