// Taught heads on the disk: each takes the place of the one before, and each is taken back in turn; names
// lead nowhere else, and what cannot be written leaves what is there.
#include "daemon/fleet/taught_heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "daemon/fleet/head_set.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using testing::head_file;
using ::testing::IsEmpty;
using testing::ScratchFolder;

class TaughtHeadsTest : public ::testing::Test {
 protected:
    std::filesystem::path folder() const { return scratch_.path() / "taught"; }
    float precision(const std::string& model = "clip@1") const {
        const auto set = HeadSet::load_taught(folder());
        EXPECT_TRUE(set) << set.error().to_string();
        const LinearHead* head = set ? set->find(model) : nullptr;
        return head != nullptr ? head->precision() : 0;
    }
    void put(const std::string& precision, const std::string& model = "clip@1") {
        const Status done = heads_.put(model, head_file(model, 2, precision));
        ASSERT_TRUE(done) << done.error().to_string();
    }

    ScratchFolder scratch_;
    TaughtHeads heads_{folder()};
};

TEST_F(TaughtHeadsTest, TakesEachBackInTurn) {
    EXPECT_EQ(precision(), 0) << "there is no folder yet";
    put("1");
    put("2");
    put("3");
    EXPECT_EQ(precision(), 3);
    EXPECT_EQ(heads_.earlier("clip@1"), 2U);
    ASSERT_TRUE(heads_.undo("clip@1"));
    EXPECT_EQ(precision(), 2);
    put("4");
    ASSERT_TRUE(heads_.undo("clip@1"));
    ASSERT_TRUE(heads_.undo("clip@1"));
    EXPECT_EQ(precision(), 1);
    ASSERT_TRUE(heads_.undo("clip@1"));
    EXPECT_EQ(precision(), 0);
    const Status none = heads_.undo("clip@1");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::not_found);
}

TEST_F(TaughtHeadsTest, KeepsModelsApartWhateverTheyAreCalled) {
    for (const char* model : {"../../outside", "a/b", "a b", "a%2Fb", ".."})
        put("2", model);
    for (const char* model : {"../../outside", "a/b", "a b", "a%2Fb", ".."})
        EXPECT_EQ(precision(model), 2) << model;
    EXPECT_THAT(HeadSet::load_taught(folder())->models(),
                ElementsAre("..", "../../outside", "a b", "a%2Fb", "a/b"));
    std::vector<std::string> beside;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
        beside.push_back(entry.path().filename());
    EXPECT_THAT(beside, ElementsAre("taught"));
}

// A process that dies while it writes leaves a part of a file under another name.
TEST_F(TaughtHeadsTest, PassesOverWhatWasNotFinished) {
    put("1");
    scratch_.write("taught/clip@1_head.safetensors.partial", "half a he");
    EXPECT_EQ(precision(), 1);
    put("2");
    EXPECT_EQ(precision(), 2);
}

TEST_F(TaughtHeadsTest, LeavesWhatIsThereWhereItCannotWrite) {
    put("1");
    std::filesystem::create_directories(folder() / "clip@1_head.safetensors.partial" / "in the way");
    EXPECT_FALSE(heads_.put("clip@1", head_file("clip@1", 2, "2")));
    EXPECT_EQ(precision(), 1);
    EXPECT_EQ(heads_.earlier("clip@1"), 0U);
}

TEST(TaughtHeadSet, WinsForItsVeryModelAlone) {
    ScratchFolder folder;
    folder.write("files/clip_head.safetensors", head_file("clip", 2, "3"));
    folder.write("taught/clip@1_head.safetensors", head_file("clip@1", 2, "4"));
    const auto files = HeadSet::load(folder.path() / "files");
    const auto taught = HeadSet::load_taught(folder.path() / "taught");
    ASSERT_TRUE(files.ok() && taught.ok());
    v1::Hello hello;
    hello.add_heads(head_file("clip@1"));
    hello.add_heads(head_file("clip@2"));
    const auto set = files->with_taught(*taught).with(hello);
    ASSERT_TRUE(set) << set.error().to_string();
    EXPECT_EQ((*set)->find("clip@1")->precision(), 4);
    EXPECT_EQ((*set)->find("clip@2")->precision(), 3) << "taught on other weights";
    EXPECT_TRUE((*set)->is_taught("clip@1"));
    EXPECT_FALSE((*set)->is_taught("clip@2"));
    const HeadSet again = (*set)->with_taught(HeadSet());
    EXPECT_EQ(again.find("clip@1")->precision(), 3) << "taken back";
    EXPECT_THAT(HeadSet::load_taught("")->models(), IsEmpty());
    folder.write("taught/broken_head.safetensors", "no head");
    const auto broken = HeadSet::load_taught(folder.path() / "taught");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().field.find("broken_head"), std::string::npos);
}

}  // namespace
}  // namespace bgm
