#include "ops/bgmctl/teach/teach_run.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <span>

#include "daemon/store/seed_table.hpp"
#include "fusion/stable_hash.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/interrupt.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/teach/teach_source.hpp"
#include "ops/bgmctl/teach/teach_state.hpp"
#include "schemas/hex.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

Error stopped() {
    return Error{.code = ErrorCode::unavailable,
                 .message = "interrupted; what is done is kept: the same again with --resume continues"};
}

Result<std::string> head_file_of(const BgmctlContext& context, const std::string& model) {
    const auto shown = ask_daemon(context, {{"op", "heads.show"}, {"model", model}});
    if (!shown) return shown.error();
    auto file = from_hex(text_at(*shown, "head"));
    if (!file) return Error{.code = ErrorCode::corrupt, .message = "bgmd's answer holds no head"};
    return *std::move(file);
}

// Rows and seconds as a person wants to see them.
class Watch {
 public:
    Watch(BgmctlContext& context, const TeachTarget& target)
        : line_(*context.err, context.stderr_is_terminal),
          what_(target.kind + " (" + target.head.model + ")") {}

    bool read(std::size_t rows) {
        if (line_.due()) {
            const double seconds = std::max(1e-3, seconds_since(begun_));
            line_.draw(what_ + ": read " + grouped(rows) + " seeds, " +
                       grouped(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)) +
                       " a second");
        }
        return !interrupted();
    }
    bool fit(double share, std::size_t rows) {
        if (line_.due())
            line_.draw(what_ + ": learning from " + grouped(rows) + " seeds, " +
                       std::to_string(static_cast<int>(100 * share)) + " %");
        return !interrupted();
    }

 private:
    using Clock = std::chrono::steady_clock;
    static double seconds_since(Clock::time_point then) {
        return std::chrono::duration<double>(Clock::now() - then).count();
    }
    ProgressLine line_;
    std::string what_;
    Clock::time_point begun_ = Clock::now();
};

}  // namespace

Result<std::vector<ServedHead>> served_heads(const BgmctlContext& context) {
    const auto listed = ask_daemon(context, {{"op", "heads.list"}});
    if (!listed) return listed.error();
    std::vector<ServedHead> heads;
    for (const json& one : listed->value("heads", json::array())) {
        if (!one.is_object()) continue;
        heads.push_back({.model = text_at(one, "model"),
                         .modality = text_at(one, "modality"),
                         .taught = one.value("taught", json()) == json(true),
                         .earlier = one.value("earlier", json(0)).get<std::uint64_t>()});
    }
    return heads;
}

std::vector<TeachTarget> teach_targets(const std::vector<ServedHead>& heads,
                                       const std::vector<std::string>& kinds) {
    std::vector<TeachTarget> targets;
    const auto add = [&](const char* kind, const ServedHead& head, bool from_tracks) {
        if (kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end())
            targets.push_back({.kind = kind, .head = head, .from_tracks = from_tracks});
    };
    for (const ServedHead& head : heads) {
        if (head.modality == "image") add("photo", head, false);
        if (head.modality == "video") add("video", head, false);
        if (head.modality != "audio") continue;
        const bool of_voices = head.model.find("voice") != std::string::npos;
        const bool of_music = head.model.find("music") != std::string::npos;
        if (of_voices || !of_music) add("voice", head, false);
        if (of_music || !of_voices) add("music", head, true);
    }
    return targets;
}

Result<JudgedLesson> run_lesson(BgmctlContext& context, const TeachTarget& target,
                                const TeachArguments& arguments) {
    const auto file = head_file_of(context, target.head.model);
    if (!file) return file.error();
    const auto in_use = LinearHead::parse(std::as_bytes(std::span(*file)));
    if (!in_use) return in_use.error();
    const std::string path = teach_state_path(arguments.state_folder, target.kind + " " + target.head.model);
    const auto lock = lock_teach_state(path);
    if (!lock) return lock.error();
    TeachState state{.model = target.head.model};
    if (arguments.resume) {
        auto kept = read_teach_state(path);
        if (!kept) return kept.error();
        if (*kept && (*kept)->model == target.head.model) state = std::move(**kept);
    }

    MySqlConnection connection = reading_connection(context);
    Watch watch(context, target);
    SeedRows rows(in_use->width());
    const auto on_rows = [&](std::size_t count) { return watch.read(count); };
    Status read = ok_status();
    if (target.from_tracks) {
        read = read_track_seeds(connection, target.head.model, rows, on_rows);
    } else {
        if (state.last_seed == 0) {
            const auto last = SeedTable(connection).last(target.head.model);
            if (!last) return with_mysql_advice(context, last.error());
            state.last_seed = *last;
        }
        read = read_post_seeds(connection, target.head.model, state.last_seed, rows, on_rows);
    }
    if (!read) return with_mysql_advice(context, read.error());
    if (interrupted()) return stopped();

    // What has changed since (an erased user, another head in use) is learnt from the beginning.
    const std::uint64_t digest = fnv1a64(*file, rows.digest());
    if (state.digest != digest) state.done.clear();
    state.digest = digest;
    auto lesson = teach(rows, *in_use,
                        {.done = state.done,
                         .on_done =
                             [&](const std::vector<std::string>& done) {
                                 state.done = done;
                                 return write_teach_state(path, state);
                             },
                         .progress = [&](double share) { return watch.fit(share, rows.size()); }});
    if (!lesson) return interrupted() ? stopped() : lesson.error();
    return JudgedLesson{.lesson = *std::move(lesson), .in_use = *file};
}

Status serve_lesson(const BgmctlContext& context, const JudgedLesson& judged) {
    const Lesson& lesson = judged.lesson;
    const auto head = LinearHead::parse(std::as_bytes(std::span(lesson.head)));
    if (!head) return head.error();
    const auto in_use = head_file_of(context, head->model());
    if (!in_use) return in_use.error();
    if (*in_use != judged.in_use) {
        return Error{
            .code = ErrorCode::unavailable,
            .message = "another head serves " + head->model() +
                       " than when this lesson began, and it was not compared with that one: teach again"};
    }
    const auto served = ask_daemon(context, {{"op", "heads.teach"}, {"head", hex(lesson.head)}});
    return served ? ok_status() : Status(served.error());
}

}  // namespace bgm
