#include "ops/bgmctl/taste/taste_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/client/admin_client.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct TasteArguments {
    std::string tenant = "default", user;
};

std::string signed_number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.2f", value);
    return text.data();
}

double number_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

int run_show(BgmctlContext& context, const TasteArguments& arguments) {
    const auto shown = ask_daemon(
        context, {{"op", "taste.show"}, {"tenant", arguments.tenant}, {"user_id", arguments.user}});
    if (!shown) return report_failure(context, shown.error());
    if (context.json()) {
        *context.out << shown->dump() << '\n';
        return kExitDone;
    }
    *context.out << printable(arguments.user) << ": " << shown->value("reactions", 0ULL)
                 << " reactions, of which time has left the weight of "
                 << signed_number(number_at(*shown, "weight")).substr(1) << "; "
                 << shown->value("recent_tracks", 0ULL) << " tracks that are not to come again yet\n";
    Table table({{"what", Table::Align::left, 0},
                 {"name", Table::Align::left, 40},
                 {"leaning", Table::Align::right, 0},
                 {"weight", Table::Align::right, 0},
                 {"", Table::Align::left, 0}});
    for (const char* kind : {"artists", "genres"}) {
        for (const json& one : shown->value(kind, json::array())) {
            table.add_row({std::string(kind, std::string_view(kind).size() - 1),
                           printable(text_at(one, "name")), signed_number(number_at(one, "leaning")),
                           signed_number(number_at(one, "weight")).substr(1),
                           one.value("turned_away", false) ? "turned away" : ""});
        }
    }
    const json moods = shown->value("moods", json::object());
    for (const auto& [mood, leaning] : moods.items())
        table.add_row(
            {"mood", printable(mood), signed_number(leaning.is_number() ? leaning.get<double>() : 0)});
    table.print(*context.out);
    return kExitDone;
}

int run_rebuild(BgmctlContext& context, const TasteArguments& arguments) {
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) return report_failure(context, admin.error());
    json question = {{"op", "taste.rebuild"}, {"tenant", arguments.tenant}};
    if (!arguments.user.empty()) question["user_id"] = arguments.user;
    std::uint64_t listeners = 0;
    while (true) {
        const auto page = admin->request(question, context.deadline);
        if (!page) return report_failure(context, page.error());
        listeners += page->value("listeners", 0ULL);
        const auto next = page->find("next");
        if (next == page->end() || !next->is_string()) break;
        question["after"] = *next;
    }
    if (context.json()) {
        *context.out << json{{"listeners", listeners}}.dump() << '\n';
    } else {
        *context.out << "learnt the taste of " << listeners << (listeners == 1 ? " listener" : " listeners")
                     << " again\n";
    }
    return kExitDone;
}

}  // namespace

void add_taste_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<TasteArguments>();
    TasteArguments& a = *arguments;
    CLI::App* taste = root.add_subcommand("taste", "What is learnt of listeners from their feedback");
    taste->require_subcommand(1);
    const auto runs = [&chosen, arguments](CLI::App* command, auto run) {
        command->callback([&chosen, arguments, run] {
            chosen.run = [arguments, run](BgmctlContext& context) { return run(context, *arguments); };
        });
    };
    CLI::App* show = taste->add_subcommand("show", "Show what is known of a user");
    show->add_option("USER", a.user, "the user's id")->required();
    show->add_option("--tenant", a.tenant, "whose user")->capture_default_str();
    runs(show, run_show);
    CLI::App* rebuild = taste->add_subcommand(
        "rebuild", "Learn it again from the feedback that has counted, with the tracks as they are now");
    rebuild->add_option("--user", a.user, "only this user's");
    rebuild->add_option("--tenant", a.tenant, "whose users")->capture_default_str();
    runs(rebuild, run_rebuild);
}

}  // namespace bgm
