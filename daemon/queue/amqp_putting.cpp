// A post on its way to the brokers: published, and confirmed or revoked; large media is in the shared folder
// before.
#include <algorithm>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_queue.hpp"

namespace bgm {

void AmqpQueue::publish(v1::QueueMessage message, const std::string& queue, OnDone done) {
    auto shared = std::make_shared<OnDone>(std::move(done));
    const bool taken = publisher_->publish({.exchange = "",
                                            .routing_key = queue,
                                            .body = message.SerializeAsString(),
                                            .done = [&loop = loop_, shared](const Status& confirmed) {
                                                loop.post([shared, confirmed] { (*shared)(confirmed); });
                                            }});
    if (!taken)
        (*shared)(
            Error{.code = ErrorCode::resource_exhausted, .message = "too much is on its way to the broker"});
}

void AmqpQueue::put(Offer offer, OnPut done) {
    const bool backfill = offer.entry.priority == v1::BACKFILL;
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::POST);
    message.set_id(ids_.next(backfill));
    message.set_tenant(offer.entry.tenant);
    message.set_post_id(offer.entry.post_id);
    message.set_content_hash(offer.entry.content_hash);
    message.set_post(std::move(offer.entry.post));
    message.set_accepted_ms(now_ms());
    const std::string queue =
        names_.posts(backfill, names_.partition(offer.entry.tenant, offer.entry.post_id));
    std::size_t media_bytes = 0;
    if (offer.media) {
        for (const Frame& frame : *offer.media)
            media_bytes += frame.size();
    }
    if (shared_media_ && media_bytes > static_cast<std::size_t>(config_.queue.message_bytes_max))
        return put_shared(std::move(message), queue, offer, std::move(done));
    if (offer.media) {
        for (const Frame& frame : *offer.media)
            message.add_media(std::string(frame.view()));
    }
    publish_post(std::move(message), queue, [done = std::move(done)](const Status& confirmed) {
        if (!confirmed) return done(confirmed.error());
        done(Receipt{});
    });
}

// Where the broker has said no, it does not come.
void AmqpQueue::publish_post(v1::QueueMessage message, const std::string& queue, OnDone done) {
    // Who waits for MySQL counts among those who wait for the broker.
    if (revoking_bytes_ >= static_cast<std::size_t>(config_.queue.waiting_bytes_max))
        return done(Error{.code = ErrorCode::resource_exhausted, .message = "too much waits to be revoked"});
    const std::string id = message.id();
    const std::size_t bytes = message.ByteSizeLong();
    publish(std::move(message), queue, [this, id, bytes, done = std::move(done)](const Status& confirmed) {
        if (confirmed || confirmed.error().code != ErrorCode::unavailable) return done(confirmed);
        revoking_bytes_ += bytes;
        hooks_.revoke(id, [this, bytes, done, confirmed] {
            revoking_bytes_ -= bytes;
            done(confirmed);
        });
    });
}

// Durable before the message is, and kept before the client hears of it: the sweep takes what nobody was
// promised. Where the broker has not said no the message may have joined a post, which finds its media until
// then.
void AmqpQueue::put_shared(v1::QueueMessage message, const std::string& queue, const Offer& offer,
                           OnPut done) {
    if (const std::string why = shared_media_->trouble(); !why.empty())
        return done(
            Error{.code = ErrorCode::resource_exhausted, .message = why, .field = "queue.media_folder"});
    for (std::size_t i = 0; i < offer.media->size(); ++i) {
        v1::SharedMedium& medium = *message.add_shared_media();
        medium.set_bytes((*offer.media)[i].size());
        medium.set_sha256(offer.digests.at(i));
    }
    std::vector<std::string> names;
    for (NamedMedia& file : media_files(message))
        names.push_back(std::move(file.name));
    const auto on_loop = [&loop = loop_](OnDone call) {
        return [&loop, call = std::move(call)](const Status& status) {
            loop.post([call, status] { call(status); });
        };
    };
    const auto kept = [done](const Status& status) {
        if (!status) return done(status.error());
        done(Receipt{});
    };
    const auto confirmed = [this, names, on_loop, kept, done](const Status& status) {
        if (status) return shared_media_->keep(names, on_loop(kept));
        if (status.error().code == ErrorCode::resource_exhausted) shared_media_->erase(names, [] {});
        done(status.error());
    };
    auto shared = std::make_shared<v1::QueueMessage>(std::move(message));
    const auto written = [this, shared, queue, confirmed, done](const Status& status) {
        if (status) return publish_post(std::move(*shared), queue, confirmed);
        log_warn("large media cannot be stored", {{"error", status.error().to_string()}});
        done(status.error());
    };
    shared_media_->write(names, offer.media, on_loop(written));
}

}  // namespace bgm
