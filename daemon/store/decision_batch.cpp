#include "daemon/store/decision_batch.hpp"

#include <algorithm>

#include "schemas/pick_origin.hpp"

namespace bgm {
namespace {

const StoredRow* find_row(const std::vector<StoredRow>& rows, const PostKey& key) {
    const auto found = std::ranges::lower_bound(rows, key, {}, &StoredRow::key);
    return found != rows.end() && found->key() == key ? &*found : nullptr;
}

bool outdated(const BatchedDecision& decision, const StoredRow* stored) {
    return stored != nullptr && stored->decision.revision > decision.revision() &&
           stored->time >= decision.time();
}

WriteEffect& effect_of(WriteEffects& effects, const BatchedDecision& decision) {
    return (decision.pick != nullptr ? effects.picks : effects.dead)[decision.index];
}

class Planner {
 public:
    Planner(WritePlan& plan, const StoredRow* pick, const StoredRow* dead)
        : plan_(plan), pick_(pick), dead_(dead) {}

    void take(std::span<const BatchedDecision> of_one_post) {
        const BatchedDecision& last = of_one_post.back();
        if (!last.origin) {
            if (!outdated(last, pick_) && !outdated(last, dead_))
                replace({.decision = &last, .revision = last.revision()});
            return;
        }
        const StoredRow* row = pick_;
        if (row == nullptr || (dead_ != nullptr && dead_->decision.revision > row->decision.revision))
            row = dead_;
        std::optional<StoredDecision> state;
        if (row != nullptr) state = row->decision;
        const BatchedDecision* winner = nullptr;
        std::string fresh;
        bool noted = false;
        for (const BatchedDecision& each : of_one_post) {
            if (!each.origin) continue;
            effect_of(plan_.effects, each).written = false;
            if (each.noted) continue;
            RowVerdict verdict = judge(*each.origin, state ? &*state : nullptr);
            if (verdict.kind == RowVerdict::Kind::nothing) continue;
            noted = true;
            if (verdict.kind == RowVerdict::Kind::replaces) {
                winner = &each;
                fresh = std::move(verdict.fresh);
                state = StoredDecision{.revision = verdict.revision,
                                       .dead = each.dead != nullptr,
                                       .content_hash = each.origin->content_hash()};
            }
            state->messages = std::move(verdict.messages);
        }
        for (const BatchedDecision& each : of_one_post) {
            if (!each.origin) continue;
            effect_of(plan_.effects, each).overruled =
                each.noted || !state || state->content_hash != each.origin->content_hash();
        }
        if (winner != nullptr) {
            effect_of(plan_.effects, *winner) = {.written = true, .revision = state->revision};
            replace({.decision = winner,
                     .revision = state->revision,
                     .messages = std::move(state->messages),
                     .fresh = std::move(fresh),
                     .replaces = row != nullptr});
        } else if (noted) {
            plan_.notes.push_back({row->key(), row->decision.dead, std::move(state->messages)});
        }
    }

 private:
    void replace(WritePlan::Row row) {
        if (pick_ != nullptr) plan_.replaced_picks.push_back(row.decision->key());
        if (dead_ != nullptr) plan_.replaced_dead.push_back(row.decision->key());
        plan_.rows.push_back(std::move(row));
    }

    WritePlan& plan_;
    const StoredRow* pick_;
    const StoredRow* dead_;
};

}  // namespace

StoredTime BatchedDecision::time() const {
    const google::protobuf::Timestamp& time = pick != nullptr ? pick->picked_at() : dead->died_at();
    return {time.seconds(), time.nanos() / 1000};
}

std::vector<BatchedDecision> batch_of(std::span<const v1::Pick* const> picks,
                                      std::span<const v1::DeadLetter* const> dead) {
    std::vector<BatchedDecision> batch;
    batch.reserve(picks.size() + dead.size());
    // Dead letters first: where nothing else tells, the pick comes last and counts.
    for (std::size_t at = dead.size(); at-- > 0;)
        batch.push_back({.dead = dead[at], .index = at, .origin = origin_of(*dead[at])});
    for (std::size_t at = picks.size(); at-- > 0;)
        batch.push_back({.pick = picks[at], .index = at, .origin = origin_of(*picks[at])});
    std::ranges::stable_sort(batch, [](const BatchedDecision& left, const BatchedDecision& right) {
        if (left.key() != right.key()) return left.key() < right.key();
        if (left.origin.has_value() != right.origin.has_value()) return !left.origin;
        // A later decision of one host answers what it has not settled yet, and so what earlier ones
        // answered.
        if (left.origin) {
            if (left.origin->messages_size() != right.origin->messages_size())
                return left.origin->messages_size() < right.origin->messages_size();
            return left.index < right.index;
        }
        if (left.revision() != right.revision()) return left.revision() < right.revision();
        return left.time() < right.time();
    });
    return batch;
}

WritePlan plan_write(const std::vector<BatchedDecision>& batch, const std::vector<StoredRow>& stored_picks,
                     const std::vector<StoredRow>& stored_dead) {
    WritePlan plan;
    const auto picks =
        std::ranges::count_if(batch, [](const BatchedDecision& each) { return each.pick != nullptr; });
    plan.effects.picks.resize(static_cast<std::size_t>(picks));
    plan.effects.dead.resize(batch.size() - static_cast<std::size_t>(picks));
    for (std::size_t begin = 0, end = 0; begin < batch.size(); begin = end) {
        const PostKey key = batch[begin].key();
        for (end = begin; end < batch.size() && batch[end].key() == key;)
            ++end;
        Planner(plan, find_row(stored_picks, key), find_row(stored_dead, key))
            .take(std::span(batch).subspan(begin, end - begin));
    }
    return plan;
}

}  // namespace bgm
