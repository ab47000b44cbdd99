#include "daemon/queue/amqp_publisher.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stop_token>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/queue/amqp_connection.hpp"

namespace bgm {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr amqp_channel_t kConfirmed = 1;
constexpr amqp_channel_t kUnconfirmed = 2;
// The socket is looked at anew after so many bytes: frames of the broker are not left waiting, and a full
// socket is seen before a call would block on it.
constexpr std::size_t kBytesBetweenLooks = 32U << 10;
// What was written before the broker said that it takes nothing may have been taken.
constexpr milliseconds kBlockedGrace{500};
// Confirms that are late beyond their time, as multiples of the window, before nothing more is written.
constexpr std::size_t kLateWindows = 8;

}  // namespace

AmqpPublisher::AmqpPublisher(AmqpOptions brokers, Options options)
    : options_(std::move(options)),
      dialer_(std::move(brokers), options_.retry_least, options_.retry_most),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      patience_(options_.stall),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AmqpPublisher::~AmqpPublisher() {
    thread_.request_stop();
    thread_.join();
    close(wake_fd_);
}

bool AmqpPublisher::publish(Outgoing outgoing) {
    const std::size_t bytes =
        outgoing.body.size() + outgoing.exchange.size() + outgoing.routing_key.size() + sizeof(Entry);
    if (queued_bytes_.fetch_add(bytes) + bytes > options_.queued_bytes_max) {
        queued_bytes_.fetch_sub(bytes);
        return false;
    }
    bool wake = false;
    {
        const MutexLock lock(mutex_);
        arrived_.push_back({.outgoing = std::move(outgoing),
                            .until = Clock::now() + options_.confirm_timeout,
                            .bytes = bytes});
        wake = std::exchange(asleep_, false);
    }
    if (wake) (void)eventfd_write(wake_fd_, 1);
    return true;
}

void AmqpPublisher::run(const std::stop_token& stop) {
    name_this_thread("amqp-publish");
    const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_fd_, 1); });
    Clock::time_point end = Clock::time_point::max();
    for (;;) {
        take();
        if (stop.stop_requested()) {
            end = std::min(end, Clock::now() + options_.drain);
            if (!connection_ || (waiting_.empty() && window_messages_ == 0) || Clock::now() >= end) break;
        }
        if (!connection_ && Clock::now() >= dialer_.due()) connect();
        if (connection_) receive();
        if (connection_) refuse_while_blocked();
        if (connection_) give_up_stalled();
        if (connection_) send();
        expire();
        tell();
        wait(stop);
    }
    const Error ending{.code = ErrorCode::unavailable, .message = "bgmd is stopping"};
    for (std::deque<Entry>* entries : {&unconfirmed_, &waiting_})
        for (Entry& entry : *entries)
            answer(entry, ending);
    tell();
    connection_.reset();
    dialer_.say_not("stopped");
}

void AmqpPublisher::take() {
    const MutexLock lock(mutex_);
    asleep_ = false;
    if (waiting_.empty()) {
        std::swap(waiting_, arrived_);
        return;
    }
    std::move(arrived_.begin(), arrived_.end(), std::back_inserter(waiting_));
    arrived_.clear();
}

void AmqpPublisher::connect() {
    auto opened = dialer_.dial(options_.confirm_timeout);
    Status ready = ok_status();
    if (opened) {
        const amqp_connection_state_t state = (*opened)->state();
        for (const amqp_channel_t channel : {kConfirmed, kUnconfirmed}) {
            if (ready) (void)amqp_channel_open(state, channel);
            if (ready) ready = (*opened)->check(amqp_get_rpc_reply(state));
        }
        if (ready) (void)amqp_confirm_select(state, kConfirmed);
        if (ready) ready = (*opened)->check(amqp_get_rpc_reply(state));
    }
    if (!opened || !ready) {
        lose(opened ? ready.error() : opened.error());
        return;
    }
    connection_ = std::move(*opened);
    first_tag_ = 1;
    answered_.clear();
    socket_full_ = false;
    returning_ = false;
    dialer_.stands();
    log_info("publishing to the broker", {{"endpoint", connection_->endpoint()}});
}

// What the old connection left open is first in the next one's order.
void AmqpPublisher::lose(const Error& error) {
    if (connection_ || error.message != this->error())
        log_warn("cannot publish to the broker", {{"error", error.to_string()}});
    connection_.reset();
    blocked_since_ = {};
    while (!unconfirmed_.empty()) {
        Entry& entry = unconfirmed_.back();
        entry.returned = false;
        entry.may_arrive = true;
        if (!entry.answered && !entry.settled) waiting_.push_front(std::move(entry));
        unconfirmed_.pop_back();
    }
    window_messages_ = 0;
    window_bytes_ = 0;
    dialer_.lost(error.message);
}

void AmqpPublisher::send() {
    socket_full_ = false;
    std::size_t until_look = 0;
    while (!waiting_.empty() && connection_->blocked().empty()) {
        const std::size_t bytes = waiting_.front().bytes;
        if (window_messages_ >= options_.window_messages ||
            (window_messages_ > 0 && window_bytes_ + bytes > options_.window_bytes) ||
            unconfirmed_.size() >= kLateWindows * options_.window_messages)
            return;
        if (until_look < bytes) {
            pollfd look{.fd = connection_->fd(), .events = POLLIN | POLLOUT, .revents = 0};
            (void)poll(&look, 1, 0);
            socket_full_ = (look.revents & POLLOUT) == 0;
            if (socket_full_ || (look.revents & ~POLLOUT) != 0) return;
            until_look = std::max(bytes, kBytesBetweenLooks);
        }
        until_look -= bytes;
        Entry entry = std::move(waiting_.front());
        waiting_.pop_front();
        if (entry.answered) continue;
        if (entry.outgoing.body.size() > options_.message_bytes_max) {
            answer(entry, Error{ErrorCode::too_large,
                                "the message is larger than " + std::to_string(options_.message_bytes_max) +
                                    " bytes",
                                ""});
            continue;
        }
        const Status written = write(entry);
        if (entry.outgoing.confirmed) {
            entry.sent = Clock::now();
            if (window_messages_ == 0) heard_ = entry.sent;
            window_messages_ += 1;
            window_bytes_ += entry.bytes;
            unconfirmed_.push_back(std::move(entry));
        } else if (written) {
            answer(entry, ok_status());
        } else {
            waiting_.push_front(std::move(entry));
        }
        if (!written) {
            lose(written.error());
            return;
        }
    }
}

Status AmqpPublisher::write(const Entry& entry) {
    const Outgoing& outgoing = entry.outgoing;
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = outgoing.persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    // By this number a message that comes back is known again.
    std::array<char, 24> number{};
    if (outgoing.confirmed) {
        const std::uint64_t tag = first_tag_ + unconfirmed_.size();
        const char* end = std::to_chars(number.data(), number.data() + number.size(), tag).ptr;
        properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
        properties.message_id = bytes_of({number.data(), static_cast<std::size_t>(end - number.data())});
    }
    return connection_->check(amqp_basic_publish(
        connection_->state(), outgoing.confirmed ? kConfirmed : kUnconfirmed, bytes_of(outgoing.exchange),
        bytes_of(outgoing.routing_key), outgoing.confirmed ? 1 : 0, 0, &properties, bytes_of(outgoing.body)));
}

// The broker's memory or disk is at its limit: it reads nothing more from this connection until that is over.
void AmqpPublisher::refuse_while_blocked() {
    const std::string& reason = connection_->blocked();
    if (reason.empty()) {
        if (blocked_since_ != Clock::time_point{}) {
            blocked_since_ = {};
            log_info("the broker takes messages again");
            dialer_.stands();
        }
        return;
    }
    const Error full{ErrorCode::resource_exhausted, "the broker takes nothing: " + reason, ""};
    const Error unclear{ErrorCode::unavailable, full.message, ""};
    if (blocked_since_ == Clock::time_point{}) {
        blocked_since_ = Clock::now();
        log_warn("the broker takes no messages", {{"reason", reason}});
        dialer_.say_not(full.message);
    }
    for (Entry& entry : waiting_)
        answer(entry, entry.may_arrive ? unclear : full);
    waiting_.clear();
    if (Clock::now() < blocked_since_ + kBlockedGrace) return;
    for (Entry& entry : unconfirmed_)
        if (!entry.answered) {
            window_messages_ -= 1;
            window_bytes_ -= entry.bytes;
            answer(entry, unclear);
        }
}

void AmqpPublisher::expire() {
    const Clock::time_point now = Clock::now();
    const auto late = [&](const Entry& entry) { return entry.until <= now; };
    if (waiting_.empty() && window_messages_ == 0) return;
    const Error silence{.code = ErrorCode::unavailable,
                        .message = connection_ ? "the broker has not confirmed it in time" : error()};
    while (!waiting_.empty() && late(waiting_.front())) {
        answer(waiting_.front(), silence);
        waiting_.pop_front();
    }
    for (Entry& entry : unconfirmed_) {
        if (entry.settled || entry.answered) continue;
        if (!late(entry)) break;
        window_messages_ -= 1;
        window_bytes_ -= entry.bytes;
        answer(entry, silence);
    }
}

// When it is too late for a confirm: of anything, or of the queue that has waited longest.
AmqpPublisher::Clock::time_point AmqpPublisher::stalled_at() const {
    if (window_messages_ == 0 || blocked_since_ != Clock::time_point{}) return Clock::time_point::max();
    return std::min(heard_ + options_.stall, unconfirmed_.front().sent + patience_);
}

void AmqpPublisher::give_up_stalled() {
    const Clock::time_point now = Clock::now();
    if (now < stalled_at()) return;
    std::string silent = "nothing";
    if (now < heard_ + options_.stall) {
        give_up_for(unconfirmed_.front().outgoing.routing_key);
        silent = "nothing of " + stalled_queue_;
    }
    connection_->give_up();
    lose(Error{.code = ErrorCode::unavailable,
               .message = connection_->endpoint() + ": " + silent + " is confirmed any more"});
}

void AmqpPublisher::give_up_for(const std::string& queue) {
    stalled_queue_ = queue;
    patience_ = std::min(patience_ * 2, options_.stall_most);
}

void AmqpPublisher::answer(Entry& entry, Status status) {
    if (std::exchange(entry.answered, true)) return;
    queued_bytes_.fetch_sub(entry.bytes);
    if (entry.outgoing.done) answers_.push_back({std::move(entry.outgoing.done), std::move(status)});
    std::string().swap(entry.outgoing.body);
}

void AmqpPublisher::tell() {
    if (answers_.empty()) return;
    std::vector<Answer> answers;
    std::swap(answers, answers_);
    options_.together([&] {
        for (const Answer& each : answers)
            each.done(each.status);
    });
}

void AmqpPublisher::wait(const std::stop_token& stop) {
    const Clock::time_point now = Clock::now();
    Clock::time_point until = now + std::chrono::seconds(10);
    if (!connection_) until = std::min(until, dialer_.due());
    if (connection_) until = std::min(until, now + connection_->heartbeat_due());
    if (!waiting_.empty()) until = std::min(until, waiting_.front().until);
    if (window_messages_ > 0) {
        for (const Entry& entry : unconfirmed_) {
            if (entry.settled || entry.answered) continue;
            until = std::min({until, entry.until, stalled_at()});
            if (blocked_since_ != Clock::time_point{})
                until = std::min(until, blocked_since_ + kBlockedGrace);
            break;
        }
    }
    if (stop.stop_requested()) until = std::min(until, now + milliseconds(20));
    {
        const MutexLock lock(mutex_);
        if (!arrived_.empty()) return;
        asleep_ = true;
    }
    std::array<pollfd, 2> waited{{{.fd = wake_fd_, .events = POLLIN, .revents = 0},
                                  {.fd = connection_ ? connection_->fd() : -1,
                                   .events = static_cast<short>(POLLIN | (socket_full_ ? POLLOUT : 0)),
                                   .revents = 0}}};
    const auto timeout = std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(until - now));
    (void)poll(waited.data(), waited.size(), static_cast<int>(timeout.count()));
    eventfd_t woken = 0;
    if ((waited[0].revents & POLLIN) != 0) (void)eventfd_read(wake_fd_, &woken);
}

}  // namespace bgm
