#include "daemon/queue/local_queue.hpp"

#include <utility>

#include "daemon/base/clock.hpp"

namespace bgm {

struct LocalQueue::Put {
    Offer offer;
    OnPut done;
    Acceptance acceptance;
};

LocalQueue::LocalQueue(const Config& config, EventLoop& loop, Journal& journal, MediaStore& media,
                       OnTaken on_taken)
    : config_(config), loop_(loop), journal_(journal), media_(media), on_taken_(std::move(on_taken)) {}

bool LocalQueue::has_room() const {
    const JournalCounts counts = journal_.counts();
    const auto unfinished = counts.by_state[static_cast<std::size_t>(PostState::accepted)] +
                            counts.by_state[static_cast<std::size_t>(PostState::picked)];
    return unfinished < config_.journal.unfinished_max &&
           (counts.used_bytes < config_.journal.bytes_max || counts.making_room);
}

void LocalQueue::put(Offer offer, OnPut done) {
    auto put = std::make_shared<Put>(Put{std::move(offer), std::move(done), {}});
    const bool queued = journal_.submit(
        Journal::Urgency::intake, put->offer.entry.post.size(),
        [put](JournalStore& store) -> Status {
            auto accepted = store.accept(put->offer.entry, now_ms());
            if (!accepted) return accepted.error();
            put->acceptance = *accepted;
            return ok_status();
        },
        [this, &loop = loop_, put](const Status& committed) {
            loop.post([this, put, committed] { finish(*put, committed); });
        });
    if (queued) return;
    media_.erase(put->offer.entry.media);
    put->done(Error{.code = ErrorCode::resource_exhausted, .message = "the journal's queue is full"});
}

void LocalQueue::finish(Put& put, const Status& committed) {
    if (!committed) {
        erase_refused(put.offer.entry.media);
        return put.done(committed.error());
    }
    const Acceptance& acceptance = put.acceptance;
    put.done(Receipt{.duplicate = acceptance.duplicate, .revision = acceptance.revision});
    if (acceptance.duplicate) {
        media_.erase(put.offer.entry.media);
        return;
    }
    media_.erase(acceptance.replaced_media);
    on_taken_({.seq = acceptance.seq,
               .revision = acceptance.revision,
               .post = std::move(put.offer.post),
               .media = std::move(put.offer.entry.media)});
}

// After a crash the journal might find the post that it could not commit: then its media must be there, too.
void LocalQueue::erase_refused(const std::string& media) {
    if (media.empty()) return;
    (void)journal_.submit(
        Journal::Urgency::internal, 0, [](JournalStore& store) { return store.bury_failed_commits(); },
        [this, &loop = loop_, media](const Status&) { loop.post([this, media] { media_.erase(media); }); });
}

void LocalQueue::settle(std::vector<Key> keys, OnDone done) {
    const std::size_t bytes = keys.size() * sizeof(Key);
    (void)journal_.submit(
        Journal::Urgency::internal, bytes,
        [keys = std::move(keys)](JournalStore& store) -> Status {
            for (const Key& key : keys) {
                auto noted = key.dead ? store.set_dead_synced(key.seq, key.revision)
                                      : store.set_delivered(key.seq, key.revision, now_ms());
                if (!noted) return noted.error();
            }
            return ok_status();
        },
        [&loop = loop_, done = std::move(done)](const Status& noted) {
            loop.post([done, noted] { done(noted); });
        });
}

}  // namespace bgm
