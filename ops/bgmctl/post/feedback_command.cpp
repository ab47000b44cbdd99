#include "ops/bgmctl/post/feedback_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "daemon/store/feedback_table.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

struct FeedbackArguments {
    std::string tenant = "default", user, post_id, track_id, action;
};

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

int run_feedback(BgmctlContext& context, const FeedbackArguments& arguments) {
    v1::Feedback feedback;
    v1::Feedback::Action action = v1::Feedback::ACTION_UNSPECIFIED;
    v1::Feedback::Action_Parse(upper(arguments.action), &action);
    feedback.set_action(action);
    feedback.set_tenant(arguments.tenant);
    feedback.set_user_id(arguments.user);
    feedback.set_post_id(arguments.post_id);
    feedback.set_track_id(arguments.track_id);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    feedback.mutable_happened_at()->set_seconds(
        std::chrono::duration_cast<std::chrono::seconds>(now).count());
    feedback.mutable_happened_at()->set_nanos(static_cast<std::int32_t>(
        (std::chrono::duration_cast<std::chrono::microseconds>(now).count() % 1'000'000) * 1000));

    MySqlConnection connection(mysql_options(context));
    const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    if (auto stored = FeedbackTable(connection).insert({&feedback, 1}, now_ms); !stored) {
        Error error = with_mysql_advice(context, stored.error());
        // The store names its rows; here there is only one, and the person who typed it.
        if (error.field.starts_with("feedback[0].")) {
            return report_usage(context,
                                error.field.substr(error.field.rfind('.') + 1) + ": " + error.message);
        }
        return report_failure(context, error);
    }
    if (context.json()) {
        *context.out << to_json(feedback) << '\n';
    } else {
        *context.out << "recorded: " << printable(feedback.track_id()) << " was " << arguments.action
                     << " for post " << printable(feedback.post_id()) << '\n';
        if (feedback.user_id().empty())
            *context.err << "bgmctl: without --user nobody's taste learns from it\n";
    }
    return kExitDone;
}

}  // namespace

void add_feedback_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<FeedbackArguments>();
    FeedbackArguments& a = *arguments;
    CLI::App* command = root.add_subcommand("feedback", "Record what a listener did with a picked track");
    command->add_option("--post", a.post_id, "the post's id")->required();
    command->add_option("--track", a.track_id, "the track's id")->required();
    command->add_option("--action", a.action, "what was done")
        ->type_name("played|skipped|liked|replaced")
        ->required()
        ->check(CLI::IsMember({"played", "skipped", "liked", "replaced"}));
    command->add_option("--tenant", a.tenant, "whose post it is")->capture_default_str();
    command->add_option("--user", a.user, "who listened");
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_feedback(context, *arguments); };
    });
}

}  // namespace bgm
