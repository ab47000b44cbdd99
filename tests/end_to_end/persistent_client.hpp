// A client as it should be: what is not acknowledged is sent again, whatever happened to the daemon.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tests/end_to_end/conversation.hpp"

namespace bgm::test {

/// For one thread. What goes wrong otherwise, a post that is rejected above all, is an exception.
class PersistentClient {
 public:
    /// The post of this number, without its id ("p" and the number), and its media.
    using Write = std::function<std::pair<Json, Frames>(int number)>;

    PersistentClient(const Stack& stack, Write write);

    /// Sends posts [from, to) and returns when each has been acknowledged. `after_some` runs once a third of
    /// them is.
    void stream(int from, int to, const std::function<void()>& after_some);

    std::set<std::string> acknowledged;
    int sent_again = 0;

 private:
    using Clock = std::chrono::steady_clock;

    void send(int number);
    void take_answers();
    void resend_what_is_late();

    const Write write_;
    std::optional<PostsClient> client_;
    std::map<std::string, std::pair<int, Clock::time_point>> waiting_;
};

}  // namespace bgm::test
