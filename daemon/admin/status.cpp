#include "daemon/admin/status.hpp"

#include <algorithm>

#include "schemas/network_packages.hpp"

namespace bgm {

using nlohmann::json;

json models_json(const Config::Models& current, bool swapping) {
    json status{{"preset", current.preset},
                {"dir", current.dir},
                {"heads_dir", current.heads_dir},
                {"swapping", swapping}};
    if (current.preset != "clip") {
        status["packages_dir"] = current.packages_dir;
        for (const NetworkPackage& package : network_packages()) {
            status["packages"].push_back({{"name", package.name},
                                          {"version", package.version},
                                          {"purpose", package.purpose},
                                          {"state", standing(package, current.packages_dir)}});
        }
        return status;
    }
    status.update({{"image", current.image},
                   {"text", current.text},
                   {"audio", current.audio},
                   {"caption", current.caption},
                   {"prompts_dir", current.prompts_dir}});
    return status;
}

json status_json(const StatusReadings& readings) {
    const JournalCounts& counts = readings.journal;
    const auto count = [&](PostState state) { return counts.by_state[static_cast<std::size_t>(state)]; };
    const auto analysing = static_cast<std::int64_t>(readings.analysing);
    json workers = json::array();
    const auto& connected = readings.connected;
    for (const Supervisor::Child& child : readings.children) {
        const auto worker = std::find_if(connected.begin(), connected.end(),
                                         [&](const WorkerStatus& each) { return each.name == child.name; });
        const bool ready = worker != connected.end();
        const char* state = child.role == Supervisor::Role::candidate  ? "candidate"
                            : child.role == Supervisor::Role::retiring ? "retiring"
                            : child.pid == 0                           ? "backing_off"
                            : !ready                                   ? "starting"
                            : worker->in_flight > 0                    ? "busy"
                                                                       : "ready";
        json modalities = json::array();
        for (Modality modality : child.modalities)
            modalities.push_back(name(modality));
        workers.push_back({{"name", child.name},
                           {"modality", name(child.modalities.front())},
                           {"modalities", std::move(modalities)},
                           {"pid", child.pid},
                           {"state", state},
                           {"restarts", child.restarts},
                           {"last_end", child.last_end},
                           {"model", ready ? worker->model : ""},
                           {"model_version", ready ? worker->model_version : ""},
                           {"in_flight", ready ? worker->in_flight : 0},
                           {"rss_bytes", ready ? worker->rss_bytes : 0}});
    }
    const Metrics::Totals& totals = readings.posts;
    return {{"version", readings.version},
            {"uptime_s", readings.uptime_s},
            {"ready", readings.missing.empty()},
            {"missing", readings.missing},
            {"journal",
             {{"accepted", std::max<std::int64_t>(count(PostState::accepted) - analysing, 0)},
              {"analysing", analysing},
              {"picked", count(PostState::picked)},
              {"delivered", count(PostState::delivered)},
              {"dead", count(PostState::dead)},
              {"oldest_unfinished_s", static_cast<double>(counts.oldest_unfinished_ms) / 1000.0}}},
            {"workers", std::move(workers)},
            {"models", models_json(readings.models, readings.swapping)},
            {"mysql",
             {{"state", !readings.mysql                ? "off"
                        : readings.mysql_error.empty() ? "up"
                                                       : "down"},
              {"error", readings.mysql_error}}},
            {"catalogue", {{"tracks", readings.tracks}, {"version", readings.catalogue_version}}},
            {"posts",
             {{"accepted_total", totals.accepted},
              {"rejected_total", totals.rejected},
              {"duplicate_total", totals.duplicate},
              {"busy_total", totals.busy},
              {"delivered_total", totals.delivered},
              {"dead_total", totals.dead}}}};
}

}  // namespace bgm
