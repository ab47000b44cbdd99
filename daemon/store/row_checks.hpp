// Whether columns can hold values, asked before anything is sent: a row that the server refuses costs its
// whole batch.
//
// Each is `invalid_argument` with `path` + ".column" where a value cannot be stored.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

Error refused(const std::string& path, std::string_view column, std::string message);

/// UTF-8, and not too long.
Status check_text(std::string_view value, std::size_t characters_max, const std::string& path,
                  std::string_view column);
/// A text that is not empty, too.
Status check_id(std::string_view value, const std::string& path, std::string_view column);
Status check_time(const google::protobuf::Timestamp& time, const std::string& path, std::string_view column);
Status first_failure(std::initializer_list<Status> checks);

}  // namespace bgm
