// The clip preset, with tiny models of random weights, and without any: then whoever tries it is told what to
// do, and nothing is started.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fusion/mood/mood.hpp"
#include "ops/client/admin_client.hpp"
#include "schemas/hex.hpp"
#include "schemas/safetensors.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"
#include "tests/workers/media_maker.hpp"
#ifdef BGM_MODEL_FOLDERS
#include "ops/lab/encoder-bench/model_folders.hpp"
#endif

namespace bgm::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

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

#ifdef BGM_MODEL_FOLDERS
TEST(ClipPreset, ConfinedWorkersAnswerForEveryModality) {
    const bgm::testing::ScratchFolder models;
    ASSERT_TRUE(bench::write_model_folders(models.path(), bench::ModelSize::tiny));
    const Stack stack({.settings = {"models.preset=clip", "models.dir=" + models.path().string(),
                                    "models.caption=", "workers.sandbox=required"}});
    Conversation client(stack);
    const Json assets{{{"kind", "IMAGE"}, {"frame", 0}},
                      {{"kind", "AUDIO"}, {"frame", 1}},
                      {{"kind", "VIDEO"}, {"frame", 2}},
                      {{"kind", "IMAGE"}, {"frame", 3}}};
    const Frames media{jpeg_photo(), ogg_music(), mp4_video_with_sound(), moving_gif()};
    // Of many sizes: kernels are made for each, and threads are started, when the sandbox is closed already.
    std::string text = "a day at the sea";
    for (int i = 0; i < 6; ++i, text += text) {
        const std::string id = "clip-" + std::to_string(i);
        ASSERT_EQ(client.post({{"post_id", id}, {"text", text}, {"assets", assets}}, media).status,
                  PostAck::Status::accepted);
    }
    for (int i = 0; i < 6; ++i) {
        const auto pick = wait_for_pick(stack, "clip-" + std::to_string(i));
        ASSERT_TRUE(pick);
        EXPECT_TRUE(pick->degraded.empty()) << pick->degraded.dump();
    }
    const std::string metrics = stack.http_get("/metrics").body;
    for (const char* modality : {"text", "image", "audio", "video"}) {
        EXPECT_NE(metrics.find("bgmd_tasks_total{modality=\"" + std::string(modality) + "\",outcome=\"ok\"}"),
                  std::string::npos)
            << modality;
    }
    EXPECT_THAT(metrics, Not(ContainsRegex("bgmd_worker_ends_total\\{[^}]*\\} [1-9]")))
        << "no sandbox was broken out of";
}

std::string log_of(const Stack& stack) {
    std::ostringstream text;
    text << std::ifstream(stack.folder() / "log/bgmd.log").rdbuf();
    return text.str();
}

std::string song(const char* id) {
    const bool quick = id == std::string("quick");
    return make_music_clip({.minor = !quick,
                            .tempo_bpm = quick ? 150.0 : 60.0,
                            .brightness = quick ? 0.9 : 0.1,
                            .staccato = quick,
                            .seconds = 20,
                            .format = AudioFormat::mp3});
}

// Idea: what the catalogue is listened to with decides where posts meet it: by CLAP, a post's music and its
// English words; by the built-in ear, neither.
TEST(ClipPreset, PostsAndTracksMeetInTheSpaceOfTheAudioModel) {
    const bgm::testing::ScratchFolder models;
    ASSERT_TRUE(bench::write_model_folders(models.path(), bench::ModelSize::tiny));
    const Stack stack(
        {.settings = {"models.preset=clip", "models.dir=" + models.path().string(), "workers.image=0",
                      "workers.video=0", "workers.sandbox=required", "catalogue.refresh_ms=200"}});
    const auto songs = stack.media_root() / "songs";
    std::filesystem::create_directories(songs);
    const auto catalogue = stack.folder() / "heard.jsonl";
    {
        std::ofstream lines(catalogue);
        for (const char* id : {"quick", "slow"}) {
            std::ofstream(songs / (std::string(id) + ".mp3"), std::ios::binary) << song(id);
            lines << Json{{"track_id", id},
                          {"title", id},
                          {"artist", id},
                          {"uri", "file:songs/" + std::string(id) + ".mp3"},
                          {"moods", {{"calm", 1}}}}
                         .dump()
                  << '\n';
        }
    }
    ASSERT_EQ(stack.bgmctl("catalogue import --replace '" + catalogue.string() + "'").exit_code, 0);
    const std::string analyse =
        "catalogue analyse --preset clip --models-dir '" + models.path().string() + "'";
    const auto analysed = stack.bgmctl(analyse);
    ASSERT_EQ(analysed.exit_code, 0) << analysed.text;
    EXPECT_THAT(analysed.text, HasSubstr("analysed 2 tracks"));
    const auto count = [&](const std::string& condition) {
        return stack.count("SELECT COUNT(*) FROM track_analysis WHERE " + condition);
    };
    EXPECT_EQ(count("embedding_model LIKE 'clap-htsat-unfused@________' AND LENGTH(embedding) > 0"), 2);
    EXPECT_EQ(count("seconds > 19 AND loudness_lufs < 0 AND JSON_LENGTH(windows) >= 1 AND valence <> 0 AND "
                    "LENGTH(fingerprint) > 0"),
              2)
        << "the rest is measured as ever";
    EXPECT_THAT(stack.bgmctl(analyse).text, HasSubstr("2 tracks skipped"));
    EXPECT_THAT(stack.bgmctl("catalogue analyse --preset builtin --dry-run").text,
                HasSubstr("would analyse 2 tracks"))
        << "an embedding of another space is out of date";
    const auto missing = stack.bgmctl("catalogue analyse --preset clip --models-dir /nowhere");
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_THAT(missing.text, HasSubstr("/nowhere/clap-htsat-unfused"));

    Conversation client(stack);
    int posts = 0;
    // The reason of a track for a post.
    const auto reason = [&](const Json& post, const Frames& media, const std::string& track) {
        const std::string id = "p-" + std::to_string(posts++);
        Json whole = post;
        whole["post_id"] = id;
        client.post(whole, media);
        EXPECT_TRUE(wait_for_pick(stack, id));
        return Json::parse(stack
                               .sql("SELECT reason FROM pick_tracks WHERE post_id = '" + id +
                                    "' AND track_id = '" + track + "'")
                               .at(0)
                               .at(0));
    };
    const auto in_words = [&](const std::string& text) {
        return reason({{"text", text}}, {}, "slow")["text"].get<std::string>();
    };
    const char* const kFits = "fitting the post's words by ear by ";
    ASSERT_TRUE(eventually([&] {
        return in_words("a calm evening by the sea").find(kFits) != std::string::npos;
    })) << log_of(stack);
    EXPECT_THAT(in_words("바다에서 조용한 저녁"), Not(HasSubstr(kFits))) << "the tower reads English";
    const Json music{{"assets", {{{"kind", "AUDIO"}, {"frame", 0}}}}};
    const double own = reason(music, {song("quick")}, "quick")["sound_match"];
    EXPECT_GT(own, 0.99) << "it is the track itself";
    EXPECT_LT(reason(music, {song("quick")}, "slow")["sound_match"].get<double>(), own);

    // What the search says of how the first track sounds; all that it says where that is no list of tracks:
    // without a text worker's answer in time it goes on without, and says so.
    const auto sound_in_search = [&](const std::string& text) {
        const auto found = stack.bgmctl("--json catalogue search '" + text + "'");
        const Json tracks = Json::parse(found.text, nullptr, false);
        return tracks.is_object() ? tracks.at("tracks").at(0).at("sound") : Json(found.text);
    };
    EXPECT_TRUE(eventually([&] { return sound_in_search("calm evening by the sea").is_number(); }));
    EXPECT_TRUE(eventually([&] { return sound_in_search("바다에서 잔잔한 저녁").is_null(); }))
        << "the tower reads English";

    ASSERT_EQ(stack.bgmctl("catalogue analyse --preset builtin").exit_code, 0);
    EXPECT_EQ(count("embedding_model LIKE 'builtin-%'"), 2);
    EXPECT_TRUE(eventually([&] {
        return in_words("a calm evening by the sea").find(kFits) == std::string::npos;
    })) << "of another space";
    EXPECT_THAT(log_of(stack), HasSubstr("posts cannot be compared with tracks by ear"));
}

// Heads that workers made of prompts are taught as those that lie in files: here by seeds that a test writes.
TEST(ClipPreset, HeadsOfPromptsAreTaughtAndTakenBack) {
    const bgm::testing::ScratchFolder models;
    ASSERT_TRUE(bench::write_model_folders(models.path(), bench::ModelSize::tiny));
    const Stack stack({.settings = {"models.preset=clip", "models.dir=" + models.path().string(),
                                    "models.caption=", "workers.audio=0", "workers.video=0"}});
    Json head;
    auto admin = AdminClient::connect(stack.env("BGMD_ADMIN"), std::chrono::seconds(10));
    ASSERT_TRUE(admin);
    const auto listed = admin->request({{"op", "heads.list"}}, std::chrono::seconds(10));
    ASSERT_TRUE(listed) << listed.error().to_string();
    for (const Json& one : listed->at("heads")) {
        if (one.at("modality") == "image") head = one;
    }
    const std::string model = head.at("model");
    EXPECT_THAT(model, ContainsRegex("^clip-vit-base-patch32@[0-9a-f]+$"));
    std::mt19937_64 numbers(1);
    std::normal_distribution<float> normal;
    for (int batch = 0; batch < 20; ++batch) {
        std::string rows;
        for (int i = 0; i < 20; ++i) {
            std::string embedding;
            float first = 0;
            for (std::size_t n = 0; n < head.at("width"); ++n) {
                const float number = 0.1F * normal(numbers);
                if (n == 0) first = number;
                const std::uint16_t half = float_to_half(number);
                embedding.append(reinterpret_cast<const char*>(&half), sizeof half);
            }
            MoodDistribution moods;
            moods.fill(0.02F);
            moods[static_cast<std::size_t>(first > 0 ? Mood::joyful : Mood::sad)] = 0.76F;
            const std::string id = std::to_string(20 * batch + i);
            rows += std::string(rows.empty() ? "" : ",") + "('default','s-" + id + "',1,'" + model + "','u-" +
                    id + "','image',x'" + hex({reinterpret_cast<const char*>(moods.data()), sizeof moods}) +
                    "'," + (first > 0 ? "0.6" : "-0.6") + ",0.1,0.8,x'" + hex(embedding) + "')";
        }
        stack.sql(
            "INSERT INTO mood_seeds (tenant, post_id, place, model, user_id, modality, moods, valence, "
            "arousal, weight, embedding) VALUES " +
            rows);
    }
    const std::string state = " --state '" + (stack.folder() / "state").string() + "'";
    const auto taught = stack.bgmctl("teach --modality photo --yes" + state);
    EXPECT_EQ(taught.exit_code, 0) << taught.text;
    EXPECT_THAT(taught.text, AllOf(HasSubstr("photo (" + model + "): 400 seeds of 400 people"),
                                   HasSubstr("in service: ")));
    Conversation client(stack);
    client.post({{"post_id", "p"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}}, {jpeg_photo()});
    const auto pick = wait_for_pick(stack, "p");
    ASSERT_TRUE(pick);
    EXPECT_TRUE(pick->degraded.empty()) << pick->degraded.dump();
    EXPECT_THAT(stack.bgmctl("teach status").text, HasSubstr("taught"));
    EXPECT_EQ(stack.bgmctl("teach undo").exit_code, 0);
    EXPECT_THAT(stack.bgmctl("teach status").text, Not(HasSubstr("taught")));
}

TEST(ClipPreset, WithoutTheAudioModelsTextTowerTextsAreStillRead) {
    const bgm::testing::ScratchFolder models;
    ASSERT_TRUE(bench::write_model_folders(models.path(), bench::ModelSize::tiny));
    std::filesystem::remove(models.path() / "clap-htsat-unfused/vocab.json");
    const Stack stack({.settings = {"models.preset=clip", "models.dir=" + models.path().string(),
                                    "workers.image=0", "workers.video=0", "workers.audio=0"}});
    Conversation client(stack);
    client.post({{"post_id", "p"}, {"text", "a calm evening by the sea"}});
    const auto pick = wait_for_pick(stack, "p");
    ASSERT_TRUE(pick);
    EXPECT_TRUE(pick->degraded.empty()) << pick->degraded.dump();
    EXPECT_THAT(log_of(stack), HasSubstr("words are not compared with sounds"));
}
#endif

}  // namespace
}  // namespace bgm::test
