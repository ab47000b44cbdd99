#include "daemon/store/decision_rules.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace bgm {
namespace {

std::string joined(const std::vector<std::string_view>& ids) {
    std::string messages;
    for (std::size_t at = ids.size() > kMessagesKept ? ids.size() - kMessagesKept : 0; at < ids.size(); ++at)
        messages += ids[at];
    return messages;
}

}  // namespace

Status check(const v1::Origin& origin) {
    if (origin.messages().empty())
        return Error{ErrorCode::invalid_argument, "names no message", "origin.messages"};
    for (const auto& [ids, field] : {std::pair(&origin.messages(), "origin.messages"),
                                     {&origin.alike(), "origin.alike"},
                                     {&origin.passed_over(), "origin.passed_over"}}) {
        if (std::ranges::any_of(*ids, [](const std::string& id) { return id.size() != kMessageIdBytes; }))
            return Error{ErrorCode::invalid_argument, "an id is not of 16 bytes", field};
    }
    if (origin.content_hash().size() != kContentHashBytes)
        return Error{ErrorCode::invalid_argument, "is not of 32 bytes", "origin.content_hash"};
    return ok_status();
}

RowVerdict judge(const v1::Origin& origin, const StoredDecision* stored) {
    std::vector<std::string_view> ids;
    if (stored != nullptr) ids = message_ids_of(stored->messages);
    std::unordered_set<std::string_view> seen(ids.begin(), ids.end());
    std::vector<std::string_view> fresh;
    const std::size_t own = static_cast<std::size_t>(origin.messages_size());
    const std::size_t first = own > kMessagesKept ? own - kMessagesKept : 0;
    for (std::size_t at = first; at < own; ++at) {
        const std::string& id = origin.messages(static_cast<int>(at));
        if (seen.insert(id).second) fresh.push_back(id);
    }
    // A row that has seen some of the last ones has seen those before them, which it may not remember.
    const std::size_t forgotten = fresh.size() == own - first ? first : 0;
    const auto posted = std::ranges::count_if(fresh, [](std::string_view id) { return !is_retry(id); });
    const auto counted = static_cast<std::uint32_t>(forgotten + static_cast<std::size_t>(posted));
    // What came beside it is seen where the row says what this one says, and only then.
    std::string answered = joined(fresh);
    const auto see_beside = [&] {
        std::vector<std::string_view> beside;
        for (const std::string& id : origin.passed_over())
            if (seen.insert(id).second) beside.push_back(id);
        for (const std::string& id : origin.alike()) {
            if (!seen.insert(id).second) continue;
            beside.push_back(id);
            answered += id;
        }
        // The row's last message stays the one that it is compared by.
        ids.insert(ids.empty() ? ids.end() : ids.end() - 1, beside.begin(), beside.end());
        return !beside.empty();
    };
    if (stored == nullptr) {
        (void)see_beside();
        ids.insert(ids.end(), fresh.begin(), fresh.end());
        return {RowVerdict::Kind::replaces, std::max(origin.retried_revision() + counted, 1U), joined(ids),
                answered};
    }
    const bool says_the_same = origin.content_hash() == stored->content_hash;
    if (fresh.empty()) {
        if (!says_the_same || !see_beside())
            return {RowVerdict::Kind::nothing, stored->revision, stored->messages, {}};
        return {RowVerdict::Kind::passed_over, stored->revision, joined(ids), {}};
    }

    const std::string_view last = *origin.messages().rbegin();
    const bool other_way =
        origin.late() || origin.retry() || (!ids.empty() && line_of(ids.back()) != line_of(last));
    const bool outdated = !ids.empty() && other_way && stamp_of(last) < stamp_of(ids.back());
    if (outdated) {
        ids.insert(ids.end() - 1, fresh.begin(), fresh.end());
        return {RowVerdict::Kind::passed_over, stored->revision, joined(ids), answered};
    }
    const bool duplicate = says_the_same && !(origin.retry() && stored->dead);
    (void)see_beside();
    ids.insert(ids.end(), fresh.begin(), fresh.end());
    if (duplicate) return {RowVerdict::Kind::passed_over, stored->revision, joined(ids), answered};
    return {RowVerdict::Kind::replaces, stored->revision + counted, joined(ids), answered};
}

}  // namespace bgm
