// How AmqpQueue erases what it has taken.

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/log.hpp"
#include "daemon/queue/amqp_incoming.hpp"

namespace bgm {

// What lies before it in its queue is with the journal's thread, some of it: first that must be held.
void AmqpQueue::erase_sent_before(const IncomingPtr& incoming) {
    const v1::QueueMessage& message = incoming->message;
    const ErasureScope scope{.tenant = message.tenant(),
                             .post_id = message.post_id(),
                             .user_id = message.user_id(),
                             .sent_before = std::string(stamp_of(message.id()))};
    erasing_[incoming->queue] = scope;
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
        return scope.covers(post.tenant, post.post_id, post.user_id);
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
                erase_waiting(scope, rows.messages);
                for (const std::int64_t seq : held->gone) {
                    if (const auto origin = held_.origin(seq))
                        std::ranges::copy(origin->messages(), std::back_inserter(rows.messages));
                    const HeldPosts::LetGo gone = held_.let_go(seq);
                    std::ranges::copy(gone.files, std::back_inserter(files));
                    std::ranges::copy(gone.tags, std::back_inserter(tags));
                    settle_waiting(gone.post, true);
                }
                settle_with_files(std::move(tags), std::move(files));
                for (const std::string& folder : held->media)
                    media_.erase(folder);
                erase_rows(incoming, rows);
                erasing_.erase(incoming->queue);
                advance(incoming->queue);
            });
        });
}

bool AmqpQueue::concerns(const ErasureScope& scope, const Incoming& incoming) {
    const v1::QueueMessage& message = incoming.message;
    return stamp_of(message.id()) < scope.sent_before &&
           scope.covers(message.tenant(), message.post_id(), incoming.post.user_id());
}

bool AmqpQueue::being_erased(const Incoming& incoming) const {
    return std::ranges::any_of(erasing_, [&](const auto& each) { return concerns(each.second, incoming); });
}

// Of what waits for the end of another message, whatever becomes of that one.
void AmqpQueue::erase_waiting(const ErasureScope& scope, std::vector<std::string>& messages) {
    for (auto& [post, line] : waiting_) {
        std::erase_if(line, [&](const IncomingPtr& incoming) {
            if (!concerns(scope, *incoming)) return false;
            messages.push_back(incoming->part->id);
            media_.erase(incoming->media);
            finish(incoming);
            return true;
        });
    }
    std::erase_if(waiting_, [](const auto& each) { return each.second.empty(); });
}

void AmqpQueue::erase_rows(const IncomingPtr& incoming, const ErasureScope& scope) {
    hooks_.erase_rows(scope, [this, incoming, scope](const Status& erased) {
        if (erased) return finish(incoming);
        log_error("rows cannot be erased; it is tried again", {{"error", erased.error().to_string()}});
        unerased_.emplace_back(incoming, scope);
    });
}

}  // namespace bgm
