#include "daemon/sources/zmq_source.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/base/log.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

constexpr int kMessagesPerRound = 32;
constexpr std::size_t kEnvelopeFramesMax = 8;
constexpr int kSocketQueue = 10'000;

// How many frames in front of the header belong to the envelope: the peer's identity, further hops, and the
// empty delimiter that REQ sends and DEALER may leave out.
std::size_t envelope_size(const Frames& frames) {
    for (std::size_t i = 1; i < std::min(frames.size(), kEnvelopeFramesMax); ++i) {
        if (wire_format(frames[i].view())) return i;
        if (frames[i].size() == 0) return i + 1;
    }
    return std::min<std::size_t>(1, frames.size());
}

}  // namespace

// Who waits for an ack, and how it wants to read it.
struct ZmqSource::Client {
    Frames envelope;
    WireFormat format = WireFormat::json;
};

Result<std::unique_ptr<ZmqSource>> ZmqSource::open(const Config& config, EventLoop& loop,
                                                   Messaging& messaging, Admission& admission) {
    std::unique_ptr<ZmqSource> source(new ZmqSource(admission));
    // One byte more than any limit, so that what is barely too large is answered with a reason, not a
    // hang-up.
    const Socket::Options options{
        .frame_bytes_max = static_cast<std::int64_t>(admission.frame_bytes_max()) + 1,
        .queue_max = kSocketQueue};
    const auto listen = [&](Socket::Kind kind, const std::string& endpoint, std::unique_ptr<Socket>& socket,
                            void (ZmqSource::*receive)(Frames)) -> Status {
        auto bound = Socket::bind(messaging, kind, endpoint, options);
        if (!bound) return bound.error();
        socket = std::move(*bound);
        loop.watch(*socket, EventLoop::Priority::urgent, [raw = source.get(), &from = *socket, receive] {
            Frames frames;
            for (int i = 0; i < kMessagesPerRound && from.receive(frames); ++i)
                (raw->*receive)(std::move(frames));
        });
        return ok_status();
    };
    auto listening =
        listen(Socket::Kind::router, config.posts.endpoint, source->posts_, &ZmqSource::take_post);
    if (listening && !config.posts.firehose_endpoint.empty()) {
        listening = listen(Socket::Kind::pull, config.posts.firehose_endpoint, source->firehose_,
                           &ZmqSource::take_from_firehose);
    }
    if (!listening) return listening.error();
    return source;
}

void ZmqSource::take_post(Frames frames) {
    auto client = std::make_shared<Client>();
    const std::size_t header = envelope_size(frames);
    client->envelope.assign(std::make_move_iterator(frames.begin()),
                            std::make_move_iterator(frames.begin() + static_cast<std::ptrdiff_t>(header)));
    if (header < frames.size())
        client->format = wire_format(frames[header].view()).value_or(WireFormat::json);
    submit("posts", std::move(frames), header, [this, client](const v1::Ack& ack) { answer(*client, ack); });
}

void ZmqSource::take_from_firehose(Frames frames) {
    submit("firehose", std::move(frames), 0, {});
}

void ZmqSource::submit(std::string_view source, Frames frames, std::size_t header, Admission::OnAck on_ack) {
    const auto format = header < frames.size() ? wire_format(frames[header].view()) : std::nullopt;
    if (!format) {
        return admission_.reject(source,
                                 {.code = ErrorCode::invalid_argument,
                                  .message = "must be BGM1/json or BGM1/protobuf",
                                  .field = "header"},
                                 on_ack);
    }
    Frames media;
    for (std::size_t i = header + 2; i < frames.size(); ++i)
        media.push_back(std::move(frames[i]));
    const std::string_view post = header + 1 < frames.size() ? frames[header + 1].view() : std::string_view();
    admission_.submit({.source = source, .format = *format, .bytes = post}, std::move(media),
                      std::move(on_ack));
}

void ZmqSource::answer(Client& client, const v1::Ack& ack) {
    Frames frames = std::move(client.envelope);
    frames.emplace_back(header_frame(client.format));
    frames.emplace_back(encode_ack(client.format, ack));
    if (!posts_->send(std::move(frames)))
        log_debug("ack lost: the client is gone", {{"post_id", ack.post_id()}});
}

}  // namespace bgm
