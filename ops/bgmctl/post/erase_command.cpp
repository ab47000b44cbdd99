#include "ops/bgmctl/post/erase_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/client/admin_client.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct EraseArguments {
    std::string tenant = "default", post_id, user_id;
};

struct Erasable {
    const char* key;
    const char* one;
    const char* many;
};
constexpr std::array kErasable{
    Erasable{"journal_posts", "post in the journal", "posts in the journal"},
    Erasable{"picks", "pick", "picks"},
    Erasable{"pick_tracks", "picked track", "picked tracks"},
    Erasable{"dead_posts", "dead letter", "dead letters"},
    Erasable{"feedback", "listener's reaction", "listeners' reactions"},
    Erasable{"tastes", "learnt taste", "learnt tastes"},
    Erasable{"seeds", "taught seed", "taught seeds"},
};

int run_erase(BgmctlContext& context, const EraseArguments& arguments) {
    if (arguments.post_id.empty() == arguments.user_id.empty())
        return report_usage(context, "name a post with --post or a user with --user");
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) return report_failure(context, admin.error());
    json question = {{"op", "erase"}, {"tenant", arguments.tenant}};
    if (arguments.user_id.empty()) {
        question["post_id"] = arguments.post_id;
    } else {
        question["user_id"] = arguments.user_id;
    }
    json erased = json::object();
    while (true) {
        const auto page = admin->request(question, context.deadline);
        if (!page) return report_failure(context, page.error());
        for (const Erasable& kind : kErasable)
            erased[kind.key] = erased.value(kind.key, 0ULL) + page->value(kind.key, 0ULL);
        const auto next = page->find("next");
        if (next == page->end() || next->is_null()) break;
        question["after"] = *next;
    }
    if (context.json()) {
        *context.out << erased.dump() << '\n';
        return kExitDone;
    }
    bool any = false;
    for (const Erasable& kind : kErasable) {
        const auto count = erased[kind.key].get<std::uint64_t>();
        if (count == 0) continue;
        any = true;
        *context.out << "erased " << grouped(count) << ' ' << (count == 1 ? kind.one : kind.many) << '\n';
    }
    if (!any) *context.out << "nothing is held about it\n";
    return kExitDone;
}

}  // namespace

void add_erase_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<EraseArguments>();
    CLI::App* command = root.add_subcommand("erase", "Remove what the system holds about a post or a user");
    command->add_option("--post", arguments->post_id, "the post's id");
    command->add_option("--user", arguments->user_id, "all posts of this user, and what they reacted to");
    command->add_option("--tenant", arguments->tenant, "whose post or user it is")->capture_default_str();
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_erase(context, *arguments); };
    });
}

}  // namespace bgm
