// bgm-bench-encoders: the towers of the clip preset at full size, with random weights in the real file
// format.
//
// For each tower, in one run and in turns, so that a busy machine does all of them alike: the same model with
// libtorch's operators in fp32, which is what PyTorch runs eagerly; on oneDNN in fp32; on oneDNN in bf16; and
// a large bf16 product, whose speed is the peak. Each figure is the best of its turns.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>

#include "ops/lab/encoder-bench/matmul_peak.hpp"
#include "ops/lab/encoder-bench/model_folders.hpp"
#include "workers/encoders/clap_audio_tower.hpp"
#include "workers/encoders/clip_image_tower.hpp"
#include "workers/encoders/sentence_tower.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/encoders/tower_opening.hpp"

namespace bgm::bench {
namespace {

using Run = std::function<torch::Tensor()>;

struct Workload {
    std::string name;
    std::string folder;
    std::int64_t batch = 1;
    double gflop = 0;  // in the products of a batch
    // Loads the tower; the run encodes one built-in batch.
    std::function<Result<Run>(const std::filesystem::path& folder, const Arithmetic&)> load;
};

// Of one token in one block: the products with weights, the scores, and what they weigh.
double block_gflop(double width, double length) {
    return (2 * 12 * width * width + 4 * width * length) / 1e9;
}

Workload images(std::int64_t batch) {
    constexpr double kPatchGflop = 49 * 2.0 * 768 * 3 * 32 * 32 / 1e9;
    return {
        .name = "images",
        .folder = "clip-vit-base-patch32",
        .batch = batch,
        .gflop = static_cast<double>(batch) * (12 * 50 * block_gflop(768, 50) + kPatchGflop),
        .load = [batch](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
            auto tower = ClipImageTower::load(folder, arithmetic);
            if (!tower) return tower.error();
            auto model = std::make_shared<ClipImageTower>(*std::move(tower));
            at::manual_seed(1);
            return Run([model, pixels = at::randn({batch, 3, 224, 224})] { return model->features(pixels); });
        }};
}

Workload texts(std::int64_t batch, std::int64_t length) {
    return {.name = "texts of " + std::to_string(length) + " tokens",
            .folder = "clip-ViT-B-32-multilingual-v1",
            .batch = batch,
            .gflop = static_cast<double>(6 * batch * length) * block_gflop(768, static_cast<double>(length)),
            .load = [batch, length](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
                auto tower = SentenceTower::load(folder, arithmetic);
                if (!tower) return tower.error();
                auto model = std::make_shared<SentenceTower>(*std::move(tower));
                at::manual_seed(2);
                const auto ids = at::randint(1000, 100000, {batch, length}, torch::kInt64);
                return Run([model, ids, mask = at::ones_like(ids)] { return model->features(ids, mask); });
            }};
}

// Ten seconds of sound each, as its 1001 frames of 64 mel bands.
Workload sounds(std::int64_t batch) {
    double gflop = 0;
    double tokens = 64 * 64;
    double width = 96;
    for (const int depth : {2, 2, 6, 2}) {
        gflop += depth * tokens * block_gflop(width, 64);
        tokens /= 4;
        if (tokens >= 64) gflop += tokens * 2 * 4 * width * 2 * width / 1e9;  // four tokens become one
        width *= 2;
    }
    return {.name = "sounds",
            .folder = "clap-htsat-unfused",
            .batch = batch,
            .gflop = static_cast<double>(batch) * gflop,
            .load = [batch](const auto& folder, const Arithmetic& arithmetic) -> Result<Run> {
                auto tower = ClapAudioTower::load(folder, arithmetic);
                if (!tower) return tower.error();
                auto model = std::make_shared<ClapAudioTower>(*std::move(tower));
                at::manual_seed(3);
                return Run(
                    [model, mel = at::randn({batch, 1001, 64}) * 20 - 40] { return model->features(mel); });
            }};
}

struct Way {
    std::string name;
    Arithmetic arithmetic;
    Run run = {};
    torch::Tensor result = {};
    double best_seconds = 1e9;

    void turn() {
        const auto begin = std::chrono::steady_clock::now();
        result = run();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        best_seconds = std::min(best_seconds, seconds.count());
    }
};

Status measure(const Workload& workload, const std::filesystem::path& models, int turns) {
    std::vector<Way> ways{{.name = "PyTorch's operators, fp32", .arithmetic = {.fused = false}},
                          {.name = "oneDNN fp32", .arithmetic = {}}};
    if (processor_has_bf16())
        ways.push_back({.name = "oneDNN bf16", .arithmetic = {.precision = Precision::bf16}});
    for (Way& way : ways) {
        auto run = workload.load(models / workload.folder, way.arithmetic);
        if (!run) return run.error();
        way.run = *run;
        way.run();  // touches the weights, compiles, takes the workspaces
    }
    std::optional<MatmulPeak> peak;
    if (processor_has_bf16()) peak.emplace(Element::bf16);
    for (int turn = 0; turn < turns; ++turn) {
        for (Way& way : ways)
            way.turn();
        if (peak) peak->run();
    }

    std::printf("%s, batch %lld\n", workload.name.c_str(), static_cast<long long>(workload.batch));
    const Way& eager = ways.front();
    for (const Way& way : ways) {
        const double gflops = workload.gflop / way.best_seconds;
        std::printf("  %-26s %8.1f ms %8.1f /s  x%.2f  %6.0f GFLOP/s", way.name.c_str(),
                    way.best_seconds * 1e3, static_cast<double>(workload.batch) / way.best_seconds,
                    eager.best_seconds / way.best_seconds, gflops);
        if (way.arithmetic.precision == Precision::bf16)
            std::printf(" = %.2f of the bf16 peak %.0f", gflops / peak->gflops(), peak->gflops());
        if (&way != &eager) std::printf("  least cosine %.6f", smallest_cosine(way.result, eager.result));
        std::printf("\n");
    }
    std::fflush(stdout);
    return ok_status();
}

class Folder {
 public:
    explicit Folder(std::filesystem::path kept) : path_(std::move(kept)), kept_(!path_.empty()) {
        if (kept_) return;
        std::string pattern = (std::filesystem::temp_directory_path() / "bgm-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
    bool kept_;
};

int fail(const Error& error) {
    std::cerr << "bgm-bench-encoders: " << error.to_string() << '\n';
    return EXIT_FAILURE;
}

int run(int argc, char** argv) {
    CLI::App app("Speed of the clip preset's towers, full size, with random weights");
    std::string write;
    std::string models;
    int turns = 10;
    int threads = 0;
    std::vector<std::string> only;
    app.add_option("--write", write, "only write the model folders, into this one");
    app.add_option("--models", models, "folders that --write wrote; otherwise they are written and removed");
    app.add_option("--turns", turns, "how often each is run")->check(CLI::Range(1, 10000));
    app.add_option("--threads", threads, "0: one per processor")->check(CLI::Range(0, 1024));
    app.add_option("what", only, "images, texts, sounds: all where none is named")
        ->check(CLI::IsMember({"images", "texts", "sounds"}));
    CLI11_PARSE(app, argc, argv);

    if (!write.empty()) {
        const auto status = write_model_folders(write);
        return status ? EXIT_SUCCESS : fail(status.error());
    }
    const Folder folder(models);
    if (auto status = write_model_folders(folder.path()); !status) return fail(status.error());
    std::printf("%d threads\n", use_threads(threads));
    const c10::InferenceMode inference;
    for (const Workload& workload : {images(1), images(8), images(16), texts(16, 32), sounds(4)}) {
        const std::string kind = workload.name.substr(0, workload.name.find(' '));
        if (!only.empty() && std::find(only.begin(), only.end(), kind) == only.end()) continue;
        if (auto status = measure(workload, folder.path(), turns); !status) return fail(status.error());
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace bgm::bench

int main(int argc, char** argv) {
    bgm::leave_inherited_kernels(argv);
    return bgm::bench::run(argc, argv);
}
