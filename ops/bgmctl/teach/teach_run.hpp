// One lesson of `bgmctl teach`: from the seeds in the database to a head that the daemon may serve.
#pragma once

#include <string>

#include "ops/bgmctl/console/context.hpp"
#include "ops/teaching/teach.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// A head that the daemon serves, as `heads.list` tells it.
struct ServedHead {
    std::string model;
    std::string modality;  // "image"
    bool taught = false;
    std::uint64_t earlier = 0;
};

struct TeachTarget {
    std::string kind;  // photo, video, voice or music
    ServedHead head;
    bool from_tracks = false;  // taught by the catalogue, not by posts
};

struct TeachArguments {
    std::vector<std::string> kinds = {};  // empty: all
    std::string state_folder = {};
    bool accept = false;
    bool dry_run = false;  // what is done anyway without `accept`
    bool resume = false;
};

/// What the daemon serves.
Result<std::vector<ServedHead>> served_heads(const BgmctlContext& context);
/// What there is to teach of it: a model of sounds is one for voices, for music, or for both.
std::vector<TeachTarget> teach_targets(const std::vector<ServedHead>& heads,
                                       const std::vector<std::string>& kinds);

struct JudgedLesson {
    Lesson lesson;
    std::string in_use;  // the file of the head that it was compared with
};

/// Reads, fits and judges. Interrupted, or another is at work on the same head: `unavailable`; what is done
/// is kept for `resume`.
Result<JudgedLesson> run_lesson(BgmctlContext& context, const TeachTarget& target,
                                const TeachArguments& arguments);
/// Puts its head in service. `unavailable` where another one serves meanwhile than it was compared with.
Status serve_lesson(const BgmctlContext& context, const JudgedLesson& judged);

}  // namespace bgm
