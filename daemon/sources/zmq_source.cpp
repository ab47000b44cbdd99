#include "daemon/sources/zmq_source.hpp"

#include <iterator>

#include "daemon/base/log.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

constexpr int kMessagesPerRound = 32;
constexpr int kSocketQueue = 10'000;

bool is_header(std::string_view frame) {
    return wire_format(frame).has_value();
}

}  // namespace

// Who waits for an ack, and how it wants to read it.
struct ZmqSource::Client {
    Socket& socket;
    Frames envelope;
    WireFormat format = WireFormat::json;
};

Result<std::unique_ptr<ZmqSource>> ZmqSource::open(const Config& config, EventLoop& loop,
                                                   Messaging& messaging, Admission& admission,
                                                   JudgeKey judge_key) {
    std::unique_ptr<ZmqSource> source(new ZmqSource(admission, std::move(judge_key)));
    // One byte more than any limit, so that what is barely too large is answered with a reason, not a
    // hang-up.
    const Socket::Options options{
        .frame_bytes_max = static_cast<std::int64_t>(admission.frame_bytes_max()) + 1,
        .queue_max = kSocketQueue};
    const auto receive_from = [&](Result<std::unique_ptr<Socket>> opened, std::unique_ptr<Socket>& socket,
                                  auto take) -> Status {
        if (!opened) return opened.error();
        socket = std::move(*opened);
        loop.watch(*socket, EventLoop::Priority::urgent, [&from = *socket, take] {
            Frames frames;
            for (int i = 0; i < kMessagesPerRound && from.receive(frames); ++i)
                take(std::move(frames));
        });
        return ok_status();
    };
    auto receiving = receive_from(
        Socket::bind(messaging, Socket::Kind::router, config.posts.endpoint, options), source->posts_,
        [raw = source.get()](Frames frames) { raw->take_post(std::move(frames)); });
    if (receiving && !config.posts.firehose_endpoint.empty()) {
        receiving = receive_from(
            Socket::bind(messaging, Socket::Kind::pull, config.posts.firehose_endpoint, options),
            source->firehose_,
            [raw = source.get()](Frames frames) { raw->submit({.source = "firehose"}, frames, 0, {}); });
    }
    if (receiving && config.gateway.enabled()) {
        receiving =
            receive_from(Socket::open(messaging, Socket::Kind::router, options), source->gateway_,
                         [raw = source.get()](Frames frames) { raw->take_keyed_post(std::move(frames)); });
        if (receiving)
            receiving = source->gateway_->connect("ipc://" + config.runtime_dir + "/" + kGatewayPostsSocket);
    }
    if (!receiving) return receiving.error();
    return source;
}

void ZmqSource::take_post(Frames frames) {
    const std::size_t header = envelope_size(frames, is_header);
    auto on_ack = answering(*posts_, frames, header);
    submit({.source = "posts"}, frames, header, std::move(on_ack));
}

void ZmqSource::take_keyed_post(Frames frames) {
    constexpr std::string_view kSource = "gateway";
    const std::size_t header = envelope_size(frames, is_header);
    auto on_ack = answering(*gateway_, frames, header);
    const std::size_t digest = header + 1;
    const KeyJudgement judged =
        judge_key_(digest < frames.size() ? frames[digest].view() : std::string_view());
    if (judged.key == nullptr) {
        return admission_.reject(kSource, {.code = judged.code, .field = "key", .message = judged.message},
                                 on_ack);
    }
    frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(digest));
    submit({.source = kSource, .tenant = judged.key->tenant}, frames, header, std::move(on_ack));
}

// Takes the envelope out of the frames in front of the header.
Admission::OnAck ZmqSource::answering(Socket& from, Frames& frames, std::size_t header) {
    auto client = std::make_shared<Client>(Client{.socket = from, .envelope = {}});
    client->envelope.assign(std::make_move_iterator(frames.begin()),
                            std::make_move_iterator(frames.begin() + static_cast<std::ptrdiff_t>(header)));
    if (header < frames.size())
        client->format = wire_format(frames[header].view()).value_or(WireFormat::json);
    return [this, client](const v1::Ack& ack) { answer(*client, ack); };
}

void ZmqSource::submit(Admission::RawPost post, Frames& frames, std::size_t header, Admission::OnAck on_ack) {
    const auto format = header < frames.size() ? wire_format(frames[header].view()) : std::nullopt;
    if (!format) {
        return admission_.reject(post.source,
                                 {.code = name(ErrorCode::invalid_argument),
                                  .field = "header",
                                  .message = "must be BGM1/json or BGM1/protobuf"},
                                 on_ack);
    }
    Frames media;
    for (std::size_t i = header + 2; i < frames.size(); ++i)
        media.push_back(std::move(frames[i]));
    post.format = *format;
    if (header + 1 < frames.size()) post.bytes = frames[header + 1].view();
    admission_.submit(post, std::move(media), std::move(on_ack));
}

void ZmqSource::answer(Client& client, const v1::Ack& ack) {
    Frames frames = std::move(client.envelope);
    frames.emplace_back(header_frame(client.format));
    frames.emplace_back(encode_ack(client.format, ack));
    if (!client.socket.send(std::move(frames)))
        log_debug("ack lost: the client is gone", {{"post_id", ack.post_id()}});
}

}  // namespace bgm
