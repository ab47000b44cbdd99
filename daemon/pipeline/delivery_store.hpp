// What the two files of Delivery share: MySQL as its thread holds it.
#pragma once

#include <string>

#include "daemon/pipeline/delivery.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"

namespace bgm {

struct Delivery::Store {
    explicit Store(const Config& config)
        : options(mysql_options(config)),
          connection(options),
          writer([this](auto picked, auto dead) { return picks.write(picked, dead); },
                 [this] { return connection.connect().ok(); }) {}
    MySqlOptions options;
    MySqlConnection connection;
    PickTable picks{connection};
    BatchWriter writer;
};

/// The JSON of the event.
std::string delivery_event(const Decision& decision);

}  // namespace bgm
