// A socket of questions: one JSON object there, one back.
//
//   -> HEADER {"op": "status", ...}
//   <- HEADER {"ok": true, "result": {...}} or {"ok": false, "error": {"code", "field", "message"}}
//
// Each question is answered once, in whatever order the answers come; frames in front of the header go back
// as they came. What is no question is answered `invalid_argument` here. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"

namespace bgm {

class RequestSocket {
 public:
    /// A refusal by a code that is not one of the closed set; with an Error it is what AdminReply says.
    struct Answer {
        std::function<void(Result<nlohmann::json>)> reply;
        std::function<void(std::string_view code, std::string_view field, std::string_view message)> refuse;
    };
    using Handler = std::function<void(const nlohmann::json& request, const Answer& answer)>;

    RequestSocket(EventLoop& loop, std::unique_ptr<Socket> socket, EventLoop::Priority priority,
                  std::string header, Handler handler);
    RequestSocket(const RequestSocket&) = delete;
    RequestSocket& operator=(const RequestSocket&) = delete;

 private:
    void drain();
    void receive(Frames frames);

    const std::string header_;
    const Handler handler_;
    const std::unique_ptr<Socket> socket_;
};

}  // namespace bgm
