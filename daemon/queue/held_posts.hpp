// What this host has taken from the shared queues and not settled: which messages went into which post of the
// working journal.
//
// A message may come twice: when its channel is lost and opened again, the broker gives it anew under another
// tag. It is known by its id then, and only its tag changes. Belongs to the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/queue/amqp_consumer.hpp"
#include "schemas/origin.pb.h"

namespace bgm {

class HeldPosts {
 public:
    /// One message, wherever it is between the broker and its settling.
    struct Part {
        std::string id;
        AmqpConsumer::Tag tag;
    };
    using PartPtr = std::shared_ptr<Part>;

    struct Post {
        std::string tenant;
        std::string post_id;
        std::string user_id;
        std::string content_hash;  // of the newest
        bool retry = false;
        bool late = false;             // the newest came by the queue of dead letters
        std::vector<PartPtr> parts{};  // oldest first
    };

    /// The message that has this id, with its new tag; null where it is new.
    PartPtr known(std::string_view id, const AmqpConsumer::Tag& tag);
    /// From now on it is known.
    PartPtr learn(std::string id, const AmqpConsumer::Tag& tag);
    /// It was settled, or is nobody's here any more.
    void forget(const Part& part) { parts_.erase(part.id); }

    /// A message went into a post, as its newest revision.
    void hold(std::int64_t seq, const Post& newest, const PartPtr& part);
    /// All that went into it, and it is not held any more. Empty where it is not.
    std::vector<AmqpConsumer::Tag> let_go(std::int64_t seq);
    std::optional<v1::Origin> origin(std::int64_t seq) const;

    /// Those of which all was sent before this stamp.
    std::vector<std::int64_t> sent_before(std::string_view stamp,
                                          const std::function<bool(const Post&)>& concerned) const;
    std::size_t size() const { return posts_.size(); }

 private:
    std::unordered_map<std::int64_t, Post> posts_;    // by seq
    std::unordered_map<std::string, PartPtr> parts_;  // by id
};

}  // namespace bgm
