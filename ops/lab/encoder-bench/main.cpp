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
#include <iostream>
#include <optional>

#include "ops/lab/encoder-bench/beside.hpp"
#include "ops/lab/encoder-bench/matmul_peak.hpp"
#include "ops/lab/encoder-bench/model_folders.hpp"
#include "ops/lab/encoder-bench/workloads.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/encoders/tower_opening.hpp"

namespace bgm::bench {
namespace {

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
    int beside = 0;
    std::vector<std::string> only;
    app.add_option("--write", write, "only write the model folders, into this one");
    app.add_option("--models", models, "folders that --write wrote; otherwise they are written and removed");
    app.add_option("--turns", turns, "how often each is run")->check(CLI::Range(1, 10000));
    app.add_option("--threads", threads, "0: one per processor")->check(CLI::Range(0, 1024));
    app.add_option("--beside", beside, "only images, beside busy processes of its own; so many turns of each")
        ->check(CLI::Range(1, 1000));
    app.add_option("what", only, "images, texts, sounds: all where none is named")
        ->check(CLI::IsMember({"images", "texts", "sounds"}));
    CLI11_PARSE(app, argc, argv);

    if (!write.empty()) {
        const auto status = write_model_folders(write);
        return status ? EXIT_SUCCESS : fail(status.error());
    }
    const Folder folder(models);
    if (auto status = write_model_folders(folder.path()); !status) return fail(status.error());
    const c10::InferenceMode inference;
    if (beside > 0) {
        const auto status = measure_beside(folder.path(), beside);
        return status ? EXIT_SUCCESS : fail(status.error());
    }
    std::printf("%d threads\n", use_threads(threads));
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
    bgm::settle_environment(argv);
    return bgm::bench::run(argc, argv);
}
