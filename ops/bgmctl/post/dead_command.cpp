#include "ops/bgmctl/post/dead_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/client/daemon_json.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct DeadArguments {
    std::string post_id, tenant;
    json after;
    std::uint32_t limit = 50;
    bool all = false;
};

std::uint64_t number_at(const json& result, const char* key) {
    const auto found = result.find(key);
    return found != result.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

int run_list(BgmctlContext& context, const DeadArguments& arguments) {
    json question = {{"op", "dead.list"}, {"limit", arguments.limit}};
    if (!arguments.tenant.empty()) question["tenant"] = arguments.tenant;
    if (!arguments.after.is_null()) question["after"] = arguments.after;
    auto result = ask_daemon(context, question);
    if (!result) return report_failure(context, result.error());
    if (context.json()) {
        *context.out << json_line(*result) << '\n';
        return kExitDone;
    }
    Table table({{"post", Table::Align::left, 40},
                 {"tenant", Table::Align::left, 20},
                 {"died at", Table::Align::left, 0},
                 {"stage", Table::Align::left, 0},
                 {"code", Table::Align::left, 0},
                 {"attempts", Table::Align::right, 0},
                 {"why", Table::Align::left, 0}});
    for (const json& item : result->value("items", json::array())) {
        v1::DeadLetter dead;
        if (auto read = read_daemon_json(json_line(item), dead); !read)
            return report_failure(context, read.error());
        table.add_row({dead.post_id(), dead.tenant(), time_text(dead.died_at()), dead.stage(), dead.code(),
                       std::to_string(dead.attempts()), dead.message()});
    }
    if (table.empty()) {
        *context.out << "no dead letters\n";
        return kExitDone;
    }
    table.print(*context.out);
    if (const auto next = result->find("next"); next != result->end() && !next->is_null()) {
        const std::string cursor = next->is_string() ? next->get<std::string>() : json_line(*next);
        if (!cursor.empty())
            *context.out << "\nthere are more: bgmctl dead list --after " << printable(cursor) << '\n';
    }
    return kExitDone;
}

int run_show(BgmctlContext& context, const DeadArguments& arguments) {
    const std::string tenant = arguments.tenant.empty() ? "default" : arguments.tenant;
    auto result =
        ask_daemon(context, {{"op", "dead.show"}, {"tenant", tenant}, {"post_id", arguments.post_id}});
    if (!result) return report_failure(context, result.error());
    if (context.json()) {
        *context.out << json_line(*result) << '\n';
        return kExitDone;
    }
    v1::DeadLetter dead;
    if (auto read = read_daemon_json(json_line(*result), dead); !read)
        return report_failure(context, read.error());
    print_dead_letter(*context.out, dead);
    return kExitDone;
}

/// `op` is dead.retry or dead.drop; both take one post or all of them.
int run_order(BgmctlContext& context, const DeadArguments& arguments, const std::string& op,
              const std::string& done) {
    if (arguments.all == !arguments.post_id.empty()) {
        return report_usage(context, "name one post, or say --all (and --tenant for those of one tenant)");
    }
    json question = {{"op", op}};
    if (arguments.all) {
        question["all"] = true;
        if (!arguments.tenant.empty()) question["tenant"] = arguments.tenant;
    } else {
        question["post_id"] = arguments.post_id;
        question["tenant"] = arguments.tenant.empty() ? "default" : arguments.tenant;
    }
    // The daemon settles a page at once, so as not to hold others up.
    std::uint64_t settled = 0;
    std::uint64_t skipped = 0;
    for (bool more = true; more;) {
        auto result = ask_daemon(context, question);
        if (!result) return report_failure(context, result.error());
        settled += number_at(*result, "count");
        skipped += number_at(*result, "skipped");
        const json next = result->value("next", json());
        more = arguments.all && next.is_number_unsigned();
        question["after"] = next;
    }
    if (context.json()) {
        *context.out << json_line({{"count", settled}, {"skipped", skipped}}) << '\n';
        return kExitDone;
    }
    *context.out << grouped(settled) << (settled == 1 ? " dead letter " : " dead letters ") << done << '\n';
    if (skipped > 0)
        *context.out << grouped(skipped)
                     << " cannot be retried: `bgmctl dead retry POST_ID` of one says why\n";
    return kExitDone;
}

}  // namespace

void add_dead_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<DeadArguments>();
    CLI::App* dead = root.add_subcommand("dead", "Posts that could not be analysed: list, show, retry, drop");
    dead->require_subcommand(1);

    CLI::App* list = dead->add_subcommand("list", "List dead letters with their reasons");
    list->add_option("--tenant", arguments->tenant, "only those of this tenant");
    list->add_option("--limit", arguments->limit, "how many at most")
        ->check(CLI::Range(1U, 10000U))
        ->capture_default_str();
    list->add_option_function<std::string>(
        "--after",
        [arguments](const std::string& cursor) {
            // What the daemon gave as "next" goes back to it as it came: a number stays a number.
            arguments->after = json::parse(cursor, nullptr, false);
            if (!arguments->after.is_number() && !arguments->after.is_object()) arguments->after = cursor;
        },
        "go on after this place, as the list before said");
    list->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_list(context, *arguments); };
    });

    CLI::App* show = dead->add_subcommand("show", "Show one dead letter with its post");
    show->add_option("POST_ID", arguments->post_id, "the post's id")->required();
    show->add_option("--tenant", arguments->tenant, "whose post it is (default: default)");
    show->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_show(context, *arguments); };
    });

    const auto add_order = [&](const char* verb, const char* help, const std::string& done) {
        CLI::App* order = dead->add_subcommand(verb, help);
        order->add_option("POST_ID", arguments->post_id, "the post's id");
        order->add_option("--tenant", arguments->tenant,
                          "whose post it is (default: default; with --all: everybody's)");
        order->add_flag("--all", arguments->all, "all dead letters");
        const std::string op = std::string("dead.") + verb;
        order->callback([&chosen, arguments, op, done] {
            chosen.run = [arguments, op, done](BgmctlContext& context) {
                return run_order(context, *arguments, op, done);
            };
        });
    };
    add_order("retry", "Analyse again", "will be tried again");
    add_order("drop", "Remove for good", "dropped");
}

}  // namespace bgm
