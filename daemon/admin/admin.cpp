#include "daemon/admin/admin.hpp"

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/admin/request.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::string_view kHeader = "BGM1/admin";
constexpr int kMessagesPerRound = 16;
}  // namespace

Admin::Admin(EventLoop& loop, Journal& journal, const MediaStore& media, Hooks hooks)
    : loop_(loop),
      journal_(journal),
      hooks_(std::move(hooks)),
      dead_(loop, journal, media, hooks_.forget_dead, hooks_.resume),
      erasure_(loop, journal, media, hooks_.erase_delivered) {}

Result<std::unique_ptr<Admin>> Admin::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                           Journal& journal, const MediaStore& media, Hooks hooks) {
    std::unique_ptr<Admin> admin(new Admin(loop, journal, media, std::move(hooks)));
    const std::string endpoint =
        config.admin.endpoint.empty() ? "ipc://" + config.runtime_dir + "/admin.sock" : config.admin.endpoint;
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 1 << 20, .owner_only = true});
    if (!socket) return socket.error();
    admin->socket_ = std::move(*socket);
    loop.watch(*admin->socket_, EventLoop::Priority::urgent, [raw = admin.get()] { raw->drain(); });
    return admin;
}

void Admin::drain() {
    Frames frames;
    for (int i = 0; i < kMessagesPerRound && socket_->receive(frames); ++i)
        receive(std::move(frames));
}

void Admin::receive(Frames frames) {
    std::size_t envelope = 1;
    if (frames.size() > 1 && frames[1].size() == 0) envelope = 2;
    auto back = std::make_shared<Frames>();
    for (std::size_t i = 0; i < std::min(envelope, frames.size()); ++i)
        back->push_back(std::move(frames[i]));
    const AdminReply reply = [this, back](const Result<json>& result) {
        json answer{{"ok", result.ok()}};
        if (result) {
            answer["result"] = *result;
        } else {
            const Error& error = result.error();
            answer["error"] = {
                {"code", name(error.code)}, {"field", error.field}, {"message", error.message}};
        }
        Frames out = std::move(*back);
        out.emplace_back(kHeader);
        out.emplace_back(answer.dump(-1, ' ', false, json::error_handler_t::replace));
        (void)socket_->send(std::move(out));
    };
    if (frames.size() != envelope + 2 || frames[envelope].view() != kHeader) {
        return reply(invalid_request("header", "must be BGM1/admin, followed by one JSON object"));
    }
    const auto request = json::parse(frames[envelope + 1].view(), nullptr, /*allow_exceptions=*/false);
    if (!request.is_object()) return reply(invalid_request("request", "is not a JSON object"));
    run(request, reply);
}

void Admin::run(const json& request, AdminReply reply) {
    const std::map<std::string, std::function<void()>, std::less<>> operations{
        {"status", [&] { reply(hooks_.status()); }},
        {"pick", [&] { pick(request, reply); }},
        {"dead.list", [&] { dead_.list(request, reply); }},
        {"dead.show", [&] { dead_.show(request, reply); }},
        {"dead.retry", [&] { dead_.settle(request, true, reply); }},
        {"dead.drop", [&] { dead_.settle(request, false, reply); }},
        {"erase", [&] { erasure_.erase(request, reply); }},
        {"models.swap", [&] { swap_models(request, reply); }},
        {"catalogue.reload",
         [&] {
             hooks_.reload_catalogue([this, reply](const Status& loaded) {
                 if (!loaded) return reply(loaded.error());
                 reply(hooks_.status().at("catalogue"));
             });
         }},
    };
    const auto operation = operations.find(request_text(request, "op"));
    if (operation == operations.end()) return reply(invalid_request("op", "is not a known operation"));
    operation->second();
}

void Admin::pick(const json& request, const AdminReply& reply) {
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
                        result["pick"] = as_json(stored);
                        return reply(result);
                    }
                    if (found.state != PostState::delivered) return reply(result);
                }
                // Delivered, or forgotten since: MySQL has it.
                hooks_.find_pick(tenant, post_id,
                                 [result, reply](const Result<std::optional<v1::Pick>>& pick) mutable {
                                     if (!pick) return reply(pick.error());
                                     if (*pick) {
                                         result["state"] = name(PostState::delivered);
                                         result["revision"] = (*pick)->revision();
                                         result["pick"] = as_json(**pick);
                                     }
                                     reply(result);
                                 });
            });
        },
        reply);
}

void Admin::swap_models(const json& request, const AdminReply& reply) {
    ModelChange change;
    const std::array<std::pair<const char*, std::optional<std::string>*>, 7> fields{
        {{"dir", &change.dir},
         {"image", &change.image},
         {"text", &change.text},
         {"audio", &change.audio},
         {"caption", &change.caption},
         {"prompts_dir", &change.prompts_dir},
         {"heads_dir", &change.heads_dir}}};
    for (const auto& [key, target] : fields) {
        const auto found = request.find(key);
        if (found == request.end()) continue;
        if (!found->is_string()) return reply(invalid_request(key, "must be a text"));
        *target = found->get<std::string>();
    }
    hooks_.swap_models(change, reply);
}

}  // namespace bgm
