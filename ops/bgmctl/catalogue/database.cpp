#include "ops/bgmctl/catalogue/database.hpp"

namespace bgm {

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
