#include "daemon/admin/dead_letters.hpp"

#include <algorithm>
#include <utility>

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kListMax = 1000;

Result<std::optional<std::uint64_t>> place(const json& request) {
    const auto after = request.find("after");
    if (after == request.end()) return std::optional<std::uint64_t>();
    if (!after->is_number_integer()) return invalid_request("after", "must be a number");
    if (!after->is_number_unsigned()) return std::optional<std::uint64_t>(0);
    return std::optional(after->get<std::uint64_t>());
}

json place_json(const std::optional<std::uint64_t>& next) {
    return next ? json(*next) : json();
}

}  // namespace

Error DeadLetters::no_dead_letter() {
    return {.code = ErrorCode::not_found, .message = "is not a dead letter", .field = "post_id"};
}

void DeadLetters::list(const json& request, const AdminReply& reply) {
    const auto after = place(request);
    if (!after) return reply(after.error());
    const auto limit = request.value("limit", json(100U));
    if (!limit.is_number_unsigned()) return reply(invalid_request("limit", "must be a number"));
    const auto count = std::min<std::size_t>(limit.get<std::size_t>(), kListMax);
    page(request_text(request, "tenant"), *after, count, [reply](const Result<Page>& found) {
        if (!found) return reply(found.error());
        json result{{"items", json::array()}, {"next", place_json(found->next)}};
        for (const v1::DeadLetter& letter : found->letters)
            result["items"].push_back(as_json(letter));
        reply(result);
    });
}

void DeadLetters::show(const json& request, const AdminReply& reply) {
    find(request_text(request, "tenant", "default"), request_text(request, "post_id"),
         [reply](const Result<std::optional<v1::DeadLetter>>& found) {
             if (!found) return reply(found.error());
             reply(*found ? Result<json>(as_json(**found)) : no_dead_letter());
         });
}

void DeadLetters::settle(const json& request, bool retry, const AdminReply& reply) {
    const bool all = request.value("all", json(false)) == json(true);
    std::string tenant = request_text(request, "tenant", all ? "" : "default");
    std::string post_id = request_text(request, "post_id");
    const auto after = place(request);
    if (!after) return reply(after.error());
    if (!all && post_id.empty()) return reply(invalid_request("post_id", "is missing; or say \"all\": true"));
    const auto answer = [reply, all](const Result<Settled>& settled) {
        if (!settled) return reply(settled.error());
        json result{{"count", settled->count}};
        if (all) {
            result["skipped"] = settled->skipped;
            result["next"] = place_json(settled->next);
        }
        reply(result);
    };
    if (all) return settle_all(std::move(tenant), *after, retry, answer);
    settle_one(std::move(tenant), std::move(post_id), retry, answer);
}

}  // namespace bgm
