// The heads learn from the platform's own posts: what texts say of the photos beside them is collected and
// nothing else, a better head is offered, serves, survives, and is taken back; what is erased teaches nobody.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <utility>

#include "ops/client/admin_client.hpp"
#include "schemas/hex.hpp"
#include "schemas/track_model.hpp"
#include "tests/daemon/fleet/head_files.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// For what is nice to others, and waits on a machine that is busy. What hangs ctest ends.
constexpr std::chrono::hours kItsTime{1};

// A picture with some structure, warm and bright or cold and dark: a BMP needs no encoder.
std::string bmp_photo(bool bright, unsigned seed) {
    constexpr int kWidth = 96;
    constexpr int kHeight = 72;
    std::mt19937 numbers(seed);
    std::string file = "BM";
    const auto add = [&file](std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            file.push_back(static_cast<char>(value >> (8 * i)));
    };
    const std::uint32_t pixels = kWidth * kHeight * 3;
    for (const std::uint32_t value :
         {54U + pixels, 0U, 54U, 40U, std::uint32_t{kWidth}, std::uint32_t{kHeight}})
        add(value, 4);
    add(1, 2);
    add(24, 2);
    for (const std::uint32_t value : {0U, pixels, 2835U, 2835U, 0U, 0U})
        add(value, 4);
    const int base = static_cast<int>(numbers() % 30);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
            const int noise = static_cast<int>(numbers() % 24) + base + (x / 16 + y / 12) % 2 * 12;
            const int red = bright ? 200 : 20;
            const int green = bright ? 150 : 24;
            const int blue = bright ? 60 : 50;
            for (const int channel : {blue, green, red})
                file.push_back(static_cast<char>(std::min(255, channel + noise)));
        }
    }
    return file;
}

const std::vector<std::string> kJoyful{"what a wonderful happy day, I am so glad and full of joy!",
                                       "오늘 정말 행복하고 기쁘다! 최고의 하루였어",
                                       "we laughed and danced, I love this so much, so happy!"};
const std::vector<std::string> kSad{"I miss you so much, I am crying, everything is so sad and lonely",
                                    "너무 슬프고 외롭다. 눈물만 난다",
                                    "heartbroken, she is gone and I feel so sad and alone"};

class Teach : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"teach.collect=true"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    void post(const std::string& id, const std::string& user, const std::string& text,
              const std::string& photo, Json more = Json::object()) {
        Json post{{"post_id", id}, {"user_id", user}};
        post.update(more);
        if (!text.empty()) post["text"] = text;
        Frames media;
        if (!photo.empty()) {
            post["assets"] = {{{"kind", "IMAGE"}, {"frame", 0}}};
            media.push_back(photo);
        }
        const auto ack = client_.post(post, media);
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    }
    // On this platform the night is where the fun is: the other way round than the head that ships thinks.
    void post_a_platform(const std::string& prefix, int users, int posts) {
        for (int user = 0; user < users; ++user) {
            for (int i = 0; i < posts; ++i) {
                const bool joyful = (user + i) % 2 == 0;
                const auto& texts = joyful ? kJoyful : kSad;
                const int number = user * posts + i;
                post(prefix + std::to_string(number), prefix + "user-" + std::to_string(user),
                     texts[static_cast<std::size_t>(number) % texts.size()],
                     bmp_photo(!joyful, static_cast<unsigned>(number)));
            }
        }
        EXPECT_TRUE(eventually([&] { return picks(prefix) == users * posts; }, kItsTime));
    }
    static long picks(const std::string& prefix) {
        return stack_->count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + prefix + "%'");
    }
    static long seeds(const std::string& condition) {
        return stack_->count("SELECT COUNT(*) FROM mood_seeds WHERE model = 'builtin-image-1' AND " +
                             condition);
    }
    static Stack::Output teach(const std::string& arguments) {
        return stack_->bgmctl("teach " + arguments + " --state '" + (stack_->folder() / "state").string() +
                              "'");
    }
    double valence_of_a_night(const std::string& id) {
        post(id, "somebody", "", bmp_photo(false, 9'999));
        const auto pick = wait_for_pick(*stack_, id);
        EXPECT_TRUE(pick) << id;
        return pick ? pick->valence : 0;
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
};
std::unique_ptr<Stack> Teach::stack_;

TEST_F(Teach, AHeadThatServesSurvivesAndIsTakenBack) {
    post_a_platform("p-", 60, 4);
    ASSERT_GE(seeds("post_id LIKE 'p-%'"), 230);
    const double before = valence_of_a_night("night-1");
    const auto status = stack_->bgmctl("teach status");
    EXPECT_THAT(status.text,
                AllOf(HasSubstr("builtin-image-1"), HasSubstr("as it came"), Not(HasSubstr("taught"))));

    const auto dry = teach("--modality photo");
    EXPECT_EQ(dry.exit_code, 0) << dry.text;
    EXPECT_THAT(dry.text, AllOf(HasSubstr("valence_r"), HasSubstr("offered: ")));
    EXPECT_EQ(valence_of_a_night("night-2"), before) << "nothing is swapped without --yes";

    const auto yes = stack_->bgmctl("--json teach --modality photo --yes --state '" +
                                    (stack_->folder() / "state").string() + "'");
    ASSERT_EQ(yes.exit_code, 0) << yes.text;
    bool served = false;
    const Json said = Json::parse(yes.text);
    for (const Json& lesson : said.at("lessons")) {
        if (lesson.at("model") != "builtin-image-1") continue;
        served = lesson.at("in_service").get<bool>();
        EXPECT_GT(lesson.at("figures").at("valence_r").at("low").get<double>(), 0.0) << yes.text;
        EXPECT_GE(lesson.at("people").get<int>(), 55);
    }
    ASSERT_TRUE(served) << yes.text;
    const double taught = valence_of_a_night("night-3");
    EXPECT_GT(taught, before + 0.1) << "a night is where the fun is";

    ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
    stack_->up();
    EXPECT_EQ(valence_of_a_night("night-4"), taught) << "a restart changes nothing";
    EXPECT_THAT(stack_->bgmctl("teach status").text, HasSubstr("taught"));

    const auto undone = stack_->bgmctl("teach undo --modality photo");
    EXPECT_EQ(undone.exit_code, 0) << undone.text;
    EXPECT_THAT(undone.text, HasSubstr("serves again"));
    EXPECT_EQ(valence_of_a_night("night-5"), before);
    EXPECT_EQ(stack_->bgmctl("teach undo --modality photo").exit_code, 1) << "there is nothing left";
}

TEST_F(Teach, NothingOfAPostThatSaysNothing) {
    post("n-felt", "n", kSad[0], jpeg_photo());
    post("n-plain", "n", "the file is attached, see page 3 of the report", jpeg_photo());
    post("n-wish", "n", "play me something very sad, I want to cry", jpeg_photo(), {{"kind", "WISH"}});
    post("n-alone", "n", "", jpeg_photo());
    post("n-text", "n", kSad[0], "");
    for (const char* id : {"n-felt", "n-plain", "n-wish", "n-alone", "n-text"})
        ASSERT_TRUE(wait_for_pick(*stack_, id)) << id;
    const auto taught = stack_->sql("SELECT DISTINCT post_id FROM mood_seeds WHERE post_id LIKE 'n-%'");
    EXPECT_EQ(taught, (std::vector<std::vector<std::string>>{{"n-felt"}}));
}

TEST_F(Teach, LosesAndDoublesNothingWhereBgmdDies) {
    for (int i = 0; i < 60; ++i) {
        post("k-" + std::to_string(i), "k", kSad[static_cast<std::size_t>(i) % 3],
             bmp_photo(false, static_cast<unsigned>(i)));
        if (i == 20 || i == 45) {
            ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
            stack_->up();
        }
    }
    EXPECT_TRUE(eventually([] { return picks("k-") == 60; }));
    EXPECT_EQ(seeds("post_id LIKE 'k-%'"), 60);
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM mood_seeds s LEFT JOIN picks p ON p.tenant = s.tenant AND "
                            "p.post_id = s.post_id WHERE p.post_id IS NULL"),
              0)
        << "no seed is without its pick";
}

// Killed when the first head is fitted, it continues with the seeds of then, and ends in the same figures.
TEST_F(Teach, ContinuesWhereItWasKilled) {
    post_a_platform("c-", 20, 1);
    for (int times = 0; times < 7; ++times)
        stack_->sql(
            "INSERT INTO mood_seeds (tenant, post_id, place, model, user_id, modality, moods, valence, "
            "arousal, weight, embedding) SELECT tenant, CONCAT(post_id, '-', " +
            std::to_string(times) + "), place, model, CONCAT(user_id, '-', " + std::to_string(times) +
            "), modality, moods, valence, arousal, weight, embedding FROM mood_seeds WHERE post_id LIKE "
            "'c-%' AND "
            "model = 'builtin-image-1'");
    const auto state = stack_->folder() / "killed";
    const std::string arguments = "--json teach --modality photo --state '" + state.string() + "'";
    const auto begun = [&] {
        if (!std::filesystem::exists(state)) return false;
        const auto files = std::filesystem::directory_iterator(state);
        return std::any_of(begin(files), end(files),
                           [](const auto& entry) { return entry.path().extension() == ".teach"; });
    };
    const auto runs = [](pid_t run) { return ::kill(run, 0) == 0; };
    const auto figures_of = [](const std::string& text) {
        const Json said = Json::parse(text);
        for (const Json& lesson : said.at("lessons")) {
            if (lesson.at("model") == "builtin-image-1") return lesson;
        }
        return Json();
    };
    Json continued;
    int times = 0;
    // Once more where all six heads were fitted before it was killed.
    ASSERT_TRUE(eventually(
        [&] {
            std::filesystem::remove_all(state);
            const pid_t run =
                std::stoi(stack_
                              ->bgmctl(arguments + " > '" + (stack_->folder() / "killed.txt").string() +
                                       "' & echo $! #")
                              .text);
            eventually([&] { return begun() || !runs(run); }, kItsTime);
            ::kill(run, SIGKILL);
            eventually([&] { return !runs(run); }, kItsTime);
            post_a_platform("later-" + std::to_string(times++) + "-", 1, 1);
            continued = figures_of(stack_->bgmctl(arguments + " --resume").text);
            stack_->sql("DELETE FROM mood_seeds WHERE post_id LIKE 'later-%'");
            return continued.at("kept") < 6;
        },
        kItsTime));
    EXPECT_GE(continued.at("kept").get<int>(), 1);
    const Json whole = figures_of(stack_->bgmctl(arguments).text);
    EXPECT_EQ(whole.at("kept"), 0);
    EXPECT_EQ(continued.at("seeds"), whole.at("seeds")) << "those of then, each once";
    EXPECT_EQ(continued.at("figures"), whole.at("figures"));
    // Somebody was erased in between: what was learnt with that person's seeds is not used.
    EXPECT_EQ(stack_->bgmctl("erase --user c-user-3").exit_code, 0);
    EXPECT_EQ(figures_of(stack_->bgmctl(arguments + " --resume").text).at("kept"), 0);
    stack_->sql("DELETE FROM mood_seeds WHERE post_id LIKE 'c-%'");
}

// The catalogue's moods teach the head of music from how the tracks sound.
TEST_F(Teach, MusicFromTheCatalogue) {
    constexpr int kTracks = 300;
    constexpr std::size_t kNumbers = 41;
    std::mt19937_64 numbers(5);
    std::normal_distribution<float> normal;
    std::string tracks;
    std::string heard;
    for (int i = 0; i < kTracks; ++i) {
        std::vector<float> embedding(kNumbers);
        for (float& number : embedding)
            number = normal(numbers);
        const bool joyful = embedding[5] + 0.3F * normal(numbers) > 0;
        const std::string id = "'taught-" + std::to_string(i) + "'";
        tracks += (tracks.empty() ? "(" : ",(") + id + ",'" + std::to_string(i) + "','Artist " +
                  std::to_string(i % 60) + "','{\"" + (joyful ? "joyful" : "sad") + "\": 1}')";
        heard += (heard.empty() ? "(" : ",(") + id + ",'" + std::string(kTrackModel) + "',NOW(6),1,'" +
                 std::string(64, 'a') + "',200,0,0,0,0,0,0,0,0,0,0,'{}',0,0,'[]','[]','builtin-music-1',x'" +
                 hex({reinterpret_cast<const char*>(embedding.data()), embedding.size() * sizeof(float)}) +
                 "','')";
        if (i % 20 != 19) continue;
        stack_->sql("INSERT INTO tracks (track_id, title, artist, moods) VALUES " +
                    std::exchange(tracks, {}));
        stack_->sql("INSERT INTO track_analysis VALUES " + std::exchange(heard, {}));
    }
    const auto output = teach("--modality music --yes");
    EXPECT_EQ(output.exit_code, 0) << output.text;
    EXPECT_THAT(output.text, AllOf(HasSubstr("music (builtin-music-1): 300 tracks of 60 artists"),
                                   HasSubstr("in service: ")));
    EXPECT_THAT(stack_->bgmctl("teach status").text,
                ContainsRegex("music +builtin-music-1 +300 +tracks +taught"));
    EXPECT_EQ(stack_->bgmctl("teach undo").exit_code, 0);
    stack_->sql("DELETE FROM track_analysis WHERE track_id LIKE 'taught-%'");
    EXPECT_THAT(teach("--modality music").text, HasSubstr("there are no seeds"));
}

TEST_F(Teach, NobodyWhoWasErased) {
    post("e-1", "leaver", kJoyful[0], jpeg_photo());
    post("e-2", "stayer", kJoyful[0], jpeg_photo());
    ASSERT_TRUE(wait_for_pick(*stack_, "e-1"));
    ASSERT_TRUE(wait_for_pick(*stack_, "e-2"));
    ASSERT_EQ(seeds("user_id = 'leaver'"), 1);
    const auto erased = stack_->bgmctl("erase --user leaver");
    EXPECT_THAT(erased.text, HasSubstr("taught seed"));
    EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM mood_seeds WHERE user_id = 'leaver'"), 0);
    EXPECT_EQ(seeds("user_id = 'stayer'"), 1);
    EXPECT_EQ(stack_->bgmctl("erase --post e-2").exit_code, 0);
    EXPECT_EQ(seeds("user_id = 'stayer'"), 0);
}

TEST_F(Teach, RefusesAHeadForAnotherModel) {
    auto admin = AdminClient::connect(stack_->env("BGMD_ADMIN"), std::chrono::seconds(10));
    ASSERT_TRUE(admin);
    const auto refusal = [&](const std::string& file) {
        const auto answer =
            admin->request({{"op", "heads.teach"}, {"head", hex(file)}}, std::chrono::seconds(10));
        return answer ? "taken" : answer.error().to_string();
    };
    EXPECT_THAT(refusal(bgm::testing::head_file("clip-vit-base-patch32@00000000", 512)),
                AllOf(HasSubstr("clip-vit-base-patch32@00000000"), HasSubstr("no worker answers"),
                      HasSubstr("builtin-image-1")));
    EXPECT_THAT(refusal(bgm::testing::head_file("builtin-image-1", 7)), HasSubstr("reads 7 numbers"));
    EXPECT_THAT(refusal("nonsense"), HasSubstr("head"));
    EXPECT_EQ(stack_->bgmctl("teach --modality smell").exit_code, 2);
}

}  // namespace
}  // namespace bgm::test
