// What a worker sends of what its encoder answered: nothing is left out on the way.
#include <gtest/gtest.h>

#include "workers/process/task_runner.hpp"

namespace bgm {
namespace {

TEST(TaskResult, SaysWhatCouldNotBeUsedOfAnAsset) {
    Encoding pictures{
        .modality = Modality::video, .embedding = {1, 2}, .model = "m", .notes = {"no sound used"}};
    pictures.missing.push_back(
        {Modality::audio, {.code = ErrorCode::unsupported, .message = "the codec 'apac'"}});
    QueuedTask task;
    task.task.set_task_id(7);
    const v1::TaskResult result = task_result(task, std::vector{pictures}, 1, {}, {});
    EXPECT_EQ(result.task_id(), 7U);
    ASSERT_EQ(result.outputs_size(), 1);
    ASSERT_EQ(result.outputs(0).missing_size(), 1);
    EXPECT_EQ(result.outputs(0).missing(0).modality(), "audio");
    EXPECT_EQ(result.outputs(0).missing(0).code(), "unsupported");
    EXPECT_EQ(result.outputs(0).missing(0).message(), "the codec 'apac'");
}

TEST(TaskResult, SaysWhatATrackConsistsOf) {
    Encoding whole{.modality = Modality::audio, .embedding = {1, 2}, .model = "m"};
    whole.track = TrackParts{.windows = {{.start_s = 0, .embedding = {3}, .model = "m", .quality = 1},
                                         {.start_s = 15, .embedding = {4}, .model = "n", .quality = 0.5F}},
                             .beats_s = {0.5F, 1},
                             .fingerprint = {7, 0xFFFFFFFF}};
    const v1::TaskResult result = task_result({}, std::vector{whole, Encoding{}}, 1, {}, {});
    ASSERT_EQ(result.outputs_size(), 2);
    const v1::TrackParts& track = result.outputs(0).track();
    ASSERT_EQ(track.windows_size(), 2);
    EXPECT_EQ(track.windows(1).start_s(), 15);
    EXPECT_EQ(track.windows(1).embedding(0), 4);
    EXPECT_EQ(track.windows(1).model(), "n");
    EXPECT_EQ(track.windows(1).quality(), 0.5F);
    ASSERT_EQ(track.beats_s_size(), 2);
    EXPECT_EQ(track.beats_s(1), 1);
    ASSERT_EQ(track.fingerprint_size(), 2);
    EXPECT_EQ(track.fingerprint(1), 0xFFFFFFFF);
    EXPECT_FALSE(result.outputs(1).has_track()) << "what is none";
}

TEST(TaskResult, SaysWhereWordsLieAmongSounds) {
    Encoding text{.modality = Modality::text, .embedding = {1, 2}, .model = "m"};
    text.among_sounds = AmongSounds{{0, 1}, "ear"};
    const v1::TaskResult result = task_result({}, std::vector{text, Encoding{}}, 1, {}, {});
    ASSERT_EQ(result.outputs_size(), 2);
    ASSERT_EQ(result.outputs(0).among_sounds().embedding_size(), 2);
    EXPECT_EQ(result.outputs(0).among_sounds().embedding(1), 1);
    EXPECT_EQ(result.outputs(0).among_sounds().model(), "ear");
    EXPECT_FALSE(result.outputs(1).has_among_sounds());
}

}  // namespace
}  // namespace bgm
