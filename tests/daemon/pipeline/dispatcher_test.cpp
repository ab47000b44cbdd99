// The dispatcher between a real journal and workers that this test plays: every post is decided, whatever the
// journal refuses, the journal's rows hold and workers do.
#include "daemon/pipeline/dispatcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "daemon/config_views.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "daemon/pipeline/recommender.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"
#include "tests/daemon/fleet/head_files.hpp"
#include "tests/daemon/journal/faulty_vfs.hpp"
#include "tests/daemon/journal/waited_journal.hpp"

namespace bgm {
namespace {

using testing::done_in;
using testing::FakeWorker;
using testing::FaultyVfs;
using testing::head_file;
using testing::JournalFile;
using testing::open_journal;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::SizeIs;

class DispatcherTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.endpoint = "ipc://" + (folder_.path() / "workers.sock").string();
        const std::int64_t never_ms = 3'600'000;
        config_.workers.silent_ms = never_ms;
        config_.dispatch.text_deadline_ms = config_.dispatch.image_deadline_ms = never_ms;
        config_.media.root = folder_.path() / "root";
        recommender_ = std::make_unique<Recommender>(
            running_.loop(),
            Recommender::Options{.tracks_default = 1,
                                 .recommend = [this](const Catalogue& catalogue, const MatchRequest& request,
                                                     DecidedMood&& decided) {
                                     ++looks_;
                                     looks_.notify_all();
                                     looking_.wait(false);
                                     return recommend(catalogue, request, std::move(decided));
                                 }});
        folder_.write("root/photo", "a picture");
        journal_ = open_journal(
            file(), metrics_,
            {.queue_bytes_max = 1 << 20, .commit_batch = 16, .retry_delay = std::chrono::milliseconds(1)});
        ASSERT_NE(journal_, nullptr);
        auto media = MediaStore::open(folder_.path() / "media", config_.media.root);
        ASSERT_TRUE(media) << media.error().to_string();
        media_ = std::move(*media);
        auto rules = FetchRules::parse("", "");
        ASSERT_TRUE(rules);
        fetcher_ = std::make_unique<MediaFetcher>(*std::move(rules), fetch_limits(config_),
                                                  make_system_resolver(), make_direct_connector());
        Track track;
        track.track_id = track.title = track.artist = "one";
        auto catalogue = Catalogue::build({track});
        ASSERT_TRUE(catalogue) << catalogue.error().to_string();
        recommender_->set_catalogues(
            std::make_shared<const CatalogueSet>(std::make_shared<const Catalogue>(std::move(*catalogue))));
    }
    void TearDown() override {
        running_.stop();
        let_look();
        recommender_.reset();
        fetcher_.reset();
        media_.reset();
        journal_.reset();
    }

    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }

    void open() {
        auto pool = WorkerPool::open(config_, running_.loop(), messaging_, *media_, metrics_);
        ASSERT_TRUE(pool) << pool.error().to_string();
        pool_ = std::move(*pool);
        pool_->set_admit([](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
            auto heads = HeadSet().with(hello);
            if (!heads) return heads.error();
            return WorkerPool::Admission{.heads = std::move(*heads)};
        });
        dispatcher_ = std::make_unique<Dispatcher>(
            config_, running_.loop(), *journal_, *media_, analysts(*pool_, *fetcher_, *recommender_),
            metrics_, [this](Decision decision) { decided_.push_back(std::move(decision)); });
        running_.start();
    }

    /// Makes the post durable and has the dispatcher find it.
    void post(const std::string& post_id, const std::string& text, bool photo) {
        put(post_id, made(post_id, text, photo).SerializeAsString());
    }
    static v1::Post made(const std::string& post_id, const std::string& text, bool photo) {
        v1::Post post;
        post.set_tenant("t");
        post.set_post_id(post_id);
        post.set_text(text);
        if (photo) {
            v1::Asset& asset = *post.add_assets();
            asset.set_asset_id("cover");
            asset.set_kind(v1::Asset::IMAGE);
            asset.set_uri("file:photo");
        }
        return post;
    }
    void put(const std::string& post_id, const std::string& bytes) {
        accept(post_id, bytes);
        running_.on_loop([this] { dispatcher_->resume(); });
    }
    /// Bytes of other content are another revision.
    void accept(const std::string& post_id, const std::string& bytes) {
        for (bool accepted = false; !accepted;) {  // a client sends again what was answered BUSY
            const Status committed = done_in(
                *journal_,
                [&](JournalStore& store) -> Status {
                    auto done = store.accept({.tenant = "t",
                                              .post_id = post_id,
                                              .content_hash = bytes,
                                              .post = bytes,
                                              .media = ""},
                                             1);
                    return done ? ok_status() : Status(done.error());
                },
                Journal::Urgency::intake);
            accepted = committed.ok();
        }
    }

    std::unique_ptr<FakeWorker> worker(const std::string& name, const std::string& modality) {
        auto made = std::make_unique<FakeWorker>(
            config_.workers.endpoint, name,
            FakeWorker::Offer{.modalities = {modality}, .heads = {head_file("m@1")}});
        EXPECT_TRUE(running_.eventually([&] { return pool_->ready(*modality_from_name(modality)) > 0; }));
        return made;
    }
    static void answer(FakeWorker& worker, const v1::Task& task) {
        v1::Output output;
        output.set_modality(task.modality());
        output.set_model("m@1");
        output.set_quality(1);
        output.add_embedding(1);
        output.add_embedding(0);
        worker.answer(task, output);
    }

    void let_look() {
        looking_ = true;
        looking_.notify_all();
    }
    void await_look() { looks_.wait(0); }

    /// The only decision, once it is there.
    Decision decision() {
        EXPECT_TRUE(running_.eventually([this] { return !decided_.empty(); }));
        return running_.on_loop([this] {
            EXPECT_THAT(decided_, SizeIs(1));
            return decided_.empty() ? Decision{} : decided_.front();
        });
    }

    FaultyVfs disk_;  // first: it goes last
    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<MediaFetcher> fetcher_;
    std::atomic<int> looks_{0};        // of the recommender, begun
    std::atomic<bool> looking_{true};  // false: they do not end
    std::unique_ptr<Recommender> recommender_;
    std::unique_ptr<WorkerPool> pool_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::vector<Decision> decided_;  // belongs to the loop's thread
};

TEST_F(DispatcherTest, DecidesAPostByWhatItsWorkersSay) {
    open();
    auto text = worker("text", "text");
    auto image = worker("image", "image");
    post("p", "hello", true);
    answer(*text, text->next_task());
    answer(*image, image->next_task());
    const Decision made = decision();
    ASSERT_TRUE(made.pick);
    EXPECT_EQ(made.pick->post_id(), "p");
    EXPECT_EQ(made.pick->degraded_size(), 0) << made.pick->DebugString();
}

// What nobody takes yet is not decided: the post waits in the journal, where it lies already, until somebody
// does.
TEST_F(DispatcherTest, WaitsWithPostsWhoseDecisionNobodyTakesYet) {
    open();
    bool taken = false;
    std::vector<std::size_t> asked;
    running_.on_loop([&] {
        dispatcher_->set_pace([&](bool, std::size_t posts) {
            asked.push_back(posts);
            return taken;
        });
    });
    auto text = worker("text", "text");
    post("p", "hello", false);
    EXPECT_TRUE(running_.eventually([&] { return asked.size() > 3; })) << "it goes on asking";
    EXPECT_EQ(running_.on_loop([&] { return dispatcher_->active(); }), 0U);
    running_.on_loop([&] { taken = true; });
    answer(*text, text->next_task());
    EXPECT_TRUE(decision().pick);
    EXPECT_EQ(running_.on_loop([&] { return asked.front(); }), 1U);
}

// A decision that the journal refuses for good, whatever the reason: the post is in nobody's hands then, and
// must not stay there until the next start.
TEST_F(DispatcherTest, DecidesAgainWhatTheJournalRefused) {
    for (const bool dies : {false, true}) {
        SCOPED_TRACE(dies ? "a dead letter" : "a pick");
        if (!dispatcher_) open();
        auto text = worker("text", "text");
        JournalFile other(file());
        other.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON posts WHEN NEW.state != 0 BEGIN SELECT RAISE(ABORT, "
            "'no'); END");
        post(dies ? "p2" : "p1", "hello", false);
        const auto say = [&] {
            const v1::Task task = text->next_task();
            dies ? text->fail(task, "unsupported") : answer(*text, task);
        };
        say();
        EXPECT_TRUE(running_.eventually([this] {
            return dispatcher_->active() == 1 && dispatcher_->running() == 0;
        })) << "it is kept, and waits for another try";
        EXPECT_TRUE(running_.on_loop([this] { return decided_.empty(); }));
        other.execute("DROP TRIGGER refuse");
        if (!dies) say();  // what has failed for good is not asked for again
        const Decision made = decision();
        EXPECT_EQ(made.dead != nullptr, dies);
        running_.on_loop([this] { decided_.clear(); });
    }
}

// One post after the other, with a fault of the disk at the first operation of its life, then at the second,
// until its life has fewer: each is decided once, whatever has to be tried again.
TEST_F(DispatcherTest, DecidesEveryPostWhicheverOperationOfTheJournalFails) {
    open();
    auto text = worker("text", "text");
    for (const std::int64_t times : {1, 20}) {
        std::int64_t failures = 1;
        for (std::int64_t nth = 1; failures > 0; ++nth) {
            SCOPED_TRACE("operation " + std::to_string(nth));
            disk_.fail(nth, times);
            const bool dies = nth % 2 == 0;
            post("p-" + std::to_string(times) + "-" + std::to_string(nth), "hello", false);
            const v1::Task task = text->next_task();
            dies ? text->fail(task, "unsupported") : answer(*text, task);
            const Decision made = decision();
            ASSERT_EQ(made.dead != nullptr, dies);
            ASSERT_TRUE(running_.eventually([this] { return dispatcher_->active() == 0; }));
            failures = disk_.failures();
            disk_.heal();
            running_.on_loop([this] { decided_.clear(); });
            ASSERT_EQ(JournalFile(file()).number("SELECT count(*) FROM posts WHERE state = 0"), 0);
        }
    }
}

TEST_F(DispatcherTest, BuriesAPostThatTheJournalCannotGiveBack) {
    open();
    put("damaged", "\xff\xff\xff no protobuf");
    const Decision made = decision();
    ASSERT_TRUE(made.dead);
    EXPECT_EQ(made.dead->tenant(), "t");
    EXPECT_EQ(made.dead->post_id(), "damaged");
    EXPECT_EQ(made.dead->code(), "corrupt");
    EXPECT_TRUE(running_.eventually([this] { return dispatcher_->active() == 0; }));
}

TEST_F(DispatcherTest, DoesNotTryAgainWhatHasFailedForGood) {
    config_.dispatch.no_worker_ms = 50;
    open();
    auto image = worker("image", "image");
    post("p", "hello", true);
    image->fail(image->next_task(), "corrupt");
    EXPECT_TRUE(running_.eventually([this] {
        return dispatcher_->active() == 1 && dispatcher_->running() == 0;
    })) << "it waits for the worker of its text";
    auto text = worker("text", "text");
    answer(*text, text->next_task());
    const Decision made = decision();
    ASSERT_TRUE(made.pick);
    ASSERT_EQ(made.pick->degraded_size(), 1);
    EXPECT_EQ(made.pick->degraded(0).code(), "corrupt");
    EXPECT_EQ(running_.on_loop([this] { return pool_->workers().front().in_flight; }), 0U);
}

// The workers that a photo has killed count in every attempt, however the attempts before have ended.
TEST_F(DispatcherTest, RemembersWhatAPhotoDidToWorkersFromAttemptToAttempt) {
    config_.dispatch.no_worker_ms = 50;
    open();
    auto first = worker("w1", "image");
    post("p", "", true);
    EXPECT_EQ(first->next_task().modality(), "image");
    running_.on_loop([this] { pool_->worker_ended("w1"); });
    EXPECT_TRUE(running_.eventually([this] {
        return dispatcher_->active() == 1 && dispatcher_->running() == 0;
    })) << "for so long there was no worker that the attempt has failed";
    auto second = worker("w2", "image");
    EXPECT_EQ(second->next_task().modality(), "image");
    running_.on_loop([this] { pool_->worker_ended("w2"); });
    const Decision made = decision();
    ASSERT_TRUE(made.dead);
    EXPECT_EQ(made.dead->code(), "corrupt");
    EXPECT_EQ(made.dead->attempts(), 2U);
}

// Tracks that were found for an older revision come late, whether they were being looked for or still waited.
TEST_F(DispatcherTest, DecidesTheNewerRevisionWhereTheOlderOneIsBeingRecommended) {
    looking_ = false;
    open();
    auto text = worker("text", "text");
    post("first", "hello", false);
    answer(*text, text->next_task());
    await_look();
    post("waits", "hello", false);
    answer(*text, text->next_task());
    for (const auto* post_id : {"first", "waits"}) {
        const v1::Post newer = made(post_id, "better", false);
        accept(post_id, newer.SerializeAsString());
        const std::int64_t seq = JournalFile(file()).number("SELECT seq FROM posts WHERE post_id = '" +
                                                            std::string(post_id) + "'");
        running_.on_loop(
            [&] { dispatcher_->accept({.seq = seq, .revision = 2, .post = newer, .media = ""}); });
        const v1::Task task = text->next_task();
        EXPECT_EQ(task.text(), "better");
        answer(*text, task);
    }
    let_look();
    ASSERT_TRUE(running_.eventually([this] { return dispatcher_->active() == 0; }));
    running_.on_loop([this] {
        ASSERT_THAT(decided_, SizeIs(2));
        for (const Decision& made : decided_) {
            ASSERT_TRUE(made.pick);
            EXPECT_EQ(made.revision, 2U);
            EXPECT_EQ(made.pick->revision(), 2U);
        }
    });
    EXPECT_EQ(looks_, 3) << "the older one that waited is not looked for";
}

// The loop has ended and the recommender goes: nothing of what it holds has been said to be done.
TEST_F(DispatcherTest, LeavesToTheNextStartWhatIsBeingRecommended) {
    looking_ = false;
    open();
    auto text = worker("text", "text");
    for (const auto* post_id : {"p1", "p2", "p3"}) {
        post(post_id, "hello", false);
        answer(*text, text->next_task());
    }
    await_look();
    EXPECT_EQ(running_.on_loop([this] { return dispatcher_->running(); }), 3U) << "a drain waits for them";
    running_.stop();
    let_look();
    recommender_.reset();
    EXPECT_THAT(decided_, SizeIs(0));
    EXPECT_EQ(JournalFile(file()).number("SELECT count(*) FROM posts WHERE state = 0"), 3);
}

}  // namespace
}  // namespace bgm
