#include "daemon/batch_writer.hpp"

#include <algorithm>
#include <deque>
#include <iterator>

#include "daemon/mysql/pick_store.hpp"

namespace bgm {
namespace {

// A store that fails in a way we do not know fails for every row: that is found out with so few.
constexpr std::size_t kAloneMax = 3;
constexpr int kLostInARowMax = 3;

// The decision that is this row of the batch.
std::vector<Decision>::iterator find(std::vector<Decision>& piece, const RefusedRow& row) {
    std::size_t before = row.index;
    return std::ranges::find_if(piece, [&](const Decision& decision) {
        const bool same_kind =
            row.kind == RefusedRow::Kind::pick ? decision.pick != nullptr : decision.dead != nullptr;
        return same_kind && before-- == 0;
    });
}

void append(std::vector<Decision>& to, std::vector<Decision>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Status BatchWriter::attempt(const std::vector<Decision>& piece) const {
    std::vector<const v1::Pick*> picks;
    std::vector<const v1::DeadLetter*> dead;
    for (const Decision& decision : piece) {
        if (decision.pick) picks.push_back(decision.pick.get());
        if (decision.dead) dead.push_back(decision.dead.get());
    }
    return write_(picks, dead);
}

bool BatchWriter::outage(const Error& error) {
    if (error.field == "mysql.user") return true;
    if (error.code != ErrorCode::unavailable) return false;
    return ++lost_in_a_row_ <= kLostInARowMax || !reach_();
}

BatchWriter::Outcome BatchWriter::write(std::vector<Decision> batch) {
    Outcome outcome;
    std::vector<Failed> alone;
    std::deque<std::vector<Decision>> pieces;
    pieces.push_back(std::move(batch));
    const auto leave_all = [&] {
        for (std::vector<Decision>& piece : pieces)
            append(outcome.left, std::move(piece));
        pieces.clear();
    };
    while (!pieces.empty()) {
        std::vector<Decision> piece = std::move(pieces.front());
        pieces.pop_front();
        if (piece.empty()) continue;
        const Status done = attempt(piece);
        if (done) {
            lost_in_a_row_ = 0;
            append(outcome.written, std::move(piece));
            continue;
        }
        const auto row = refused_row(done.error());
        const auto culprit = row ? find(piece, *row) : piece.end();
        if (culprit != piece.end()) {
            outcome.refused.push_back({std::move(*culprit), done.error()});
            piece.erase(culprit);
            pieces.push_front(std::move(piece));
        } else if (outage(done.error())) {
            outcome.outage = true;
            outcome.error = done.error();
            pieces.push_front(std::move(piece));
            leave_all();
        } else if (piece.size() > 1) {
            const auto half = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
            pieces.emplace_front(std::make_move_iterator(half), std::make_move_iterator(piece.end()));
            piece.erase(half, piece.end());
            pieces.push_front(std::move(piece));
        } else {
            alone.push_back({std::move(piece.front()), done.error()});
            if (outcome.written.empty() && alone.size() >= kAloneMax) leave_all();
        }
    }
    if (!outcome.written.empty()) {
        outcome.suspects = std::move(alone);
        return outcome;
    }
    for (Failed& failed : alone) {
        outcome.left.push_back(std::move(failed.decision));
        if (!outcome.outage) outcome.error = std::move(failed.error);
    }
    if (!outcome.left.empty() && !outcome.outage) lost_in_a_row_ = 0;
    return outcome;
}

}  // namespace bgm
