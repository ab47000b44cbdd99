// `bgm-train head` and `head-eval`: files in, a head and its figures out.
#include "ops/lab/train/head_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fusion/mood/head.hpp"
#include "ops/evaluation/labelled_embeddings.hpp"
#include "schemas/mapped_file.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm::train {
namespace {

using testing::HasSubstr;

class HeadCommand : public testing::Test {
 protected:
    HeadCommand() {
        std::string lines;
        for (int i = 0; i < 60; ++i) {
            const float x = i % 2 == 0 ? 1.0F : -1.0F;
            LabelledEmbedding row{.embedding = {x + static_cast<float>(i % 7) / 20, 0.5F}};
            row.moods[static_cast<std::size_t>(i % 2 == 0 ? Mood::joyful : Mood::sad)] = 1;
            row.affect = Affect{.valence = x / 2, .arousal = 0.1F * x};
            lines += to_line(row, "tiny@1", Modality::image);
        }
        options_.embeddings = {folder_.write("rows.ndjson", lines)};
        options_.out = folder_.file("a_head.safetensors");
    }
    // What it printed, or its error.
    static std::string run(const HeadCommandOptions& options) {
        testing::internal::CaptureStdout();
        const Status done = run_head(options);
        const std::string printed = testing::internal::GetCapturedStdout();
        return done ? printed : done.error().to_string();
    }

    const TemporaryFolder folder_;
    HeadCommandOptions options_;
};

TEST_F(HeadCommand, WritesAHead) {
    EXPECT_THAT(run(options_),
                HasSubstr("tiny@1, image: 48 rows of 2 numbers to learn from, 12 held back\n"));
    const auto mapped = MappedFile::open(options_.out);
    ASSERT_TRUE(mapped.ok());
    const auto head = LinearHead::parse(mapped->bytes());
    ASSERT_TRUE(head.ok()) << head.error().to_string();
    EXPECT_EQ(head->model(), "tiny@1");
    EXPECT_EQ(head->modality(), Modality::image);
    EXPECT_EQ(strongest_mood(head->read(std::vector{1.0F, 0.5F}, 1)->mood), Mood::joyful);
}

TEST_F(HeadCommand, ComparesHeadsOnTheRowsHeldBack) {
    (void)run(options_);
    options_.compare = {options_.out};
    options_.out = folder_.file("b_head.safetensors");
    options_.model = "tiny";  // for every version
    options_.seed = 2;
    const std::string printed = run(options_);
    EXPECT_THAT(printed, HasSubstr("tiny, image: "));
    EXPECT_THAT(printed, HasSubstr("\nthis head                                    12  1.0000"));
    EXPECT_THAT(printed, HasSubstr("\na_head.safetensors                           12  1.0000"));

    testing::internal::CaptureStdout();
    const Status done = run_head_eval(
        {.embeddings = options_.embeddings, .heads = {folder_.file("a_head.safetensors"), options_.out}});
    const std::string table = testing::internal::GetCapturedStdout();
    EXPECT_TRUE(done.ok());
    EXPECT_THAT(table, HasSubstr("\na_head.safetensors                           60  1.0000"));
    EXPECT_THAT(table, HasSubstr("\nb_head.safetensors                           60  1.0000"));
}

TEST_F(HeadCommand, ChoosesByRowsOfTheirOwn) {
    options_.held_back = options_.embeddings;
    EXPECT_THAT(run(options_), HasSubstr("60 rows of 2 numbers to learn from, 60 held back\n"));
    options_.held_back = {folder_.write("other.ndjson", "{\"embedding\":[1,2],\"model\":\"other\"}\n")};
    EXPECT_THAT(run(options_), HasSubstr("--held-back: made by another model"));
}

TEST_F(HeadCommand, SaysWhatIsMissing) {
    EXPECT_THAT(run([this] {
                    auto options = options_;
                    options.modality = "text";
                    return options;
                }()),
                HasSubstr("--modality: the embeddings are of image"));
    options_.embeddings = {folder_.write("bare.ndjson", "{\"embedding\":[1,2],\"moods\":{\"sad\":1}}\n")};
    EXPECT_THAT(run(options_), HasSubstr("--model: "));
    options_.model = "m";
    EXPECT_THAT(run(options_), HasSubstr("--modality: "));
    options_.embeddings = {folder_.write("bad.ndjson", "{}\n")};
    EXPECT_THAT(run(options_), HasSubstr("bad.ndjson:1: there is no embedding"));
    EXPECT_FALSE(std::filesystem::exists(options_.out));
}

TEST_F(HeadCommand, AHeadForOtherEmbeddingsIsNamed) {
    (void)run(options_);
    const auto wide = folder_.write("wide.ndjson", "{\"embedding\":[1,2,3],\"moods\":{\"sad\":1}}\n");
    testing::internal::CaptureStdout();
    const Status done = run_head_eval({.embeddings = {wide}, .heads = {options_.out}});
    (void)testing::internal::GetCapturedStdout();
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().field, "a_head.safetensors");
    EXPECT_FALSE(run_head_eval({.embeddings = {wide}, .heads = {wide}}).ok());
}

}  // namespace
}  // namespace bgm::train
