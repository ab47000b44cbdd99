#include "ops/bgmctl/models/models_swap.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/table.hpp"
#include "ops/client/admin_client.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct SwapArguments {
    ModelParts parts;
    int within_s = 600;
};

// The daemon's working directory is another one.
std::string as_daemon_sees(const std::string& key, const std::string& value) {
    const bool path = key == "dir" || key == "prompts_dir" || value.find('/') != std::string::npos;
    if (!path || value.empty()) return value;
    std::error_code error;
    const auto absolute = std::filesystem::absolute(value, error);
    return error ? value : absolute.lexically_normal().string();
}

int run_swap(BgmctlContext& context, const SwapArguments& arguments) {
    const auto swapped = swap_models(context, arguments.parts, std::chrono::seconds(arguments.within_s));
    if (!swapped) return report_failure(context, swapped.error());
    if (context.json()) {
        *context.out << json_line(*swapped) << '\n';
        return kExitDone;
    }
    *context.out << "the models are exchanged; they are used by";
    const auto workers = swapped->value("workers", json::array());
    const char* before = " ";
    for (const json& worker : workers) {
        if (!worker.is_string()) continue;
        *context.out << before << printable(worker.get<std::string>());
        before = ", ";
    }
    *context.out << '\n';
    if (!arguments.parts.empty())
        *context.out << "until bgmd starts again: write [models] in its bgmd.toml to keep them\n";
    return kExitDone;
}

}  // namespace

Result<json> swap_models(BgmctlContext& context, const ModelParts& parts, std::chrono::milliseconds within) {
    json question{{"op", "models.swap"}};
    for (const auto& [key, value] : parts)
        question[key] = as_daemon_sees(key, value);
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) return admin.error();
    return admin->request(question, within);
}

void add_models_swap(CLI::App& models, ChosenCommand& chosen) {
    auto arguments = std::make_shared<SwapArguments>();
    CLI::App* command = models.add_subcommand(
        "swap", "Exchange the running daemon's models without a stop; without options: read them again");
    const auto add = [&](const char* option, const char* key, const char* help) {
        command
            ->add_option_function<std::string>(
                option, [arguments, key](const std::string& value) { arguments->parts[key] = value; }, help)
            ->type_name("DIR");
    };
    add("--dir", "dir", "folder of all models (builtin: the only choice)");
    add("--image", "image", "CLIP: a path, or a name in the daemon's models.dir");
    add("--text", "text", "the text tower, likewise");
    add("--audio", "audio", "CLAP, likewise");
    add("--caption", "caption", "BLIP, likewise; '' for no captions");
    add("--prompts", "prompts_dir", "folder of prompts");
    add("--heads", "heads_dir", "folder of trained heads; none: those of the workers; '': beside the models");
    command->add_option("--within", arguments->within_s, "seconds to wait for the answer")
        ->capture_default_str()
        ->check(CLI::Range(1, 86'400));
    command->callback([&chosen, arguments] {
        chosen.run = [arguments](BgmctlContext& context) { return run_swap(context, *arguments); };
    });
}

}  // namespace bgm
