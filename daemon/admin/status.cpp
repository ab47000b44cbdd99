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
                                          {"state", standing(package, current.packages_dir)},
                                          {"wrong", wrong_files(package, current.packages_dir)}});
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

namespace {

json modalities_json(const std::vector<Modality>& modalities) {
    json list = json::array();
    for (Modality modality : modalities)
        list.push_back(name(modality));
    return list;
}

// A worker, whoever started it. `child`: its process, where that is one of ours; `connected`: where it is
// there.
json worker_json(const Supervisor::Child* child, const WorkerStatus* connected) {
    using enum Supervisor::Role;
    const Supervisor::Role role = child != nullptr ? child->role : connected->retiring ? retiring : serving;
    const char* state = role == candidate          ? "candidate"
                        : role == retiring         ? "retiring"
                        : connected == nullptr     ? (child->pid == 0 ? "backing_off" : "starting")
                        : connected->in_flight > 0 ? "busy"
                                                   : "ready";
    const auto& modalities = child != nullptr ? child->modalities : connected->modalities;
    json worker{{"name", child != nullptr ? child->name : connected->name},
                {"modality", name(modalities.front())},
                {"modalities", modalities_json(modalities)},
                {"started_by_bgmd", child != nullptr},
                {"pid", child != nullptr ? static_cast<std::uint64_t>(child->pid) : connected->pid},
                {"state", state},
                {"restarts", child != nullptr ? child->restarts : 0},
                {"last_end", child != nullptr ? child->last_end : ""}};
    const WorkerStatus nobody;
    const WorkerStatus& there = connected != nullptr ? *connected : nobody;
    worker.update({{"model", there.model},
                   {"model_version", there.model_version},
                   {"in_flight", there.in_flight},
                   {"rss_bytes", there.rss_bytes}});
    return worker;
}

json workers_json(const std::vector<Supervisor::Child>& children,
                  const std::vector<WorkerStatus>& connected) {
    json workers = json::array();
    for (const Supervisor::Child& child : children) {
        const auto found = std::find_if(connected.begin(), connected.end(),
                                        [&](const WorkerStatus& each) { return each.name == child.name; });
        workers.push_back(worker_json(&child, found != connected.end() ? &*found : nullptr));
    }
    for (const WorkerStatus& worker : connected) {
        const bool ours = std::any_of(children.begin(), children.end(), [&](const Supervisor::Child& child) {
            return child.name == worker.name;
        });
        if (!ours) workers.push_back(worker_json(nullptr, &worker));
    }
    return workers;
}

json replicas_json(const std::vector<ReplicaWatch::Report>& replicas) {
    json list = json::array();
    for (const ReplicaWatch::Report& replica : replicas) {
        json behind_s;
        if (replica.holds)
            behind_s = std::chrono::duration<double>(Replica::Clock::now() - *replica.holds).count();
        list.push_back({{"endpoint", replica.endpoint},
                        {"state", name(replica.state)},
                        {"behind_s", behind_s},
                        {"error", replica.error}});
    }
    return list;
}

}  // namespace

json status_json(const StatusReadings& readings) {
    const JournalCounts& counts = readings.journal;
    const auto count = [&](PostState state) { return counts.by_state[static_cast<std::size_t>(state)]; };
    const auto analysing = static_cast<std::int64_t>(readings.analysing);
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
            {"workers", workers_json(readings.children, readings.connected)},
            {"models", models_json(readings.models, readings.swapping)},
            {"mysql",
             {{"state", !readings.mysql                ? "off"
                        : readings.mysql_error.empty() ? "up"
                                                       : "down"},
              {"error", readings.mysql_error},
              {"replicas", replicas_json(readings.replicas)}}},
            {"catalogue", {{"tracks", readings.tracks}, {"version", readings.catalogue_version}}},
            {"taste", {{"state", readings.mysql ? "on" : "off"}, {"listeners", readings.listeners}}},
            {"posts",
             {{"accepted_total", totals.accepted},
              {"rejected_total", totals.rejected},
              {"duplicate_total", totals.duplicate},
              {"busy_total", totals.busy},
              {"delivered_total", totals.delivered},
              {"dead_total", totals.dead}}}};
}

}  // namespace bgm
