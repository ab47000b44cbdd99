#include "ops/bgmctl/catalogue/db_command.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "daemon/store/migrations.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "ops/bgmctl/console/table.hpp"

namespace bgm {
namespace {

std::string standing(const MigrationStatus& migration) {
    if (migration.checksum_differs) return "applied with another text";
    if (migration.unknown) return "applied by a newer bgmd";
    return migration.applied_at ? "applied" : "pending";
}

void print(BgmctlContext& context, const std::vector<MigrationStatus>& migrations) {
    if (context.json()) {
        nlohmann::json items = nlohmann::json::array();
        for (const MigrationStatus& migration : migrations) {
            items.push_back({{"version", migration.version},
                             {"name", migration.name},
                             {"state", standing(migration)},
                             {"applied_at", migration.applied_at ? nlohmann::json(*migration.applied_at)
                                                                 : nlohmann::json()}});
        }
        *context.out << nlohmann::json{{"migrations", items}}.dump() << '\n';
        return;
    }
    Table table({{"version", Table::Align::right, 0},
                 {"name", Table::Align::left, 0},
                 {"state", Table::Align::left, 0},
                 {"applied at (UTC)", Table::Align::left, 0}});
    for (const MigrationStatus& migration : migrations) {
        table.add_row({std::to_string(migration.version), migration.name, standing(migration),
                       migration.applied_at.value_or("")});
    }
    table.print(*context.out);
}

int run_migrate(BgmctlContext& context) {
    auto applied = migrate(mysql_options(context));
    if (!applied) return report_failure(context, with_mysql_advice(context, applied.error()));
    if (applied->empty() && !context.json()) {
        *context.out << "nothing to do: the database is up to date\n";
    } else {
        print(context, *applied);
    }
    return kExitDone;
}

int run_status(BgmctlContext& context) {
    auto migrations = migration_status(mysql_options(context));
    if (!migrations) return report_failure(context, with_mysql_advice(context, migrations.error()));
    print(context, *migrations);
    bool up_to_date = true;
    for (const MigrationStatus& migration : *migrations) {
        up_to_date = up_to_date && migration.applied_at && !migration.checksum_differs;
    }
    return up_to_date ? kExitDone : kExitFailed;
}

}  // namespace

void add_db_command(CLI::App& root, ChosenCommand& chosen) {
    CLI::App* db = root.add_subcommand("db", "The database's tables: migrate, status");
    db->require_subcommand(1);
    db->add_subcommand("migrate", "Apply the migrations that are missing")->callback([&chosen] {
        chosen.run = run_migrate;
    });
    db->add_subcommand("status", "List the migrations; exits 1 where one is pending or was altered")
        ->callback([&chosen] { chosen.run = run_status; });
}

}  // namespace bgm
