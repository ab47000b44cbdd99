// What a post teaches: a text that says something teaches what lies beside it, by how much it can be trusted;
// one that says nothing teaches nothing.
#include "daemon/pipeline/post_seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "schemas/safetensors.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

using testing::ScratchFolder;
using ::testing::SizeIs;

// Embeddings of two numbers: how far it is sad, and whether there is anything to feel.
std::string teacher_head() {
    HeadWeights weights{.mood = std::vector<float>(2 * kMoodCount),
                        .mood_bias = std::vector<float>(kMoodCount),
                        .affect = {-1, 0, 0, 0},
                        .affect_bias = {0, -0.25F},
                        .felt = {0, 1}};
    weights.mood[2 * static_cast<std::size_t>(Mood::sad)] = 8;
    return write_head(weights, {{"model", "words"}, {"modality", "text"}});
}

std::string pupil_head(const std::string& model, const std::string& modality) {
    return write_head({.mood = std::vector<float>(3 * kMoodCount),
                       .mood_bias = std::vector<float>(kMoodCount),
                       .affect = std::vector<float>(6),
                       .affect_bias = {0, 0}},
                      {{"model", model}, {"modality", modality}});
}

class PostSeedsTest : public ::testing::Test {
 protected:
    PostSeedsTest() {
        v1::Hello hello;
        for (const std::string& head : {teacher_head(), pupil_head("photo", "image"),
                                        pupil_head("faces", "image"), pupil_head("sound", "audio")})
            hello.add_heads(head);
        heads_ = *HeadSet().with(hello);
        post_.set_text("something");
    }

    static v1::Output output(const std::string& modality, const std::string& model,
                             std::vector<float> embedding, float quality = 1) {
        v1::Output made;
        made.set_modality(modality);
        made.set_model(model);
        made.set_quality(quality);
        made.mutable_embedding()->Add(embedding.begin(), embedding.end());
        return made;
    }
    static v1::Output text(float sad = 1, float felt = 3, float quality = 1) {
        return output("text", "words", {sad, felt}, quality);
    }
    static v1::Output photo(float quality = 1) { return output("image", "photo", {0.5F, -2, 0}, quality); }
    Finding found(std::vector<v1::Output> outputs) const {
        return {.modality = outputs.front().modality(),
                .asset_id = {},
                .outputs = std::move(outputs),
                .heads = heads_};
    }
    v1::Seeds taught(const v1::Output& words, const v1::Output& beside) const {
        return seeds_in(post_, {found({words}), found({beside})});
    }

    std::shared_ptr<const HeadSet> heads_;
    v1::Post post_;
};

TEST_F(PostSeedsTest, KeepsTheEmbeddingAndTheTextsMood) {
    const v1::Seeds seeds = taught(text(), photo());
    ASSERT_THAT(seeds.seeds(), SizeIs(1));
    const v1::Seed& seed = seeds.seeds(0);
    EXPECT_EQ(seed.place(), 1U);
    EXPECT_EQ(seed.modality(), "image");
    EXPECT_EQ(seed.model(), "photo");
    ASSERT_THAT(seed.embedding(), SizeIs(6));
    std::uint16_t half = 0;
    std::copy_n(seed.embedding().data() + 2, 2, reinterpret_cast<char*>(&half));
    EXPECT_EQ(half_to_float(half), -2);
    ASSERT_THAT(seed.moods(), SizeIs(kMoodCount));
    EXPECT_GT(seed.moods(static_cast<int>(Mood::sad)), 0.9F);
    EXPECT_EQ(seed.valence(), -1);
    EXPECT_EQ(seed.arousal(), -0.25F);
    EXPECT_GT(seed.weight(), 0.5F);
    EXPECT_LE(seed.weight(), 1);
}

TEST_F(PostSeedsTest, OfEachAssetAndModel) {
    const v1::Seeds seeds =
        seeds_in(post_, {found({text()}), found({photo(), output("image", "faces", {1, 0, 0})}),
                         found({output("video", "photo", {0, 1, 0}), output("audio", "sound", {0, 0, 1})})});
    ASSERT_THAT(seeds.seeds(), SizeIs(4));
    EXPECT_EQ(seeds.seeds(1).model(), "faces");
    EXPECT_EQ(seeds.seeds(2).place(), 2U);
    EXPECT_EQ(seeds.seeds(2).modality(), "video");
    EXPECT_EQ(seeds.seeds(3).model(), "sound");
}

TEST_F(PostSeedsTest, NothingFromATextThatSaysNothing) {
    EXPECT_THAT(taught(text(1, -3), photo()).seeds(), SizeIs(0)) << "nothing to feel in it";
    EXPECT_THAT(taught(text(0), photo()).seeds(), SizeIs(0)) << "no mood stands out";
    EXPECT_THAT(taught(text(1, 3, 0.3F), photo()).seeds(), SizeIs(0)) << "hardly any evidence";
    EXPECT_THAT(taught(text(), photo(0.1F)).seeds(), SizeIs(0)) << "a black frame";
    EXPECT_THAT(taught(text(), text()).seeds(), SizeIs(0)) << "words that were read in a photo";
    EXPECT_THAT(seeds_in(post_, {found({text()})}).seeds(), SizeIs(0)) << "nothing beside it";
    post_.set_kind(v1::WISH);
    EXPECT_THAT(taught(text(), photo()).seeds(), SizeIs(0)) << "a wish is about music";
    post_.clear_kind();
    post_.clear_text();
    EXPECT_THAT(taught(photo(), photo()).seeds(), SizeIs(0)) << "no text at all";
}

TEST_F(PostSeedsTest, WeighsLessWhatIsLessSure) {
    const auto weight = [&](const v1::Output& words, const v1::Output& beside) {
        const v1::Seeds seeds = taught(words, beside);
        return seeds.seeds_size() == 1 ? seeds.seeds(0).weight() : 0.0F;
    };
    const float sure = weight(text(), photo());
    EXPECT_GT(weight(text(0.3F), photo()), 0);
    EXPECT_LT(weight(text(0.3F), photo()), sure) << "moods that are spread out";
    EXPECT_NEAR(weight(text(1, 3, 0.5F), photo()), sure / 2, 1e-4);
    EXPECT_NEAR(weight(text(), photo(0.5F)), sure / 2, 1e-4);
}

TEST_F(PostSeedsTest, NothingOfWhatNoHeadReadsOrFailed) {
    EXPECT_THAT(taught(text(), output("image", "unknown", {0, 0, 0})).seeds(), SizeIs(0));
    EXPECT_THAT(taught(text(), output("image", "photo", {0, 0})).seeds(), SizeIs(0)) << "another width";
    EXPECT_THAT(taught(text(), output("image", "photo", {0, 0, 1e6F})).seeds(), SizeIs(0)) << "beyond a half";
    const Finding failed{
        .modality = "image", .asset_id = {}, .outputs = Error{.message = "it failed"}, .heads = nullptr};
    EXPECT_THAT(seeds_in(post_, {found({text()}), failed}).seeds(), SizeIs(0));
    EXPECT_THAT(seeds_in(post_, {failed, found({photo()})}).seeds(), SizeIs(0)) << "the text failed";
}

}  // namespace
}  // namespace bgm
