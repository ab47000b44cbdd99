// Picks and dead letters as the daemon writes them, which may be a newer one than bgmctl.
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

/// Reads the fields that are known and passes over the rest: the contract only ever adds fields. `corrupt`
/// where it is no such message at all.
Status read_daemon_json(std::string_view json, google::protobuf::Message& message);

}  // namespace bgm
