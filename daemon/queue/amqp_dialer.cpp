#include "daemon/queue/amqp_dialer.hpp"

#include <algorithm>
#include <utility>

#include "daemon/queue/amqp_connection.hpp"

namespace bgm {

Result<std::unique_ptr<AmqpConnection>> AmqpDialer::dial(std::chrono::milliseconds stall) {
    return AmqpConnection::open(brokers_, endpoint_++, stall);
}

void AmqpDialer::stands() {
    delay_ = std::chrono::milliseconds{0};
    say(true, "");
}

void AmqpDialer::lost(std::string error) {
    delay_ = std::clamp(delay_ * 2, retry_least_, retry_most_);
    due_ = Clock::now() + delay_;
    say(false, std::move(error));
}

void AmqpDialer::say_not(std::string error) {
    say(false, std::move(error));
}

std::string AmqpDialer::error() const {
    const MutexLock lock(mutex_);
    return error_;
}

void AmqpDialer::say(bool connected, std::string error) {
    connected_.store(connected, std::memory_order_relaxed);
    const MutexLock lock(mutex_);
    error_ = std::move(error);
}

}  // namespace bgm
