// A worker that was taken over, over the real socket, through the pool and the decision: whatever it says its
// task ends, no word of it becomes a label, and a pick that is made all the same fits the tables. One that
// goes on is replaced, and its tasks go to the next one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>

#include "daemon/fleet/worker_pool.hpp"
#include "daemon/pipeline/recommender.hpp"
#include "daemon/store/pick_rows.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/utf8.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using testing::FakeWorker;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const std::string kEvil = "evil\x1b[2J\n";

class WorkerLiesTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.endpoint = "ipc://" + (folder_.path() / "workers.sock").string();
        const std::int64_t never_ms = 3'600'000;
        config_.dispatch.text_deadline_ms = never_ms;
        config_.dispatch.no_worker_ms = never_ms;
        config_.workers.silent_ms = never_ms;
        auto opened = WorkerPool::open(config_, running_.loop(), messaging_, *media_, metrics_);
        ASSERT_TRUE(opened) << opened.error().to_string();
        pool_ = std::move(*opened);
        pool_->set_kill([this](const std::string& name, std::string_view reason) {
            kills_.emplace_back(name, std::string(reason));
        });
        pool_->set_admit([](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
            auto heads = HeadSet().with(hello);
            if (!heads) return heads.error();
            return WorkerPool::Admission{.heads = std::move(*heads)};
        });
        auto catalogue = Catalogue::build({});
        ASSERT_TRUE(catalogue);
        catalogue_ = std::make_unique<const Catalogue>(std::move(*catalogue));
        post_.set_tenant("t");
        post_.set_post_id("p");
        running_.start();
    }
    void TearDown() override { running_.stop(); }

    std::unique_ptr<FakeWorker> worker(const std::string& name) {
        auto made = std::make_unique<FakeWorker>(
            config_.workers.endpoint, name,
            FakeWorker::Offer{.credits = 2, .heads = {testing::head_file("m", 1)}});
        EXPECT_TRUE(running_.eventually([this, &name] { return connected(name); }));
        return made;
    }
    bool connected(const std::string& name) const {
        const auto workers = pool_->workers();
        return std::any_of(workers.begin(), workers.end(),
                           [&](const auto& each) { return each.name == name; });
    }
    void submit(const std::string& text) {
        running_.on_loop([&] {
            pool_->submit({.modality = Modality::text, .text = text, .lang = "", .load_media = {}},
                          [this, text](TaskAnswer answer) { answers_.emplace(text, std::move(answer)); });
        });
    }
    TaskAnswer answer_to(const std::string& text) {
        EXPECT_TRUE(running_.eventually([&] { return answers_.contains(text); })) << text;
        return running_.on_loop([&]() -> TaskAnswer {
            const auto found = answers_.find(text);
            if (found == answers_.end()) return Error{.message = "no answer came"};
            return found->second;
        });
    }
    /// What is made of the answer.
    Result<v1::Pick> pick_of(const TaskAnswer& answer) const {
        Finding finding{.modality = "text", .asset_id = "", .outputs = Error{}, .heads = nullptr};
        if (answer) {
            finding.outputs = answer->outputs;
            finding.heads = answer->heads;
        } else {
            finding.outputs = answer.error();
        }
        auto decided = decide_mood(post_, 1, {finding});
        if (!decided) return decided.error();
        return recommend(*catalogue_, match_request(post_, 5), *std::move(decided));
    }
    void expect_no_evil_label() {
        running_.on_loop([this] { pool_->publish_metrics(); });
        EXPECT_THAT(metrics_.text(), Not(HasSubstr("evil")));
    }

    testing::ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    testing::RunningLoop running_;
    std::unique_ptr<MediaStore> media_ = std::move(*MediaStore::open(folder_.path() / "media", {}));
    std::unique_ptr<WorkerPool> pool_;
    std::unique_ptr<const Catalogue> catalogue_;
    v1::Post post_;
    std::map<std::string, TaskAnswer> answers_;  // of the loop's thread
    std::vector<std::pair<std::string, std::string>> kills_;
};

TEST_F(WorkerLiesTest, FailTheirTaskAndReachNeitherRowNorLabel) {
    const std::map<std::string, std::function<void(v1::Output&)>> lies{
        {"language", [](auto& output) { output.set_language(std::string(36, 'e')); }},
        {"modality", [](auto& output) { output.set_modality(kEvil); }},
        {"model", [](auto& output) { output.set_model(kEvil); }},
        {"quality", [](auto& output) { output.set_quality(std::numeric_limits<float>::infinity()); }},
        {"embedding", [](auto& output) { output.set_embedding(0, std::numeric_limits<float>::quiet_NaN()); }},
    };
    for (const auto& [field, change] : lies) {
        auto rogue = worker("rogue-" + field);
        submit(field);
        const v1::Task task = rogue->next_task();
        v1::FromWorker message;
        *message.mutable_result() = FakeWorker::honest_answer(task);
        change(*message.mutable_result()->mutable_outputs(0));
        rogue->say(message);
        const TaskAnswer answer = answer_to(field);
        ASSERT_FALSE(answer) << field;
        EXPECT_EQ(answer.error().code, ErrorCode::internal);
        EXPECT_THAT(answer.error().message, HasSubstr(field));
        EXPECT_THAT(answer.error().message, Not(HasSubstr("evil")));
        expect_no_evil_label();
        running_.on_loop([&] { pool_->retire("rogue-" + field); });
    }
    EXPECT_THAT(running_.on_loop([this] { return kills_; }), IsEmpty()) << "one lie each is borne";
}

TEST_F(WorkerLiesTest, MakeAPickThatFitsTheTablesWhereTheyAreForPeople) {
    auto rogue = worker("rogue");
    submit("t");
    const v1::Task task = rogue->next_task();
    v1::FromWorker message;
    *message.mutable_result() = FakeWorker::honest_answer(task);
    auto& output = *message.mutable_result()->mutable_outputs(0);
    output.set_quality(0.01F);
    output.set_notes(0, kEvil + std::string(500'000, 'n'));
    output.set_caption(kEvil + std::string(300'000, 'c'));
    output.set_model("evil-" + std::string(95, 'm'));
    auto& missing = *output.add_missing();
    missing.set_modality("audio");
    missing.set_code(kEvil);
    missing.set_message(kEvil);
    rogue->say(message);
    const TaskAnswer answer = answer_to("t");
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_FALSE(pick_of(answer)) << "no head reads its model";

    submit("t2");
    auto& again = *message.mutable_result();
    again.set_task_id(rogue->next_task().task_id());
    again.mutable_outputs(0)->set_model("m");
    rogue->say(message);
    const auto pick = pick_of(answer_to("t2"));
    ASSERT_TRUE(pick) << pick.error().to_string();
    EXPECT_TRUE(check(*pick, "pick"));
    EXPECT_LT(pick->ByteSizeLong(), 4000U);
    for (const v1::Degraded& degraded : pick->degraded()) {
        EXPECT_TRUE(degraded.modality() == "catalogue" || modality_from_name(degraded.modality()));
        EXPECT_TRUE(error_code_from_name(degraded.code())) << degraded.code();
        EXPECT_THAT(degraded.message(), Not(HasSubstr("\n")));
        EXPECT_THAT(degraded.message(), Not(HasSubstr("\x1b")));
    }
    expect_no_evil_label();
}

TEST_F(WorkerLiesTest, AnErrorIsAsWildAndNeverMeansThatTheWorkerIsAway) {
    auto rogue = worker("rogue");
    submit("t");
    v1::FromWorker message;
    message.mutable_result()->set_task_id(rogue->next_task().task_id());
    message.mutable_result()->set_error_code("unavailable");
    message.mutable_result()->set_error_message(kEvil + std::string(100'000, 'x'));
    rogue->say(message);
    const TaskAnswer answer = answer_to("t");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::internal) << "or the post would wait without end";
    EXPECT_LE(answer.error().message.size(), 400U);
    EXPECT_THAT(answer.error().message, Not(HasSubstr("\n")));
}

TEST_F(WorkerLiesTest, ReplacesOneThatGoesOnAndGivesItsTasksToTheNext) {
    auto rogue = worker("rogue");
    for (const char* text : {"1", "2", "3", "4"})
        submit(text);
    for (int i = 0; i < 3; ++i) {
        v1::FromWorker lie;
        lie.mutable_result()->set_task_id(rogue->next_task().task_id());
        rogue->say(lie);
    }
    for (const char* text : {"1", "2", "3"})
        EXPECT_FALSE(answer_to(text)) << text;
    EXPECT_TRUE(running_.eventually([this] { return !kills_.empty(); }));
    EXPECT_THAT(running_.on_loop([this] { return kills_; }), ElementsAre(Pair("rogue", "lies")));
    auto honest = worker("honest");
    EXPECT_THAT(honest->answer_all(1), ElementsAre("4"));
    EXPECT_TRUE(answer_to("4"));
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("worker=\"rogue\""))) << "its labels are gone with it";
}

TEST_F(WorkerLiesTest, BearsALieNowAndThenAmongGoodAnswers) {
    auto one = worker("w");
    for (int i = 0; i < 5; ++i) {
        const std::string lied = "lied " + std::to_string(i);
        submit(lied);
        v1::FromWorker lie;
        lie.mutable_result()->set_task_id(one->next_task().task_id());
        one->say(lie);
        EXPECT_FALSE(answer_to(lied));
        for (int good = 0; good < 100; ++good) {
            const std::string text = std::to_string(i) + "/" + std::to_string(good);
            submit(text);
            one->answer_all(1);
            ASSERT_TRUE(answer_to(text));
        }
    }
    EXPECT_THAT(running_.on_loop([this] { return kills_; }), IsEmpty());
}

TEST_F(WorkerLiesTest, NobodySpeaksAsAnotherWorker) {
    auto honest = worker("worker-image-0");
    auto rogue = worker("rogue");
    submit("1");
    submit("2");
    v1::FromWorker message;
    message.mutable_hello()->set_name("worker-image-0");
    message.mutable_hello()->add_modalities("text");
    message.mutable_hello()->set_credits(64);
    for (int i = 0; i < 3; ++i)
        rogue->say(message);
    EXPECT_TRUE(running_.eventually([this] { return !kills_.empty(); }));
    EXPECT_THAT(running_.on_loop([this] { return kills_; }), ElementsAre(Pair("rogue", "lies")));
    EXPECT_TRUE(running_.on_loop([this] { return connected("worker-image-0"); }));
    EXPECT_EQ(honest->answer_all(2).size(), 2U);
}

TEST_F(WorkerLiesTest, LabelsDoNotGrowWithTheNamesThatConnected) {
    for (int i = 0; i < 20; ++i) {
        const std::string name = "evil-" + std::to_string(i);
        auto one = worker(name);
        one->beat(1 << 20);
        EXPECT_TRUE(
            running_.eventually([&] { return metrics_.text().find(name + "\"") != std::string::npos; }));
        running_.on_loop([&] { pool_->worker_ended(name); });
    }
    expect_no_evil_label();
}

TEST_F(WorkerLiesTest, BytesThatAreNoMessageCountAsWell) {
    auto rogue = worker("rogue");
    submit("t");
    (void)rogue->next_task();
    v1::FromWorker message;
    for (int i = 0; i < 10'000; ++i)
        message.mutable_result()->add_outputs();
    for (int i = 0; i < 3; ++i)
        rogue->say(message);
    EXPECT_TRUE(running_.eventually([this] { return !kills_.empty(); }));
    auto honest = worker("honest");
    EXPECT_THAT(honest->answer_all(1), ElementsAre("t"));
}

}  // namespace
}  // namespace bgm
