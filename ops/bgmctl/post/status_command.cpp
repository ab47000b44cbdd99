#include "ops/bgmctl/post/status_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/post/pick_view.hpp"
#include "ops/client/admin_client.hpp"
#include "schemas/json_text.hpp"
#include "schemas/network_packages.hpp"

namespace bgm {
namespace {

using nlohmann::json;

// The daemon may be of another version: what it does not say is shown as "-", never an error.
const json& at(const json& object, const char* key) {
    static const json kNothing;
    if (!object.is_object()) return kNothing;
    const auto found = object.find(key);
    return found != object.end() ? *found : kNothing;
}

std::string text_at(const json& object, const char* key) {
    const json& value = at(object, key);
    if (value.is_string()) return printable(value.get<std::string>());
    return value.is_number() ? value.dump() : "-";
}

double number_at(const json& object, const char* key) {
    const json& value = at(object, key);
    return value.is_number() ? value.get<double>() : 0;
}

// "image+video": one process may have several. A daemon of another version names only the first.
std::string modalities_of(const json& worker) {
    std::string joined;
    for (const json& modality : at(worker, "modalities")) {
        if (modality.is_string())
            joined += (joined.empty() ? "" : "+") + printable(modality.get<std::string>());
    }
    return joined.empty() ? text_at(worker, "modality") : joined;
}

std::string mebibytes(double bytes) {
    return std::to_string(std::lround(bytes / (1024 * 1024))) + " MiB";
}

void print_status(std::ostream& out, const json& status) {
    out << "bgmd " << text_at(status, "version") << ", up for "
        << duration_text(number_at(status, "uptime_s")) << ", ";
    if (at(status, "ready") == json(true)) {
        out << "ready\n\n";
    } else {
        out << "NOT ready";
        const char* before = ": ";
        for (const json& missing : at(status, "missing")) {
            if (!missing.is_string()) continue;
            out << before << printable(missing.get<std::string>());
            before = "; ";
        }
        out << "\n\n";
    }
    const json& journal = at(status, "journal");
    out << "journal    ";
    for (const char* state : {"accepted", "analysing", "picked", "delivered", "dead"}) {
        out << text_at(journal, state) << ' ' << state << (std::string_view(state) == "dead" ? "\n" : ", ");
    }
    if (number_at(journal, "oldest_unfinished_s") > 0) {
        out << "           the oldest unfinished post has waited for "
            << duration_text(number_at(journal, "oldest_unfinished_s")) << '\n';
    }
    const json& posts = at(status, "posts");
    out << "posts      " << text_at(posts, "accepted_total") << " accepted, "
        << text_at(posts, "duplicate_total") << " duplicate, " << text_at(posts, "rejected_total")
        << " rejected, " << text_at(posts, "busy_total") << " busy; " << text_at(posts, "delivered_total")
        << " delivered, " << text_at(posts, "dead_total") << " dead since the start\n";
    const json& mysql = at(status, "mysql");
    out << "mysql      " << text_at(mysql, "state");
    if (text_at(mysql, "state") == "off") out << " (picks stay in the journal)";
    if (const std::string error = text_at(mysql, "error"); error != "-" && !error.empty())
        out << ": " << error;
    for (const json& replica : at(mysql, "replicas")) {
        out << "\n           replica " << text_at(replica, "endpoint") << ' ' << text_at(replica, "state");
        if (at(replica, "behind_s").is_number())
            out << ", at most " << duration_text(number_at(replica, "behind_s")) << " behind";
        if (const std::string error = text_at(replica, "error"); error != "-" && !error.empty())
            out << ": " << error;
    }
    const json& catalogue = at(status, "catalogue");
    out << "\ncatalogue  " << text_at(catalogue, "tracks") << " tracks, version "
        << text_at(catalogue, "version") << "\n\n";

    Table table({{"worker", Table::Align::left, 0},
                 {"modality", Table::Align::left, 0},
                 {"state", Table::Align::left, 0},
                 {"pid", Table::Align::right, 0},
                 {"tasks", Table::Align::right, 0},
                 {"memory", Table::Align::right, 0},
                 {"restarts", Table::Align::right, 0},
                 {"model", Table::Align::left, 40}});
    for (const json& worker : at(status, "workers")) {
        table.add_row({text_at(worker, "name"), modalities_of(worker), text_at(worker, "state"),
                       text_at(worker, "pid"), text_at(worker, "in_flight"),
                       mebibytes(number_at(worker, "rss_bytes")), text_at(worker, "restarts"),
                       text_at(worker, "model")});
    }
    if (table.empty()) {
        out << "no workers\n";
    } else {
        table.print(out);
    }
}

// Nothing where the daemon has every network, or is of a version without any.
void print_missing_networks(std::ostream& out, const json& models) {
    if (text_at(models, "packages_dir") == "none") return;
    bool missing = false;
    for (const json& package : at(models, "packages")) {
        if (text_at(package, "state") == "installed") continue;
        out << (missing ? "           " : "\nnetworks   ") << text_at(package, "name") << " is "
            << text_at(package, "state") << ": " << text_at(package, "purpose") << '\n';
        if (text_at(package, "state") == "damaged") {
            for (const json& wrong : at(package, "wrong"))
                out << "             " << (wrong.is_string() ? printable(wrong.get<std::string>()) : "")
                    << '\n';
        }
        missing = true;
    }
    if (missing) {
        out << "           " << kFetchPackages << ",\n           then a restart; they are looked for in "
            << text_at(models, "packages_dir") << '\n';
    }
}

void print_hosts(std::ostream& out, const json& hosts) {
    Table table({{"host", Table::Align::left, 40},
                 {"state", Table::Align::left, 0},
                 {"version", Table::Align::left, 20},
                 {"seen", Table::Align::right, 0},
                 {"held", Table::Align::right, 0},
                 {"partitions", Table::Align::left, 40},
                 {"workers", Table::Align::right, 0},
                 {"ready", Table::Align::left, 60}});
    for (const json& host : hosts) {
        std::string partitions;
        for (const json& partition : at(host, "partitions"))
            partitions += (partitions.empty() ? "" : " ") + printable(partition.dump());
        std::string ready = at(host, "ready") == json(true) ? "ready" : "";
        for (const json& missing : at(host, "missing")) {
            if (missing.is_string())
                ready += (ready.empty() ? "" : "; ") + printable(missing.get<std::string>());
        }
        table.add_row({text_at(host, "name"), text_at(host, "state"), text_at(host, "version"),
                       duration_text(number_at(host, "seen_ms") / 1000) + " ago", text_at(host, "held"),
                       partitions.empty() ? "-" : partitions,
                       text_at(host, "workers_ready") + "/" + text_at(host, "workers"),
                       ready.empty() ? "-" : ready});
    }
    table.print(out);
}

// Hosts that have left are shown and not blamed.
int run_status_of_all(BgmctlContext& context) {
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) return report_failure(context, admin.error());
    auto status = admin->request({{"op", "status.all"}}, context.deadline);
    if (!status) return report_failure(context, status.error());
    const json& hosts = at(*status, "hosts");
    if (context.json()) {
        *context.out << json_line(*status) << '\n';
    } else {
        print_hosts(*context.out, hosts);
        if (const json& mysql = at(*status, "mysql"); mysql.is_object()) {
            *context.out << "MySQL has not said for " << duration_text(number_at(mysql, "silent_ms") / 1000)
                         << " who is there; this is what it said last";
            if (const std::string error = text_at(mysql, "error"); error != "-" && !error.empty())
                *context.out << ": " << error;
            *context.out << '\n';
        }
    }
    const bool well = std::ranges::all_of(hosts, [](const json& host) {
        return text_at(host, "state") == "gone" ||
               (text_at(host, "state") == "live" && at(host, "ready") == json(true));
    });
    return well ? kExitDone : kExitFailed;
}

int run_status(BgmctlContext& context) {
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) {
        Error error = admin.error();
        error.message += ". Its health is also told by " + context.settings.http + "/readyz";
        return report_failure(context, error);
    }
    auto status = admin->request({{"op", "status"}}, context.deadline);
    if (!status) return report_failure(context, status.error());
    if (context.json()) {
        *context.out << json_line(*status) << '\n';
    } else {
        print_status(*context.out, *status);
        print_missing_networks(*context.out, at(*status, "models"));
    }
    return at(*status, "ready") == json(true) ? kExitDone : kExitFailed;
}

}  // namespace

void add_status_command(CLI::App& root, ChosenCommand& chosen) {
    auto all = std::make_shared<bool>(false);
    CLI::App* status = root.add_subcommand(
        "status",
        "Show how the daemon, its workers, its journal and its database do; exits 1 where it is not ready");
    status->add_flag("--all", *all,
                     "A line for each bgmd that shares the queue; exits 1 where one is lost or not ready");
    status->callback([&chosen, all] { chosen.run = *all ? run_status_of_all : run_status; });
}

}  // namespace bgm
