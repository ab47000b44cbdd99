// The pool with workers that the test plays itself, over the real socket.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <map>

#include "daemon/fleet/worker_pool.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"

namespace bgm::testing {

class WorkerPoolFixture : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.endpoint = "ipc://" + (folder_.path() / "workers.sock").string();
        const std::int64_t never_ms = 3'600'000;
        config_.dispatch.text_deadline_ms = never_ms;
        config_.dispatch.image_deadline_ms = never_ms;
        config_.dispatch.no_worker_ms = never_ms;
        config_.workers.silent_ms = never_ms;
    }
    void TearDown() override { running_.stop(); }

    void open() {
        auto opened = WorkerPool::open(config_, running_.loop(), messaging_, *media_, metrics_);
        ASSERT_TRUE(opened) << opened.error().to_string();
        pool_ = std::move(*opened);
        pool_->set_kill([this](const std::string& name, std::string_view reason) {
            kills_.emplace_back(name, std::string(reason));
        });
        running_.start();
    }

    void admit_with_heads() {
        running_.on_loop([this] {
            pool_->set_admit([](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
                auto heads = HeadSet().with(hello);
                if (!heads) return heads.error();
                return WorkerPool::Admission{.heads = std::move(*heads)};
            });
        });
    }

    void admit_in_standby(const std::string& standby) {
        running_.on_loop([&] {
            pool_->set_admit([standby](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
                return WorkerPool::Admission{.heads = nullptr, .standby = hello.name() == standby};
            });
        });
    }

    std::unique_ptr<FakeWorker> worker(const std::string& name, const FakeWorker::Offer& offer = {}) {
        auto made = std::make_unique<FakeWorker>(config_.workers.endpoint, name, offer);
        EXPECT_TRUE(running_.eventually([this, &name] { return status(name).has_value(); }));
        return made;
    }

    /// On the loop's thread.
    std::optional<WorkerStatus> status(const std::string& name) const {
        for (const WorkerStatus& each : pool_->workers()) {
            if (each.name == name) return each;
        }
        return std::nullopt;
    }
    /// The supervisor sees the process end.
    bool end(const std::string& name) {
        return running_.on_loop([&] { return pool_->worker_ended(name); });
    }
    std::size_t in_flight(const std::string& name) {
        return running_.on_loop([&] { return status(name).value_or(WorkerStatus{}).in_flight; });
    }

    std::uint64_t submit(TaskRequest request) {
        return running_.on_loop([&] {
            const std::string text = request.text;
            return pool_->submit(std::move(request), [this, text](TaskAnswer answer) {
                answers_.emplace(text, std::move(answer));
            });
        });
    }
    /// An image task that is known by its text; its media is read once the latch allows it.
    static TaskRequest picture(const std::string& text, const std::string& bytes,
                               std::latch* may_end = nullptr) {
        return {.modality = Modality::image,
                .backfill = false,
                .text = text,
                .lang = "",
                .load_media = [bytes, may_end]() -> Result<Frame> {
                    if (may_end != nullptr) may_end->wait();
                    return Frame(bytes);
                }};
    }
    /// A text that has killed so many workers already.
    std::uint64_t submit_suspect(const std::string& text, int deaths, bool backfill = false) {
        return submit({.modality = Modality::text,
                       .backfill = backfill,
                       .text = text,
                       .lang = "",
                       .load_media = {},
                       .deaths = std::make_shared<int>(deaths)});
    }
    std::uint64_t submit_text(const std::string& text, bool backfill = false) {
        return submit(
            {.modality = Modality::text, .backfill = backfill, .text = text, .lang = "", .load_media = {}});
    }

    /// What was answered to the task of this text.
    TaskAnswer answer_to(const std::string& text) {
        EXPECT_TRUE(running_.eventually([&] { return answers_.contains(text); })) << text;
        return running_.on_loop([&]() -> TaskAnswer {
            EXPECT_LE(answers_.count(text), 1U) << text << " was answered twice";
            const auto found = answers_.find(text);
            if (found == answers_.end()) return Error{.message = "no answer came"};
            return found->second;
        });
    }
    void expect_own_answer(const std::string& text) {
        const TaskAnswer answer = answer_to(text);
        ASSERT_TRUE(answer) << answer.error().to_string();
        ASSERT_THAT(answer->outputs, ::testing::SizeIs(1));
        EXPECT_THAT(answer->outputs.front().notes(), ::testing::ElementsAre(text));
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<MediaStore> media_ = std::move(*MediaStore::open(folder_.path() / "media", {}));
    std::unique_ptr<WorkerPool> pool_;
    // Both belong to the loop's thread.
    std::multimap<std::string, TaskAnswer> answers_;
    std::vector<std::pair<std::string, std::string>> kills_;
};

}  // namespace bgm::testing
