// The journal as the queue: a post is put, and taken at once by the same bgmd.
#pragma once

#include <memory>

#include "daemon/base/event_loop.hpp"
#include "daemon/config.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/queue/post_queue.hpp"

namespace bgm {

class LocalQueue : public PostQueue {
 public:
    /// What it is given must outlive it.
    LocalQueue(const Config& config, EventLoop& loop, Journal& journal, MediaStore& media, OnTaken on_taken);

    bool has_room() const override;
    void put(Offer offer, OnPut done) override;
    void settle(std::vector<Key> keys, OnDone done) override;

 private:
    struct Put;

    void finish(Put& put, const Status& committed);
    void erase_refused(const std::string& media);

    const Config& config_;
    EventLoop& loop_;
    Journal& journal_;
    MediaStore& media_;
    const OnTaken on_taken_;
};

}  // namespace bgm
