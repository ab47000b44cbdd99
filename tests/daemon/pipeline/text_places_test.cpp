// Where a search's words lie is asked of a text worker once, and nobody waits for it for long.
#include "daemon/pipeline/text_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "daemon/search_requests.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/pipeline/fake_analysts.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using testing::FakeAnalysts;
using testing::RunningLoop;

class TextPlacesTest : public ::testing::Test {
 protected:
    void SetUp() override {
        workers_.ready[Modality::text] = 1;
        running_.start();
    }
    void TearDown() override { running_.stop(); }

    void find(const std::string& text) {
        running_.on_loop([&] {
            places_.find(text, [this](const Result<SoundWish>& place) {
                told_.push_back(place ? place->model : std::string(name(place.error().code)));
                if (place) place_ = *place;
            });
        });
    }
    std::vector<std::string> told() {
        return running_.on_loop([&] { return told_; });
    }

    RunningLoop running_;
    FakeAnalysts workers_{running_.loop()};
    std::atomic<std::chrono::milliseconds> clock_ms_{std::chrono::milliseconds(1000)};
    TextPlaces places_{
        running_.loop(), workers_.hands(),
        TextPlaces::Options{.waiting_max = 2, .patience = std::chrono::milliseconds(500), .now = [this] {
                                return TextPlaces::Clock::time_point(clock_ms_.load());
                            }}};
    std::vector<std::string> told_;
    SoundWish place_;
};

TEST_F(TextPlacesTest, IsWhatTheWorkerSays) {
    find("rain");
    running_.on_loop([&] {
        auto task = workers_.take("rain");
        ASSERT_TRUE(task);
        EXPECT_EQ(task->request.modality, Modality::text);
        EXPECT_FALSE(task->request.backfill);
        TaskAnswer answer = workers_.outputs(Modality::text);
        auto& place = *answer->outputs[0].mutable_among_sounds();
        place.set_model("ear@1");
        place.add_embedding(0);
        place.add_embedding(1);
        task->done(answer);
    });
    EXPECT_THAT(told(), ElementsAre("ear@1"));
    EXPECT_THAT(place_.embedding, ElementsAre(0, 1));
    find("wind");
    running_.on_loop([&] { EXPECT_TRUE(workers_.answer("wind")); });
    EXPECT_THAT(told(), ElementsAre("ear@1", "")) << "this model reads no words among sounds";
    find("snow");
    running_.on_loop([&] { EXPECT_TRUE(workers_.fail("snow", ErrorCode::corrupt)); });
    EXPECT_THAT(told(), ElementsAre("ear@1", "", "corrupt"));
}

TEST_F(TextPlacesTest, NobodyWaitsForLong) {
    find("first");
    find("second");
    find("third");
    EXPECT_THAT(told(), ElementsAre("unavailable")) << "too many";
    clock_ms_ = std::chrono::milliseconds(1600);
    ASSERT_TRUE(running_.eventually([&] { return told_.size() == 3; }));
    EXPECT_THAT(told(), ElementsAre("unavailable", "unavailable", "unavailable"));
    EXPECT_THAT(running_.on_loop([&] { return workers_.cancelled; }), ElementsAre(1, 2));
    running_.on_loop([&] { workers_.ready[Modality::text] = 0; });
    find("fourth");
    EXPECT_EQ(told().size(), 4U) << "at once where there is no worker";
    EXPECT_EQ(running_.on_loop([&] { return workers_.texts().size(); }), 2U);
}

TEST_F(TextPlacesTest, AreAskedForTextsOfASearchsLength) {
    std::vector<std::string> fields;
    const auto ask = [&](const nlohmann::json& request) {
        running_.on_loop([&] {
            place_text(places_, request, [&](const Result<nlohmann::json>& answer) {
                fields.push_back(answer ? answer->at("model").get<std::string>() : answer.error().field);
            });
        });
    };
    ask({{"text", std::string(513, 'x')}});
    ask({{"text", ""}});
    EXPECT_THAT(fields, ElementsAre("text", "text"));
    ask({{"text", "rain"}});
    running_.on_loop([&] { EXPECT_TRUE(workers_.answer("rain")); });
    EXPECT_THAT(fields, ElementsAre("text", "text", ""));
}

}  // namespace
}  // namespace bgm
