#include "ops/client/daemon_json.hpp"

#include <google/protobuf/util/json_util.h>

#include <string>

namespace bgm {

Status read_daemon_json(std::string_view json, google::protobuf::Message& message) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const auto read =
        google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &message, options);
    if (read.ok()) return ok_status();
    return Error{ErrorCode::corrupt, "the daemon's message is not a " + message.GetTypeName(), ""};
}

}  // namespace bgm
