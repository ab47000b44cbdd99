#include "workers/process/worker_program.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "schemas/curve_keys.hpp"
#include "workers/process/worker_keeper.hpp"
#include "workers/sandbox/sandbox.hpp"

namespace bgm {
namespace {

// A core dump would put a stranger's media on the disk; an address space without bound would take the host's
// memory.
void set_limits(rlim_t address_space_bytes) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (address_space_bytes == 0) return;
    const rlimit bytes{address_space_bytes, address_space_bytes};
    setrlimit(RLIMIT_AS, &bytes);
}

Status confine(const SandboxOptions& options) {
    const auto missing = enter_sandbox(options);
    if (!missing) return missing.error();
    for (const std::string& protection : *missing)
        std::cerr << "bgm-worker: this host does not give the protection " << protection << '\n';
    return ok_status();
}

}  // namespace

void WorkerProgram::add_options(CLI::App& app) {
    app.add_option("--name", name, "as bgmd knows it")->required();
    app.add_option("--modality", modalities, "text, image, audio or video; may be given several times")
        ->required()
        ->check(CLI::IsMember({"text", "image", "audio", "video"}));
    CLI::Option* here = app.add_option("--endpoint", endpoint, "bgmd's endpoint for workers of its host");
    CLI::Option* afar =
        app.add_option("--connect", connect, "workers.listen of a bgmd on another host: tcp://HOST:PORT");
    here->excludes(afar);
    afar->needs(app.add_option("--server-key", server_key, "file that begins with that bgmd's public key"))
        ->needs(app.add_option("--key", key, "file with this host's secret key; mode 0600"));
    app.callback([here, afar] {
        if (here->count() + afar->count() == 0) throw CLI::RequiredError("--endpoint or --connect");
    });
    app.add_option("--heartbeat-ms", heartbeat_ms, "how often to say that it lives")
        ->check(CLI::Range(10, 60'000));
    app.add_option("--nice", niceness, "give way to other processes by so much")->check(CLI::Range(0, 19));
    app.add_option("--address-space-bytes", address_space_bytes, "limit of the address space; 0: none");
    app.add_option("--sandbox", sandbox,
                   "off, auto or required: what the worker gives up before its first task")
        ->check(CLI::IsMember({"off", "auto", "required"}));
    app.add_option("--task-memory-bytes", task_memory_bytes,
                   "memory beyond what the models take; 0: no limit. Part of the sandbox");
    app.add_option("--task-cpu-s", task_cpu_s, "processor time of one task; 0: no limit")
        ->check(CLI::Range(0, 3600));
    app.add_option("--image-bytes-max", limits.image.bytes_max, "of one image");
    app.add_option("--audio-bytes-max", limits.audio.bytes_max, "of one audio clip");
    app.add_option("--video-bytes-max", limits.video.bytes_max, "of one video");
    app.add_option_function<std::int64_t>(
           "--pixels-max",
           [this](std::int64_t pixels) { limits.image.pixels_max = limits.video.pixels_max = pixels; },
           "declared, of an image or of a frame")
        ->check(CLI::PositiveNumber);
    app.add_option("--analysed-video-s", limits.video.analysed_s, "what lies behind is not looked at")
        ->check(CLI::PositiveNumber);
    app.add_option("--video-frames-max", limits.video.frames_max, "pictures that are taken of a video")
        ->check(CLI::Range(1, 1024));
    app.add_option("--audio-window-s", limits.audio.window_s, "what is decoded of a longer sound")
        ->check(CLI::Range(1, 3600));
    app.add_option("--packages", packages, "folder of the npm packages with networks; none: none");
    app.add_option("--reading", reading, "folder of Tesseract's data; none: photos are not read");
    app.add_option("--parent", parent, "end with this process; 0: live on alone");
}

std::vector<std::string> WorkerProgram::unseen() const {
    const auto takes = [this](std::string_view modality) {
        return std::ranges::find(modalities, modality) != modalities.end();
    };
    const auto is_folder = [](const std::string& path) {
        std::error_code ignored;
        return std::filesystem::is_directory(path, ignored);
    };
    std::vector<std::string> sentences;
    if (!is_folder(packages) && (takes("image") || takes("video")))
        sentences.emplace_back("--packages is no folder: no faces are seen, and no kinds of pictures");
    if (!is_folder(packages) && (takes("audio") || takes("video")))
        sentences.emplace_back("--packages is no folder: sound is heard without a detector of speech");
    if (!is_folder(reading) && takes("image"))
        sentences.emplace_back("--reading is no folder: text in photos is not read");
    return sentences;
}

std::optional<int> WorkerProgram::begin(int argc, char** argv) const {
    // Whoever started it may have left something open: a connection of his own would be a way out of the
    // sandbox.
    close_range(STDERR_FILENO + 1, ~0U, 0);
    if (parent != 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) return 0;  // it died before we could ask to be told
    }
    if (!connect.empty()) return keep({argv, argv + argc});
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGINT, SIG_IGN);  // Ctrl-C is bgmd's to handle: it retires its workers
    if (niceness > 0) (void)!nice(niceness);
    return std::nullopt;
}

int WorkerProgram::keep(std::vector<std::string> arguments) const {
    auto theirs = read_curve_public(server_key);
    if (!theirs) return refuse_to_start("--server-key", theirs.error());
    auto own = read_curve_secret(key);
    if (!own) return refuse_to_start("--key", own.error());
    const Status kept =
        keep_worker({.link = {.name = name, .endpoint = connect, .server_key = *theirs, .secret_key = *own},
                     .command = worker_part(std::move(arguments)),
                     .silent = std::chrono::milliseconds(10 * heartbeat_ms)});
    return kept ? 0 : refuse_to_start("keeping a worker", kept.error());
}

int WorkerProgram::serve(TaskRunner& runner) const {
    set_limits(address_space_bytes);
    const SandboxOptions confinement{.mode = sandbox_mode_from_name(sandbox).value(),
                                     .makes_code = makes_code,
                                     .task_memory_bytes = task_memory_bytes};
    const WorkerOptions options{.name = name,
                                .endpoint = endpoint,
                                .heartbeat = std::chrono::milliseconds(heartbeat_ms),
                                .confine = [&confinement] { return confine(confinement); }};
    const Status served = run_worker(options, runner);
    return served ? 0 : refuse_to_start("serving", served.error());
}

int refuse_to_start(const std::string& what, const Error& error) {
    std::cerr << "bgm-worker: " << what << ": " << error.to_string() << '\n';
    return 1;
}

}  // namespace bgm
