// The configuration's [mysql] table as the options of a connection.
#pragma once

#include "daemon/config.hpp"
#include "daemon/store/connection.hpp"

namespace bgm {

inline MySqlOptions mysql_options(const Config& config) {
    MySqlOptions options;
    options.socket = config.mysql.socket;
    if (!config.mysql.host.empty()) options.host = config.mysql.host;
    options.port = static_cast<std::uint16_t>(config.mysql.port);
    options.user = config.mysql.user;
    options.password = config.mysql.password;
    options.database = config.mysql.database;
    return options;
}

}  // namespace bgm
