#include "daemon/gateway/daemon_link.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "daemon/base/listening_socket.hpp"
#include "daemon/gateway_sockets.hpp"
#include "schemas/codec.hpp"
#include "schemas/json_text.hpp"

namespace bgm::gateway {
namespace {

using nlohmann::json;

constexpr std::string_view kDoorHeader = "BGM1/door";
constexpr std::int64_t kAckBytesMax = 1 << 20;
constexpr std::int64_t kAnswerBytesMax = 64 << 20;  // a thousand tracks, or picks
constexpr std::chrono::seconds kAnswerWithin{30};
constexpr int kEventsPerRound = 256;

DoorAnswer refused(std::string code, std::string message) {
    return {.result = {}, .error = DoorAnswer::Refusal{std::move(code), {}, std::move(message)}};
}

DoorAnswer read_answer(const Status& came, const Frames& frames) {
    if (!came) return refused("unavailable", came.error().message);
    if (frames.size() != 2 || frames[0].view() != kDoorHeader)
        return refused("internal", "the daemon's answer is none");
    const std::string_view text = frames[1].view();
    // As the door writes it: what is good need not be read to be passed on.
    constexpr std::string_view kGood = "{\"ok\":true,\"result\":";
    if (text.starts_with(kGood) && text.ends_with('}'))
        return {.result = std::string(text.substr(kGood.size(), text.size() - kGood.size() - 1)),
                .error = {}};
    const auto answer = json::parse(text, nullptr, false);
    if (!answer.is_object()) return refused("internal", "the daemon's answer is none");
    if (answer.value("ok", false)) return {.result = answer.value("result", json()).dump(), .error = {}};
    const json error = answer.value("error", json::object());
    if (!error.is_object()) return refused("internal", "the daemon's answer is none");
    return {.result = {},
            .error = DoorAnswer::Refusal{error.value("code", "internal"), error.value("field", ""),
                                         error.value("message", "")}};
}

}  // namespace

Result<std::unique_ptr<DaemonLink>> DaemonLink::open(const std::string& runtime_dir, Reactor& reactor) {
    std::unique_ptr<DaemonLink> link(new DaemonLink(reactor));
    const auto channel = [&](const char* file, std::int64_t bytes_max,
                             std::unique_ptr<DaemonChannel>& target) -> Status {
        const std::string path = runtime_dir + "/" + file;
        const auto fd = listen_on_path(path);
        if (!fd) return fd.error();
        auto opened = DaemonChannel::open(link->messaging_, reactor, path, *fd, bytes_max);
        if (!opened) return opened.error();
        target = std::move(*opened);
        return ok_status();
    };
    if (auto opened = channel(kGatewayPostsSocket, kAckBytesMax, link->posts_); !opened)
        return opened.error();
    if (auto opened = channel(kGatewayDoorSocket, kAnswerBytesMax, link->door_); !opened)
        return opened.error();

    const std::string path = runtime_dir + "/" + kGatewayEventsSocket;
    const auto fd = listen_on_path(path);
    if (!fd) return fd.error();
    const Socket::Options options{
        .frame_bytes_max = kAnswerBytesMax, .queue_max = 10'000, .listening_fd = *fd};
    auto socket = Socket::open(link->messaging_, Socket::Kind::sub, options);
    if (!socket) return socket.error();
    link->events_ = std::move(*socket);
    if (auto bound = link->events_->bind("ipc://" + path, options); !bound) return bound.error();
    link->event_events_ = std::make_unique<Descriptor>(reactor, dup(link->events_->event_fd()));
    link->watch_events();
    return link;
}

DaemonLink::~DaemonLink() = default;

DaemonEvent DaemonEvent::of(std::string_view topic, std::string_view json) {
    const bool pick = topic.starts_with("pick.");
    topic.remove_prefix(std::min<std::size_t>(topic.size(), 5));
    return {
        .tenant = std::string(pick ? topic.substr(0, topic.rfind('.')) : topic), .pick = pick, .json = json};
}

bool DaemonLink::daemon_is_there() const {
    return posts_->daemon_is_there() && door_->daemon_is_there();
}

void DaemonLink::post(const std::string& key_digest, Frames post, OnAck on_ack) {
    Frames question;
    question.reserve(post.size() + 2);
    question.emplace_back(header_frame(WireFormat::protobuf));
    question.emplace_back(key_digest);
    for (Frame& frame : post)
        question.push_back(std::move(frame));
    posts_->ask(std::move(question), [on_ack = std::move(on_ack)](const Status& came, const Frames& answer) {
        if (!came) return on_ack(came.error());
        v1::Ack ack;
        const std::string_view bytes = answer.size() == 2 ? answer[1].view() : std::string_view();
        if (bytes.empty() || !ack.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return on_ack(Error{.code = ErrorCode::internal, .message = "the daemon's ack is none"});
        on_ack(ack);
    });
}

void DaemonLink::ask(const json& request, OnAnswer on_answer) {
    Frames frames;
    frames.emplace_back(kDoorHeader);
    std::string text = json_line(request);
    if (text.size() > kDoorRequestBytesMax)
        return on_answer(
            {.result = {},
             .error = DoorAnswer::Refusal{.code = "too_large",
                                          .field = "body",
                                          .message = "is more than a MiB for bgmd: send it in parts"}});
    frames.emplace_back(std::move(text));
    door_->ask(std::move(frames),
               [on_answer = std::move(on_answer)](const Status& came, const Frames& answer) {
                   on_answer(read_answer(came, answer));
               });
}

void DaemonLink::listen(const std::string& tenant) {
    if (++listeners_[tenant] > 1) return;
    events_->subscribe("pick." + tenant + ".");
    events_->subscribe("dead." + tenant);
}

void DaemonLink::unlisten(const std::string& tenant) {
    const auto found = listeners_.find(tenant);
    if (found == listeners_.end() || --found->second > 0) return;
    listeners_.erase(found);
    events_->unsubscribe("pick." + tenant + ".");
    events_->unsubscribe("dead." + tenant);
}

void DaemonLink::watch_events() {
    event_events_->when_readable([this] {
        take_events();
        watch_events();
    });
}

void DaemonLink::take_events() {
    Frames frames;
    int left = kEventsPerRound;
    for (; left > 0 && events_->receive(frames); --left) {
        if (frames.size() == 2 && on_event_) on_event_(DaemonEvent::of(frames[0].view(), frames[1].view()));
    }
    if (left == 0) reactor_.post([this] { take_events(); });
}

void DaemonLink::look_at_clock() {
    posts_->give_up_older_than(kAnswerWithin);
    door_->give_up_older_than(kAnswerWithin);
    // A subscription, too, takes a socket's event with it.
    take_events();
}

}  // namespace bgm::gateway
