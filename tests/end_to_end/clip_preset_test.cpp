// The clip preset, with tiny models of random weights, and without any: then whoever tries it is told what to
// do, and nothing is started.
#include <gmock/gmock.h>

#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"
#ifdef BGM_MODEL_FOLDERS
#include "ops/lab/encoder-bench/model_folders.hpp"
#endif

namespace bgm::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ClipPreset, SaysWhatToDoWhereItsModelsAreMissing) {
    try {
        const Stack stack(
            {.settings = {"models.preset=clip", "models.dir=/nowhere/models", "workers.program=/bin/true"}});
        FAIL() << "there are no models";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(
            error.what(),
            AllOf(HasSubstr("/nowhere/models/clip-ViT-B-32-multilingual-v1 holds no model"),
                  HasSubstr("bgmctl models pull --dir '/nowhere/models'"), Not(HasSubstr("bgmd ended"))));
    }
}

#ifdef BGM_MODEL_FOLDERS
TEST(ClipPreset, ConfinedWorkersAnswerForEveryModality) {
    const bgm::testing::ScratchFolder models;
    ASSERT_TRUE(bench::write_model_folders(models.path(), bench::ModelSize::tiny));
    const Stack stack({.settings = {"models.preset=clip", "models.dir=" + models.path().string(),
                                    "models.caption=", "workers.sandbox=required"}});
    Conversation client(stack);
    const Json assets{{{"kind", "IMAGE"}, {"frame", 0}},
                      {{"kind", "AUDIO"}, {"frame", 1}},
                      {{"kind", "VIDEO"}, {"frame", 2}},
                      {{"kind", "IMAGE"}, {"frame", 3}}};
    const Frames media{jpeg_photo(), ogg_music(), mp4_video_with_sound(), moving_gif()};
    // Of many sizes: kernels are made for each, and threads are started, when the sandbox is closed already.
    std::string text = "a day at the sea";
    for (int i = 0; i < 6; ++i, text += text) {
        const std::string id = "clip-" + std::to_string(i);
        ASSERT_EQ(client.post({{"post_id", id}, {"text", text}, {"assets", assets}}, media).status,
                  PostAck::Status::accepted);
    }
    for (int i = 0; i < 6; ++i) {
        const auto pick = wait_for_pick(stack, "clip-" + std::to_string(i));
        ASSERT_TRUE(pick);
        EXPECT_TRUE(pick->degraded.empty()) << pick->degraded.dump();
    }
    const std::string metrics = stack.http_get("/metrics").body;
    for (const char* modality : {"text", "image", "audio", "video"}) {
        EXPECT_NE(metrics.find("bgmd_tasks_total{modality=\"" + std::string(modality) + "\",outcome=\"ok\"}"),
                  std::string::npos)
            << modality;
    }
    EXPECT_THAT(metrics, Not(ContainsRegex("bgmd_worker_ends_total\\{[^}]*\\} [1-9]")))
        << "no sandbox was broken out of";
}
#endif

}  // namespace
}  // namespace bgm::test
