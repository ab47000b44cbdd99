// Where posts are durable from the answer to their client until MySQL holds what has become of them: all that
// the pipeline needs of it, whatever it is.
//
//     LocalQueue | the journal on this host's disk: put and taken are one step
//     AmqpQueue  | quorum queues that several bgmd share: who takes a post may be another one than who put it
//
// Whichever it is, what is taken lies in the journal too, where the pipeline keeps what it does with it; only
// the first relies on that after a crash. A post that is never settled comes again.
//
// Belongs to the loop's thread; all functions that it is given are called there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "daemon/journal/journal_store.hpp"
#include "daemon/queue/accepted_post.hpp"
#include "daemon/store/erasure.hpp"
#include "schemas/origin.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class PostQueue {
 public:
    /// A post that was judged. Its inline media is the queue's from now on, whatever comes of the post:
    /// either `entry.media` names it in the media store, or it is here.
    struct Offer {
        NewPost entry;
        v1::Post post;
        std::shared_ptr<const Frames> media = {};  // where the queue carries media
        std::vector<std::string> digests = {};     // SHA-256 of each, raw
    };
    /// What its sender is told.
    struct Receipt {
        bool duplicate = false;
        std::uint32_t revision = 0;  // 0: it is counted where the post is taken
    };
    /// A post that MySQL is done with.
    struct Key {
        std::int64_t seq;
        std::uint32_t revision;
        bool dead;
        bool overruled = false;  // its rows say something else, or there are none
    };
    using OnPut = std::function<void(const Result<Receipt>&)>;
    using OnTaken = std::function<void(AcceptedPost)>;
    using OnDone = std::function<void(const Status&)>;

    PostQueue() = default;
    virtual ~PostQueue() = default;
    PostQueue(const PostQueue&) = delete;
    PostQueue& operator=(const PostQueue&) = delete;

    /// False: a post that is offered now would be refused.
    virtual bool has_room() const = 0;
    /// Inline media of one post, together, that it can take in bytes; nullopt: none goes through it, and the
    /// media store keeps it.
    virtual std::optional<std::size_t> carried_media_max() const { return std::nullopt; }
    /// Once, maybe before put() returns: durable, or `resource_exhausted` or `unavailable`: then the client
    /// sends it again, and it may be there all the same.
    virtual void put(Offer offer, OnPut done) = 0;
    /// The rows of these posts are committed. Where that cannot be noted they come again.
    virtual void settle(std::vector<Key> keys, OnDone done) = 0;
    /// Where what is taken has come from, as the rows need to know it; nullopt where they need not.
    virtual std::optional<v1::Origin> origin(std::int64_t /*seq*/) const { return std::nullopt; }
    /// Posts of this scope that were put and not taken yet, here or elsewhere, will be erased where they are
    /// taken. `done` once that is durable; what is taken already is the caller's.
    virtual void erase(const ErasureScope& /*scope*/, const OnDone& done) { done(ok_status()); }
    /// What keeps it from taking or giving posts, as /readyz says it.
    virtual std::vector<std::string> missing() const { return {}; }
};

}  // namespace bgm
