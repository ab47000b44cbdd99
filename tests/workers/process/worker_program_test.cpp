// What a worker says of itself before it begins.
#include "workers/process/worker_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <array>

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(WorkerProgram, KnowsWhatItDoesNotSee) {
    const auto unseen = [](std::vector<std::string> modalities, const std::string& packages,
                           const std::string& reading) {
        WorkerProgram program;
        program.modalities = std::move(modalities);
        program.packages = packages;
        program.reading = reading;
        return program.unseen();
    };
    EXPECT_THAT(unseen({"text", "image"}, "none", "none"),
                ElementsAre(HasSubstr("faces"), HasSubstr("text in photos")));
    EXPECT_THAT(unseen({"image"}, "/", "/not/there"), ElementsAre(HasSubstr("text in photos")));
    EXPECT_THAT(unseen({"video"}, "none", "none"), ElementsAre(HasSubstr("faces"), HasSubstr("speech")));
    EXPECT_THAT(unseen({"audio"}, "none", "none"), ElementsAre(HasSubstr("speech")));
    EXPECT_THAT(unseen({"image", "audio", "video"}, "/", "/"), IsEmpty());
    EXPECT_THAT(unseen({"text"}, "none", "none"), IsEmpty());
}

// Ends at once: there are no keys.
std::string said_by_program(const std::string& options) {
    FILE* const program = popen(
        (BGM_BINARY_DIR "/bgm-worker --name w --modality image --models none --connect tcp://127.0.0.1:1 "
                        "--server-key /nowhere --key /nowhere " +
         options + " 2>&1")
            .c_str(),
        "r");
    std::string said;
    std::array<char, 4096> some{};
    while (fgets(some.data(), some.size(), program) != nullptr)
        said += some.data();
    pclose(program);
    return said;
}

TEST(WorkerProgram, SaysWhatItDoesNotSeeWhereNobodyElseDecides) {
    EXPECT_THAT(said_by_program(""), AllOf(HasSubstr("bgm-worker: --packages is no folder"),
                                           HasSubstr("bgm-worker: --reading is no folder")));
    EXPECT_THAT(said_by_program("--parent 1"), Not(HasSubstr("no folder")));
}

}  // namespace
}  // namespace bgm
