// The deliveries of a channel from the first unsettled one on, and how what is settled is acknowledged in few
// messages: AMQP 0-9-1 numbers deliveries 1, 2, ..., and one acknowledgement may stand for all up to a
// number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace bgm {

class UnsettledDeliveries {
 public:
    struct Acknowledgement {
        std::uint64_t tag;
        bool multiple;  // and all before it that were not acknowledged
        bool operator==(const Acknowledgement&) const = default;
    };

    /// The next one is the first of another channel.
    void clear();
    std::uint64_t next() const { return first_ + states_.size(); }
    void add() { states_.push_back(State::here); }
    /// From the first unsettled one on, those between that are settled included.
    std::size_t size() const { return states_.size(); }

    /// What is done up to a point without gaps takes one acknowledgement; what is done beyond it one each.
    /// Numbers that are not here, or were settled before, are passed over.
    std::vector<Acknowledgement> settle(std::span<const std::uint64_t> tags);
    /// It is acknowledged otherwise; false where it is not here.
    bool reject(std::uint64_t tag);

 private:
    enum class State : std::uint8_t { here, marked, sent };

    State* find(std::uint64_t tag);

    std::uint64_t first_ = 1;
    std::deque<State> states_;  // the first one is `here`
};

}  // namespace bgm
