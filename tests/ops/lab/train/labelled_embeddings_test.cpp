// Lines of embeddings and labels: what is written reads back, and a bad line is named by its number.
#include "ops/evaluation/labelled_embeddings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LabelledEmbeddingsTest : public testing::Test {
 protected:
    Result<LabelledEmbeddings> read(const std::string& content) const {
        return read_labelled_embeddings({folder_.write("rows.ndjson", content)});
    }
    std::string error_of(const std::string& content) const {
        const auto rows = read(content);
        return rows ? "read" : rows.error().message;
    }

    const TemporaryFolder folder_;
};

TEST_F(LabelledEmbeddingsTest, ReadsWhatALineSays) {
    const auto rows =
        read(R"({"embedding": [0.5, -1, 2], "moods": {"joyful": 3, "calm": 1}, "valence": 0.25,)"
             R"( "arousal": -0.5, "model": "m@1", "modality": "image", "note": "passed over"})"
             "\n\n"
             R"({"embedding": [1, 2, 3], "moods": null, "valence": null})");
    ASSERT_TRUE(rows.ok()) << rows.error().to_string();
    EXPECT_EQ(rows->model, "m@1");
    EXPECT_EQ(rows->modality, Modality::image);
    ASSERT_EQ(rows->rows.size(), 2U);
    EXPECT_EQ(rows->width(), 3U);
    const LabelledEmbedding& first = rows->rows[0];
    EXPECT_THAT(first.embedding, ElementsAre(0.5F, -1.0F, 2.0F));
    EXPECT_FLOAT_EQ(first.moods[static_cast<std::size_t>(Mood::joyful)], 0.75F);
    EXPECT_FLOAT_EQ(first.moods[static_cast<std::size_t>(Mood::calm)], 0.25F);
    EXPECT_TRUE(first.gold()[static_cast<std::size_t>(Mood::calm)]);
    EXPECT_FALSE(first.gold()[static_cast<std::size_t>(Mood::sad)]);
    ASSERT_TRUE(first.affect.has_value());
    EXPECT_FLOAT_EQ(first.affect->valence, 0.25F);
    EXPECT_FLOAT_EQ(first.affect->arousal, -0.5F);
    EXPECT_FALSE(rows->rows[1].has_moods());
    EXPECT_FALSE(rows->rows[1].affect.has_value());
}

TEST_F(LabelledEmbeddingsTest, WhatIsWrittenReadsBackToTheBit) {
    LabelledEmbedding row{.embedding = {0.1F, -3.4028235e38F, 1e-45F, 0}};
    row.moods[static_cast<std::size_t>(Mood::scary)] = 0.25F;
    row.moods[static_cast<std::size_t>(Mood::sad)] = 0.75F;
    row.affect = Affect{.valence = -0.3F, .arousal = 0.7F};
    const std::string model = "a \"quoted\" \\ name@1a2b";
    const auto back =
        read(to_line(row, model, Modality::text) + to_line({{1, 2, 3, 4}}, model, Modality::text));
    ASSERT_TRUE(back.ok()) << back.error().to_string();
    EXPECT_EQ(back->model, model);
    EXPECT_EQ(back->modality, Modality::text);
    EXPECT_EQ(back->rows.at(0).embedding, row.embedding);
    EXPECT_EQ(back->rows.at(0).moods, row.moods);
    EXPECT_EQ(back->rows.at(0).affect->arousal, 0.7F);
    EXPECT_FALSE(back->rows.at(1).has_moods());
}

TEST_F(LabelledEmbeddingsTest, SeveralFilesAreReadAsOne) {
    const auto one = folder_.write("one.ndjson", "{\"embedding\":[1,2],\"model\":\"m\"}\n");
    const auto two = folder_.write("two.ndjson", "{\"embedding\":[3,4],\"model\":\"m\"}\n");
    const auto other = folder_.write("other.ndjson", "{\"embedding\":[3,4],\"model\":\"n\"}\n");
    EXPECT_EQ(read_labelled_embeddings({one, two})->rows.size(), 2U);
    EXPECT_THAT(read_labelled_embeddings({one, other}).error().message,
                HasSubstr("other.ndjson:1: made by n"));
    EXPECT_EQ(read_labelled_embeddings({folder_.file("none")}).error().code, ErrorCode::not_found);
}

struct BadLine {
    const char* line;
    const char* reason;
};

TEST_F(LabelledEmbeddingsTest, ABadLineIsNamedByItsNumber) {
    const std::vector<BadLine> bad_lines = {
        {"nonsense", "not a JSON object"},
        {"[1, 2]", "not a JSON object"},
        {R"({"embedding": [1, 2])", "not a JSON object"},
        {R"({"moods": {"sad": 1}})", "there is no embedding"},
        {R"({"embedding": []})", "no list of numbers"},
        {R"({"embedding": "1, 2"})", "no list of numbers"},
        {R"({"embedding": [1, "2"]})", "no number"},
        {R"({"embedding": [1, 1e39]})", "no number"},
        {R"({"embedding": [1, null]})", "no number"},
        {R"({"embedding": [1, 2, 3]})", "3 numbers, those before it 2"},
        {R"({"embedding": [1, 2], "moods": ["sad"]})", "moods is no object"},
        {R"({"embedding": [1, 2], "moods": {"happy": 1}})", "'happy' is no mood"},
        {R"({"embedding": [1, 2], "moods": {"sad": -1}})", "weight of sad"},
        {R"({"embedding": [1, 2], "valence": 1.5, "arousal": 0})", "valence is no number from -1 to 1"},
        {R"({"embedding": [1, 2], "valence": 0.5})", "come together"},
        {R"({"embedding": [1, 2], "modality": "smell"})", "'smell' is no modality"},
        {R"({"embedding": [1, 2], "modality": "audio"})", "another modality"},
        {R"({"embedding": [1, 2], "model": "n"})", "made by n, those before it by m"},
    };
    for (const BadLine& bad : bad_lines) {
        const std::string error = error_of(
            std::string(R"({"embedding":[1,2],"model":"m","modality":"text"})") + "\n\n" + bad.line + "\n");
        EXPECT_THAT(error, HasSubstr("rows.ndjson:3: ")) << bad.line;
        EXPECT_THAT(error, HasSubstr(bad.reason)) << bad.line;
    }
}

TEST_F(LabelledEmbeddingsTest, ALineMayOnlyBeSoLong) {
    EXPECT_THAT(error_of("{\"embedding\":[" + std::string(8'000'001, '1') + "]}"),
                HasSubstr("rows.ndjson:1: more than 8 MB"));
    std::string wide = "{\"embedding\":[0";
    for (int i = 0; i < 65'536; ++i)
        wide += ",0";
    EXPECT_THAT(error_of(wide + "]}"), HasSubstr("more than 65536 numbers"));
}

}  // namespace
}  // namespace bgm::train
