// Models are exchanged while tasks go on: supervisor and pool are real, the processes are shells that only
// sleep, and the test plays their side of the protocol. Whatever goes wrong with the new models, those of
// before serve on.
#include "daemon/fleet/serving_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FakeWorker;
using ::testing::HasSubstr;
using testing::head_file;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::UnorderedElementsAre;

class ServingModelsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.endpoint = "ipc://" + (folder_.path() / "workers.sock").string();
        config_.workers.text = config_.workers.image = 1;
        config_.workers.audio = config_.workers.video = 0;
        const std::int64_t never_ms = 3'600'000;
        config_.workers.restart_min_ms = config_.workers.restart_max_ms = never_ms;
        config_.workers.silent_ms = never_ms;
        config_.dispatch.text_deadline_ms = config_.dispatch.image_deadline_ms = never_ms;
        config_.models.dir = models("one", "1");
        script("exec sleep 1000");
    }
    void TearDown() override {
        running_.stop();
        workers_.clear();
        supervisor_.reset();
    }

    void script(const std::string& lines) {
        config_.workers.program = folder_.write("worker.sh", "#!/bin/sh\n" + lines + "\n");
        fs::permissions(config_.workers.program, fs::perms::owner_all);
    }
    /// A folder with heads for the models "text" and "image"; the precision tells whose they are.
    std::string models(const std::string& name, const std::string& precision) {
        folder_.write(name + "/text_head.safetensors", head_file("text", 2, precision));
        folder_.write(name + "/image_head.safetensors", head_file("image", 2, precision));
        return (folder_.path() / name).string();
    }

    void start() {
        pool_ = std::move(*WorkerPool::open(config_, running_.loop(), messaging_, *media_, metrics_));
        auto opened = ServingModels::open(config_, running_.loop(), *pool_, metrics_);
        // Nothing would answer the rest of the test.
        if (!opened) throw std::runtime_error(opened.error().to_string());
        serving_ = std::move(*opened);
        supervisor_ = std::make_unique<Supervisor>(config_, pool_->endpoint(), running_.loop(), metrics_,
                                                   [this](const Supervisor::Child& child) {
                                                       const bool explained = pool_->worker_ended(child.name);
                                                       serving_->worker_ended(child);
                                                       return explained;
                                                   });
        serving_->set_supervisor(*supervisor_);
        pool_->set_admit([this](const v1::Hello& hello) { return serving_->admit(hello); });
        supervisor_->start();
        running_.start();
    }

    /// Says Hello as this process would.
    FakeWorker& hello(const std::string& name, const std::string& modality, FakeWorker::Offer offer = {}) {
        offer.modalities = {modality};
        offer.credits = 8;
        offer.models = {modality};
        auto& worker = workers_[name];
        worker = std::make_unique<FakeWorker>(config_.workers.endpoint, name, offer);
        return *worker;
    }
    FakeWorker& joined(const std::string& name, const std::string& modality) {
        FakeWorker& worker = hello(name, modality);
        EXPECT_TRUE(eventually([&] { return connected(name); })) << name;
        return worker;
    }
    bool connected(const std::string& name) const {
        const auto all = pool_->workers();
        return std::any_of(all.begin(), all.end(),
                           [&](const WorkerStatus& each) { return each.name == name; });
    }
    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }

    void swap(const ModelChange& change) {
        running_.on_loop([&] {
            serving_->swap(change, [this](Result<std::vector<std::string>> result) {
                results_.push_back(std::move(result));
            });
        });
    }
    /// What the swap was answered with.
    Result<std::vector<std::string>> answered(std::size_t which = 0) {
        EXPECT_TRUE(eventually([&] { return results_.size() > which; })) << "no answer to the swap";
        return running_.on_loop([&]() -> Result<std::vector<std::string>> {
            return results_.size() > which ? results_[which] : Error{.message = "no answer"};
        });
    }
    std::string refusal(const ModelChange& change) {
        running_.on_loop([this] { results_.clear(); });
        swap(change);
        const auto result = answered();
        return result ? "done" : result.error().to_string();
    }

    void submit(const std::string& text) {
        running_.on_loop([&] {
            pool_->submit(
                {.modality = Modality::text, .backfill = false, .text = text, .lang = "", .load_media = {}},
                [this, text](TaskAnswer answer) { answers_.emplace(text, std::move(answer)); });
        });
    }
    /// The precision of the head that reads the answer to this text.
    float precision_of_answer(const std::string& text) {
        EXPECT_TRUE(eventually([&] { return answers_.contains(text); })) << text;
        return running_.on_loop([&] {
            const TaskAnswer& answer = answers_.at(text);
            return answer ? answer->heads->find("text")->precision() : -1.0F;
        });
    }
    std::vector<std::string> processes() {
        return running_.on_loop([this] {
            std::vector<std::string> names;
            for (const Supervisor::Child& child : supervisor_->children())
                names.push_back(child.name);
            return names;
        });
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<MediaStore> media_ = std::move(*MediaStore::open(folder_.path() / "media", {}));
    std::unique_ptr<WorkerPool> pool_;
    std::unique_ptr<ServingModels> serving_;
    std::unique_ptr<Supervisor> supervisor_;
    std::map<std::string, std::unique_ptr<FakeWorker>> workers_;
    // Both belong to the loop's thread.
    std::vector<Result<std::vector<std::string>>> results_;
    std::map<std::string, TaskAnswer> answers_;
};

TEST_F(ServingModelsTest, SwitchesWhenEveryNewWorkerIsReady) {
    start();
    FakeWorker& old = joined("worker-text-0", "text");
    joined("worker-image-0", "image");
    submit("with the old one when the switch comes");
    const v1::Task early = old.next_task();

    swap({.dir = models("two", "2")});
    FakeWorker& fresh = joined("worker-text-0-g2", "text");
    submit("while the other one still loads");
    EXPECT_EQ(old.next_task().text(), "while the other one still loads");
    EXPECT_TRUE(running_.on_loop([&] { return serving_->swapping() && results_.empty(); }));

    hello("worker-image-0-g2", "image");
    const auto done = answered();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_THAT(*done, UnorderedElementsAre("worker-text-0-g2", "worker-image-0-g2"));
    submit("after the switch");
    EXPECT_THAT(fresh.answer_all(1), ElementsAre("after the switch"));
    old.answer(early);
    const auto told = old.next();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->message.has_retire());

    EXPECT_EQ(precision_of_answer("with the old one when the switch comes"), 1.0F)
        << "an embedding is read by the head that was made for it";
    EXPECT_EQ(precision_of_answer("after the switch"), 2.0F);
    EXPECT_EQ(serving_->current().dir, folder_.path() / "two");
    v1::Hello later;
    later.set_name("somebody else's");
    EXPECT_EQ(running_.on_loop([&] { return serving_->admit(later)->heads->find("text")->precision(); }),
              2.0F);
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_model_swaps_total{outcome=\"done\"} 1"));
}

TEST_F(ServingModelsTest, GivesTheTasksOfARetiredWorkerThatDiesToTheNewOnes) {
    start();
    FakeWorker& old = joined("worker-text-0", "text");
    joined("worker-image-0", "image");
    submit("a");
    EXPECT_EQ(old.next_task().text(), "a");
    swap({});
    FakeWorker& fresh = hello("worker-text-0-g2", "text");
    hello("worker-image-0-g2", "image");
    ASSERT_TRUE(answered());
    running_.on_loop([this] { supervisor_->kill("worker-text-0", "test"); });
    EXPECT_THAT(fresh.answer_all(1), ElementsAre("a"));
    EXPECT_EQ(precision_of_answer("a"), 1.0F);
    EXPECT_TRUE(eventually([this] { return !supervisor_->role("worker-text-0"); }))
        << "its place is taken: it is not started again";
}

TEST_F(ServingModelsTest, ServesOnWhereANewWorkerCannotLoad) {
    script(
        "case \"$*\" in *image-0-g2*) echo 'bgm-worker: image: model.safetensors is cut short'; exit 1;; "
        "esac\nexec sleep 1000");
    start();
    FakeWorker& old = joined("worker-text-0", "text");
    joined("worker-image-0", "image");
    swap({.dir = models("two", "2")});
    hello("worker-text-0-g2", "text");
    const auto failed = answered();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message,
                AllOf(HasSubstr("worker-image-0-g2 ended (exit status 1)"), HasSubstr("is cut short")));
    submit("a");
    EXPECT_THAT(old.answer_all(1), ElementsAre("a"));
    EXPECT_EQ(precision_of_answer("a"), 1.0F);
    EXPECT_EQ(serving_->current().dir, folder_.path() / "one");
    EXPECT_TRUE(eventually([this] { return supervisor_->children().size() == 2; }))
        << "nothing of the new ones stays";
    EXPECT_THAT(processes(), ElementsAre("worker-text-0", "worker-image-0"));
    EXPECT_THAT(metrics_.text(), HasSubstr("bgmd_model_swaps_total{outcome=\"failed\"} 1"));
}

TEST_F(ServingModelsTest, ServesOnWhereANewWorkerBringsABrokenHead) {
    start();
    joined("worker-text-0", "text");
    joined("worker-image-0", "image");
    swap({});
    hello("worker-text-0-g2", "text", {.heads = {"nonsense"}});
    const auto failed = answered();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("worker-text-0-g2 is refused"));
    EXPECT_TRUE(eventually([this] { return supervisor_->children().size() == 2; }));
    EXPECT_EQ(running_.on_loop([this] { return pool_->ready(Modality::text); }), 1U);
}

TEST_F(ServingModelsTest, GivesUpNewWorkersThatDoNotGetReady) {
    config_.models.load_timeout_ms = 1;
    start();
    joined("worker-text-0", "text");
    swap({});
    const auto failed = answered();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::deadline_exceeded);
    EXPECT_THAT(failed.error().message, AllOf(HasSubstr("worker-text-0-g2"), HasSubstr("worker-image-0-g2")));
    EXPECT_TRUE(eventually([this] { return supervisor_->children().size() == 2; }));
}

TEST_F(ServingModelsTest, TriesAgainAfterAFailure) {
    start();
    joined("worker-text-0", "text");
    joined("worker-image-0", "image");
    swap({});
    hello("worker-text-0-g2", "text", {.heads = {"nonsense"}});
    ASSERT_FALSE(answered());
    swap({.dir = models("two", "2")});
    hello("worker-text-0-g3", "text");
    hello("worker-image-0-g3", "image");
    EXPECT_TRUE(answered(1));
}

TEST_F(ServingModelsTest, RefusesWhatCannotBeBeforeAnythingIsStarted) {
    start();
    models("empty", "1");
    fs::remove(folder_.path() / "empty" / "text_head.safetensors");
    fs::remove(folder_.path() / "empty" / "image_head.safetensors");
    models("broken", "1");
    folder_.write("broken/audio_head.safetensors", "nonsense");
    const auto in = [this](const char* name) { return ModelChange{.dir = (folder_.path() / name).string()}; };
    EXPECT_THAT(refusal(in("absent")), HasSubstr("absent"));
    EXPECT_THAT(refusal(in("empty")), HasSubstr("holds no mood head"));
    EXPECT_THAT(refusal(in("broken")), HasSubstr("audio_head.safetensors"));
    EXPECT_THAT(refusal({.dir = ""}), HasSubstr("dir: must not be empty"));
    EXPECT_THAT(refusal({.image = "clip"}), HasSubstr("image: the preset builtin has no such part"));
    EXPECT_THAT(processes(), ElementsAre("worker-text-0", "worker-image-0"));
}

TEST_F(ServingModelsTest, ExchangesTheHeadsAlone) {
    start();
    joined("worker-text-0", "text");
    models("heads", "3");
    swap({.heads_dir = (folder_.path() / "heads").string()});
    FakeWorker& fresh = hello("worker-text-0-g2", "text");
    hello("worker-image-0-g2", "image");
    ASSERT_TRUE(answered());
    submit("a");
    fresh.answer_all(1);
    EXPECT_EQ(precision_of_answer("a"), 3.0F);
    EXPECT_EQ(serving_->current().dir, folder_.path() / "one");
    swap({.heads_dir = ""});
    hello("worker-text-0-g3", "text");
    hello("worker-image-0-g3", "image");
    ASSERT_TRUE(answered(1));
    EXPECT_EQ(serving_->current().heads_dir, "");
}

TEST_F(ServingModelsTest, ServesATaughtHeadFromTheNextAnswerOnAndTakesItBack) {
    config_.models.taught_dir = (folder_.path() / "taught").string();
    start();
    FakeWorker& worker = joined("worker-text-0", "text");
    const auto teach = [this](const std::string& head) {
        return running_.on_loop([&] { return serving_->teach(head); });
    };
    ASSERT_TRUE(teach(head_file("text", 2, "2.5")));
    submit("a");
    worker.answer_all(1);
    EXPECT_EQ(precision_of_answer("a"), 2.5F);
    EXPECT_TRUE(running_.on_loop([&] { return serving_->heads().at("text").taught; }));
    v1::Hello later;
    later.set_name("somebody else's");
    EXPECT_EQ(running_.on_loop([&] { return serving_->admit(later)->heads->find("text")->precision(); }),
              2.5F);

    const Status other = teach(head_file("photo", 2, "3"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::not_found);
    EXPECT_THAT(other.error().message, AllOf(HasSubstr("photo"), HasSubstr("text")));
    EXPECT_EQ(teach(head_file("text", 3)).error().code, ErrorCode::invalid_argument);
    EXPECT_FALSE(teach("nonsense"));

    ASSERT_TRUE(running_.on_loop([&] { return serving_->undo_teaching("text"); }));
    submit("b");
    worker.answer_all(1);
    EXPECT_EQ(precision_of_answer("b"), 1.0F) << "the one that lies beside the models";
    EXPECT_FALSE(running_.on_loop([&] { return serving_->undo_teaching("text"); }));
}

TEST_F(ServingModelsTest, ShowsTheHeadsThatWereAskedForWithoutTaughtOnes) {
    config_.models.taught_dir = (folder_.path() / "taught").string();
    folder_.write("taught/text_head.safetensors", head_file("text", 2, "2.5"));
    start();
    FakeWorker& worker = joined("worker-text-0", "text");
    submit("before");
    worker.answer_all(1);
    EXPECT_EQ(precision_of_answer("before"), 2.5F) << "across a restart";
    models("heads", "3");
    swap({.heads_dir = (folder_.path() / "heads").string()});
    EXPECT_EQ(running_.on_loop([&] { return serving_->teach(head_file("text")); }).error().code,
              ErrorCode::unavailable);
    FakeWorker& compared = hello("worker-text-0-g2", "text");
    hello("worker-image-0-g2", "image");
    ASSERT_TRUE(answered());
    submit("compared");
    compared.answer_all(1);
    EXPECT_EQ(precision_of_answer("compared"), 3.0F);
    EXPECT_EQ(running_.on_loop([&] { return serving_->teach(head_file("text")); }).error().code,
              ErrorCode::unsupported);
}

TEST_F(ServingModelsTest, DoesOneExchangeAtATime) {
    start();
    swap({});
    swap({});
    const auto second = answered();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_THAT(second.error().message, HasSubstr("under way"));
    EXPECT_TRUE(running_.on_loop([this] { return serving_->swapping(); })) << "the first goes on";
}

TEST_F(ServingModelsTest, ReplacesOnlyTheWorkersThatAPartConcerns) {
    config_.models.preset = "clip";
    config_.models.dir = config_.models.prompts_dir = folder_.path();
    for (const char* name :
         {"clip-vit-base-patch32", "clip-ViT-B-32-multilingual-v1", "clap-htsat-unfused", "new-clip"})
        folder_.write(std::string(name) + "/config.json", "{}");
    config_.workers.video = -1;
    start();
    EXPECT_THAT(refusal({.image = "absent"}),
                AllOf(HasSubstr("models.image"), HasSubstr("bgmctl models pull")));
    swap({.image = "new-clip"});
    EXPECT_THAT(processes(), ElementsAre("worker-text-0", "worker-image-0", "worker-image-0-g2"));
    hello("worker-image-0-g2", "image", {.heads = {head_file("image")}});
    const auto done = answered(1);
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(serving_->current().image, "new-clip");
    EXPECT_TRUE(eventually([this] { return !supervisor_->role("worker-image-0"); }))
        << "one that had not said hello yet is ended as well";
}

TEST_F(ServingModelsTest, LeavesWorkersThatSomebodyElseStartedAlone) {
    start();
    joined("worker-image-0", "image");
    FakeWorker& by_hand = joined("by-hand", "text");
    swap({.dir = models("two", "2")});
    hello("worker-text-0-g2", "text");
    hello("worker-image-0-g2", "image");
    ASSERT_TRUE(answered());
    running_.on_loop([this] { supervisor_->kill("worker-text-0-g2", "test"); });
    EXPECT_TRUE(eventually([this] { return !connected("worker-text-0-g2"); }));
    submit("a");
    EXPECT_THAT(by_hand.answer_all(1), ElementsAre("a"));
    EXPECT_EQ(precision_of_answer("a"), 1.0F) << "it goes on with what it loaded";
}

TEST_F(ServingModelsTest, DoesNotOpenWithoutModels) {
    config_.models.dir = "/nowhere";
    pool_ = std::move(*WorkerPool::open(config_, running_.loop(), messaging_, *media_, metrics_));
    EXPECT_EQ(ServingModels::open(config_, running_.loop(), *pool_, metrics_).error().code,
              ErrorCode::not_found);
    config_.models.preset = "clip";
    EXPECT_EQ(ServingModels::open(config_, running_.loop(), *pool_, metrics_).error().field, "models.text");
}

}  // namespace
}  // namespace bgm
