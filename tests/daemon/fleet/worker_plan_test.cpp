// Which worker processes there are, what each is started with, and how many threads it gets.
#include "daemon/fleet/worker_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "daemon/fleet/model_files.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::head_file;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ScratchFolder;
using ::testing::StartsWith;

/// "name: modality modality" for every process.
std::vector<std::string> processes(const Config& config) {
    std::vector<std::string> list;
    for (const WorkerPlan& plan : worker_plans(config)) {
        list.push_back(plan.name + ":");
        for (Modality modality : plan.modalities)
            list.back() += " " + std::string(name(modality));
    }
    return list;
}

Config clip() {
    Config config;
    config.models.preset = "clip";
    config.models.dir = "/models";
    config.models.prompts_dir = "/prompts";
    return config;
}

/// The command line as one text.
std::string command(const Config& config, const WorkerPlan& plan) {
    std::string line;
    for (const std::string& word : worker_command(config, config.models, plan, "ipc://w", 42).arguments)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

TEST(WorkerPlans, GiveEachModalityItsOwnProcessesWithBuiltin) {
    Config config;
    EXPECT_THAT(processes(config), ElementsAre("worker-text-0: text", "worker-image-0: image",
                                               "worker-audio-0: audio", "worker-video-0: video"));
    config.workers.text = 2;
    config.workers.audio = 0;
    config.workers.video = 0;
    EXPECT_THAT(processes(config),
                ElementsAre("worker-text-0: text", "worker-text-1: text", "worker-image-0: image"));
    EXPECT_EQ(worker_count(config, Modality::text), 2U);
    EXPECT_EQ(worker_count(config, Modality::video), 0U);
}

TEST(WorkerPlans, LetTheFirstImageWorkerTakeVideosWithClip) {
    Config config = clip();
    config.workers.image = 2;
    EXPECT_THAT(processes(config), ElementsAre("worker-text-0: text", "worker-image-0: image video",
                                               "worker-image-1: image", "worker-audio-0: audio"));
    EXPECT_EQ(worker_count(config, Modality::video), 1U);
    EXPECT_EQ(worker_count(config, Modality::image), 2U);
    config.workers.video = 1;
    EXPECT_THAT(processes(config), Contains("worker-video-0: video"));
    EXPECT_THAT(processes(config), Contains("worker-image-0: image"));
    config.workers.video = 0;
    EXPECT_EQ(worker_count(config, Modality::video), 0U);
    config.workers.video = -1;
    config.workers.image = 0;
    EXPECT_THAT(processes(config), Contains("worker-video-0: video"))
        << "there is no image worker to take it";
}

TEST(WorkerThreads, NeverAreMoreThanTheCores) {
    Config config = clip();  // three processes
    EXPECT_EQ(worker_threads(config, 12), 4U);
    EXPECT_EQ(worker_threads(config, 11), 3U);
    EXPECT_EQ(worker_threads(config, 2), 1U) << "none at all would not do";
    config.workers.threads = 2;
    EXPECT_EQ(worker_threads(config, 12), 2U);
    config.workers.threads = 8;
    EXPECT_EQ(worker_threads(config, 12), 4U);
    config.workers.audio = 0;
    EXPECT_EQ(worker_threads(config, 12), 6U);
    EXPECT_GE(usable_cores(), 1U);
}

TEST(WorkerCommand, NamesTheModelFolderOfTheBuiltinPreset) {
    Config config;
    config.models.dir = "/models";
    const std::string line = command(config, {.name = "worker-text-0", .modalities = {Modality::text}});
    EXPECT_THAT(line, HasSubstr("/bgm-worker --name worker-text-0 --modality text --endpoint ipc://w"));
    EXPECT_THAT(line, AllOf(HasSubstr("--parent 42"), HasSubstr("--models /models")));
    EXPECT_THAT(line, Not(HasSubstr("--prompts")));
}

TEST(WorkerCommand, TellsEveryWorkerTheLimitsOfMedia) {
    for (Config config : {Config(), clip()}) {
        config.posts.image_bytes_max = 1;
        config.posts.audio_bytes_max = 2;
        config.posts.video_bytes_max = 3;
        config.media.pixels_max = 4;
        config.media.analysed_video_s = 5;
        config.media.video_frames_max = 6;
        config.media.audio_window_s = 7;
        EXPECT_THAT(command(config, {.name = "w", .modalities = {Modality::video}}),
                    HasSubstr("--image-bytes-max 1 --audio-bytes-max 2 --video-bytes-max 3 --pixels-max 4 "
                              "--analysed-video-s 5 --video-frames-max 6 --audio-window-s 7"));
    }
}

TEST(WorkerCommand, GivesAClipWorkerTheModelsThatItsModalitiesNeed) {
    Config config = clip();
    config.data_dir = "/data";
    config.models.caption = "/elsewhere/blip";
    config.models.precision = "bf16";
    const std::string both =
        command(config, {.name = "worker-image-0", .modalities = {Modality::image, Modality::video}});
    EXPECT_THAT(both, HasSubstr("/bgm-worker-clip --name worker-image-0 --modality image --modality video "));
    EXPECT_THAT(both, AllOf(HasSubstr("--image-model /models/clip-vit-base-patch32"),
                            HasSubstr("--audio-model /models/clap-htsat-unfused"),
                            HasSubstr("--caption-model /elsewhere/blip"), Not(HasSubstr("--text-model")),
                            HasSubstr("--prompts /prompts"), HasSubstr("--head-cache /data/cache/heads"),
                            HasSubstr("--precision bf16"), HasSubstr("--device cpu"), HasSubstr("--threads "),
                            HasSubstr("--batch-max 16"), HasSubstr("--batch-delay-ms 5"),
                            HasSubstr("--embedding-cache 16384"),
                            ContainsRegex("--models [^ ]*data/builtin "), Not(HasSubstr("--tracks"))));
    const std::string text = command(config, {.name = "worker-text-0", .modalities = {Modality::text}});
    EXPECT_THAT(text, AllOf(HasSubstr("--text-model /models/clip-ViT-B-32-multilingual-v1"),
                            Not(HasSubstr("--image-model")), Not(HasSubstr("--caption-model"))));
    const std::string audio = command(config, {.name = "worker-audio-0", .modalities = {Modality::audio}});
    EXPECT_THAT(audio, AllOf(HasSubstr("--audio-model"), Not(HasSubstr("--image-model"))));
    const std::string video = command(config, {.name = "worker-video-0", .modalities = {Modality::video}});
    EXPECT_THAT(video, AllOf(HasSubstr("--image-model"), HasSubstr("--audio-model"),
                             Not(HasSubstr("--caption-model"))));
    for (const std::string& line : {text, both})
        EXPECT_THAT(line,
                    AllOf(HasSubstr("--audio-model /models/clap-htsat-unfused"), HasSubstr("--sound-words")));
    config.matching.weights = "words=0";
    config.matching.tenants = "acme: words=0";
    EXPECT_THAT(command(config, {.name = "w", .modalities = {Modality::text}}),
                Not(HasSubstr("--sound-words")))
        << "it is worth nothing to anybody";
    config.matching.tenants = "acme: words=1";
    EXPECT_THAT(command(config, {.name = "w", .modalities = {Modality::text}}), HasSubstr("--sound-words"));
    config.workers.program = "/my/worker";
    EXPECT_THAT(command(config, {.name = "w", .modalities = {Modality::text}}), StartsWith("/my/worker "));
}

TEST(WorkerCommand, OfTracksNamesWhatMeasuresThem) {
    for (Config config : {Config(), clip()}) {
        config.workers.analyse_tracks = true;
        fill_model_paths(config);
        EXPECT_THAT(command(config, {.name = "w", .modalities = {Modality::audio}}),
                    AllOf(HasSubstr("--tracks"), ContainsRegex("--models [^ ]*data/builtin "),
                          HasSubstr("--packages ")));
    }
}

// Threads that fight over cores, and a kernel meant for another program, cost most of the speed.
TEST(WorkerCommand, SetsTheThreadsOfAClipWorkerAndNoForeignKernel) {
    setenv("OPENBLAS_CORETYPE", "Prescott", 1);
    setenv("OMP_NUM_THREADS", "64", 1);
    setenv("GOMP_SPINCOUNT", "infinite", 1);
    setenv("BGM_TEST_INHERITED", "yes", 1);
    const WorkerPlan plan{.name = "w", .modalities = {Modality::text}};
    const Config config = clip();
    const auto environment = worker_command(config, config.models, plan, "ipc://w", 1).environment;
    const std::string threads = std::to_string(worker_threads(config, usable_cores()));
    EXPECT_THAT(environment, Contains("OMP_NUM_THREADS=" + threads).Times(1));
    EXPECT_THAT(environment, Contains("OPENBLAS_NUM_THREADS=" + threads));
    EXPECT_THAT(environment, Contains("BGM_TEST_INHERITED=yes"));
    EXPECT_THAT(environment, Not(Contains(StartsWith("OPENBLAS_CORETYPE"))));
    EXPECT_THAT(environment, Not(Contains("OMP_NUM_THREADS=64")));
    EXPECT_THAT(environment, Contains(StartsWith("GOMP_SPINCOUNT=")).Times(1));
    EXPECT_THAT(environment, Not(Contains("GOMP_SPINCOUNT=infinite")));
    const Config builtin;
    EXPECT_THAT(worker_command(builtin, builtin.models, plan, "ipc://w", 1).environment,
                Contains("OPENBLAS_CORETYPE=Prescott"))
        << "no business of the builtin preset";
    unsetenv("OPENBLAS_CORETYPE");
    unsetenv("OMP_NUM_THREADS");
    unsetenv("GOMP_SPINCOUNT");
}

TEST(ModelPaths, AreFilledInWhereTheConfigurationLeavesThemOut) {
    Config config;
    fill_model_paths(config);
    EXPECT_THAT(config.models.dir, HasSubstr("data/builtin"));
    Config with_clip;
    with_clip.models.preset = "clip";
    with_clip.data_dir = "/var/lib/bgmd";
    fill_model_paths(with_clip);
    EXPECT_EQ(with_clip.models.dir, "/var/lib/bgmd/models");
    EXPECT_THAT(with_clip.models.prompts_dir, HasSubstr("data/prompts"));
    with_clip.models.dir = "/models";
    fill_model_paths(with_clip);
    EXPECT_EQ(with_clip.models.dir, "/models");
}

TEST(ModelFolders, AreNamedWhereTheyHoldNoModel) {
    const ScratchFolder folder;
    Config config = clip();
    config.models.dir = folder.path();
    config.models.prompts_dir = folder.path();
    folder.write("clip-ViT-B-32-multilingual-v1/config.json", "{}");
    folder.write("clip-vit-base-patch32/model.safetensors", "half a download");
    EXPECT_TRUE(check_model_folders(config.models, std::array{Modality::text}));
    const auto missing = check_model_folders(config.models, std::array{Modality::image});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_EQ(missing.error().field, "models.image");
    EXPECT_THAT(missing.error().message,
                AllOf(HasSubstr("clip-vit-base-patch32"), HasSubstr("bgmctl models pull")));
    EXPECT_EQ(check_model_folders(config.models, std::array{Modality::audio}).error().field, "models.audio");
    config.models.prompts_dir = "/nowhere";
    EXPECT_EQ(check_model_folders(config.models, std::array{Modality::text}).error().field,
              "models.prompts_dir");
    EXPECT_TRUE(check_model_folders(Config{}.models, kModalities)) << "builtin has no such folders";
}

TEST(HeadFiles, LieBesideTheModels) {
    const ScratchFolder folder;
    Config builtin;
    builtin.models.dir = folder.path();
    EXPECT_EQ(load_head_files(builtin.models).error().code, ErrorCode::not_found)
        << "with builtin, nothing else would read an embedding";
    folder.write("a_head.safetensors", head_file("model"));
    EXPECT_NE(load_head_files(builtin.models)->find("model"), nullptr);
    Config config = clip();
    config.models.dir = folder.path();
    ASSERT_TRUE(load_head_files(config.models));
    EXPECT_TRUE(load_head_files(config.models)->empty());
    folder.write("heads/b_head.safetensors", head_file("clip"));
    EXPECT_NE(load_head_files(config.models)->find("clip"), nullptr);
    folder.write("heads/c_head.safetensors", "nonsense");
    EXPECT_FALSE(load_head_files(config.models));

    folder.write("trained/d_head.safetensors", head_file("trained"));
    config.models.heads_dir = builtin.models.heads_dir = "trained";
    EXPECT_NE(load_head_files(config.models)->find("trained"), nullptr);
    EXPECT_NE(load_head_files(builtin.models)->find("trained"), nullptr);
    EXPECT_EQ(load_head_files(builtin.models)->find("model"), nullptr);
    config.models.heads_dir = "absent";
    EXPECT_EQ(load_head_files(config.models).error().code, ErrorCode::not_found);
    config.models.heads_dir = builtin.models.heads_dir = "none";
    EXPECT_TRUE(load_head_files(config.models)->empty());
    EXPECT_FALSE(load_head_files(builtin.models));
}

}  // namespace
}  // namespace bgm
