// Labelled examples through an encoder: a stand-in that counts letters, so that every line is known.
#include "ops/lab/train/embed_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/evaluation/labelled_embeddings.hpp"
#include "ops/lab/train/corpus_format.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The embedding is the length of the text or file; "?" cannot be read, "" says nothing, "!" cannot be
// encoded.
class LengthEncoder : public StagedEncoder {
 public:
    struct Task : PreparedTask {
        std::string content;
        std::size_t rows() const override { return 1; }
    };

    explicit LengthEncoder(Modality modality) : modality_(modality) {}
    std::vector<Modality> modalities() const override { return {modality_}; }
    std::string model(Modality /*modality*/) const override { return "lengths@1"; }
    std::size_t rows_max() const override { return 2; }
    Result<std::unique_ptr<PreparedTask>> prepare(Modality /*modality*/, const EncodeTask& task) override {
        auto prepared = std::make_unique<Task>();
        prepared->content = task.text;
        if (!task.media.empty())
            prepared->content.assign(reinterpret_cast<const char*>(task.media.data()), task.media.size());
        if (prepared->content == "?") return Error{.code = ErrorCode::corrupt, .message = "unreadable"};
        return std::unique_ptr<PreparedTask>(std::move(prepared));
    }
    std::vector<EncodeResult> encode(std::span<const std::unique_ptr<PreparedTask>> tasks) override {
        batches.push_back(tasks.size());
        std::vector<EncodeResult> results;
        for (const auto& task : tasks) {
            const std::string& content = static_cast<const Task&>(*task).content;
            if (content == "!") {
                results.emplace_back(Error{.code = ErrorCode::internal, .message = "broken"});
                continue;
            }
            Encoding encoding;
            encoding.modality = modality_;
            encoding.embedding = {static_cast<float>(content.size()), 1};
            encoding.quality = content == "-" ? 0 : 1;
            results.emplace_back(std::vector{encoding});
        }
        return results;
    }

    std::vector<std::size_t> batches;

 private:
    Modality modality_;
};

Example example(std::string text, std::vector<Mood> moods) {
    Example example{.text = std::move(text), .task = Task::list};
    for (const Mood mood : moods)
        example.moods[static_cast<std::size_t>(mood)] = true;
    return example;
}

class EmbedTest : public testing::Test {
 protected:
    EmbedReport embed(StagedEncoder& encoder, Modality modality, const std::vector<Example>& examples) {
        return embed_examples(
            encoder, modality, examples, folder_.file(""),
            [this](const std::string& line) { lines_ += line; },
            [this](const std::string& what) { left_out_.push_back(what); });
    }
    LabelledEmbeddings rows() const {
        auto rows = read_labelled_embeddings({folder_.write("rows", lines_)});
        EXPECT_TRUE(rows.ok());
        return *std::move(rows);
    }

    const TemporaryFolder folder_;
    std::string lines_;
    std::vector<std::string> left_out_;
};

TEST_F(EmbedTest, WritesALineForEachTextInOrder) {
    LengthEncoder encoder(Modality::text);
    std::vector<Example> examples = {example("a", {Mood::sad}), example("bb", {Mood::sad, Mood::calm}),
                                     example("ccc", {Mood::calm})};
    examples[2].has_affect = true;
    examples[2].affect = {.valence = 0.5F, .arousal = -2};
    const EmbedReport report = embed(encoder, Modality::text, examples);
    EXPECT_EQ(report.written, 3U);
    EXPECT_THAT(encoder.batches, ElementsAre(2, 1));
    const LabelledEmbeddings written = rows();
    EXPECT_EQ(written.model, "lengths@1");
    EXPECT_EQ(written.modality, Modality::text);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(written.rows.at(i).embedding[0], static_cast<float>(i + 1));
    EXPECT_FLOAT_EQ(written.rows[1].moods[static_cast<std::size_t>(Mood::calm)], 0.5F);
    EXPECT_FALSE(written.rows[1].affect.has_value());
    EXPECT_FLOAT_EQ(written.rows[2].affect->arousal, -1) << "beyond the scale counts as its end";
}

TEST_F(EmbedTest, WhatCannotBeUsedIsLeftOutAndNamed) {
    LengthEncoder encoder(Modality::text);
    const EmbedReport report =
        embed(encoder, Modality::text,
              {example("?", {Mood::sad}), example("!", {Mood::sad}), example("-", {Mood::sad}),
               example("fine", {Mood::sad}), example("unlabelled", {})});
    EXPECT_EQ(report.written, 1U);
    EXPECT_EQ(report.left_out, 4U);
    EXPECT_THAT(left_out_, testing::UnorderedElementsAre("?: unreadable", "!: broken", "-: nothing to go by",
                                                         "unlabelled: it has no label"));
    EXPECT_EQ(rows().rows.at(0).embedding[0], 4);
}

TEST_F(EmbedTest, FilesAreLookedForInTheFolder) {
    folder_.write("photo.jpg", "12345");
    LengthEncoder encoder(Modality::image);
    const EmbedReport report = embed(encoder, Modality::image,
                                     {example("photo.jpg", {Mood::calm}), example("lost.jpg", {Mood::calm})});
    EXPECT_EQ(report.written, 1U);
    EXPECT_EQ(rows().rows.at(0).embedding[0], 5);
    ASSERT_EQ(left_out_.size(), 1U);
    EXPECT_THAT(left_out_[0], HasSubstr("lost.jpg: "));
}

class ListTest : public testing::Test {
 protected:
    Result<std::vector<Example>> read(const std::string& content) const {
        return read_corpus("list", folder_.write("list.tsv", content), {});
    }
    const TemporaryFolder folder_;
};

TEST_F(ListTest, ReadsMoodsAndPlaces) {
    const auto examples =
        read("# mine\nsea.jpg\tcalm;beautiful\t0.6\t-0.2\nrow.jpg\tsad\t-\t-\nx\t-\t0\t1\n");
    ASSERT_TRUE(examples.ok()) << examples.error().to_string();
    ASSERT_EQ(examples->size(), 3U);
    EXPECT_EQ((*examples)[0].text, "sea.jpg");
    EXPECT_TRUE((*examples)[0].moods[static_cast<std::size_t>(Mood::beautiful)]);
    EXPECT_FLOAT_EQ((*examples)[0].affect.arousal, -0.2F);
    EXPECT_FALSE((*examples)[1].has_affect);
    EXPECT_TRUE((*examples)[2].has_affect);
}

TEST_F(ListTest, ABadLineIsNamedByItsNumber) {
    for (const char* bad : {"sea.jpg\tcalm", "\tcalm\t0\t0", "a\thappy\t0\t0", "a\tcalm\t2\t0",
                            "a\tcalm\t0\t-", "a\tcalm\t-\t0", "a\tcalm\tx\t0"}) {
        const auto examples = read(std::string("a\tcalm\t0\t0\n") + bad + "\n");
        ASSERT_FALSE(examples.ok()) << bad;
        EXPECT_THAT(examples.error().message, HasSubstr("list.tsv:2: ")) << bad;
    }
}

}  // namespace
}  // namespace bgm::train
