#include "ops/bgmctl/keys/keys_command.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/client/curve_pair.hpp"
#include "schemas/curve_keys.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

struct KeysArguments {
    std::string tenant, name, expires, key_id, out;
    std::vector<std::string> scopes;
};

std::string scopes_text(const json& key) {
    std::string line;
    for (const json& scope : key.value("scopes", json::array()))
        line += (line.empty() ? "" : " ") + (scope.is_string() ? scope.get<std::string>() : "?");
    return line;
}

/// "2026-11-29 08:00 UTC"; a dash for a time that there is none of.
std::string time_text(const json& key, const char* field) {
    const auto found = key.find(field);
    if (found == key.end() || !found->is_number_integer() || found->get<std::int64_t>() == 0) return "-";
    const std::time_t seconds = found->get<std::int64_t>() / 1000;
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr) return "?";
    std::array<char, 32> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return {buffer.data(), size};
}

/// "90s", "15m", "12h", "30d".
std::optional<std::int64_t> seconds_of(std::string_view life) {
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}}};
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(life.data(), life.data() + life.size(), count);
    if (error != std::errc{} || end + 1 != life.data() + life.size() || count < 1 || count > 10'000'000'000)
        return std::nullopt;
    for (const auto& [unit, seconds] : kUnits) {
        if (*end == unit) return count * seconds;
    }
    return std::nullopt;
}

int run_create(BgmctlContext& context, const KeysArguments& arguments) {
    json question = {{"op", "keys.create"},
                     {"tenant", arguments.tenant},
                     {"scopes", arguments.scopes},
                     {"name", arguments.name}};
    if (!arguments.expires.empty()) {
        const auto seconds = seconds_of(arguments.expires);
        if (!seconds) return report_usage(context, "--expires: say 90s, 15m, 12h or 30d");
        question["expires_in_s"] = *seconds;
    }
    const auto created = ask_daemon(context, question);
    if (!created) return report_failure(context, created.error());
    if (context.json()) {
        *context.out << created->dump() << '\n';
        return kExitDone;
    }
    *context.out << text_at(*created, "key") << '\n';
    // Beside it, so that the key alone can be piped away.
    *context.err << "key " << printable(text_at(*created, "id")) << " of tenant "
                 << printable(text_at(*created, "tenant")) << " may: " << printable(scopes_text(*created))
                 << ", until: " << time_text(*created, "expires_ms")
                 << "\nIt is not shown again: only a digest of it is kept.\n";
    return kExitDone;
}

// A pair for CURVE: the secret key goes into a file, the public one is shown as the line for bgmd's list.
// Needs no bgmd.
int run_worker(BgmctlContext& context, const KeysArguments& arguments) {
    if (!is_host_name(arguments.name))
        return report_usage(context, "NAME: say 1 to 32 letters, digits and . _ -");
    const CurvePair pair = make_curve_pair();
    if (const Status written = write_curve_secret(arguments.out, pair.secret_key); !written)
        return report_failure(context, written.error());
    if (context.json()) {
        *context.out << json{{"name", arguments.name},
                             {"public_key", pair.public_key},
                             {"secret_file", arguments.out}}
                            .dump()
                     << '\n';
        return kExitDone;
    }
    *context.out << pair.public_key << ' ' << arguments.name << '\n';
    *context.err << "The secret key is in " << printable(arguments.out)
                 << ". The line is for the other side: of a host with workers for bgmd's "
                    "workers.curve_clients_file, of bgmd for the workers' --server-key.\n";
    return kExitDone;
}

int run_list(BgmctlContext& context, const KeysArguments& arguments) {
    json question = {{"op", "keys.list"}};
    if (!arguments.tenant.empty()) question["tenant"] = arguments.tenant;
    const auto result = ask_daemon(context, question);
    if (!result) return report_failure(context, result.error());
    if (context.json()) {
        *context.out << result->dump() << '\n';
        return kExitDone;
    }
    Table table({{"key", Table::Align::left, 0},
                 {"tenant", Table::Align::left, 20},
                 {"scopes", Table::Align::left, 0},
                 {"state", Table::Align::left, 0},
                 {"created", Table::Align::left, 0},
                 {"expires", Table::Align::left, 0},
                 {"name", Table::Align::left, 40}});
    for (const json& key : result->value("items", json::array())) {
        table.add_row({text_at(key, "id"), text_at(key, "tenant"), scopes_text(key), text_at(key, "state"),
                       time_text(key, "created_ms"), time_text(key, "expires_ms"), text_at(key, "name")});
    }
    if (table.empty()) {
        *context.out << "no keys\n";
    } else {
        table.print(*context.out);
    }
    return kExitDone;
}

int run_revoke(BgmctlContext& context, const KeysArguments& arguments) {
    const auto revoked = ask_daemon(context, {{"op", "keys.revoke"}, {"key_id", arguments.key_id}});
    if (!revoked) return report_failure(context, revoked.error());
    if (context.json()) {
        *context.out << revoked->dump() << '\n';
    } else {
        *context.out << "revoked " << printable(arguments.key_id) << ": refused within five seconds\n";
    }
    return kExitDone;
}

}  // namespace

void add_keys_command(CLI::App& root, ChosenCommand& chosen) {
    auto arguments = std::make_shared<KeysArguments>();
    KeysArguments& a = *arguments;
    CLI::App* keys = root.add_subcommand(
        "keys", "Keys for the gateway: create, list, revoke; and for workers on other hosts");
    keys->require_subcommand(1);
    const auto runs = [&chosen, arguments](CLI::App* command, auto run) {
        command->callback([&chosen, arguments, run] {
            chosen.run = [arguments, run](BgmctlContext& context) { return run(context, *arguments); };
        });
    };

    CLI::App* create = keys->add_subcommand("create", "Make a key; it is shown once");
    create->add_option("--tenant", a.tenant, "whose posts it may touch")->required();
    create->add_option("--scope", a.scopes, "what it may do; may be repeated")
        ->type_name("post|read|feedback|admin")
        ->required()
        ->check(CLI::IsMember({"post", "read", "feedback", "admin"}));
    create->add_option("--name", a.name, "for people: where it is used");
    create->add_option("--expires", a.expires, "how long it is worth something: 90s, 15m, 12h, 30d");
    runs(create, run_create);

    CLI::App* worker =
        keys->add_subcommand("worker", "Make a pair of keys for a host with workers, or for bgmd itself");
    worker->add_option("NAME", a.name, "of the host; its workers' names will begin with it")->required();
    worker->add_option("--out", a.out, "file for the secret key, which must not be there yet; mode 0600")
        ->type_name("FILE")
        ->required();
    runs(worker, run_worker);

    CLI::App* list = keys->add_subcommand("list", "List keys, without the keys themselves");
    list->add_option("--tenant", a.tenant, "only those of this tenant");
    runs(list, run_list);

    CLI::App* revoke = keys->add_subcommand("revoke", "Have a key refused from now on");
    revoke->add_option("KEY_ID", a.key_id, "as the list names it")->required();
    runs(revoke, run_revoke);
}

}  // namespace bgm
