#include "ops/bgmctl/taste/eval_picks_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "daemon/store/pick_log.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "fusion/stable_hash.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/catalogue/heard_catalogue.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/evaluation/pick_replay.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct EvalPicksArguments {
    std::string tenant = "default";
    std::vector<std::string> weights;
    double days = 30;
    double repeat_after_s = 86'400;
};

struct Logged {
    Catalogue catalogue;
    std::vector<PostBefore> posts;
    std::vector<ReactionBefore> reactions;
    std::size_t unrecorded = 0;  // posts of before the chance was
};

FusedMood mood_of(const v1::Pick& pick) {
    FusedMood mood;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const auto found = pick.moods().find(std::string(name(static_cast<Mood>(k))));
        mood.moods[k] = found == pick.moods().end() ? 0 : found->second;
    }
    mood.affect = {.valence = pick.valence(), .arousal = pick.arousal()};
    mood.ambiguous = pick.ambiguous();
    for (const std::string& likely : pick.likely_moods()) {
        if (const auto known = mood_from_name(likely)) mood.likely.push_back(*known);
    }
    return mood;
}

Result<Logged> read_log(BgmctlContext& context, const EvalPicksArguments& arguments) {
    auto catalogue = heard_catalogue(context);
    if (!catalogue) return catalogue.error();
    Logged logged{.catalogue = *std::move(catalogue), .posts = {}, .reactions = {}};
    const Catalogue& tracks = logged.catalogue;
    // One post and track may have got several: turned away by one, it is not wanted by all.
    std::map<std::pair<std::string, std::string>, bool> wanted;
    MySqlConnection connection = reading_connection(context);
    PickLog log(connection);
    Status read = log.reactions(arguments.tenant, [&](PickLog::LoggedReaction&& one) {
        const bool liked = one.reaction == Reaction::liked || one.reaction == Reaction::played;
        const auto [place, is_new] = wanted.try_emplace({one.post_id, one.track_id}, liked);
        place->second = place->second && liked;
        const auto track = tracks.find(one.track_id);
        if (track && !one.user_id.empty())
            logged.reactions.push_back({std::move(one.user_id), one.at_ms, one.reaction, *track});
    });
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const std::int64_t since_ms = now.count() - static_cast<std::int64_t>(arguments.days * 86'400'000);
    if (read)
        read = log.picks(arguments.tenant, since_ms, [&](v1::Pick&& pick) {
            PostBefore post{.user_id = pick.user_id(),
                            .seed = post_seed(pick.tenant(), pick.post_id()),
                            .at_ms = pick.picked_at().seconds() * 1000 + pick.picked_at().nanos() / 1'000'000,
                            .mood = mood_of(pick)};
            bool recorded = false;
            for (const v1::PickTrack& track : pick.tracks()) {
                const auto index = tracks.find(track.track_id());
                if (!index) continue;
                const auto reacted = wanted.find({pick.post_id(), track.track_id()});
                post.picks.push_back({.track_index = *index, .chance = track.reason().chance()});
                if (reacted != wanted.end()) post.picks.back().wanted = reacted->second;
                recorded = recorded || track.reason().chance() > 0;
            }
            logged.unrecorded += recorded ? 0 : 1;
            if (!post.picks.empty()) logged.posts.push_back(std::move(post));
        });
    if (!read) return with_mysql_advice(context, read.error());
    return logged;
}

std::string shown(const Interval& interval) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.3f ±%.3f", interval.value, interval.half_width);
    return text.data();
}

json as_json(const Interval& interval) {
    return {{"value", interval.value},
            {"low", interval.value - interval.half_width},
            {"high", interval.value + interval.half_width}};
}

int run_eval_picks(BgmctlContext& context, const EvalPicksArguments& arguments) {
    if (!context.settings.mysql.configured()) return report_no_database(context);
    std::vector<std::string> names = arguments.weights;
    if (names.empty()) names = {"", "taste=0"};
    std::vector<MatchWeights> weights;
    for (const std::string& setting : names) {
        const auto read = read_match_settings(setting, "");
        if (!read) return report_usage(context, "--weights: " + read.error().message);
        weights.push_back(read->common);
    }
    const auto logged = read_log(context, arguments);
    if (!logged) return report_failure(context, logged.error());
    if (logged->posts.empty())
        return report_failure(context, Error{.code = ErrorCode::not_found,
                                             .message = "no post of this time has a reaction that can be "
                                                        "weighed: there is nothing to compare",
                                             .field = "--days"});
    const auto figures = replay_picks(logged->catalogue, logged->posts, logged->reactions, weights,
                                      static_cast<std::int64_t>(arguments.repeat_after_s * 1000));
    if (context.json()) {
        json list = json::array();
        for (std::size_t i = 0; i < figures.size(); ++i) {
            const PickFigures& one = figures[i];
            list.push_back({{"weights", names[i]},
                            {"hit_rate", as_json(one.hit_rate)},
                            {"gained", as_json(one.gained)},
                            {"ndcg", as_json(one.ndcg)},
                            {"mood_fit", as_json(one.mood_fit)},
                            {"diversity", as_json(one.diversity)},
                            {"repeats", as_json(one.repeats)},
                            {"coverage", one.coverage},
                            {"reactions", one.reactions},
                            {"as_many_as", one.as_many}});
        }
        *context.out << json{{"posts", logged->posts.size()},
                             {"unrecorded", logged->unrecorded},
                             {"weights", list}}
                            .dump()
                     << '\n';
        return kExitDone;
    }
    *context.out << logged->posts.size() << " posts with reactions";
    if (logged->unrecorded > 0)
        *context.out << ", of which " << logged->unrecorded
                     << " from before chances were recorded tell nothing";
    *context.out << "; ± is a 95 % interval over users\n";
    Table table({{"weights", Table::Align::left, 40},
                 {"hit rate", Table::Align::left, 0},
                 {"gained", Table::Align::left, 0},
                 {"nDCG", Table::Align::left, 0},
                 {"mood fit", Table::Align::left, 0},
                 {"diversity", Table::Align::left, 0},
                 {"repeats", Table::Align::left, 0},
                 {"coverage", Table::Align::right, 0},
                 {"as many as", Table::Align::right, 0}});
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const PickFigures& one = figures[i];
        std::array<char, 32> coverage{};
        std::snprintf(coverage.data(), coverage.size(), "%.1f %%", 100 * one.coverage);
        table.add_row({names[i].empty() ? "(default)" : printable(names[i]), shown(one.hit_rate),
                       i == 0 ? "" : shown(one.gained), shown(one.ndcg), shown(one.mood_fit),
                       shown(one.diversity), shown(one.repeats), coverage.data(),
                       std::to_string(std::llround(one.as_many)) + " of " + std::to_string(one.reactions)});
    }
    table.print(*context.out);
    return kExitDone;
}

}  // namespace

void add_eval_picks_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<EvalPicksArguments>();
    EvalPicksArguments& a = *arguments;
    CLI::App* command = root.add_subcommand(
        "eval-picks", "Compare weightings of the score on the feedback that there is, off-line");
    command
        ->add_option("--weights", a.weights,
                     "as matching.weights, \"taste=0.5\"; may be repeated, and the first is what the others "
                     "are compared with (default: the default, and taste=0)")
        ->allow_extra_args(false);
    command->add_option("--tenant", a.tenant, "whose posts")->capture_default_str();
    command->add_option("--days", a.days, "posts of so many days")
        ->check(CLI::Range(0.01, 3660.0))
        ->capture_default_str();
    command->add_option("--repeat-after", a.repeat_after_s, "as matching.repeat_after_s")
        ->type_name("S")
        ->check(CLI::Range(0.0, 31'622'400.0))
        ->capture_default_str();
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_eval_picks(context, *arguments); };
    });
}

}  // namespace bgm
