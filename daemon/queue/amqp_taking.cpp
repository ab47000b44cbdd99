// How AmqpQueue takes what the brokers hand it.

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_incoming.hpp"
#include "daemon/store/retry_id.hpp"

namespace bgm {
namespace {

// A queue of which nothing came for so long is probed; where still nothing comes, each time later.
constexpr std::chrono::seconds kProbe{5};
constexpr std::chrono::seconds kProbeMost{300};

}  // namespace

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
    incoming->key = HeldPosts::key_of(incoming->message.tenant(), incoming->message.post_id());
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

// In order: an erasure or a revision must not go past what was sent before it.
void AmqpQueue::advance(const std::string& queue) {
    auto& line = lines_[queue];
    while (!line.empty() && line.front()->ready && !erasing_.contains(queue)) {
        if (joins(*line.front())) return look_up(queue);
        const IncomingPtr incoming = std::move(line.front());
        line.pop_front();
        if (incoming->erases()) {
            erase_sent_before(incoming);
        } else if (incoming->ineffective) {
            media_.erase(incoming->media);
            finish(incoming);
        } else {
            take(incoming);
        }
    }
}

// It would join a post whose rows are not written yet, and MySQL's transaction sees no more than the last of
// those that have joined: so whether it counts is to be known before. A broker that was cut off may bring a
// message that was revoked, or a second copy of one that has long had its effect.
bool AmqpQueue::joins(const Incoming& incoming) const {
    return !incoming.erases() && !incoming.looked_up && held_.entered(incoming.key);
}

// All that waits in this line, together. What is revoked after it has come is in order: its sender sends
// again only then.
void AmqpQueue::look_up(const std::string& queue) {
    if (!looking_up_.insert(queue).second) return;
    std::vector<IncomingPtr> asked;
    std::vector<PostMessage> messages;
    for (const IncomingPtr& incoming : lines_[queue]) {
        if (incoming->erases() || incoming->looked_up) continue;
        asked.push_back(incoming);
        messages.push_back({incoming->message.tenant(), incoming->message.post_id(), incoming->part->id});
    }
    hooks_.find_ineffective(std::move(messages), [this, queue, asked](const std::set<std::string>& found) {
        for (const IncomingPtr& incoming : asked) {
            incoming->looked_up = true;
            incoming->ineffective = found.contains(incoming->part->id);
        }
        looking_up_.erase(queue);
        advance(queue);
    });
}

void AmqpQueue::take(const IncomingPtr& incoming) {
    struct Taken {
        NewPost entry;
        Acceptance acceptance;
        v1::DeadLetter letter;
    };
    const v1::QueueMessage& message = incoming->message;
    const bool joins = held_.entered(incoming->key);
    held_.enter(*incoming->part, incoming->key);
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
        [taken, dead, late, joins, accepted_ms](JournalStore& store) -> Status {
            taken->acceptance = {};
            if (late || joins) {
                auto there = store.find(taken->entry.tenant, taken->entry.post_id);
                if (!there) return there.error();
                // What was sent later has gone before it.
                const bool other_way = late || (*there && ((*there)->priority == v1::BACKFILL) !=
                                                              (taken->entry.priority == v1::BACKFILL));
                taken->acceptance.duplicate = true;
                if (*there && other_way && (*there)->accepted_ms > accepted_ms) return ok_status();
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
                    // It stays there: nobody would keep it.
                    if (late) return held_.leave(*incoming->part);
                    held_.forget(*incoming->part);
                    for (const AmqpConsumer::Tag& tag : incoming->part->tags)
                        consumer_->reject(tag);
                    return settle_waiting(incoming->key, true);
                }
                this->taken(incoming, taken->acceptance);
                if (!dead || taken->acceptance.duplicate) return;
                *taken->letter.mutable_post() = std::move(incoming->post);
                hooks_.on_dead(taken->acceptance.seq, std::move(taken->letter));
            });
        });
}

void AmqpQueue::taken(const IncomingPtr& incoming, const Acceptance& acceptance) {
    const v1::QueueMessage& message = incoming->message;
    if (acceptance.duplicate) {
        held_.leave(*incoming->part);
        if (!held_.entered(incoming->key)) return pass_over(incoming);
        waiting_[incoming->key].push_back(incoming);
        return;
    }
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

// A host that has taken what waits here, too, may still answer it: so the row is to see it.
std::optional<v1::Origin> AmqpQueue::origin(std::int64_t seq) const {
    auto origin = held_.origin(seq);
    if (!origin) return origin;
    const HeldPosts::Post& post = *held_.find(seq);
    const auto found = waiting_.find(post.parts.front()->post);
    if (found == waiting_.end()) return origin;
    for (const IncomingPtr& incoming : found->second) {
        const bool alike = incoming->message.content_hash() == post.content_hash && !incoming->retries();
        alike ? origin->add_alike(incoming->part->id) : origin->add_passed_over(incoming->part->id);
    }
    return origin;
}

// What has no effect since the post that was held said it already, or better. Where MySQL's row says
// something else in the end, they count.
void AmqpQueue::settle_waiting(const std::string& post, bool they_count) {
    const auto found = waiting_.find(post);
    if (found == waiting_.end()) return;
    // A newer one is on its way into the journal, and its end is theirs.
    if (they_count && held_.entered(post)) return;
    const std::vector<IncomingPtr> line = std::move(found->second);
    waiting_.erase(found);
    for (const IncomingPtr& incoming : line) {
        if (!they_count) {
            pass_over(incoming);
        } else if (being_erased(*incoming)) {
            waiting_[post].push_back(incoming);
        } else {
            take(incoming);
        }
    }
}

// No row sees it, and there may be a second copy: so it is revoked.
void AmqpQueue::pass_over(const IncomingPtr& incoming) {
    media_.erase(incoming->media);
    hooks_.revoke(incoming->part->id, [this, incoming] { finish(incoming); });
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

}  // namespace bgm
