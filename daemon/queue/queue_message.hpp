// What is said through the shared queues: names of queues, ids of messages, and messages as they are read.
//
// Pure but for the chance in an id.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/queue/media_folder.hpp"
#include "schemas/message_id.hpp"
#include "schemas/queue.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// The queues of one cluster of bgmd.
class QueueNames {
 public:
    QueueNames(std::string prefix, int partitions) : prefix_(std::move(prefix)), partitions_(partitions) {}

    int partitions() const { return partitions_; }
    /// Where all that is said of a post lies.
    int partition(std::string_view tenant, std::string_view post_id) const;
    std::string posts(bool backfill, int partition) const;
    bool is_backfill(std::string_view queue) const;
    std::string dead() const { return prefix_ + ".dead"; }
    std::string events() const { return prefix_ + ".events"; }
    /// A host's copy of the events.
    std::string host(std::string_view name) const { return prefix_ + ".host." + std::string(name); }

 private:
    std::string prefix_;
    int partitions_;
};

/// Gives ids (schemas/message_id.hpp). Belongs to one thread.
class MessageIds {
 public:
    MessageIds() : chance_(std::random_device{}()) {}
    std::string next(bool backfill);

 private:
    std::mt19937_64 chance_;
};

/// The files that a message has in the media folder. A name is a hash of the contents, of the post, the
/// message and the frame: so a file is one message's, and no message can name another's, nor any path.
std::vector<NamedMedia> media_files(const v1::QueueMessage& message);

/// `corrupt` where it is none, or one that is not complete: the name of the field says what is missing.
Result<v1::QueueMessage> read_queue_message(std::string_view body);

}  // namespace bgm
