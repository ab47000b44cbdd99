// Moods by the heads that ship: findings become a mood, what could not be used is named, and where nothing
// could be used the error says whether trying again makes sense.
#include "daemon/pipeline/mood_decision.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <sstream>

#include "daemon/pipeline/post_seeds.hpp"
#include "fusion/mood/mood.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::head_file;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kModels = BGM_SOURCE_DIR "/data/builtin";

std::string content_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

LinearHead head(const std::string& modality) {
    const std::string file =
        modality == "audio" ? "music" : modality;  // of what is heard, voices have another
    const std::string bytes = content_of(kModels + "/" + file + "_head.safetensors");
    auto parsed = LinearHead::parse(std::as_bytes(std::span(bytes)));
    EXPECT_TRUE(parsed.ok());
    return std::move(*parsed);
}

class MoodDecision : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        const auto files = HeadSet::load(kModels);
        ASSERT_TRUE(files) << files.error().to_string();
        heads_ = *files->with(v1::Hello());
    }
    static void TearDownTestSuite() { heads_.reset(); }

    void SetUp() override {
        post_.set_tenant("t");
        post_.set_post_id("p1");
        post_.set_user_id("u1");
        post_.mutable_created_at()->set_seconds(1'700'000'000);
    }

    /// What a worker of this modality would send, with an embedding of the head's own width.
    static v1::Output output(const std::string& modality, float quality = 0.8F) {
        const LinearHead reader = head(modality);
        v1::Output made;
        made.set_modality(modality);
        made.set_model(reader.model());
        made.set_quality(quality);
        for (std::size_t i = 0; i < reader.width(); ++i)
            made.add_embedding(i % 7 == 0 ? 0.3F : -0.05F);
        return made;
    }
    static Finding found(const std::string& modality, std::vector<v1::Output> outputs,
                         std::string asset_id = {}) {
        return {.modality = modality,
                .asset_id = std::move(asset_id),
                .outputs = std::move(outputs),
                .heads = heads_};
    }
    static Finding failed(const std::string& modality, ErrorCode code, std::string asset_id = {}) {
        return {.modality = modality,
                .asset_id = std::move(asset_id),
                .outputs = Error{.code = code, .message = "it failed"},
                .heads = nullptr};
    }

    Result<v1::Pick> decide(const std::vector<Finding>& findings) const {
        auto decided = decide_mood(post_, 1, findings);
        if (!decided) return decided.error();
        return std::move(decided->pick);
    }

    static std::shared_ptr<const HeadSet> heads_;
    v1::Post post_;
};

std::shared_ptr<const HeadSet> MoodDecision::heads_;

TEST_F(MoodDecision, MakesAMoodOfWhatWasFound) {
    v1::Output text = output("text");
    text.set_language("ko");
    std::vector<Finding> findings;
    findings.push_back(found("text", {text}));
    findings.push_back(found("image", {output("image")}, "photo"));
    const auto decided = decide_mood(post_, 3, findings);
    ASSERT_TRUE(decided) << decided.error().to_string();
    const v1::Pick* pick = &decided->pick;
    EXPECT_EQ(pick->tenant(), "t");
    EXPECT_EQ(pick->post_id(), "p1");
    EXPECT_EQ(pick->user_id(), "u1");
    EXPECT_EQ(pick->revision(), 3U);
    EXPECT_EQ(pick->language(), "ko");
    EXPECT_EQ(pick->created_at().seconds(), 1'700'000'000);
    EXPECT_TRUE(mood_from_name(pick->mood()));
    EXPECT_THAT(pick->degraded(), IsEmpty());
    EXPECT_THAT(pick->model(), HasSubstr(text.model()));
    EXPECT_THAT(pick->model(), HasSubstr("+"));

    ASSERT_THAT(pick->moods(), SizeIs(kMoodCount));
    float sum = 0;
    for (const auto& [mood, share] : pick->moods()) {
        sum += share;
        EXPECT_LE(share, pick->moods().at(pick->mood())) << mood;
    }
    EXPECT_NEAR(sum, 1, 1e-4);
    ASSERT_THAT(pick->modalities(), SizeIs(2));
    EXPECT_NEAR(pick->modalities().at("text") + pick->modalities().at("image"), 1, 1e-4);
}

// Idea: where several were heard, each one's own words stand in the pick, in the order of the post; a single
// one says what the mood says.
TEST_F(MoodDecision, ShowsWhatEachReaderFound) {
    std::vector<Finding> alone;
    alone.push_back(found("text", {output("text")}));
    EXPECT_THAT(decide(alone)->evidence(), IsEmpty());

    std::vector<Finding> findings = alone;
    findings.push_back(found("image", {output("image"), output("image", 0.4F)}, "photo"));
    const auto pick = decide(findings);
    ASSERT_THAT(pick->evidence(), SizeIs(3));
    EXPECT_EQ(pick->evidence(0).modality(), "text");
    EXPECT_EQ(pick->evidence(0).asset_id(), "");
    for (const v1::Evidence& evidence : pick->evidence()) {
        float sum = 0;
        for (const auto& [mood, share] : evidence.moods())
            sum += share;
        EXPECT_NEAR(sum, 1, 1e-4) << evidence.modality();
        EXPECT_THAT(pick->model(), HasSubstr(evidence.model()));
    }
    EXPECT_EQ(pick->evidence(1).asset_id(), "photo");
    EXPECT_GT(pick->evidence(1).precision(), pick->evidence(2).precision());
}

// Idea: what the post sounds like goes to the matcher, the clearer the more; what is no sound does not.
TEST_F(MoodDecision, HandsOnHowThePostSounds) {
    const v1::Output clear = output("audio");
    const v1::Output faint = output("audio", 0.25F);
    v1::Output silent = output("audio", 0);
    std::vector<Finding> findings;
    findings.push_back(found("text", {output("text")}));
    findings.push_back(found("audio", {clear}, "a"));
    findings.push_back(found("audio", {faint, silent}, "b"));
    const auto decided = decide_mood(post_, 3, findings);
    ASSERT_TRUE(decided) << decided.error().to_string();
    ASSERT_THAT(decided->sounds, SizeIs(1));
    EXPECT_EQ(decided->sounds[0].model, clear.model());
    ASSERT_EQ(static_cast<int>(decided->sounds[0].embedding.size()), clear.embedding_size());
    EXPECT_NEAR(decided->sounds[0].embedding[0],
                clear.quality() * clear.embedding(0) + 0.25F * faint.embedding(0), 1e-5);
}

// Idea: where the post's words lie among sounds goes to the matcher likewise, a caption's with the text's.
TEST_F(MoodDecision, HandsOnWhereItsWordsLieAmongSounds) {
    const auto placed = [](v1::Output made, std::initializer_list<float> place,
                           const std::string& model = "ear@1") {
        for (const float number : place)
            made.mutable_among_sounds()->add_embedding(number);
        made.mutable_among_sounds()->set_model(model);
        return made;
    };
    std::vector<Finding> findings;
    findings.push_back(found("text", {placed(output("text", 0.5F), {1, 0})}));
    findings.push_back(found("image", {placed(output("image", 0.25F), {0, 1})}, "a"));
    findings.push_back(found("image", {placed(output("image", 0.25F), {0, 0, 1}, "ear@2")}, "b"));
    findings.push_back(found("image", {placed(output("image", 0), {0, 1}), output("image")}, "c"));
    const auto decided = decide_mood(post_, 3, findings);
    ASSERT_TRUE(decided) << decided.error().to_string();
    EXPECT_THAT(decided->sounds, IsEmpty()) << "it has no music";
    ASSERT_THAT(decided->words, SizeIs(2));
    for (const SoundWish& wish : decided->words) {
        const bool first = wish.model == "ear@1";
        EXPECT_EQ(wish.embedding, (first ? std::vector{0.5F, 0.25F} : std::vector{0.0F, 0.0F, 0.25F}));
    }
}

// Idea: two readers of one photo saw the same thing, two photos did not: they say more.
TEST_F(MoodDecision, PoolsWhatIsReadFromOneAssetAsDependent) {
    const v1::Output look = output("image");
    const auto top = [](const Result<v1::Pick>& pick) { return pick->moods().at(pick->mood()); };
    std::vector<Finding> once;
    once.push_back(found("image", {look}, "a"));
    std::vector<Finding> twice_read;
    twice_read.push_back(found("image", {look, look}, "a"));
    std::vector<Finding> two_photos;
    two_photos.push_back(found("image", {look}, "a"));
    two_photos.push_back(found("image", {look}, "b"));
    EXPECT_LT(top(decide(once)), top(decide(twice_read)));
    EXPECT_LT(top(decide(twice_read)), top(decide(two_photos)));
}

TEST_F(MoodDecision, DecidesTheSameAgain) {
    std::vector<Finding> findings;
    findings.push_back(found("text", {output("text")}));
    const auto first = decide(findings);
    const auto second = decide(findings);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*first, *second));
}

TEST_F(MoodDecision, NamesWhatCouldNotBeUsed) {
    std::vector<Finding> findings;
    findings.push_back(found("text", {output("text")}));
    findings.push_back(failed("image", ErrorCode::corrupt, "photo"));
    findings.push_back(failed("audio", ErrorCode::deadline_exceeded, "song"));
    const auto pick = decide(findings);
    ASSERT_TRUE(pick);
    ASSERT_THAT(pick->degraded(), SizeIs(2));
    EXPECT_EQ(pick->degraded(0).modality(), "image");
    EXPECT_EQ(pick->degraded(0).asset_id(), "photo");
    EXPECT_EQ(pick->degraded(0).code(), "corrupt");
    EXPECT_EQ(pick->degraded(0).message(), "it failed");
    EXPECT_EQ(pick->degraded(1).code(), "deadline_exceeded");
    EXPECT_THAT(pick->modalities(), SizeIs(1));
}

TEST_F(MoodDecision, NamesEvidenceThatIsHardlyAny) {
    v1::Output silent = output("audio", 0.01F);
    silent.add_notes("silent");
    silent.add_notes("short");
    std::vector<Finding> findings;
    findings.push_back(found("text", {output("text")}));
    findings.push_back(found("audio", {silent}, "song"));
    const auto pick = decide(findings);
    ASSERT_TRUE(pick);
    ASSERT_THAT(pick->degraded(), SizeIs(1));
    EXPECT_EQ(pick->degraded(0).asset_id(), "song");
    EXPECT_EQ(pick->degraded(0).message(), "silent, short");
}

TEST_F(MoodDecision, CountsAVideosSoundTrackAsAudio) {
    std::vector<Finding> findings;
    findings.push_back(found("video", {output("video"), output("audio")}, "clip"));
    const auto pick = decide(findings);
    ASSERT_TRUE(pick) << pick.error().to_string();
    EXPECT_TRUE(pick->modalities().contains("video"));
    EXPECT_TRUE(pick->modalities().contains("audio"));
}

TEST_F(MoodDecision, NamesTheHalfOfAFilmThatCouldNotBeUsed) {
    v1::Output pictures = output("video");
    auto& missing = *pictures.add_missing();
    missing.set_modality("audio");
    missing.set_code("unsupported");
    missing.set_message("the codec 'apac' is not supported");
    const auto pick = decide({found("video", {pictures}, "clip")});
    ASSERT_TRUE(pick) << pick.error().to_string();
    ASSERT_THAT(pick->degraded(), SizeIs(1));
    EXPECT_EQ(pick->degraded(0).modality(), "audio");
    EXPECT_EQ(pick->degraded(0).asset_id(), "clip");
    EXPECT_EQ(pick->degraded(0).code(), "unsupported");
    EXPECT_EQ(pick->degraded(0).message(), "the codec 'apac' is not supported");
    EXPECT_TRUE(pick->modalities().contains("video"));
}

TEST_F(MoodDecision, SaysWhatThePhotosShow) {
    v1::Output photo = output("image");
    photo.set_caption("a dog on a beach");
    v1::Output hostile = output("image");
    hostile.set_caption("\n\x1b[31m" + std::string(400, 'x') + "가");
    std::vector<Finding> findings;
    findings.push_back(found("image", {photo, photo}, "a0"));
    findings.push_back(found("image", {hostile}, "a1"));
    findings.push_back(found("image", {output("image")}, "a2"));
    const auto pick = decide(findings);
    ASSERT_TRUE(pick);
    ASSERT_THAT(pick->captions(), SizeIs(2)) << "one a photo, and none where the worker says nothing";
    EXPECT_EQ(pick->captions(0).asset_id(), "a0");
    EXPECT_EQ(pick->captions(0).text(), "a dog on a beach");
    EXPECT_EQ(pick->captions(1).asset_id(), "a1");
    EXPECT_EQ(pick->captions(1).text(), "[31m" + std::string(296, 'x'));
}

// The column is 255 characters wide; while models are exchanged, a post may be read by two generations.
TEST_F(MoodDecision, NamesNoMoreModelsThanAPickCanHold) {
    HeadSet none = *HeadSet::load(kModels);
    v1::Hello hello;
    std::vector<Finding> findings;
    for (int i = 0; i < 5; ++i) {
        const std::string model = std::string(90, static_cast<char>('a' + i)) + "@1";
        hello.add_heads(head_file(model));
        v1::Output made;
        made.set_modality("image");
        made.set_model(model);
        made.set_quality(1);
        made.add_embedding(0);
        made.add_embedding(0);
        findings.push_back(found("image", {made}, std::to_string(i)));
    }
    for (Finding& finding : findings)
        finding.heads = *none.with(hello);
    const auto pick = decide(findings);
    ASSERT_TRUE(pick) << pick.error().to_string();
    EXPECT_EQ(pick->model().size(), 2 * 92U + 1);
}

// A worker of another version must not end the daemon.
TEST_F(MoodDecision, SurvivesOutputsThatNoHeadReads) {
    v1::Output unknown = output("text");
    unknown.set_model("text/next-year");
    v1::Output narrow = output("image");
    narrow.mutable_embedding()->Truncate(3);
    v1::Output broken = output("audio");
    broken.set_embedding(0, std::numeric_limits<float>::quiet_NaN());
    std::vector<Finding> findings;
    findings.push_back(found("text", {unknown}));
    findings.push_back(found("image", {narrow}, "photo"));
    findings.push_back(found("audio", {broken}, "song"));
    const auto nothing = decide(findings);
    ASSERT_FALSE(nothing);
    findings.push_back(found("video", {output("video")}, "clip"));
    const auto pick = decide(findings);
    ASSERT_TRUE(pick);
    EXPECT_THAT(pick->degraded(), SizeIs(3));
    EXPECT_THAT(pick->degraded(0).message(), HasSubstr("text/next-year"));
}

TEST_F(MoodDecision, LetsTheErrorThatCanHealDecideWhereAllFailed) {
    std::vector<Finding> findings;
    findings.push_back(failed("text", ErrorCode::unsupported));
    findings.push_back(failed("image", ErrorCode::corrupt, "photo"));
    EXPECT_EQ(decide(findings).error().code, ErrorCode::unsupported) << "the first";
    findings.push_back(failed("audio", ErrorCode::unavailable, "song"));
    findings.push_back(failed("video", ErrorCode::deadline_exceeded, "clip"));
    EXPECT_EQ(decide(findings).error().code, ErrorCode::unavailable);
    EXPECT_FALSE(decide({}));
    EXPECT_FALSE(decide([] {
        std::vector<Finding> empty;
        empty.push_back(found("text", {}));
        return empty;
    }()));
}

TEST_F(MoodDecision, UsesTheHeadsOfTheWorkerThatAnswered) {
    Finding without = found("text", {output("text")});
    without.heads = nullptr;
    std::vector<Finding> findings;
    findings.push_back(without);
    EXPECT_FALSE(decide(findings));
    findings.push_back(found("text", {output("text")}));
    EXPECT_TRUE(decide(findings));
}

// Idea: a text that is sad for certain beside two sounds: of the one that the catalogue teaches nothing is
// kept.
TEST(PostSeeds, HoldNothingOfAModelThatHearsMusicAlone) {
    HeadWeights words{.mood = std::vector<float>(2 * kMoodCount),
                      .mood_bias = std::vector<float>(kMoodCount),
                      .affect = {-1, 0, 0, 0},
                      .affect_bias = {0, 0},
                      .felt = {0, 1}};
    words.mood[2 * static_cast<std::size_t>(Mood::sad)] = 8;
    v1::Hello hello;
    hello.add_heads(write_head(words, {{"model", "words"}, {"modality", "text"}}));
    const auto found = [](const std::string& modality, const std::string& model, float first, float second) {
        v1::Output output;
        output.set_modality(modality);
        output.set_model(model);
        output.set_quality(1);
        output.add_embedding(first);
        output.add_embedding(second);
        return Finding{
            .modality = modality, .asset_id = {}, .outputs = std::vector{output}, .heads = nullptr};
    };
    std::vector<Finding> findings{found("text", "words", 1, 3)};
    for (const char* model : {"builtin-music-1", "builtin-voice-1", "clap@1"}) {
        hello.add_heads(head_file(model));
        findings.push_back(found("audio", model, 0, 1));
    }
    const auto heads = HeadSet().with(hello);
    ASSERT_TRUE(heads) << heads.error().to_string();
    for (Finding& finding : findings)
        finding.heads = *heads;
    v1::Post post;
    post.set_text("so sad");
    std::vector<std::string> models;
    const v1::Seeds seeds = seeds_in(post, findings);
    for (const v1::Seed& seed : seeds.seeds())
        models.push_back(seed.model());
    EXPECT_THAT(models, ::testing::ElementsAre("builtin-voice-1", "clap@1"));
}

}  // namespace
}  // namespace bgm
