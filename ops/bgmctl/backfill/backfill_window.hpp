// The posts of a backfill that are not settled yet, in the order of their lines. Pure: no sockets, no clock
// of its own.
//
//   waiting -> sent -> settled          (an ack, or a line that is wrong in itself)
//      ^________|                       (BUSY, the connection was lost, or no answer for too long)
//
// What is settled leaves at the front, in order: so a checkpoint is one place in the file, and everything
// before it is done. Two lines with the same post id are never on their way at once, since an ack could not
// be told from the other's and the later line has to win.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "ops/bgmctl/backfill/rejected_list.hpp"
#include "ops/client/posts_client.hpp"

namespace bgm {

class BackfillWindow {
 public:
    using Clock = std::chrono::steady_clock;

    enum class Outcome { accepted, duplicate, rejected };

    struct Entry {
        std::uint64_t line_number = 0;
        std::uint64_t end_offset = 0;
        std::string post_id;
        std::string encoded;
        int times_unanswered = 0;
        bool sent = false;
        Clock::time_point sent_at{};
        std::optional<Outcome> outcome;
        Rejection rejection;  // where the outcome is rejected
    };

    /// A post that is still to be sent.
    void add(std::uint64_t line_number, std::uint64_t end_offset, std::string post_id, std::string encoded);
    /// A line that was found to be wrong before it was sent.
    void add_rejected(std::uint64_t line_number, std::uint64_t end_offset, Rejection rejection);

    /// Calls send(entry) for posts that wait and may go, oldest first, until it returns false.
    void send_waiting(Clock::time_point now, const std::function<bool(const Entry&)>& send);

    /// Takes an ack in. False for one that belongs to no post on its way (a late answer to a post that was
    /// sent twice).
    bool settle(const PostAck& ack);

    /// Everything on its way waits again: the connection was lost.
    void send_all_again();

    /// Posts without an answer for `patience` wait again; after the third time they count as rejected.
    void send_overdue_again(Clock::time_point now, Clock::duration patience);

    /// Hands out what is settled, oldest first, up to the first that is not.
    std::optional<Entry> take_settled();

    bool empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    std::size_t on_their_way() const { return sent_.size(); }
    std::size_t bytes() const { return bytes_; }

 private:
    Entry& entry(std::uint64_t sequence) { return entries_[sequence - first_sequence_]; }
    void unsend(Entry& entry);

    std::deque<Entry> entries_;
    std::uint64_t first_sequence_ = 0;
    std::uint64_t next_to_send_ = 0;                       // nothing before it waits
    std::unordered_map<std::string, std::uint64_t> sent_;  // post id -> sequence
    std::size_t bytes_ = 0;
};

}  // namespace bgm
