// What the operations of the admin socket share: reading a request, looking into the journal, answering.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/journal/journal.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// Answers one request, now or later; once, on the loop's thread.
using AdminReply = std::function<void(Result<nlohmann::json>)>;

/// The value of a key that holds a text.
std::string request_text(const nlohmann::json& request, const char* key, const char* fallback = "");
Error invalid_request(std::string field, std::string message);
/// What MySQL's tables say: nothing of it is a client's mistake, since that has been found before. What the
/// operator has to mend (the account) passes, so it is `unavailable`.
Error of_the_store(Error error);

v1::DeadLetter dead_letter(const JournalRow& row, bool with_post);
nlohmann::json as_json(const google::protobuf::Message& message);

/// What a person only looks at is not tried again where it cannot be read: until it could be, nothing else
/// would be committed.
void look(Journal& journal, Journal::Operation operation, Journal::Done done, const AdminReply& reply);

}  // namespace bgm
