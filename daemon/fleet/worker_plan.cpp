#include "daemon/fleet/worker_plan.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <thread>

#include "daemon/fleet/model_files.hpp"
#include "fusion/recommend/match_settings.hpp"
#include "schemas/modality_traits.hpp"
#include "schemas/network_packages.hpp"

extern char** environ;

namespace bgm {
namespace {

bool is_clip(const Config::Models& models) {
    return models.preset == "clip";
}

std::string program_of(const Config& config, const Config::Models& models) {
    if (!config.workers.program.empty()) return config.workers.program;
    std::error_code error;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    return (own / (is_clip(models) ? "bgm-worker-clip" : "bgm-worker")).string();
}

// Whether how a track's sound fits a post's words is worth anything to anybody.
bool words_count(const Config& config) {
    const auto settings = read_match_settings(config.matching.weights, config.matching.tenants);
    if (!settings) return false;
    return settings->common.words > 0 || std::any_of(settings->of_tenant.begin(), settings->of_tenant.end(),
                                                     [](const auto& own) { return own.second.words > 0; });
}

void add_clip_arguments(std::vector<std::string>& arguments, const Config& config,
                        const Config::Models& models, const WorkerPlan& plan) {
    const auto add = [&arguments](const char* option, std::string value) {
        arguments.emplace_back(option);
        arguments.push_back(std::move(value));
    };
    for (const ModelFolder& folder : model_folders(models, plan.modalities))
        add(folder.option, folder.path.string());
    if (words_count(config)) arguments.emplace_back("--sound-words");
    add("--prompts", models.prompts_dir);
    add("--head-cache", config.data_dir + "/cache/heads");
    add("--precision", models.precision);
    add("--device", models.device);
    add("--threads", std::to_string(worker_threads(config, usable_cores())));
    add("--batch-max", std::to_string(models.batch_max));
    add("--batch-delay-ms", std::to_string(models.batch_delay_ms));
    add("--embedding-cache", std::to_string(models.embedding_cache_entries));
}

// OpenMP and OpenBLAS size their pools before main() runs: only the environment can tell them. A kernel that
// somebody chose for another program (OPENBLAS_CORETYPE) would cost most of the speed, unseen; a worker
// without GOMP_SPINCOUNT would start itself again with it.
std::vector<std::string> clip_environment(std::size_t threads) {
    constexpr std::array<std::string_view, 4> kOurs{
        "OMP_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "OPENBLAS_CORETYPE=", "GOMP_SPINCOUNT="};
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (std::none_of(kOurs.begin(), kOurs.end(), [&](auto name) { return text.starts_with(name); }))
            environment.emplace_back(text);
    }
    environment.push_back("OMP_NUM_THREADS=" + std::to_string(threads));
    environment.push_back("OPENBLAS_NUM_THREADS=" + std::to_string(threads));
    environment.emplace_back("GOMP_SPINCOUNT=2000");
    return environment;
}

}  // namespace

bool WorkerPlan::takes(Modality modality) const {
    return std::find(modalities.begin(), modalities.end(), modality) != modalities.end();
}

std::vector<WorkerPlan> worker_plans(const Config& config) {
    std::vector<WorkerPlan> plans;
    for (Modality modality : kModalities) {
        std::int64_t count = config.workers.*keys(modality).processes;
        if (count < 0) {
            const auto image = std::find_if(plans.begin(), plans.end(), [](const WorkerPlan& plan) {
                return plan.takes(Modality::image);
            });
            const bool shared = is_clip(config.models) && image != plans.end();
            if (shared) image->modalities.push_back(modality);
            count = shared ? 0 : 1;
        }
        for (std::int64_t i = 0; i < count; ++i) {
            plans.push_back({.name = "worker-" + std::string(name(modality)) + "-" + std::to_string(i),
                             .modalities = {modality}});
        }
    }
    return plans;
}

std::size_t worker_count(const Config& config, Modality modality) {
    const auto plans = worker_plans(config);
    return static_cast<std::size_t>(std::count_if(
        plans.begin(), plans.end(), [modality](const WorkerPlan& plan) { return plan.takes(modality); }));
}

std::size_t usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        if (const int count = CPU_COUNT(&set); count > 0) return static_cast<std::size_t>(count);
    }
    return std::max(std::thread::hardware_concurrency(), 1U);
}

std::size_t worker_threads(const Config& config, std::size_t cores) {
    const std::size_t workers = std::max<std::size_t>(worker_plans(config).size(), 1);
    const std::size_t share = std::max<std::size_t>(cores / workers, 1);
    const auto asked = static_cast<std::size_t>(config.workers.threads);
    return asked == 0 ? share : std::min(asked, share);
}

ProcessCommand worker_command(const Config& config, const Config::Models& models, const WorkerPlan& plan,
                              const std::string& endpoint, pid_t parent) {
    std::vector<std::string> arguments{program_of(config, models), "--name", plan.name};
    for (Modality modality : plan.modalities) {
        arguments.emplace_back("--modality");
        arguments.emplace_back(name(modality));
    }
    const auto add = [&arguments](const char* option, std::string value) {
        arguments.emplace_back(option);
        arguments.push_back(std::move(value));
    };
    add("--endpoint", endpoint);
    add("--heartbeat-ms", std::to_string(config.workers.heartbeat_ms));
    add("--nice", std::to_string(config.workers.nice));
    add("--address-space-bytes", std::to_string(config.workers.address_space_bytes));
    // CUDA's driver opens files and devices all the time.
    add("--sandbox", is_clip(models) && models.device != "cpu" ? "off" : config.workers.sandbox);
    add("--task-memory-bytes", std::to_string(config.workers.task_memory_bytes));
    add("--task-cpu-s", std::to_string(config.workers.task_cpu_s));
    for (const ModalityTraits& each : kModalityTraits) {
        if (!each.asset) continue;
        const std::string option = "--" + std::string(each.name) + "-bytes-max";
        add(option.c_str(), std::to_string(config.posts.*keys(each.modality).bytes_max));
    }
    add("--pixels-max", std::to_string(config.media.pixels_max));
    add("--analysed-video-s", std::to_string(config.media.analysed_video_s));
    add("--video-frames-max", std::to_string(config.media.video_frames_max));
    add("--audio-window-s", std::to_string(config.media.audio_window_s));
    add("--parent", std::to_string(parent));
    if (!is_clip(models)) {
        add("--models", models.dir);
        add("--packages", models.packages_dir);
        add("--reading", models.reading_dir);
        if (config.workers.analyse_tracks) arguments.emplace_back("--tracks");
        return {.arguments = std::move(arguments), .environment = inherited_environment()};
    }
    add("--models", shipped_data() / "builtin");  // what tells grave texts, and whole tracks
    if (config.workers.analyse_tracks) {
        arguments.emplace_back("--tracks");
        add("--packages", models.packages_dir);
    }
    add_clip_arguments(arguments, config, models, plan);
    return {.arguments = std::move(arguments),
            .environment = clip_environment(worker_threads(config, usable_cores()))};
}

}  // namespace bgm
