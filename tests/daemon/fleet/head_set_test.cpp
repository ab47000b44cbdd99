// Which head reads a model: a file before what a worker brings, a file for every version, each version its
// own; and what a worker brings is judged like anything from outside.
#include "daemon/fleet/head_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/fleet/taught_heads.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::head_file;
using testing::ScratchFolder;

v1::Hello hello(const std::vector<std::string>& heads, const std::vector<std::string>& models = {}) {
    v1::Hello message;
    for (const std::string& head : heads)
        message.add_heads(head);
    for (const std::string& model : models)
        message.add_models(model);
    return message;
}

class HeadSetTest : public ::testing::Test {
 protected:
    HeadSet files() const {
        auto loaded = HeadSet::load(folder_.path());
        EXPECT_TRUE(loaded) << loaded.error().to_string();
        return *loaded;
    }
    /// The precision of the head that reads the model; 0 where there is none.
    static float precision(const HeadSet& set, std::string_view model) {
        const LinearHead* head = set.find(model);
        return head != nullptr ? head->precision() : 0;
    }

    ScratchFolder folder_;
};

TEST_F(HeadSetTest, TakesTheHeadThatAWorkerBrings) {
    const auto set = files().with(hello({head_file("clip@1"), head_file("clap@7", 3)}, {"clip@1", "clap@7"}));
    ASSERT_TRUE(set) << set.error().to_string();
    ASSERT_NE((*set)->find("clip@1"), nullptr);
    EXPECT_EQ((*set)->find("clap@7")->width(), 3U);
    EXPECT_EQ((*set)->find("clip@2"), nullptr) << "another version's embeddings mean something else";
    EXPECT_EQ((*set)->find("clip"), nullptr);
}

TEST_F(HeadSetTest, PrefersAFileToWhatAWorkerBrings) {
    folder_.write("a_head.safetensors", head_file("clip@1", 2, "2"));
    folder_.write("b_head.safetensors", head_file("clip", 2, "3"));
    folder_.write("notes.txt", "no head");
    const auto set = files().with(hello({head_file("clip@1"), head_file("clip@2"), head_file("clap@1")}));
    ASSERT_TRUE(set) << set.error().to_string();
    EXPECT_EQ(precision(**set, "clip@1"), 2.0F) << "the file for this very version";
    EXPECT_EQ(precision(**set, "clip@2"), 3.0F) << "the file for every version";
    EXPECT_EQ(precision(**set, "clap@1"), 1.0F);
}

TEST_F(HeadSetTest, KeepsTheHeadsOfTwoVersionsApart) {
    const HeadSet none = files();
    const auto before = none.with(hello({head_file("clip@1", 2, "1")}));
    const auto after = none.with(hello({head_file("clip@1", 2, "4")}));
    ASSERT_TRUE(before.ok() && after.ok());
    EXPECT_EQ(precision(**before, "clip@1"), 1.0F) << "a worker keeps what it brought";
    EXPECT_EQ(precision(**after, "clip@1"), 4.0F);
}

TEST_F(HeadSetTest, RefusesAWorkerWhoseHeadsCannotBeUsed) {
    folder_.write("wide_head.safetensors", head_file("wide", 4));
    const HeadSet set = files();
    const auto reason = [&](const v1::Hello& message) {
        const auto refused = set.with(message);
        return refused ? std::string("accepted") : refused.error().to_string();
    };
    const std::string cut = head_file("clip").substr(0, 100);
    EXPECT_THAT(reason(hello({head_file("clip"), cut})), HasSubstr("heads[1]"));
    EXPECT_THAT(reason(hello({"nonsense"})), HasSubstr("heads[0]"));
    EXPECT_THAT(reason(hello({head_file("two\nlines")})), HasSubstr("printable"));
    EXPECT_THAT(reason(hello({head_file("a+b")})), HasSubstr("without +"));
    EXPECT_THAT(reason(hello({head_file(std::string(101, 'x'))})), HasSubstr("100"));
    EXPECT_THAT(reason(hello({}, {"\xff"})), HasSubstr("printable"));
    EXPECT_THAT(reason(hello({head_file("clip")}, {"clip", "clap"})),
                HasSubstr("no head reads the model clap"));
    EXPECT_THAT(reason(hello({head_file("wide@1", 2)})), HasSubstr("reads 4 numbers, the worker sends 2"));
    EXPECT_THAT(reason(hello(std::vector<std::string>(17, head_file("clip")))), HasSubstr("at most 16"));
}

TEST_F(HeadSetTest, NamesTheFileThatIsNoHead) {
    const std::string file = folder_.write("bad_head.safetensors", "nonsense that is long enough");
    const auto bad = HeadSet::load(folder_.path());
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().field, file);
    EXPECT_EQ(HeadSet::load(folder_.path() / "absent").error().code, ErrorCode::not_found);
}

TEST_F(HeadSetTest, RefusesTwoFilesForOneModel) {
    folder_.write("a_head.safetensors", head_file("clip"));
    folder_.write("b_head.safetensors", head_file("clip"));
    const auto twice = HeadSet::load(folder_.path());
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().message, HasSubstr("second head for the model clip"));
}

TEST_F(HeadSetTest, IsEmptyWhereTheFolderHoldsNone) {
    EXPECT_TRUE(files().empty());
    folder_.write("a_head.safetensors", head_file("clip"));
    EXPECT_FALSE(files().empty());
}

class TaughtFolderTest : public ::testing::Test {
 protected:
    float precision() const {
        const auto set = HeadSet::load_taught(folder_.path());
        EXPECT_TRUE(set) << set.error().to_string();
        const LinearHead* const head = set ? set->find("clip") : nullptr;
        return head != nullptr ? head->precision() : 0;
    }
    void put(const std::string& precision) {
        ASSERT_TRUE(taught_.put("clip", head_file("clip", 2, precision)));
    }
    std::filesystem::path file(const std::string& ending = "") const {
        return folder_.path() / ("clip_head.safetensors" + ending);
    }
    // What lies there where put() dies between its two names for the one in use and the new one.
    void die_in_put() { std::filesystem::create_hard_link(file(), file("." + std::to_string(++links_))); }

    ScratchFolder folder_;
    TaughtHeads taught_{folder_.path()};
    int links_ = 0;
};

TEST_F(TaughtFolderTest, IsTakenBackAfterAPutThatDied) {
    put("2");
    die_in_put();
    EXPECT_EQ(taught_.earlier("clip"), 0U);
    ASSERT_TRUE(taught_.undo("clip"));
    EXPECT_EQ(precision(), 0) << "it was the first";
    EXPECT_FALSE(taught_.undo("clip"));
}

TEST_F(TaughtFolderTest, IsTaughtAndTakenBackAfterAPutThatDied) {
    put("2");
    die_in_put();
    put("3");
    EXPECT_EQ(taught_.earlier("clip"), 1U);
    die_in_put();
    ASSERT_TRUE(taught_.undo("clip"));
    EXPECT_EQ(precision(), 2);
    ASSERT_TRUE(taught_.undo("clip"));
    EXPECT_EQ(precision(), 0);
}

TEST_F(TaughtFolderTest, SetsAsideWhatIsBroken) {
    put("2");
    folder_.write("other_head.safetensors", head_file("other").substr(0, 100));
    folder_.write("copy_head.safetensors", head_file("clip", 2, "3"));
    const auto broken = taught_.set_aside_broken();
    ASSERT_TRUE(broken) << broken.error().to_string();
    std::string all;
    for (const Error& one : *broken)
        all += one.to_string() + "\n";
    EXPECT_THAT(all, HasSubstr("other_head.safetensors: "));
    EXPECT_THAT(all, HasSubstr("copy_head.safetensors: is the head of clip, and named otherwise"));
    EXPECT_EQ(broken->size(), 2U);
    EXPECT_EQ(precision(), 2) << "the others serve";
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "other_head.safetensors.broken"))
        << "nothing is lost";
    EXPECT_TRUE(taught_.set_aside_broken()->empty());
    EXPECT_TRUE(TaughtHeads(folder_.path() / "none").set_aside_broken()->empty());
}

}  // namespace
}  // namespace bgm
