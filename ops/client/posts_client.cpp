#include "ops/client/posts_client.hpp"

#include <vector>

#include "schemas/json_text.hpp"

namespace bgm {
namespace {

Result<PostAck> from_message(const v1::Ack& message) {
    PostAck ack;
    switch (message.status()) {
        case v1::Ack::ACCEPTED:
            ack.status = PostAck::Status::accepted;
            break;
        case v1::Ack::DUPLICATE:
            ack.status = PostAck::Status::duplicate;
            break;
        case v1::Ack::REJECTED:
            ack.status = PostAck::Status::rejected;
            break;
        case v1::Ack::BUSY:
            ack.status = PostAck::Status::busy;
            break;
        default:
            return Error{ErrorCode::corrupt, "the daemon's answer has no status that is known", "status"};
    }
    ack.post_id = message.post_id();
    ack.revision = message.revision();
    ack.error_code = message.error().code();
    ack.error_field = message.error().field();
    ack.error_message = message.error().message();
    ack.retry_after_ms = message.retry_after_ms();
    return ack;
}

std::uint32_t number_of(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint32_t>() : 0;
}

/// Protobuf's own JSON reader costs several times as much, and a load test reads tens of thousands of acks a
/// second.
Result<PostAck> from_ack_json(const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object()) return Error{ErrorCode::corrupt, "the daemon's answer is not JSON", ""};
    v1::Ack::Status status = v1::Ack::STATUS_UNSPECIFIED;
    v1::Ack::Status_Parse(text_at(document, "status"), &status);
    v1::Ack message;
    message.set_status(status);
    message.set_post_id(text_at(document, "post_id"));
    message.set_revision(number_of(document, "revision"));
    message.set_retry_after_ms(number_of(document, "retry_after_ms"));
    if (const auto error = document.find("error"); error != document.end() && error->is_object()) {
        message.mutable_error()->set_code(text_at(*error, "code"));
        message.mutable_error()->set_field(text_at(*error, "field"));
        message.mutable_error()->set_message(text_at(*error, "message"));
    }
    return from_message(message);
}

}  // namespace

std::string_view name(PostAck::Status status) {
    switch (status) {
        case PostAck::Status::accepted:
            return "ACCEPTED";
        case PostAck::Status::duplicate:
            return "DUPLICATE";
        case PostAck::Status::rejected:
            return "REJECTED";
        case PostAck::Status::busy:
            return "BUSY";
    }
    return "REJECTED";
}

Result<PostsClient> PostsClient::connect(const std::string& endpoint, std::chrono::milliseconds deadline) {
    auto socket = ClientSocket::open({.kind = ClientSocket::Kind::dealer,
                                      .endpoint = endpoint,
                                      .what = "the posts endpoint",
                                      .hint = "--posts, BGMD_POSTS or posts.endpoint in bgmd.toml",
                                      .topics = {},
                                      .deadline = deadline});
    if (!socket) return socket.error();
    return PostsClient(std::move(*socket));
}

Status PostsClient::send(WireFormat format, std::string_view post, std::span<const std::string> media) {
    std::vector<std::string_view> frames{"", header_frame(format), post};
    frames.insert(frames.end(), media.begin(), media.end());
    return socket_.send(frames);
}

Result<std::optional<PostAck>> PostsClient::receive(std::chrono::milliseconds wait) {
    auto frames = socket_.receive();
    if (frames && frames->empty() && wait.count() > 0 && socket_.wait(wait)) frames = socket_.receive();
    if (!frames) return frames.error();
    if (frames->empty()) return std::optional<PostAck>();
    auto ack = decode_ack(*frames);
    if (!ack) return ack.error();
    return std::optional<PostAck>(std::move(*ack));
}

Result<PostAck> decode_ack(std::span<const std::string> frames) {
    if (!frames.empty() && frames.front().empty()) frames = frames.subspan(1);
    const auto format = frames.size() == 2 ? wire_format(frames[0]) : std::nullopt;
    if (!format) return Error{ErrorCode::corrupt, "the daemon's answer is not a BGM1 ack", ""};
    if (*format == WireFormat::json) return from_ack_json(frames[1]);
    v1::Ack message;
    if (!message.ParseFromString(frames[1])) {
        return Error{ErrorCode::corrupt, "the daemon's answer is not a protobuf ack", ""};
    }
    return from_message(message);
}

}  // namespace bgm
