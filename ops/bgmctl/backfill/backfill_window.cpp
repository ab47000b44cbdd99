#include "ops/bgmctl/backfill/backfill_window.hpp"

#include <algorithm>
#include <unordered_set>

namespace bgm {
namespace {

constexpr int kTimesUnansweredMax = 3;

}  // namespace

void BackfillWindow::add(std::uint64_t line_number, std::uint64_t end_offset, std::string post_id,
                         std::string encoded) {
    bytes_ += encoded.size();
    Entry added;
    added.line_number = line_number;
    added.end_offset = end_offset;
    added.post_id = std::move(post_id);
    added.encoded = std::move(encoded);
    entries_.push_back(std::move(added));
}

void BackfillWindow::add_rejected(std::uint64_t line_number, std::uint64_t end_offset, Rejection rejection) {
    Entry added;
    added.line_number = line_number;
    added.end_offset = end_offset;
    added.outcome = Outcome::rejected;
    added.rejection = std::move(rejection);
    entries_.push_back(std::move(added));
}

void BackfillWindow::send_waiting(Clock::time_point now, const std::function<bool(const Entry&)>& send) {
    next_to_send_ = std::max(next_to_send_, first_sequence_);
    bool none_waits = true;
    std::unordered_set<std::string_view> passed_over;  // ids whose earlier line still has to go first
    for (std::uint64_t i = next_to_send_; i < first_sequence_ + entries_.size(); ++i) {
        Entry& candidate = entry(i);
        if (!candidate.sent && !candidate.outcome) {
            if (passed_over.contains(candidate.post_id) || sent_.contains(candidate.post_id)) {
                passed_over.insert(candidate.post_id);
                none_waits = false;
            } else {
                if (!send(candidate)) return;
                candidate.sent = true;
                candidate.sent_at = now;
                sent_.emplace(candidate.post_id, i);
            }
        }
        if (none_waits) next_to_send_ = i + 1;
    }
}

bool BackfillWindow::settle(const PostAck& ack) {
    const auto found = sent_.find(ack.post_id);
    if (found == sent_.end()) return false;
    Entry& answered = entry(found->second);
    if (ack.status == PostAck::Status::busy) {
        unsend(answered);
        return true;
    }
    sent_.erase(found);
    answered.times_unanswered = 0;
    switch (ack.status) {
        case PostAck::Status::accepted:
            answered.outcome = Outcome::accepted;
            break;
        case PostAck::Status::duplicate:
            answered.outcome = Outcome::duplicate;
            break;
        default:
            answered.outcome = Outcome::rejected;
            answered.rejection = {.line_number = answered.line_number,
                                  .post_id = answered.post_id,
                                  .code = ack.error_code,
                                  .field = ack.error_field,
                                  .message = ack.error_message};
    }
    bytes_ -= answered.encoded.size();
    answered.encoded.clear();
    return true;
}

void BackfillWindow::unsend(Entry& entry) {
    const auto found = sent_.find(entry.post_id);
    if (found != sent_.end()) {
        next_to_send_ = std::min(next_to_send_, found->second);
        sent_.erase(found);
    }
    entry.sent = false;
}

void BackfillWindow::send_all_again() {
    for (Entry& candidate : entries_) {
        if (candidate.sent && !candidate.outcome) unsend(candidate);
    }
}

void BackfillWindow::send_overdue_again(Clock::time_point now, Clock::duration patience) {
    for (Entry& candidate : entries_) {
        if (!candidate.sent || candidate.outcome || now - candidate.sent_at < patience) continue;
        unsend(candidate);
        if (++candidate.times_unanswered < kTimesUnansweredMax) continue;
        candidate.outcome = Outcome::rejected;
        candidate.rejection = {
            .line_number = candidate.line_number,
            .post_id = candidate.post_id,
            .code = std::string(name(ErrorCode::deadline_exceeded)),
            .field = "",
            .message = "the daemon answers other posts, but not this one; it may have been stored"};
        bytes_ -= candidate.encoded.size();
        candidate.encoded.clear();
    }
}

std::optional<BackfillWindow::Entry> BackfillWindow::take_settled() {
    if (entries_.empty() || !entries_.front().outcome) return std::nullopt;
    Entry settled = std::move(entries_.front());
    entries_.pop_front();
    ++first_sequence_;
    return settled;
}

}  // namespace bgm
