// Dead letters in MySQL, as whoever looks through them and settles them needs them.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp. A row may have been written by anybody: a post that is too large or cannot be read
// is as good as none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// A row, and what a shared queue needs to have its post analysed again.
struct StoredDead {
    v1::DeadLetter letter;
    std::string content_hash = {};  // empty in a row from before there were such queues, as the messages
    std::string messages = {};      // ids of those that went into it, oldest first

    std::string retry_id() const;
};

struct DeadPage {
    std::vector<v1::DeadLetter> letters;     // the oldest first, without their posts
    std::optional<std::uint64_t> next = {};  // `after` of the next page; nothing: this was the last
};

class DeadTable {
 public:
    explicit DeadTable(MySqlConnection& connection) : connection_(connection) {}

    /// By event_id, which is what `after` and `next` are, of one tenant or (empty) of all. Letters of one id
    /// (of two hosts, or 0: from before there were ids) are not torn apart: a page may have fewer or more
    /// than `limit` for that.
    Result<DeadPage> page(std::string_view tenant, std::optional<std::uint64_t> after, std::size_t limit);
    /// With its post.
    Result<std::optional<StoredDead>> find(std::string_view tenant, std::string_view post_id);

    /// For good, in one transaction: no host writes what it still holds of them, nor what a retry that is on
    /// its way finds. How many there were; the others are passed over.
    Result<std::uint64_t> drop(std::span<const v1::DeadLetter> letters);
    /// Those whose rows are still what they were when they were found: their retry is on its way, and nothing
    /// has come of it yet.
    Status remove_retried(std::span<const StoredDead> retried);

 private:
    Result<std::vector<v1::DeadLetter>> letters(const std::string& condition, std::size_t limit);

    MySqlConnection& connection_;
};

}  // namespace bgm
