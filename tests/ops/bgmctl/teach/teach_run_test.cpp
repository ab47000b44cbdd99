// What there is to teach of the heads that are served, and what is kept of a lesson that was ended.
#include "ops/bgmctl/teach/teach_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ops/bgmctl/teach/teach_state.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> targets(const std::vector<ServedHead>& heads,
                                 const std::vector<std::string>& kinds = {}) {
    std::vector<std::string> all;
    for (const TeachTarget& target : teach_targets(heads, kinds))
        all.push_back(target.kind + " " + target.head.model + (target.from_tracks ? " by tracks" : ""));
    return all;
}

TEST(TeachTargets, AreTheHeadsOfBothPresets) {
    const std::vector<ServedHead> builtin{{.model = "builtin-image-1", .modality = "image"},
                                          {.model = "builtin-music-1", .modality = "audio"},
                                          {.model = "builtin-text-4", .modality = "text"},
                                          {.model = "builtin-video-1", .modality = "video"},
                                          {.model = "builtin-voice-1", .modality = "audio"}};
    EXPECT_THAT(targets(builtin), ElementsAre("photo builtin-image-1", "music builtin-music-1 by tracks",
                                              "video builtin-video-1", "voice builtin-voice-1"));
    EXPECT_THAT(targets(builtin, {"voice", "video"}),
                ElementsAre("video builtin-video-1", "voice builtin-voice-1"));
    const std::vector<ServedHead> clip{{.model = "clap-htsat-unfused@1", .modality = "audio"},
                                       {.model = "clip-vit-base-patch32@2", .modality = "image"}};
    EXPECT_THAT(targets(clip),
                ElementsAre("voice clap-htsat-unfused@1", "music clap-htsat-unfused@1 by tracks",
                            "photo clip-vit-base-patch32@2"));
}

class TeachStateTest : public ::testing::Test {
 protected:
    TemporaryFolder folder_;
    std::string path_ = teach_state_path(folder_.file("deep/down"), "photo clip@1/2");
};

TEST_F(TeachStateTest, ComesBack) {
    EXPECT_FALSE(read_teach_state(path_)->has_value()) << "there is none yet";
    const std::string head("\0\xFFhead", 6);
    ASSERT_TRUE(write_teach_state(
        path_, {.model = "clip@1/2", .last_seed = UINT64_MAX, .digest = 7, .done = {head, "second"}}));
    const auto state = read_teach_state(path_);
    ASSERT_TRUE(state) << state.error().to_string();
    ASSERT_TRUE(*state);
    EXPECT_EQ((*state)->model, "clip@1/2");
    EXPECT_EQ((*state)->last_seed, UINT64_MAX);
    EXPECT_EQ((*state)->digest, 7U);
    EXPECT_THAT((*state)->done, ElementsAre(head, "second"));
}

TEST_F(TeachStateTest, IsRefusedWhereItIsDamaged) {
    ASSERT_TRUE(write_teach_state(path_, {.model = "m", .done = {"head"}}));
    for (const char* damaged :
         {"", "{", "[]", R"({"version": 1})", R"({"version": 2, "last_seed": 1, "digest": 1, "done": []})",
          R"({"version": 1, "last_seed": 1, "digest": 1, "done": ["xyz"]})",
          R"({"version": 1, "last_seed": -1, "digest": 1, "done": []})"}) {
        std::ofstream(path_, std::ios::trunc) << damaged;
        const auto state = read_teach_state(path_);
        ASSERT_FALSE(state) << damaged;
        EXPECT_EQ(state.error().code, ErrorCode::corrupt);
        EXPECT_EQ(state.error().field, path_);
    }
}

TEST_F(TeachStateTest, SaysWhereItCannotBeKept) {
    folder_.write("deep", "a file");
    const Status written = write_teach_state(path_, {.model = "m"});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().field, path_);
}

}  // namespace
}  // namespace bgm
