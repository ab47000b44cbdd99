// The log: one line per event, as text for people or JSON for machines, on standard error.
//
// Messages are constant; what varies goes into fields. Never log a text, a media byte or a secret: ids, codes
// and counts are enough to find the rest.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace bgm {

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// `level` and `format` as in the configuration.
void start_log(std::string_view level, std::string_view format);

void log_debug(std::string_view message, LogFields fields = {});
void log_info(std::string_view message, LogFields fields = {});
void log_warn(std::string_view message, LogFields fields = {});
void log_error(std::string_view message, LogFields fields = {});

}  // namespace bgm
