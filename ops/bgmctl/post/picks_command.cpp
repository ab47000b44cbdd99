#include "ops/bgmctl/post/picks_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/client/admin_client.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

struct PicksArguments {
    std::string post_id, tenant = "default";
};

int run_picks(BgmctlContext& context, const PicksArguments& arguments) {
    auto result = ask_daemon(context, pick_question(arguments.tenant, arguments.post_id));
    if (!result) return report_failure(context, result.error());
    auto standing = read_standing(*result);
    if (!standing) return report_failure(context, standing.error());
    if (standing->state == "unknown") {
        return report_failure(
            context, Error{ErrorCode::not_found,
                           "there is no post " + arguments.post_id + " of tenant " + arguments.tenant +
                               "; neither the journal nor the database knows it",
                           ""});
    }
    if (context.json()) {
        *context.out << json_line(*result) << '\n';
    } else if (standing->pick) {
        print_pick(*context.out, *standing->pick);
        if (standing->state == "picked") *context.out << "\nnot in the database yet\n";
    } else if (standing->dead) {
        print_dead_letter(*context.out, *standing->dead);
        *context.out << "\n`bgmctl dead retry " << printable(arguments.post_id) << "` tries it again\n";
    } else {
        *context.out << printable(arguments.post_id) << ", revision " << standing->revision << ": "
                     << printable(standing->state) << ", no pick yet\n";
    }
    // A post whose pick is still to come is not a failure; a post that has none and gets none is.
    return standing->dead ? kExitFailed : kExitDone;
}

}  // namespace

void add_picks_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<PicksArguments>();
    CLI::App* command = root.add_subcommand("picks", "Show the mood and the music that a post was given");
    command->add_option("POST_ID", arguments->post_id, "the post's id")->required();
    command->add_option("--tenant", arguments->tenant, "whose post it is")->capture_default_str();
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_picks(context, *arguments); };
    });
}

}  // namespace bgm
