// How AmqpQueue takes what the brokers hand it.

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_queue.hpp"
#include "daemon/store/retry_id.hpp"

namespace bgm {
namespace {

// A queue of which nothing came for so long is probed; where still nothing comes, each time later.
constexpr std::chrono::seconds kProbe{5};
constexpr std::chrono::seconds kProbeMost{300};

}  // namespace

// A message on its way from the broker into the working journal.
struct AmqpQueue::Incoming {
    std::string queue;
    HeldPosts::PartPtr part;
    v1::QueueMessage message;
    v1::Post post;
    std::string media;  // the folder
    std::string death_reason;
    std::int64_t deliveries = 0;
    std::optional<Error> failure;                                        // its media is lost: a dead letter
    std::optional<std::chrono::steady_clock::time_point> missing_since;  // its media
    bool ready = false;                                                  // its media is on the disk
    bool storing = false;                                                // it is on its way there
    bool lost = false;  // its channel is gone: it comes again

    bool erases() const { return message.kind() == v1::QueueMessage::ERASE; }
    bool retries() const { return message.kind() == v1::QueueMessage::RETRY; }
};

void AmqpQueue::arrived(std::vector<AmqpConsumer::Message> messages) {
    for (AmqpConsumer::Message& message : messages)
        arrived(message);
}

void AmqpQueue::arrived(AmqpConsumer::Message& message) {
    const bool dead = message.queue == names_.dead();
    if (const auto watch = watched_.find(message.queue); watch != watched_.end()) heard(watch->second);
    auto read = read_queue_message(message.body);
    if (read && read->kind() == v1::QueueMessage::EVENT) {
        consumer_->settle({message.tag});
        if (message.queue == host_queue_)
            hooks_.on_event(std::move(*read->mutable_topic()), std::move(*read->mutable_event()));
        return;
    }
    if (!read) {
        log_error("a message of the shared queue cannot be read",
                  {{"queue", message.queue}, {"error", read.error().to_string()}});
        // Among the dead it stays where it is: nobody can tell whose it was, and another version may.
        if (!dead) consumer_->reject(message.tag);
        return;
    }
    if (held_.known(read->id(), message.tag)) return;  // it has come again under another tag
    auto incoming = std::make_shared<Incoming>();
    incoming->queue = message.queue;
    incoming->message = *std::move(read);
    incoming->death_reason = message.death_reason;
    incoming->deliveries = message.deliveries;
    if (Status fine = judge(*incoming); !fine) {
        log_error("a post of the shared queue is refused", {{"queue", message.queue},
                                                            {"tenant", incoming->message.tenant()},
                                                            {"post_id", incoming->message.post_id()},
                                                            {"error", fine.error().to_string()}});
        if (!dead) return consumer_->reject(message.tag);
        incoming->death_reason = fine.error().to_string();
    }
    incoming->part = held_.learn(incoming->message.id(), message.tag);
    for (NamedMedia& file : media_files(incoming->message))
        incoming->part->files.push_back(std::move(file.name));
    // Without the folder not even a dead letter is taken: its files could not be removed.
    incoming->ready = incoming->part->files.empty() ? dead || incoming->message.media().empty()
                                                    : dead && shared_media_ != nullptr;
    lines_[message.queue].push_back(incoming);
    if (!incoming->ready && !disk_full_) store_media(incoming);
    advance(message.queue);
}

Status AmqpQueue::judge(Incoming& incoming) const {
    if (incoming.erases()) return ok_status();
    const v1::QueueMessage& message = incoming.message;
    if (!incoming.post.ParseFromString(message.post()))
        return Error{.code = ErrorCode::corrupt, .message = "cannot be read", .field = "post"};
    std::vector<std::size_t> media_bytes;
    for (const std::string& medium : message.media())
        media_bytes.push_back(medium.size());
    for (const v1::SharedMedium& medium : message.shared_media())
        media_bytes.push_back(medium.bytes());
    if (auto valid = validate_post(incoming.post, media_bytes, limits_); !valid) return valid;
    if (incoming.post.tenant() != message.tenant() || incoming.post.post_id() != message.post_id())
        return Error{.code = ErrorCode::corrupt, .message = "is another post's", .field = "post"};
    return ok_status();
}

void AmqpQueue::lost(const std::string& queue) {
    const auto line = lines_.find(queue);
    if (line == lines_.end()) return;
    for (const IncomingPtr& incoming : line->second) {
        incoming->lost = true;
        held_.forget(*incoming->part);
        media_.erase(incoming->media);
    }
    lines_.erase(line);
}

void AmqpQueue::heard(Watch& watch) {
    watch.pause = kProbe;
    watch.hands_out = true;
    // Whether it confirms again only a probe can tell.
    if (watch.confirms) watch.heard = std::chrono::steady_clock::now();
}

void AmqpQueue::probe() {
    const auto now = std::chrono::steady_clock::now();
    for (auto& [queue, watch] : watched_) {
        if (watch.asked || now < watch.heard + watch.pause) continue;
        watch.heard = now;
        watch.asked = true;
        probe(queue);
    }
}

// An event that is nobody's: whoever takes it passes over it.
void AmqpQueue::probe(const std::string& queue) {
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::EVENT);
    message.set_topic("probe");
    publish(std::move(message), queue, [this, queue](const Status& confirmed) { probed(queue, confirmed); });
}

void AmqpQueue::probed(const std::string& queue, const Status& confirmed) {
    const auto watch = watched_.find(queue);
    if (watch == watched_.end()) return;
    watch->second.asked = false;
    if (!confirmed && !publisher_->connected()) return;  // that is no queue's fault
    // Full is not stuck.
    watch->second.confirms = confirmed || confirmed.error().code == ErrorCode::resource_exhausted;
    if (!confirmed) return;
    watch->second.pause = std::min(watch->second.pause * 2, kProbeMost);
    consumer_->expect(queue);
}

void AmqpQueue::try_again() {
    store_missing_media();
    for (const auto& [incoming, scope] : std::exchange(unerased_, {}))
        erase_rows(incoming, scope);
}

// Of a full disk the first of each queue asks; where there is room again all others follow.
void AmqpQueue::store_missing_media() {
    for (const auto& [queue, line] : lines_) {
        for (const IncomingPtr& incoming : line) {
            if (incoming->ready) continue;
            if (!incoming->storing) store_media(incoming);
            if (disk_full_) break;
        }
    }
}

void AmqpQueue::store_media(const IncomingPtr& incoming) {
    if (!incoming->message.shared_media().empty()) return read_shared_media(incoming);
    Frames frames;
    for (const std::string& medium : incoming->message.media())
        frames.emplace_back(medium);
    store_media(incoming, std::move(frames));
}

void AmqpQueue::read_shared_media(const IncomingPtr& incoming) {
    if (!shared_media_) {
        if (!std::exchange(folder_wanted_, true))
            log_error(
                "a post's media is in a folder that all hosts mount, and queue.media_folder is not set");
        return;
    }
    incoming->storing = true;
    shared_media_->read(media_files(incoming->message), [this, &loop = loop_, incoming](Result<Frames> read) {
        auto shared = std::make_shared<Result<Frames>>(std::move(read));
        loop.post([this, incoming, shared] {
            if (incoming->lost) return;
            incoming->storing = false;
            if (!*shared) return unreadable(incoming, shared->error());
            store_media(incoming, std::move(**shared));
        });
    });
}

// Where the folder is away it is waited for. A file may be late in a folder of the network, or be gone for
// good: with the first of two copies of a message, of which MySQL knows then; or it has been lost.
void AmqpQueue::unreadable(const IncomingPtr& incoming, const Error& error) {
    if (error.code == ErrorCode::unavailable) return incoming->missing_since.reset();
    const auto now = std::chrono::steady_clock::now();
    if (!incoming->missing_since) incoming->missing_since = now;
    const bool late = now < *incoming->missing_since + std::chrono::seconds(config_.queue.media_wait_s);
    if (error.code == ErrorCode::not_found && late) return;
    std::string asset = "its media";
    for (int i = 0; i < incoming->post.assets_size(); ++i) {
        const v1::Asset& each = incoming->post.assets(i);
        if (each.has_frame() && std::to_string(each.frame()) == error.field)
            asset = "assets[" + std::to_string(i) + "] (" + each.asset_id() + ")";
    }
    incoming->failure = Error{.code = error.code, .message = asset + " " + error.message};
    log_error("a post's media is lost", {{"tenant", incoming->message.tenant()},
                                         {"post_id", incoming->message.post_id()},
                                         {"error", incoming->failure->to_string()}});
    incoming->ready = true;
    advance(incoming->queue);
}

void AmqpQueue::store_media(const IncomingPtr& incoming, Frames frames) {
    incoming->storing = true;
    // Prefetch bounds what waits here.
    (void)media_.store(std::move(frames), SIZE_MAX,
                       [this, &loop = loop_, incoming](const Result<MediaStore::Stored>& stored) {
                           loop.post([this, incoming, stored] {
                               if (incoming->lost) return stored ? media_.erase(stored->folder) : void();
                               incoming->storing = false;
                               if (!stored) {
                                   if (std::exchange(disk_full_, true)) return;
                                   return log_error("inline media cannot be stored; it is tried again",
                                                    {{"error", stored.error().to_string()}});
                               }
                               if (std::exchange(disk_full_, false)) store_missing_media();
                               incoming->message.clear_media();
                               incoming->media = stored->folder;
                               incoming->ready = true;
                               advance(incoming->queue);
                           });
                       });
}

// In order: an erasure or a revision must not go past what was sent before it.
void AmqpQueue::advance(const std::string& queue) {
    auto& line = lines_[queue];
    while (!line.empty() && line.front()->ready) {
        const IncomingPtr incoming = std::move(line.front());
        line.pop_front();
        if (incoming->erases()) {
            erase_sent_before(incoming);
        } else {
            take(incoming);
        }
    }
}

void AmqpQueue::take(const IncomingPtr& incoming) {
    struct Taken {
        NewPost entry;
        Acceptance acceptance;
        v1::DeadLetter letter;
    };
    const v1::QueueMessage& message = incoming->message;
    auto taken = std::make_shared<Taken>();
    taken->entry = {.tenant = message.tenant(),
                    .post_id = message.post_id(),
                    .priority = incoming->post.priority(),
                    .content_hash = message.content_hash(),
                    .post = message.post(),
                    .media = incoming->media};
    if (incoming->retries()) taken->entry.retry_of_ms = sent_ms_of(message.id());
    const bool late = incoming->queue == names_.dead();
    const bool dead = late || incoming->failure;
    const std::int64_t accepted_ms = std::min(message.accepted_ms(), now_ms());
    if (dead) {
        taken->letter.set_tenant(message.tenant());
        taken->letter.set_post_id(message.post_id());
        taken->letter.set_stage("queue");
        const bool poison = incoming->death_reason == "delivery_limit";
        taken->letter.set_code(std::string(name(poison ? ErrorCode::internal : ErrorCode::corrupt)));
        taken->letter.set_message(poison ? "each host that took it was lost before the post was done"
                                         : "no host could take it: " + incoming->death_reason);
        if (incoming->failure) {
            taken->letter.set_code(std::string(name(incoming->failure->code)));
            taken->letter.set_message(incoming->failure->message);
        }
        taken->letter.set_attempts(
            static_cast<std::uint32_t>(std::max<std::int64_t>(incoming->deliveries, 1)));
        *taken->letter.mutable_died_at() =
            google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms());
    }
    (void)journal_.submit(
        Journal::Urgency::internal, taken->entry.post.size(),
        [taken, dead, late, accepted_ms](JournalStore& store) -> Status {
            if (late) {
                // What was sent later has gone before it.
                auto there = store.find(taken->entry.tenant, taken->entry.post_id);
                if (!there) return there.error();
                taken->acceptance = {.duplicate = true};
                if (*there && (*there)->accepted_ms > accepted_ms) return ok_status();
            }
            auto accepted = store.accept(taken->entry, accepted_ms);
            if (!accepted) return accepted.error();
            taken->acceptance = *accepted;
            if (!dead || accepted->duplicate) return ok_status();
            taken->letter.set_revision(accepted->revision);
            auto buried = store.set_dead(accepted->seq, accepted->revision, taken->letter.SerializeAsString(),
                                         now_ms());
            return buried ? ok_status() : Status(buried.error());
        },
        [this, &loop = loop_, incoming, taken, dead, late](const Status& noted) {
            loop.post([this, incoming, taken, dead, late, noted] {
                if (!noted) {  // never `retryable`: this row can never be stored
                    log_error("the working journal refuses a post", {{"error", noted.error().to_string()}});
                    if (late) return;  // it stays there: nobody would keep it
                    held_.forget(*incoming->part);
                    for (const AmqpConsumer::Tag& tag : incoming->part->tags)
                        consumer_->reject(tag);
                    return;
                }
                this->taken(incoming, taken->acceptance);
                if (!dead || taken->acceptance.duplicate) return;
                *taken->letter.mutable_post() = std::move(incoming->post);
                hooks_.on_dead(taken->acceptance.seq, std::move(taken->letter));
            });
        });
}

void AmqpQueue::taken(const IncomingPtr& incoming, const Acceptance& acceptance) {
    if (acceptance.duplicate) {
        media_.erase(incoming->media);
        return finish(incoming);
    }
    const v1::QueueMessage& message = incoming->message;
    const bool dead = incoming->queue == names_.dead();
    held_.hold(acceptance.seq,
               {.tenant = message.tenant(),
                .post_id = message.post_id(),
                .user_id = incoming->post.user_id(),
                .content_hash = message.content_hash(),
                .revision = acceptance.revision,
                .retry = incoming->retries(),
                .retried_revision = incoming->retries() ? message.revision() : 0,
                .late = dead},
               incoming->part);
    media_.erase(acceptance.replaced_media);
    if (dead || incoming->failure) return;
    if (incoming->retries()) hooks_.on_retry();
    hooks_.on_taken({.seq = acceptance.seq,
                     .revision = acceptance.revision,
                     .post = std::move(incoming->post),
                     .media = incoming->media});
}

void AmqpQueue::finish(const IncomingPtr& incoming) {
    held_.forget(*incoming->part);
    // Behind all that it has erased, or that would come again after a crash, and the erasure would not.
    if (incoming->erases() && shared_media_)
        return shared_media_->erase({}, [this, tags = incoming->part->tags] { consumer_->settle(tags); });
    settle_with_files(incoming->part->tags, incoming->part->files);
}

// The files first: what lies in the folder is what a message names, and no more.
void AmqpQueue::settle_with_files(std::vector<AmqpConsumer::Tag> tags, std::vector<std::string> files) {
    if (files.empty()) return consumer_->settle(std::move(tags));
    shared_media_->erase(std::move(files), [this, tags = std::move(tags)] { consumer_->settle(tags); });
}

// What lies before it in its queue is with the journal's thread, some of it: first that must be held.
void AmqpQueue::erase_sent_before(const IncomingPtr& incoming) {
    const v1::QueueMessage& message = incoming->message;
    const ErasureScope scope{.tenant = message.tenant(),
                             .post_id = message.post_id(),
                             .user_id = message.user_id(),
                             .sent_before = std::string(stamp_of(message.id()))};
    (void)journal_.submit(
        Journal::Urgency::internal, 0, [](JournalStore&) { return ok_status(); },
        [this, &loop = loop_, incoming, scope](const Status&) {
            loop.post([this, incoming, scope] { erase_held(incoming, scope); });
        });
}

void AmqpQueue::erase_held(const IncomingPtr& incoming, const ErasureScope& scope) {
    struct Held {
        std::vector<HeldPosts::Revision> posts;
        std::vector<std::int64_t> gone;
        std::vector<std::string> media;
    };
    auto held = std::make_shared<Held>();
    held->posts = held_.sent_before(scope.sent_before, [&](const HeldPosts::Post& post) {
        return post.tenant == scope.tenant &&
               (scope.user_id.empty() ? post.post_id == scope.post_id : post.user_id == scope.user_id);
    });
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [held](JournalStore& store) -> Status {
            held->gone.clear();
            held->media.clear();
            for (const auto& [seq, revision] : held->posts) {
                auto row = store.row(seq);
                if (!row) return row.error();
                // What was sent after the erasure may have taken the row meanwhile. Where there is none an
                // operator has erased it on this host before, and its messages are still here.
                if (*row && (*row)->revision != revision) continue;
                held->gone.push_back(seq);
                if (!*row) continue;
                held->media.push_back((*row)->media);
                if (Status erased = store.erase(seq); !erased) return erased;
            }
            return ok_status();
        },
        [this, &loop = loop_, incoming, scope, held](const Status&) {
            loop.post([this, incoming, scope, held] {
                ErasureScope rows = scope;
                std::vector<AmqpConsumer::Tag> tags;
                std::vector<std::string> files;
                for (const std::int64_t seq : held->gone) {
                    if (const auto origin = held_.origin(seq))
                        std::ranges::copy(origin->messages(), std::back_inserter(rows.messages));
                    std::ranges::copy(held_.files(seq), std::back_inserter(files));
                    std::ranges::copy(held_.let_go(seq), std::back_inserter(tags));
                }
                settle_with_files(std::move(tags), std::move(files));
                for (const std::string& folder : held->media)
                    media_.erase(folder);
                erase_rows(incoming, rows);
            });
        });
}

void AmqpQueue::erase_rows(const IncomingPtr& incoming, const ErasureScope& scope) {
    hooks_.erase_rows(scope, [this, incoming, scope](const Status& erased) {
        if (erased) return finish(incoming);
        log_error("rows cannot be erased; it is tried again", {{"error", erased.error().to_string()}});
        unerased_.emplace_back(incoming, scope);
    });
}

}  // namespace bgm
