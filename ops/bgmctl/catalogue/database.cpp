#include "ops/bgmctl/catalogue/database.hpp"

#include <chrono>
#include <thread>

#include "daemon/store/mark_table.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/replica.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kArrivesWithin{1'000};
constexpr std::chrono::milliseconds kLookAgain{10};
constexpr std::chrono::hours kAnyLag{24};

}  // namespace

MySqlOptions mysql_options(const BgmctlContext& context) {
    const BgmctlMysqlSettings& settings = context.settings.mysql;
    MySqlOptions options;
    options.socket = settings.socket;
    if (!settings.host.empty()) options.host = settings.host;
    options.port = settings.port;
    options.endpoints = read_host_ports(settings.endpoints).value();  // was checked
    options.user = settings.user;
    options.password = settings.password;
    options.database = settings.database;
    options.tls_ca_file = settings.tls_ca_file;
    options.connect_timeout_ms = static_cast<std::uint32_t>(context.deadline.count());
    return options;
}

MySqlConnection reading_connection(const BgmctlContext& context) {
    MySqlConnection primary(mysql_options(context));
    auto replicas = replica_options(primary.options(), context.settings.mysql.replicas);
    if (replicas.empty()) return primary;
    MarkBook book;
    // Where the primary takes no mark, whoever reads there hears why.
    if (!MarkTable(primary).write(book.instance(), book.begin())) return primary;
    const auto until = MarkBook::Clock::now() + kArrivesWithin;
    for (MySqlOptions& options : replicas) {
        options.read_timeout_ms = options.write_timeout_ms = primary.options().read_timeout_ms;
        // Whatever shows this one mark has all that was there before.
        Replica replica(options, book, kAnyLag);
        ReplicaState state = replica.look();
        while (state == ReplicaState::lagging && MarkBook::Clock::now() < until) {
            std::this_thread::sleep_for(kLookAgain);
            state = replica.look();
        }
        if (state == ReplicaState::fresh) return std::move(replica.connection());
    }
    return primary;
}

Error with_mysql_advice(const BgmctlContext& context, Error error) {
    if (error.code != ErrorCode::unavailable && error.field != "mysql.user") return error;
    const BgmctlMysqlSettings& settings = context.settings.mysql;
    const std::string where = !settings.socket.empty() ? settings.socket
                              : !settings.endpoints.empty()
                                  ? settings.endpoints
                                  : mysql_options(context).host + ":" + std::to_string(settings.port);
    error.message +=
        ". The database was sought at " + where + " as user " + settings.user +
        "; check --mysql-socket, --mysql-host, --mysql-port and --mysql-user, or BGMD_MYSQL_SOCKET, "
        "BGMD_MYSQL_HOST, BGMD_MYSQL_PORT, BGMD_MYSQL_USER and BGMD_MYSQL_PASSWORD";
    return error;
}

int report_no_database(BgmctlContext& context) {
    return report_usage(context,
                        "what this needs is kept in the database: name the daemon's bgmd.toml with --config, "
                        "or the database with --mysql-socket or --mysql-host");
}

}  // namespace bgm
