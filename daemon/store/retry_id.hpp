// The id of the message that asks for a dead letter's analysis again (schemas/message_id.hpp).
//
// Of one row it is always the same, whoever asks and however often: so it has one effect, and whoever removes
// the row for good can tell that the message is not to have any. Its stamp is right behind that of the last
// message that went into the row, and its line that one's: whatever was posted later goes over it. Of a row
// from before there were messages it is older than everything.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/store/decision_batch.hpp"

namespace bgm {

/// `event_id` and `messages` are what the row says.
std::string retry_id(const PostKey& post, std::uint64_t event_id, std::string_view messages);

/// When the post was sent that a message with this id is about.
std::int64_t sent_ms_of(std::string_view id);

}  // namespace bgm
