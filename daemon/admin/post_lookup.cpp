#include "daemon/admin/post_lookup.hpp"

#include <memory>

namespace bgm {

using nlohmann::json;

void PostLookup::look_up(const json& request, const AdminReply& reply) {
    const std::string tenant = request_text(request, "tenant", "default");
    const std::string post_id = request_text(request, "post_id");
    if (post_id.empty()) return reply(invalid_request("post_id", "is missing"));
    auto row = std::make_shared<std::optional<JournalRow>>();
    look(
        journal_,
        [row, tenant, post_id](JournalStore& store) -> Status {
            auto found = store.find(tenant, post_id);
            if (!found) return found.error();
            *row = std::move(*found);
            return ok_status();
        },
        [this, row, tenant, post_id, reply](const Status& read) {
            loop_.post([this, row, tenant, post_id, reply, read] {
                if (!read) return reply(read.error());
                json result{{"state", "unknown"}, {"revision", 0}};
                if (*row) {
                    const JournalRow& found = **row;
                    const bool analysing = found.state == PostState::accepted && hooks_.analysing(found.seq);
                    result["state"] = name(analysing ? PostState::analysing : found.state);
                    result["revision"] = found.revision;
                    if (found.state == PostState::dead) result["dead"] = as_json(dead_letter(found, true));
                    v1::Pick stored;
                    if (!found.pick.empty() && stored.ParseFromString(found.pick)) {
                        stored.set_event_id(found.event_id);
                        result["pick"] = as_json(stored);
                        return reply(result);
                    }
                    if (found.state != PostState::delivered) return reply(result);
                }
                // Delivered, or forgotten since: MySQL has it.
                hooks_.find_pick(tenant, post_id, *row ? (*row)->revision : 0,
                                 [this, tenant, post_id, result,
                                  reply](const Result<std::optional<v1::Pick>>& pick) mutable {
                                     if (!pick) return reply(pick.error());
                                     if (!*pick) return find_dead(tenant, post_id, std::move(result), reply);
                                     result["state"] = name(PostState::delivered);
                                     result["revision"] = (*pick)->revision();
                                     result["pick"] = as_json(**pick);
                                     reply(result);
                                 });
            });
        },
        reply);
}

void PostLookup::find_dead(const std::string& tenant, const std::string& post_id, json unknown,
                           const AdminReply& reply) {
    if (!hooks_.find_dead) return reply(unknown);
    hooks_.find_dead(tenant, post_id,
                     [unknown, reply](const Result<std::optional<v1::DeadLetter>>& dead) mutable {
                         if (!dead) return reply(dead.error());
                         if (*dead) {
                             unknown["state"] = name(PostState::dead);
                             unknown["revision"] = (*dead)->revision();
                             unknown["dead"] = as_json(**dead);
                         }
                         reply(unknown);
                     });
}

}  // namespace bgm
