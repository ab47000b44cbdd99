#include "daemon/queue/unsettled_deliveries.hpp"

namespace bgm {

void UnsettledDeliveries::clear() {
    first_ = 1;
    states_.clear();
}

UnsettledDeliveries::State* UnsettledDeliveries::find(std::uint64_t tag) {
    return tag >= first_ && tag - first_ < states_.size() ? &states_[tag - first_] : nullptr;
}

std::vector<UnsettledDeliveries::Acknowledgement> UnsettledDeliveries::settle(
    std::span<const std::uint64_t> tags) {
    for (const std::uint64_t tag : tags) {
        State* state = find(tag);
        if (state != nullptr && *state == State::here) *state = State::marked;
    }
    std::vector<Acknowledgement> due;
    std::uint64_t last = 0;
    std::size_t count = 0;
    for (; !states_.empty() && states_.front() != State::here; states_.pop_front(), ++first_) {
        // The broker does not know the number of one that was acknowledged by itself.
        if (states_.front() != State::marked) continue;
        last = first_;
        ++count;
    }
    if (count > 0) due.push_back({.tag = last, .multiple = count > 1});
    for (const std::uint64_t tag : tags) {
        State* state = find(tag);
        if (state == nullptr || *state != State::marked) continue;
        *state = State::sent;
        due.push_back({.tag = tag, .multiple = false});
    }
    return due;
}

bool UnsettledDeliveries::reject(std::uint64_t tag) {
    State* state = find(tag);
    if (state == nullptr || *state != State::here) return false;
    *state = State::sent;
    for (; !states_.empty() && states_.front() == State::sent; states_.pop_front())
        ++first_;
    return true;
}

}  // namespace bgm
