#include "daemon/admin/request_socket.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

#include "schemas/json_text.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr int kMessagesPerRound = 16;

json refusal(std::string_view code, std::string_view field, std::string_view message) {
    return {{"ok", false}, {"error", {{"code", code}, {"field", field}, {"message", message}}}};
}

}  // namespace

RequestSocket::RequestSocket(EventLoop& loop, std::unique_ptr<Socket> socket, EventLoop::Priority priority,
                             std::string header, Handler handler)
    : header_(std::move(header)), handler_(std::move(handler)), socket_(std::move(socket)) {
    loop.watch(*socket_, priority, [this] { drain(); });
}

void RequestSocket::drain() {
    Frames frames;
    for (int i = 0; i < kMessagesPerRound && socket_->receive(frames); ++i)
        receive(std::move(frames));
}

void RequestSocket::receive(Frames frames) {
    const std::size_t envelope =
        envelope_size(frames, [this](std::string_view frame) { return frame == header_; });
    const auto behind = frames.begin() + static_cast<std::ptrdiff_t>(envelope);
    auto back =
        std::make_shared<Frames>(std::make_move_iterator(frames.begin()), std::make_move_iterator(behind));
    const auto send = [this, back](const json& answer) {
        Frames out = std::move(*back);
        out.emplace_back(header_);
        out.emplace_back(json_line(answer));
        (void)socket_->send(std::move(out));
    };
    const Answer answer{.reply =
                            [send](const Result<json>& result) {
                                if (result) return send({{"ok", true}, {"result", *result}});
                                const Error& error = result.error();
                                send(refusal(name(error.code), error.field, error.message));
                            },
                        .refuse = [send](std::string_view code, std::string_view field,
                                         std::string_view message) { send(refusal(code, field, message)); }};
    if (frames.size() != envelope + 2 || frames[envelope].view() != header_)
        return answer.reply(
            invalid_request("header", "must be " + header_ + ", followed by one JSON object"));
    const auto request = shallow_json(frames[envelope + 1].view()).document;
    if (!request.is_object()) return answer.reply(invalid_request("request", "is not a JSON object"));
    handler_(request, answer);
}

}  // namespace bgm
