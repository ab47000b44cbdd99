// What an AmqpConsumer reads and answers, frame by frame.
#include <map>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_consumer_queue.hpp"
#include "daemon/queue/amqp_headers.hpp"

namespace bgm {
namespace {

// Handed over together at most.
constexpr std::size_t kReadyMessages = 512;
constexpr std::size_t kReadyBytes = 4U << 20;

}  // namespace

void AmqpConsumer::receive() {
    const Status taken = connection_->each_frame([this](const amqp_frame_t& frame) {
        Status done = take_frame(frame);
        if (done && (ready_.size() >= kReadyMessages || ready_bytes_ >= kReadyBytes)) hand_over();
        return done;
    });
    if (!taken) lose(taken.error());
}

Status AmqpConsumer::take_frame(const amqp_frame_t& frame) {
    if (frame.channel >= channels_.size()) return broken_protocol("a frame of a channel that is not open");
    Channel& channel = channels_[frame.channel];
    if (channel.abandoned) {
        if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_CHANNEL_CLOSE_OK_METHOD)
            channel.abandoned = false;
        return ok_status();
    }
    if (channel.queue == nullptr) return broken_protocol("a frame of a channel that is not open");
    Queue& queue = *channel.queue;
    switch (frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return take_method(queue, frame.payload.method);
        case AMQP_FRAME_HEADER:
            return queue.live() ? take_header(queue, frame) : ok_status();
        case AMQP_FRAME_BODY:
            return queue.live() ? take_body(queue, frame) : ok_status();
        default:
            return ok_status();
    }
}

Status AmqpConsumer::take_method(Queue& queue, const amqp_method_t& method) {
    switch (method.id) {
        case AMQP_BASIC_DELIVER_METHOD: {
            if (!queue.live()) return ok_status();
            const auto* deliver = static_cast<const amqp_basic_deliver_t*>(method.decoded);
            if (queue.part != Queue::Part::none) return broken_protocol("a message within a message");
            if (deliver->delivery_tag != queue.deliveries.next())
                return broken_protocol("a delivery out of its order");
            if (queue.deliveries.size() > 2U * 65'535U) return broken_protocol("more than the prefetch");
            came(queue);
            queue.deliveries.add();
            queue.part = Queue::Part::header;
            queue.message = {.tag = {queue.index, queue.epoch, deliver->delivery_tag},
                             .queue = queue.name,
                             .redelivered = deliver->redelivered != 0};
            return ok_status();
        }
        case AMQP_BASIC_CONSUME_OK_METHOD:
            if (queue.state != Queue::State::opening) return ok_status();
            queue.state = Queue::State::consuming;
            queue.retry_delay = std::chrono::milliseconds{0};
            if (queue.expected) queue.expected = Clock::now();
            hooks_.on_consuming(queue.name);
            return ok_status();
        case AMQP_BASIC_CANCEL_METHOD:  // the queue was deleted, or has lost its leader
            return queue.live() ? close(queue) : ok_status();
        case AMQP_CHANNEL_CLOSE_METHOD: {
            const auto* close = static_cast<const amqp_channel_close_t*>(method.decoded);
            const Error error = error_of_close(close->reply_code, text_of(close->reply_text));
            amqp_channel_close_ok_t farewell{};
            Status sent = connection_->check(amqp_send_method(connection_->state(), queue.channel,
                                                              AMQP_CHANNEL_CLOSE_OK_METHOD, &farewell));
            // Where both sides close at once the answer to ours still comes.
            if (queue.state == Queue::State::closing) return sent;
            channels_[queue.channel].queue = nullptr;
            log_warn("the broker has closed a queue's channel",
                     {{"queue", queue.name}, {"error", error.to_string()}});
            channel_gone(queue);
            hooks_.on_refused(queue.name, error);
            return sent;
        }
        case AMQP_CHANNEL_CLOSE_OK_METHOD:
            if (queue.state != Queue::State::closing) return broken_protocol("an answer to no question");
            channels_[queue.channel].queue = nullptr;
            channel_gone(queue);
            return ok_status();
        default:
            return ok_status();
    }
}

Status AmqpConsumer::take_header(Queue& queue, const amqp_frame_t& frame) {
    if (queue.part != Queue::Part::header) return broken_protocol("a header without its message");
    const auto* properties = static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded);
    Message& message = queue.message;
    if ((properties->_flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
        const DeliveryHeaders headers = read_delivery_headers(properties->headers);
        message.deliveries = headers.deliveries;
        message.death_reason = headers.death_reason;
        message.death_queue = headers.death_queue;
    }
    queue.bytes_left = frame.payload.properties.body_size;
    queue.unread = queue.bytes_left > options_.message_bytes_max;
    if (!queue.unread) message.body.reserve(queue.bytes_left);
    queue.part = Queue::Part::body;
    return queue.bytes_left == 0 ? finish_message(queue) : ok_status();
}

Status AmqpConsumer::take_body(Queue& queue, const amqp_frame_t& frame) {
    const std::string_view bytes = text_of(frame.payload.body_fragment);
    if (queue.part != Queue::Part::body || bytes.size() > queue.bytes_left)
        return broken_protocol("a body longer than its header says");
    queue.bytes_left -= bytes.size();
    if (!queue.unread) queue.message.body.append(bytes);
    return queue.bytes_left == 0 ? finish_message(queue) : ok_status();
}

Status AmqpConsumer::finish_message(Queue& queue) {
    queue.part = Queue::Part::none;
    Message message = std::move(queue.message);
    if (queue.unread && message.death_reason.empty()) {
        log_warn("a message beyond the limit is dead-lettered", {{"queue", queue.name}});
        return reject_now(queue, message.tag.tag);
    }
    message.too_large = queue.unread;
    ready_bytes_ += message.body.size();
    ready_.push_back(std::move(message));
    return ok_status();
}

void AmqpConsumer::hand_over() {
    if (ready_.empty()) return;
    std::vector<Message> messages;
    std::swap(messages, ready_);
    ready_bytes_ = 0;
    hooks_.on_messages(std::move(messages));
}

Status AmqpConsumer::settle_now(const std::vector<Tag>& tags) {
    std::map<std::uint32_t, std::vector<std::uint64_t>> done;  // by queue
    for (const Tag& tag : tags) {
        if (tag.queue >= queues_.size()) continue;
        const Queue& queue = *queues_[tag.queue];
        if (queue.live() && queue.epoch == tag.epoch) done[tag.queue].push_back(tag.tag);
    }
    for (const auto& [index, numbers] : done) {
        Queue& queue = *queues_[index];
        if (queue.expected) queue.expected = Clock::now();  // there was no room before
        for (const auto& [tag, multiple] : queue.deliveries.settle(numbers)) {
            Status sent = connection_->check(
                amqp_basic_ack(connection_->state(), queue.channel, tag, multiple ? 1 : 0));
            if (!sent) return sent;
        }
    }
    return ok_status();
}

Status AmqpConsumer::reject_now(Queue& queue, std::uint64_t tag) {
    if (!queue.deliveries.reject(tag)) return ok_status();
    if (queue.expected) queue.expected = Clock::now();
    return connection_->check(amqp_basic_reject(connection_->state(), queue.channel, tag, 0));
}

}  // namespace bgm
