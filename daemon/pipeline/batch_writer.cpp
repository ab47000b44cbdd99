#include "daemon/pipeline/batch_writer.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

#include "daemon/store/row_origin.hpp"

namespace bgm {
namespace {

// A store that fails in a way we do not know fails for every row: that is found out with so few.
constexpr int kAloneMax = 3;
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

bool same_kind(const Decision& one, const Decision& other) {
    return (one.pick != nullptr) == (other.pick != nullptr);
}

// Dead letters, which go first: a post that was retried may have its pick behind its dead letter.
std::vector<Decision> take_dead(std::vector<Decision>& piece) {
    const auto picks = std::stable_partition(piece.begin(), piece.end(),
                                             [](const Decision& each) { return each.pick == nullptr; });
    std::vector<Decision> dead(std::make_move_iterator(piece.begin()), std::make_move_iterator(picks));
    piece.erase(piece.begin(), picks);
    return dead;
}

template <typename Message>
void apply(const WriteEffect& effect, Decision& decision, Message& message) {
    decision.without_effect = !effect.written;
    decision.overruled = effect.overruled;
    if (effect.revision != 0) message.set_revision(effect.revision);
}

void append(std::vector<Decision>& to, std::vector<Decision>&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Status BatchWriter::attempt(std::vector<Decision>& piece) {
    const std::uint64_t announced = ids_.next();
    const auto others = announce_(announced);
    Status done = others ? ok_status() : Status(others.error());
    if (others) {
        ids_.continue_above(others->newest);
        if (others->number) ids_.number(*others->number);
        done = write_piece(piece);
    }
    announced_over_ = announced;
    return done;
}

Status BatchWriter::write_piece(std::vector<Decision>& piece) {
    std::vector<const v1::Pick*> picks;
    std::vector<const v1::DeadLetter*> dead;
    for (const Decision& decision : piece) {
        const std::uint64_t id = ids_.next();
        if (decision.pick) {
            decision.pick->set_event_id(id);
            picks.push_back(decision.pick.get());
        }
        if (decision.dead) {
            decision.dead->set_event_id(id);
            dead.push_back(decision.dead.get());
        }
    }
    const auto effects = write_(picks, dead);
    if (!effects) return effects.error();
    auto pick_effect = effects->picks.begin();
    auto dead_effect = effects->dead.begin();
    for (Decision& decision : piece) {
        if (decision.pick && pick_effect != effects->picks.end())
            apply(*pick_effect++, decision, *decision.pick);
        if (decision.dead && dead_effect != effects->dead.end())
            apply(*dead_effect++, decision, *decision.dead);
    }
    return ok_status();
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
    // Picks and dead letters have tables of their own.
    const auto passed = [&](const Decision& decision) {
        return std::ranges::any_of(outcome.written,
                                   [&](const Decision& each) { return same_kind(each, decision); });
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
        } else if (!std::ranges::all_of(
                       piece, [&](const Decision& each) { return same_kind(each, piece.front()); })) {
            std::vector<Decision> dead = take_dead(piece);
            pieces.push_front(std::move(piece));
            pieces.push_front(std::move(dead));
        } else if (piece.size() > 1) {
            const auto half = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
            pieces.emplace_front(std::make_move_iterator(half), std::make_move_iterator(piece.end()));
            piece.erase(half, piece.end());
            pieces.push_front(std::move(piece));
        } else {
            alone.push_back({std::move(piece.front()), done.error()});
            const Decision& failed = alone.back().decision;
            const auto like_it = std::ranges::count_if(
                alone, [&](const Failed& each) { return same_kind(each.decision, failed); });
            if (passed(failed) || like_it < kAloneMax) continue;
            std::deque<std::vector<Decision>> others;
            for (std::vector<Decision>& other : std::exchange(pieces, {})) {
                if (!other.empty() && same_kind(other.front(), failed)) {
                    append(outcome.left, std::move(other));
                } else {
                    others.push_back(std::move(other));
                }
            }
            pieces = std::move(others);
        }
    }
    for (Failed& failed : alone) {
        if (passed(failed.decision)) {
            outcome.suspects.push_back(std::move(failed));
            continue;
        }
        outcome.left.push_back(std::move(failed.decision));
        if (!outcome.outage) outcome.error = std::move(failed.error);
    }
    if (!outcome.left.empty() && !outcome.outage) lost_in_a_row_ = 0;
    return outcome;
}

}  // namespace bgm
