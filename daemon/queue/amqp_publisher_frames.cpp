// What an AmqpPublisher hears of the broker, frame by frame.
#include <charconv>
#include <utility>

#include "daemon/queue/amqp_connection.hpp"
#include "daemon/queue/amqp_publisher.hpp"

namespace bgm {

void AmqpPublisher::receive() {
    const Status taken =
        connection_->each_frame([this](const amqp_frame_t& frame) { return take_frame(frame); });
    if (!taken) lose(taken.error());
}

Status AmqpPublisher::take_frame(const amqp_frame_t& frame) {
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        if (!returning_ || return_bytes_left_ != 0) return broken_protocol("a message that nobody asked for");
        const auto* properties =
            static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded);
        return_bytes_left_ = frame.payload.properties.body_size;
        returning_ = return_bytes_left_ > 0;
        if ((properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) == 0)
            return broken_protocol("a return without a number");
        const std::string_view text = text_of(properties->message_id);
        std::uint64_t tag = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tag);
        if (error != std::errc{} || tag < first_tag_ || tag - first_tag_ >= unconfirmed_.size())
            return broken_protocol("a return of what was not published");
        unconfirmed_[tag - first_tag_].returned = true;
        return ok_status();
    }
    if (frame.frame_type == AMQP_FRAME_BODY) {
        const std::size_t bytes = frame.payload.body_fragment.len;
        if (!returning_ || bytes > return_bytes_left_) return broken_protocol("a body that nobody asked for");
        return_bytes_left_ -= bytes;
        returning_ = return_bytes_left_ > 0;
        return ok_status();
    }
    if (frame.frame_type != AMQP_FRAME_METHOD) return ok_status();
    const amqp_method_t& method = frame.payload.method;
    switch (method.id) {
        case AMQP_BASIC_ACK_METHOD: {
            const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
            return confirm(ack->delivery_tag, ack->multiple != 0, true);
        }
        case AMQP_BASIC_NACK_METHOD: {
            const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
            return confirm(nack->delivery_tag, nack->multiple != 0, false);
        }
        case AMQP_BASIC_RETURN_METHOD:
            returning_ = true;
            return_bytes_left_ = 0;
            return ok_status();
        case AMQP_CHANNEL_CLOSE_METHOD: {
            const auto* close = static_cast<const amqp_channel_close_t*>(method.decoded);
            const Error error = error_of_close(close->reply_code, text_of(close->reply_text));
            // An exchange that is not there: what is addressed to one would close the next channel too.
            if (close->reply_code == AMQP_NOT_FOUND)
                for (std::deque<Entry>* entries : {&unconfirmed_, &waiting_})
                    for (Entry& entry : *entries)
                        if (!entry.outgoing.exchange.empty()) answer(entry, error);
            return error;
        }
        default:
            return ok_status();
    }
}

Status AmqpPublisher::confirm(std::uint64_t tag, bool multiple, bool accepted) {
    if (tag < first_tag_ || tag - first_tag_ >= unconfirmed_.size())
        return broken_protocol("a confirm of what was not published");
    heard_ = Clock::now();
    std::string deaf;
    const std::size_t last = tag - first_tag_;
    for (std::size_t i = multiple ? 0 : last; i <= last; ++i) {
        Entry& entry = unconfirmed_[i];
        if (std::exchange(entry.settled, true)) continue;
        if (!entry.answered) {
            window_messages_ -= 1;
            window_bytes_ -= entry.bytes;
        }
        const std::string& queue = entry.outgoing.routing_key;
        // Empty once it has taken something.
        auto& refusing_since = answered_.try_emplace(queue, heard_).first->second;
        if (accepted) refusing_since.reset();
        if (refusing_since && heard_ >= *refusing_since + patience_) deaf = queue;
        if (queue == stalled_queue_ && !refusing_since) {
            stalled_queue_.clear();
            patience_ = options_.stall;
        }
        if (!accepted) {
            answer(entry, Error{entry.may_arrive ? ErrorCode::unavailable : ErrorCode::resource_exhausted,
                                "queue '" + queue +
                                    "' takes nothing: it is full (queue.bytes_max), or has no leader",
                                ""});
        } else if (entry.returned) {
            answer(entry, Error{ErrorCode::unavailable,
                                "the broker has no queue for '" + queue + "' (any more)", ""});
        } else {
            answer(entry, ok_status());
        }
    }
    while (!unconfirmed_.empty() && unconfirmed_.front().settled) {
        unconfirmed_.pop_front();
        first_tag_ += 1;
    }
    if (deaf.empty()) return ok_status();
    give_up_for(deaf);
    return Error{.code = ErrorCode::unavailable,
                 .message = connection_->endpoint() + ": " + deaf + " refuses everything"};
}

}  // namespace bgm
