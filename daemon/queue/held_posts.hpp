// What this host has taken from the shared queues and not settled: which messages went into which post of the
// working journal.
//
// A message may come twice. When its channel is lost and opened again, the broker gives it anew under another
// tag; when its sender's connection was lost, it may lie in the queue twice, and each copy has its own tag.
// It is known by its id then, and all its tags that are not void are settled together. Belongs to the loop's
// thread.
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
        std::vector<AmqpConsumer::Tag> tags;  // of its copies
        std::vector<std::string> files = {};  // its own in the media folder
        std::string post = {};                // the key of that which it has gone into, or is just about to
    };
    using PartPtr = std::shared_ptr<Part>;

    struct Post {
        std::string tenant;
        std::string post_id;
        std::string user_id;
        std::string content_hash;    // of the newest
        std::uint32_t revision = 0;  // of the newest
        bool retry = false;
        std::uint32_t retried_revision = 0;  // of the dead letter that a retry among its messages named
        bool late = false;                   // the newest came by the queue of dead letters
        std::vector<PartPtr> parts{};        // oldest first
    };

    /// A revision of a post in the working journal.
    struct Revision {
        std::int64_t seq;
        std::uint32_t revision;
        bool operator==(const Revision&) const = default;
    };

    /// The message that has this id, with one more tag; null where it is new.
    PartPtr known(std::string_view id, const AmqpConsumer::Tag& tag);
    /// From now on it is known.
    PartPtr learn(std::string id, const AmqpConsumer::Tag& tag);
    /// It was settled, or is nobody's here any more.
    void forget(Part& part);

    static std::string key_of(std::string_view tenant, std::string_view post_id);
    /// It is about to go into the post of this key, until it is forgotten or leaves.
    void enter(Part& part, const std::string& post);
    void leave(Part& part);
    /// A message has entered this post and not left it.
    bool entered(const std::string& post) const { return entered_.contains(post); }

    /// A message went into a post, as its newest revision.
    void hold(std::int64_t seq, const Post& newest, const PartPtr& part);
    struct LetGo {
        std::vector<AmqpConsumer::Tag> tags{};
        std::vector<std::string> files{};  // in the media folder
        std::string post{};                // its key
    };
    /// All that went into it, and it is not held any more. Empty where it is not.
    LetGo let_go(std::int64_t seq);
    std::optional<v1::Origin> origin(std::int64_t seq) const;
    /// Null where it is not held.
    const Post* find(std::int64_t seq) const;

    /// Those of which all was sent before this stamp.
    std::vector<Revision> sent_before(std::string_view stamp,
                                      const std::function<bool(const Post&)>& concerned) const;
    std::size_t size() const { return posts_.size(); }
    /// Messages that are known.
    std::size_t messages() const { return parts_.size(); }

 private:
    std::unordered_map<std::int64_t, Post> posts_;    // by seq
    std::unordered_map<std::string, PartPtr> parts_;  // by id
    std::unordered_map<std::string, int> entered_;    // messages, by post
};

}  // namespace bgm
