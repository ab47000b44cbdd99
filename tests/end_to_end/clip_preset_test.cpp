// The clip preset without its models: whoever tries it is told what to do, and nothing is started.
#include <gmock/gmock.h>

#include "tests/end_to_end/stack.hpp"

namespace bgm::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

}  // namespace
}  // namespace bgm::test
