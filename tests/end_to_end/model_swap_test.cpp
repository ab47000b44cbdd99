// Models are exchanged while posts stream in: the same post ends once and whole whichever generation reads
// it, and models that cannot be loaded change nothing.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "tests/daemon/fleet/head_files.hpp"
#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Posts one after the other until it is stopped; what is acknowledged is remembered.
class Stream {
 public:
    Stream(const Stack& stack, std::string prefix) : prefix_(std::move(prefix)) {
        thread_ = std::jthread([this, &stack](const std::stop_token& stop) {
            Conversation client(stack);
            const std::string photo = jpeg_photo();
            for (int i = 0; !stop.stop_requested(); ++i) {
                Json post{{"post_id", prefix_ + std::to_string(i)},
                          {"text", "another calm morning by the sea"}};
                Frames media;
                if (i % 4 == 0) {
                    post["assets"] = {{{"kind", "IMAGE"}, {"frame", 0}}};
                    media.push_back(photo);
                }
                if (client.post(post, media).status == PostAck::Status::accepted) ++accepted_;
            }
        });
    }
    /// How many were accepted in all.
    int stop() {
        thread_.request_stop();
        thread_.join();
        return accepted_;
    }
    int accepted() const { return accepted_; }

 private:
    std::string prefix_;
    std::atomic<int> accepted_ = 0;
    std::jthread thread_;
};

class ModelSwap : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(Stack::Options{.settings = {"models.load_timeout_ms=60000"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    /// A copy of the models that ship.
    static fs::path copy_of_models(const std::string& name) {
        const fs::path folder = stack_->folder() / name;
        fs::copy(BGM_SOURCE_DIR "/data/builtin", folder);
        return folder;
    }
    static std::set<std::string> workers() {
        std::set<std::string> names;
        for (const auto& [name, pid] : stack_->processes()) {
            if (name.starts_with("worker-")) names.insert(name);
        }
        return names;
    }
    static std::map<std::string, pid_t> workers_with_pids() {
        auto all = stack_->processes();
        std::erase_if(all, [](const auto& each) { return !each.first.starts_with("worker-"); });
        return all;
    }
    static void expect_all_picked(const std::string& prefix, int posts) {
        const std::string like = " WHERE post_id LIKE '" + prefix + "%'";
        EXPECT_TRUE(eventually([&] { return stack_->count("SELECT COUNT(*) FROM picks" + like) >= posts; }));
        EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks" + like), posts);
        EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM dead_posts" + like), 0);
        EXPECT_EQ(stack_->count("SELECT COUNT(*) FROM picks" + like + " AND JSON_LENGTH(degraded) > 0"), 0)
            << "no part of a post was left out";
    }

    static std::unique_ptr<Stack> stack_;
};
std::unique_ptr<Stack> ModelSwap::stack_;

TEST_F(ModelSwap, LosesNothingWhilePostsStreamIn) {
    const auto before = workers();
    const fs::path models = copy_of_models("models-2");
    Stream stream(*stack_, "stream-");
    ASSERT_TRUE(eventually([&] { return stream.accepted() > 50; }));
    const auto swapped = stack_->bgmctl("models swap --dir '" + models.string() + "'");
    EXPECT_EQ(swapped.exit_code, 0) << swapped.text;
    EXPECT_THAT(swapped.text, HasSubstr("worker-text-0-g2"));
    const int at_swap = stream.accepted();
    ASSERT_TRUE(eventually([&] { return stream.accepted() > at_swap + 50; }));
    EXPECT_TRUE(eventually([&] {
        const auto now = workers();
        return std::none_of(now.begin(), now.end(), [&](const auto& name) { return before.contains(name); });
    })) << "those of before are gone once they have answered what they had";
    EXPECT_EQ(workers().size(), before.size());
    expect_all_picked("stream-", stream.stop());
    EXPECT_THAT(stack_->bgmctl("status --json").text, HasSubstr(models.string()));
    EXPECT_THAT(stack_->http_get("/metrics").body,
                AllOf(HasSubstr("bgmd_model_swaps_total{outcome=\"done\"} 1"),
                      HasSubstr("bgmd_model_info{modality=\"text\",model=\"builtin-text-4\"} 1"),
                      HasSubstr("bgmd_worker_resident_memory_bytes{worker=\"worker-text-0-g2\"}"),
                      Not(HasSubstr("worker=\"worker-text-0\"}"))));
}

TEST_F(ModelSwap, ServesOnWhereTheNewModelsCannotBeLoaded) {
    const auto before = workers_with_pids();
    Stream stream(*stack_, "broken-");
    const fs::path models = copy_of_models("models-broken");
    fs::resize_file(models / "text.safetensors", 100'000);  // half a download
    const auto failed = stack_->bgmctl("models swap --dir '" + models.string() + "'");
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_THAT(failed.text,
                AllOf(HasSubstr("worker-text-0-g"), HasSubstr("models-broken/text.safetensors")));
    const auto absent = stack_->bgmctl("models swap --dir /nowhere");
    EXPECT_EQ(absent.exit_code, 1);
    EXPECT_THAT(absent.text, HasSubstr("/nowhere"));
    const int after = stream.accepted();
    EXPECT_TRUE(eventually([&] { return stream.accepted() > after + 20; }));
    EXPECT_EQ(stack_->http_get("/readyz").code, 200);
    expect_all_picked("broken-", stream.stop());
    EXPECT_TRUE(eventually([&] { return workers_with_pids() == before; }))
        << "the same processes serve, and the failed ones are gone";
}

TEST_F(ModelSwap, ComparesHeadsOnTheSameTexts) {
    const fs::path reviews = stack_->folder() / "reviews.tsv";
    std::ofstream(reviews)
        << "rating\ttext\n10\t정말 재미있고 행복한 영화\n1\t최악이다 너무 지루하고 화난다\n";
    const fs::path blank = copy_of_models("heads-blank");
    std::ofstream(blank / "text_head.safetensors", std::ios::binary)
        << bgm::testing::head_file("builtin-text-4", 129);
    const std::string command = "eval '" + reviews.string() +
                                "' --format nsmc --heads '" BGM_SOURCE_DIR "/data/builtin' --heads '" +
                                blank.string() + "'";
    const auto compared = stack_->bgmctl("--json " + command);
    ASSERT_EQ(compared.exit_code, 0) << compared.text;
    const Json figures = Json::parse(compared.text);
    ASSERT_EQ(figures.size(), 2U);
    EXPECT_EQ(figures[0]["polarity_accuracy"], 1.0) << compared.text;
    EXPECT_LT(figures[1]["polarity_accuracy"], 1.0) << "a head of zeros knows nothing";
    EXPECT_EQ(figures[1]["heads"], blank.string());
    EXPECT_THAT(stack_->bgmctl("status --json").text, HasSubstr("\"heads_dir\":\"\"")) << "its own again";
    const auto failed = stack_->bgmctl("eval '" + reviews.string() + "' --format nsmc --heads /nowhere");
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_THAT(failed.text, HasSubstr("/nowhere"));
    EXPECT_THAT(stack_->bgmctl("status --json").text, HasSubstr("\"heads_dir\":\"\""));
}

// Loading takes as long as it takes: here until somebody writes into a pipe, that is for ever.
class SlowModelSwap : public ModelSwap {
 protected:
    /// Returns once a new worker loads.
    void swap_slowly(const std::string& name, const std::string& within_s) {
        const fs::path models = copy_of_models(name);
        fs::remove(models / "text.safetensors");
        ASSERT_EQ(mkfifo((models / "text.safetensors").c_str(), S_IRUSR | S_IWUSR), 0);
        asking_ = std::jthread([this, models, within_s] {
            answer_ = stack_->bgmctl("models swap --within " + within_s + " --dir '" + models.string() + "'");
        });
        ASSERT_TRUE(eventually([] { return !text_candidate().empty(); }));
    }
    static std::string text_candidate() {
        for (const std::string& name : workers()) {
            if (name.starts_with("worker-text-0-g") &&
                stack_->bgmctl("status --json").text.find("\"swapping\":true") != std::string::npos)
                return name;
        }
        return {};
    }
    Stack::Output answer_;  // once asking_ has been joined
    std::jthread asking_;
};

TEST_F(SlowModelSwap, PicksPostsMeanwhileAndTellsHowTheNewWorkerEnded) {
    swap_slowly("models-slow", "120");
    Stream stream(*stack_, "slow-");
    ASSERT_TRUE(eventually([&] { return stream.accepted() > 50; }));
    expect_all_picked("slow-", stream.stop());
    const auto second = stack_->bgmctl("models swap");
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.text, HasSubstr("under way"));
    const std::string candidate = text_candidate();
    ASSERT_TRUE(stack_->signal(candidate, SIGKILL));
    asking_.join();
    EXPECT_EQ(answer_.exit_code, 1);
    EXPECT_THAT(answer_.text, HasSubstr(candidate + " ended (killed by signal 9)"));
    EXPECT_TRUE(eventually([&] { return !workers().contains(candidate); }));
}

// What was to be swapped to is forgotten with the process; its posts are not.
TEST_F(SlowModelSwap, IsForgottenWhereBgmdDies) {
    swap_slowly("models-crash", "1");
    Conversation client(*stack_);
    for (int i = 0; i < 100; ++i)
        client.post({{"post_id", "crash-" + std::to_string(i)}, {"text", "a storm is coming"}});
    const std::string candidate = text_candidate();
    ASSERT_TRUE(stack_->signal("bgmd", SIGKILL));
    stack_->up();
    expect_all_picked("crash-", 100);
    EXPECT_FALSE(workers().contains(candidate)) << "it dies with bgmd, also in the middle of loading";
    EXPECT_TRUE(workers().contains("worker-text-0"));
    asking_.join();
    EXPECT_EQ(answer_.exit_code, 1);
}

}  // namespace
}  // namespace bgm::test
