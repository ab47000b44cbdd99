#include "daemon/cluster/host_status.hpp"

#include <cstdint>

namespace bgm {

using nlohmann::json;

namespace {

constexpr std::size_t kMissingMax = 8;

std::string_view state_of(const HostRow& host, std::int64_t unseen_ms) {
    if (host.gone) return "gone";
    if (!host.live()) return "lost";
    if (unseen_ms >= std::chrono::milliseconds(kLiveWithin).count()) return "unknown";
    return host.draining ? "draining" : "live";
}

}  // namespace

json host_status(const json& status, const std::vector<int>& partitions) {
    const auto at = [](const json& object, const char* name) -> const json& {
        static const json nothing;
        const auto found = object.find(name);
        return found != object.end() ? *found : nothing;
    };
    std::int64_t held = 0;
    for (const char* state : {"accepted", "analysing", "picked"}) {
        const json& count = at(at(status, "journal"), state);
        if (count.is_number_integer()) held += count.get<std::int64_t>();
    }
    std::size_t workers = 0;
    std::size_t working = 0;
    for (const json& worker : at(status, "workers")) {
        ++workers;
        const json& state = at(worker, "state");
        if (state == "ready" || state == "busy") ++working;
    }
    json missing = json::array();
    for (const json& one : at(status, "missing")) {
        if (missing.size() < kMissingMax) missing.push_back(one);
    }
    return {{"version", at(status, "version")}, {"ready", at(status, "ready")},
            {"missing", std::move(missing)},    {"held", held},
            {"partitions", partitions},         {"workers", workers},
            {"workers_ready", working}};
}

json hosts_json(const HostsSeen& seen) {
    json list = json::array();
    for (const HostRow& host : seen.hosts) {
        const std::int64_t unseen_ms = host.unseen_ms + seen.ago.count();
        json one = json::parse(host.status, nullptr, false);
        if (!one.is_object()) one = json::object();
        one.update({{"name", host.name},
                    {"state", state_of(host, unseen_ms)},
                    {"seen_ms", unseen_ms},
                    {"started_ms", host.started_ms}});
        list.push_back(std::move(one));
    }
    json all = {{"hosts", std::move(list)}};
    if (!seen.error.empty() || seen.ago >= kLiveWithin)
        all["mysql"] = {{"silent_ms", seen.ago.count()}, {"error", seen.error}};
    return all;
}

}  // namespace bgm
