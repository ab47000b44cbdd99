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

}  // namespace
}  // namespace bgm
