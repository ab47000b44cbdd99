#include "daemon/admin/request.hpp"

#include "schemas/codec.hpp"

namespace bgm {

using nlohmann::json;

std::string request_text(const json& request, const char* key, const char* fallback) {
    const auto found = request.find(key);
    return found != request.end() && found->is_string() ? found->get<std::string>() : fallback;
}

Error invalid_request(std::string field, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

Error of_the_store(Error error) {
    if (error.field == "mysql.user") error.code = ErrorCode::unavailable;
    if (!retryable(error.code)) error.code = ErrorCode::internal;
    return error;
}

v1::DeadLetter dead_letter(const JournalRow& row, bool with_post) {
    v1::DeadLetter dead;
    (void)dead.ParseFromString(row.dead);
    dead.set_event_id(row.event_id);
    if (with_post && !row.post.empty()) (void)dead.mutable_post()->ParseFromString(row.post);
    return dead;
}

json as_json(const google::protobuf::Message& message) {
    return json::parse(to_json(message));
}

void look(Journal& journal, Journal::Operation operation, Journal::Done done, const AdminReply& reply) {
    if (!journal.submit(Journal::Urgency::intake, 0, std::move(operation), std::move(done)))
        reply(Error{.code = ErrorCode::resource_exhausted, .message = "the journal's queue is full"});
}

}  // namespace bgm
