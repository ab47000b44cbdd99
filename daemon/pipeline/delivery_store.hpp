// What the two files of Delivery share: MySQL as its thread holds it.
#pragma once

#include <string>

#include "daemon/pipeline/delivery.hpp"
#include "daemon/store/mysql_options.hpp"

namespace bgm {

struct Delivery::Store {
    explicit Store(const Config& config)
        : options(mysql_options(config)),
          picks(options),
          writer([this](auto picked, auto dead) { return picks.write(picked, dead); },
                 [this] { return picks.connect().ok(); }) {}
    MySqlOptions options;
    PickStore picks;
    BatchWriter writer;
};

/// The JSON of the event.
std::string delivery_event(const Decision& decision);

}  // namespace bgm
