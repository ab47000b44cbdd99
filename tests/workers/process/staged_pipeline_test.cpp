// An encoder made of gates stands in for decoders and networks: the tests decide what happens at the same
// time.
#include "workers/process/staged_pipeline.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <stdexcept>

namespace bgm {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadline = 20s;
constexpr auto kNever = std::chrono::milliseconds(1h);

// Opened once, from any thread.
class Gate {
 public:
    void open() {
        {
            const std::lock_guard lock(mutex_);
            open_ = true;
        }
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kDeadline, [this] { return open_; });
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

struct Prepared : PreparedTask {
    std::string text;
    std::size_t rows() const override { return text.starts_with("video") ? 4 : 1; }
};

// What the test sees and steers; outlives the pipeline.
struct Scene {
    Gate encode_may_begin;
    Gate encode_begun;
    Gate third_prepared;
    std::atomic<int> prepared{0};
    std::weak_ptr<const std::string_view> media;
    std::atomic<bool> media_alive_at_encode{false};
};

class GatedEncoder : public StagedEncoder {
 public:
    explicit GatedEncoder(Scene& scene) : scene_(scene) {}
    std::vector<Modality> modalities() const override { return {Modality::text, Modality::image}; }
    std::string model(Modality) const override { return "gated@1"; }
    std::vector<std::string> heads() const override { return {"head"}; }
    std::size_t rows_max() const override { return 4; }

    Result<std::unique_ptr<PreparedTask>> prepare(Modality, const EncodeTask& task) override {
        if (task.text == "corrupt") return Error{.code = ErrorCode::corrupt, .message = "not a text"};
        if (task.text == "throw") throw std::runtime_error("decoder threw");
        if (task.text == "memory") throw std::bad_alloc();
        auto prepared = std::make_unique<Prepared>();
        prepared->text = task.text;
        if (++scene_.prepared == 3) scene_.third_prepared.open();
        return std::unique_ptr<PreparedTask>(std::move(prepared));
    }

    std::vector<EncodeResult> encode(std::span<const std::unique_ptr<PreparedTask>> tasks) override {
        scene_.encode_begun.open();
        EXPECT_TRUE(scene_.encode_may_begin.wait());
        if (!scene_.media.expired()) scene_.media_alive_at_encode = true;
        std::vector<EncodeResult> results;
        for (const auto& task : tasks) {
            const auto& text = static_cast<const Prepared&>(*task).text;
            if (text == "refuse") {
                results.emplace_back(Error{.code = ErrorCode::internal, .message = "network"});
                continue;
            }
            results.emplace_back(std::vector{Encoding{.embedding = {1}, .model = text}});
        }
        return results;
    }

 private:
    Scene& scene_;
};

class StagedPipelineTest : public testing::Test {
 protected:
    std::unique_ptr<StagedPipeline> pipeline(std::size_t cache_entries = 0,
                                             std::chrono::milliseconds delay = kNever) {
        return std::make_unique<StagedPipeline>(
            std::make_unique<GatedEncoder>(scene_),
            PipelineOptions{.batch_delay = delay, .cache_entries = cache_entries});
    }
    void add(StagedPipeline& pipeline, const std::string& text, const std::string& modality = "text") {
        QueuedTask task;
        task.task.set_task_id(++last_id_);
        task.task.set_modality(modality);
        task.task.set_text(text);
        task.arrived = std::chrono::steady_clock::now();
        pipeline.add(std::move(task));
    }
    // The next results, as many as asked for, by task id.
    std::map<std::uint64_t, v1::TaskResult> take(StagedPipeline& pipeline, std::size_t count) {
        std::map<std::uint64_t, v1::TaskResult> results;
        const auto until = std::chrono::steady_clock::now() + kDeadline;
        while (results.size() < count && std::chrono::steady_clock::now() < until) {
            pollfd readable{.fd = pipeline.ready_fd(), .events = POLLIN, .revents = 0};
            poll(&readable, 1, 100);
            for (v1::TaskResult& result : pipeline.take_results())
                results[result.task_id()] = result;
        }
        return results;
    }

    Scene scene_;
    std::uint64_t last_id_ = 0;
};

TEST_F(StagedPipelineTest, SaysWhatItCanDo) {
    v1::Hello hello;
    pipeline()->describe(hello);
    EXPECT_EQ(hello.modalities_size(), 2);
    EXPECT_EQ(hello.models_size(), 2);
    EXPECT_EQ(hello.model(), "gated@1");
    EXPECT_EQ(hello.heads_size(), 1);
    EXPECT_EQ(hello.batch_max(), 4);
    EXPECT_EQ(hello.credits(), 8);
}

TEST_F(StagedPipelineTest, ATaskAloneWaitsForNoCompany) {
    scene_.encode_may_begin.open();
    auto pipeline = this->pipeline();
    add(*pipeline, "alone");
    const auto results = take(*pipeline, 1);
    ASSERT_EQ(results.size(), 1);
    EXPECT_EQ(results.at(1).batch_size(), 1);
    EXPECT_EQ(results.at(1).outputs(0).model(), "alone");
    EXPECT_EQ(pipeline->held(), 0);
}

TEST_F(StagedPipelineTest, ABacklogFillsItsBatches) {
    auto pipeline = this->pipeline();
    add(*pipeline, "first");
    ASSERT_TRUE(scene_.encode_begun.wait());
    for (int i = 0; i < 8; ++i)
        add(*pipeline, "later");
    EXPECT_EQ(pipeline->held(), 9);
    scene_.encode_may_begin.open();
    const auto results = take(*pipeline, 9);
    ASSERT_EQ(results.size(), 9);
    EXPECT_EQ(results.at(1).batch_size(), 1);
    for (std::uint64_t id = 2; id <= 9; ++id)
        EXPECT_EQ(results.at(id).batch_size(), 4) << id;
}

TEST_F(StagedPipelineTest, PreparesTheNextBatchWhileOneIsEncoded) {
    auto pipeline = this->pipeline();
    add(*pipeline, "first");
    ASSERT_TRUE(scene_.encode_begun.wait());
    add(*pipeline, "second");
    add(*pipeline, "third");
    EXPECT_TRUE(scene_.third_prepared.wait());  // although the first is still being encoded
    scene_.encode_may_begin.open();
    EXPECT_EQ(take(*pipeline, 3).size(), 3);
}

TEST_F(StagedPipelineTest, CountsRowsNotTasks) {
    auto pipeline = this->pipeline();
    add(*pipeline, "first");
    ASSERT_TRUE(scene_.encode_begun.wait());
    for (const char* text : {"photo", "photo", "video", "photo"})
        add(*pipeline, text);
    scene_.encode_may_begin.open();
    const auto results = take(*pipeline, 5);
    ASSERT_EQ(results.size(), 5);
    EXPECT_EQ(results.at(2).batch_size(), 2);  // the video's four rows do not fit beside two photos
    EXPECT_EQ(results.at(4).batch_size(), 1);
    EXPECT_EQ(results.at(5).batch_size(), 1);
}

TEST_F(StagedPipelineTest, AFailureBelongsToItsTaskAlone) {
    scene_.encode_may_begin.open();
    auto pipeline = this->pipeline();
    for (const char* text : {"good", "corrupt", "throw", "memory", "refuse", "good too"})
        add(*pipeline, text);
    add(*pipeline, "seen", "video");
    const auto results = take(*pipeline, 7);
    ASSERT_EQ(results.size(), 7);
    EXPECT_EQ(results.at(1).error_code(), "");
    EXPECT_EQ(results.at(2).error_code(), "corrupt");
    EXPECT_EQ(results.at(3).error_message(), "decoder threw");
    EXPECT_EQ(results.at(4).error_code(), "too_large");
    EXPECT_EQ(results.at(5).error_message(), "network");
    EXPECT_EQ(results.at(6).error_code(), "");
    EXPECT_EQ(results.at(7).error_code(), "unsupported");
}

TEST_F(StagedPipelineTest, EncodesTheSameContentOnce) {
    scene_.encode_may_begin.open();
    auto pipeline = this->pipeline(8);
    add(*pipeline, "meme");
    ASSERT_EQ(take(*pipeline, 1).size(), 1);
    add(*pipeline, "meme");
    add(*pipeline, "other");
    const auto results = take(*pipeline, 2);
    ASSERT_EQ(results.size(), 2);
    EXPECT_EQ(results.at(2).outputs(0).model(), "meme");
    EXPECT_EQ(scene_.prepared, 2);
    EXPECT_EQ(pipeline->cache_counts().hits, 1);
    EXPECT_EQ(pipeline->cache_counts().misses, 2);
}

TEST_F(StagedPipelineTest, RemembersNoFailure) {
    scene_.encode_may_begin.open();
    auto pipeline = this->pipeline(8);
    for (int round = 0; round < 2; ++round) {
        add(*pipeline, "refuse");
        ASSERT_EQ(take(*pipeline, 1).size(), 1);
    }
    EXPECT_EQ(pipeline->cache_counts().hits, 0);
}

TEST_F(StagedPipelineTest, LetsGoOfTheMediaOnceItIsPrepared) {
    auto pipeline = this->pipeline();
    auto media = std::make_shared<const std::string_view>("bytes");
    scene_.media = media;
    QueuedTask task;
    task.task.set_task_id(1);
    task.task.set_modality("image");
    task.media = std::move(media);
    pipeline->add(std::move(task));
    ASSERT_TRUE(scene_.encode_begun.wait());
    scene_.encode_may_begin.open();
    EXPECT_EQ(take(*pipeline, 1).size(), 1);
    EXPECT_FALSE(scene_.media_alive_at_encode);
}

TEST_F(StagedPipelineTest, EndsWithTasksStillWaiting) {
    scene_.encode_may_begin.open();
    auto pipeline = this->pipeline();
    for (int i = 0; i < 100; ++i)
        add(*pipeline, "late");
    pipeline.reset();
}

}  // namespace
}  // namespace bgm
