// bgm-worker: one process that turns one modality (or several) into embeddings for bgmd.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "workers/audio/audio_encoder.hpp"
#include "workers/encode_thread.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/text/text_encoder.hpp"
#include "workers/video/video_encoder.hpp"
#include "workers/worker_process.hpp"

namespace {

using MakeEncoder = bgm::Result<std::unique_ptr<bgm::Encoder>> (*)(const std::filesystem::path&);

// A worker kind is a row.
const std::map<std::string, MakeEncoder> kEncoders{
    {"text", bgm::make_text_encoder},
    {"image", bgm::make_image_encoder},
    {"audio", bgm::make_audio_encoder},
    {"video", bgm::make_video_encoder},
};

// A core dump would put a stranger's media on the disk; an address space without bound would take the host's
// memory.
void set_limits(rlim_t address_space_bytes) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (address_space_bytes == 0) return;
    const rlimit bytes{address_space_bytes, address_space_bytes};
    setrlimit(RLIMIT_AS, &bytes);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"bgm-worker turns media into embeddings; bgmd starts it"};
    bgm::WorkerOptions options;
    std::vector<std::string> modalities;
    std::string models;
    std::int64_t heartbeat_ms = 1000;
    int niceness = 0;
    rlim_t address_space_bytes = 0;
    pid_t parent = 0;
    app.add_option("--name", options.name, "as bgmd knows it")->required();
    app.add_option("--modality", modalities, "text, image, audio or video; may be given several times")
        ->required()
        ->check(CLI::IsMember({"text", "image", "audio", "video"}));
    app.add_option("--endpoint", options.endpoint, "bgmd's endpoint for workers")->required();
    app.add_option("--models", models, "folder with the model files")->required();
    app.add_option("--heartbeat-ms", heartbeat_ms, "how often to say that it lives")
        ->check(CLI::Range(10, 60'000));
    app.add_option("--nice", niceness, "give way to other processes by so much")->check(CLI::Range(0, 19));
    app.add_option("--address-space-bytes", address_space_bytes, "limit of the address space; 0: none");
    app.add_option("--parent", parent, "end with this process; 0: live on alone");
    CLI11_PARSE(app, argc, argv);

    if (parent != 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) return 0;  // it died before we could ask to be told
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGINT, SIG_IGN);  // Ctrl-C is bgmd's to handle: it retires its workers
    if (niceness > 0) (void)!nice(niceness);

    std::vector<std::unique_ptr<bgm::Encoder>> encoders;
    for (const std::string& modality : modalities) {
        auto encoder = kEncoders.at(modality)(models);
        if (!encoder) {
            std::cerr << "bgm-worker: " << modality << ": " << encoder.error().to_string() << '\n';
            return 1;
        }
        encoders.push_back(std::move(*encoder));
    }
    set_limits(address_space_bytes);
    options.heartbeat = std::chrono::milliseconds(heartbeat_ms);
    bgm::EncodeThread runner(std::move(encoders));
    if (auto served = bgm::run_worker(options, runner); !served) {
        std::cerr << "bgm-worker: " << served.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
