#include "daemon/queue/amqp_consumer.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stop_token>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/queue/amqp_consumer_queue.hpp"

namespace bgm {
namespace {

using std::chrono::milliseconds;

// An acknowledgement that the broker does not take for this long ends the connection.
constexpr std::chrono::seconds kStall{20};

}  // namespace

AmqpConsumer::AmqpConsumer(AmqpOptions brokers, Options options, Hooks hooks)
    : options_(options),
      dialer_(std::move(brokers), options_.retry_least, options_.retry_most),
      hooks_(std::move(hooks)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stuck_within_(options_.stuck_within),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AmqpConsumer::~AmqpConsumer() {
    thread_.request_stop();
    thread_.join();
    ::close(wake_fd_);
}

void AmqpConsumer::command(Command command) {
    {
        const MutexLock lock(mutex_);
        commands_.push_back(std::move(command));
        if (commands_.size() > 1) return;  // whoever brought the first has woken the thread
    }
    (void)eventfd_write(wake_fd_, 1);
}

void AmqpConsumer::consume(const std::string& queue, int prefetch) {
    command(Consume{queue, "", prefetch});
}

void AmqpConsumer::consume_exclusive(const std::string& queue, const std::string& exchange, int prefetch) {
    command(Consume{queue, exchange, prefetch});
}

void AmqpConsumer::release(const std::string& queue) {
    command(Release{queue});
}

void AmqpConsumer::expect(const std::string& queue) {
    command(Expect{queue});
}

void AmqpConsumer::settle(std::vector<Tag> tags) {
    if (!tags.empty()) command(std::move(tags));
}

void AmqpConsumer::reject(Tag tag) {
    command(tag);
}

void AmqpConsumer::run(const std::stop_token& stop) {
    name_this_thread("amqp-consume");
    const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_fd_, 1); });
    for (;;) {
        obey();
        if (stop.stop_requested()) break;
        if (!connection_ && Clock::now() >= dialer_.due()) connect();
        if (connection_) open_due();
        if (connection_) receive();  // nobody is given up whose answer lies here
        if (connection_) {
            if (const Status given_up = give_up_silent(); !given_up) lose(given_up.error());
        }
        if (connection_) {
            if (const Status given_up = give_up_stuck(); !given_up) lose(given_up.error());
        }
        hand_over();
        wait(stop);
    }
    connection_.reset();
    dialer_.say_not("stopped");
}

AmqpConsumer::Queue& AmqpConsumer::queue_of(const std::string& name) {
    for (const auto& queue : queues_)
        if (queue->name == name) return *queue;
    queues_.push_back(std::make_unique<Queue>());
    queues_.back()->index = static_cast<std::uint32_t>(queues_.size() - 1);
    queues_.back()->name = name;
    return *queues_.back();
}

void AmqpConsumer::obey() {
    std::vector<Command> commands;
    {
        const MutexLock lock(mutex_);
        std::swap(commands, commands_);
    }
    Status done = ok_status();
    for (const Command& each : commands) {
        if (const auto* consume = std::get_if<Consume>(&each)) {
            Queue& queue = queue_of(consume->queue);
            queue.exchange = consume->exchange;
            queue.prefetch = static_cast<std::uint16_t>(std::clamp(consume->prefetch, 1, 65'535));
            if (!std::exchange(queue.wanted, true)) queue.retry_at = Clock::now();
        } else if (const auto* release = std::get_if<Release>(&each)) {
            Queue& queue = queue_of(release->queue);
            queue.wanted = false;
            came(queue);
            if (connection_ && queue.live()) done = close(queue);
        } else if (const auto* expect = std::get_if<Expect>(&each)) {
            Queue& queue = queue_of(expect->queue);
            if (queue.wanted && !queue.expected) queue.expected = Clock::now();
        } else if (const auto* tags = std::get_if<std::vector<Tag>>(&each)) {
            if (connection_) done = settle_now(*tags);
        } else if (const auto* tag = std::get_if<Tag>(&each)) {
            if (!connection_ || tag->queue >= queues_.size()) continue;
            Queue& queue = *queues_[tag->queue];
            if (queue.live() && queue.epoch == tag->epoch) done = reject_now(queue, tag->tag);
        }
        if (!done) {
            lose(done.error());
            done = ok_status();
        }
    }
}

void AmqpConsumer::connect() {
    auto opened = dialer_.dial(kStall);
    if (!opened) {
        lose(opened.error());
        return;
    }
    connection_ = std::move(*opened);
    for (const auto& queue : queues_)
        queue->retry_at = Clock::now();
    dialer_.stands();
    log_info("consuming from the broker", {{"endpoint", connection_->endpoint()}});
}

void AmqpConsumer::lose(const Error& error) {
    if (connection_ || error.message != this->error())
        log_warn("cannot consume from the broker", {{"error", error.to_string()}});
    connection_.reset();
    dialer_.lost(error.message);
    channels_.clear();
    for (const auto& queue : queues_)
        if (queue->state != Queue::State::asked) channel_gone(*queue);
}

std::uint16_t AmqpConsumer::free_channel() {
    channels_.resize(std::max<std::size_t>(channels_.size(), 1));
    const auto free = std::find_if(channels_.begin() + 1, channels_.end(), [](const Channel& channel) {
        return channel.queue == nullptr && !channel.abandoned;
    });
    const auto number = static_cast<std::size_t>(free - channels_.begin());
    if (number > static_cast<std::size_t>(amqp_get_channel_max(connection_->state()))) return 0;
    if (free == channels_.end()) channels_.emplace_back();
    return static_cast<std::uint16_t>(number);
}

Status AmqpConsumer::give_up_silent() {
    const Clock::time_point now = Clock::now();
    for (const auto& queue : queues_) {
        const bool waits = queue->state == Queue::State::opening || queue->state == Queue::State::closing;
        if (!waits || now < queue->since + options_.answer_within) continue;
        log_warn("the broker does not answer for a queue", {{"queue", queue->name}});
        Status closed = queue->state == Queue::State::opening ? close(*queue) : ok_status();
        if (!closed) return closed;
        channels_[queue->channel] = {.queue = nullptr, .abandoned = true};
        channel_gone(*queue);
    }
    return ok_status();
}

// Whatever was expected of it.
void AmqpConsumer::came(Queue& queue) {
    queue.expected.reset();
    if (!std::exchange(queue.stuck, false)) return;
    if (std::ranges::none_of(queues_, [](const auto& each) { return each->stuck; }))
        stuck_within_ = options_.stuck_within;
}

AmqpConsumer::Clock::time_point AmqpConsumer::stuck_at(const Queue& queue) const {
    const bool hands_out = queue.state == Queue::State::consuming && queue.deliveries.size() < queue.prefetch;
    return queue.expected && hands_out ? *queue.expected + stuck_within_ : Clock::time_point::max();
}

Status AmqpConsumer::give_up_stuck() {
    const Clock::time_point now = Clock::now();
    std::string names;
    for (const auto& queue : queues_) {
        if (stuck_at(*queue) > now) continue;
        queue->stuck = true;
        names += (names.empty() ? "" : ", ") + queue->name;
        hooks_.on_stuck(queue->name);
    }
    if (names.empty()) return ok_status();
    stuck_within_ = std::min(stuck_within_ * 2, options_.stuck_within_most);
    return Error{.code = ErrorCode::unavailable,
                 .message = connection_->endpoint() + " hands out nothing of " + names};
}

void AmqpConsumer::open_due() {
    const Clock::time_point now = Clock::now();
    for (const auto& queue : queues_) {
        if (!queue->wanted || queue->state != Queue::State::asked || queue->retry_at > now) continue;
        if (Status opened = open(*queue); !opened) {
            lose(opened.error());
            return;
        }
    }
}

// All at once: the broker carries them out in order, and closes the channel at the first that it refuses.
Status AmqpConsumer::open(Queue& queue) {
    const std::uint16_t channel = free_channel();
    if (channel == 0) return Error{.code = ErrorCode::unavailable, .message = "no channel is left"};
    channels_[channel].queue = &queue;
    queue.channel = channel;
    queue.since = Clock::now();
    queue.state = Queue::State::opening;
    queue.epoch += 1;
    queue.deliveries.clear();
    queue.part = Queue::Part::none;
    const auto ask = [&](amqp_method_number_t id, auto method) {
        return connection_->check(amqp_send_method(connection_->state(), queue.channel, id, &method));
    };
    Status sent = ask(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{});
    if (sent && !queue.exchange.empty()) {
        amqp_queue_declare_t declare{};
        declare.queue = bytes_of(queue.name);
        declare.exclusive = 1;
        sent = ask(AMQP_QUEUE_DECLARE_METHOD, declare);
        amqp_queue_bind_t bind{};
        bind.queue = bytes_of(queue.name);
        bind.exchange = bytes_of(queue.exchange);
        if (sent) sent = ask(AMQP_QUEUE_BIND_METHOD, bind);
    }
    amqp_basic_qos_t limit{};
    limit.prefetch_count = queue.prefetch;
    if (sent) sent = ask(AMQP_BASIC_QOS_METHOD, limit);
    amqp_basic_consume_t consume{};
    consume.queue = bytes_of(queue.name);
    if (sent) sent = ask(AMQP_BASIC_CONSUME_METHOD, consume);
    return sent;
}

Status AmqpConsumer::close(Queue& queue) {
    queue.state = Queue::State::closing;
    queue.since = Clock::now();
    amqp_channel_close_t close{};
    close.reply_code = AMQP_REPLY_SUCCESS;
    return connection_->check(
        amqp_send_method(connection_->state(), queue.channel, AMQP_CHANNEL_CLOSE_METHOD, &close));
}

void AmqpConsumer::channel_gone(Queue& queue) {
    hand_over();  // what came before comes before on_lost
    queue.state = Queue::State::asked;
    queue.deliveries.clear();
    queue.part = Queue::Part::none;
    queue.message = {};
    queue.retry_delay = std::clamp(queue.retry_delay * 2, options_.retry_least, options_.retry_most);
    queue.retry_at = Clock::now() + queue.retry_delay;
    hooks_.on_lost(queue.name);
}

void AmqpConsumer::wait(const std::stop_token& stop) {
    if (stop.stop_requested()) return;
    const Clock::time_point now = Clock::now();
    Clock::time_point until = now + std::chrono::seconds(10);
    if (connection_) {
        until = std::min(until, now + connection_->heartbeat_due());
        for (const auto& queue : queues_) {
            if (queue->state == Queue::State::opening || queue->state == Queue::State::closing)
                until = std::min(until, queue->since + options_.answer_within);
            if (queue->wanted && queue->state == Queue::State::asked)
                until = std::min(until, queue->retry_at);
            until = std::min(until, stuck_at(*queue));
        }
    } else {
        until = std::min(until, dialer_.due());
    }
    std::array<pollfd, 2> waited{
        {{.fd = wake_fd_, .events = POLLIN, .revents = 0},
         {.fd = connection_ ? connection_->fd() : -1, .events = POLLIN, .revents = 0}}};
    const auto timeout = std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(until - now));
    (void)poll(waited.data(), waited.size(), static_cast<int>(timeout.count()));
    eventfd_t woken = 0;
    if ((waited[0].revents & POLLIN) != 0) (void)eventfd_read(wake_fd_, &woken);
}

}  // namespace bgm
