// A scheduler whose workers, media and time are the test's own: tasks are known by their texts, and what is
// decided is noted.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/fleet/scheduler.hpp"

namespace bgm::testing {

class SchedulerFixture : public ::testing::Test, protected Scheduler::Actions {
 protected:
    using Time = Scheduler::Time;
    struct Sent {
        TaskId task;
        std::string text;
    };
    struct Read {
        std::string worker;
        TaskId task;
        bool with_digest;
    };
    struct WorkerOffer {
        std::size_t credits = 1;
        std::set<Modality> modalities{Modality::text};
        std::size_t credit_bytes = 1 << 20;
        std::size_t batch_max = 1;
        bool standby = false;
        bool receipts = false;
    };

    void join(const std::string& worker) { join(worker, WorkerOffer{}); }
    void join(const std::string& worker, const WorkerOffer& offer) {
        scheduler_.join(worker, {.modalities = offer.modalities,
                                 .credits = offer.credits,
                                 .credit_bytes = offer.credit_bytes,
                                 .batch_max = offer.batch_max,
                                 .standby = offer.standby,
                                 .receipts = offer.receipts});
    }
    TaskId submit(const std::string& text, bool backfill = false, int deaths = 0) {
        return submit({.modality = Modality::text,
                       .backfill = backfill,
                       .text = text,
                       .lang = {},
                       .load_media = {},
                       .deaths = std::make_shared<int>(deaths)});
    }
    TaskId submit(TaskRequest request) {
        texts_[++last_task_] = request.text;
        scheduler_.submit(last_task_, std::move(request));
        return last_task_;
    }
    /// An image task; the scheduler never loads it itself.
    static TaskRequest picture(const std::string& text) {
        return {.modality = Modality::image, .text = text, .lang = {}, .load_media = []() -> Result<Frame> {
                    return Error{};
                }};
    }
    /// What the oldest read that was asked for brings.
    void read(std::size_t bytes, const std::string& digest = {}) {
        ASSERT_FALSE(reads_.empty());
        const Read next = reads_.front();
        reads_.erase(reads_.begin());
        scheduler_.media_read(next.worker, next.task, Frame(std::string(bytes, 'x')),
                              next.with_digest ? digest : std::string());
    }

    /// The texts that are with a worker, in the order of sending.
    std::vector<std::string> with(const std::string& worker) {
        std::vector<std::string> texts;
        for (const Sent& sent : with_[worker])
            texts.push_back(sent.text);
        return texts;
    }
    /// The worker answers the oldest that it has.
    std::string answer(const std::string& worker) {
        if (with_[worker].empty()) {
            ADD_FAILURE() << worker << " has nothing to answer";
            return {};
        }
        const Sent oldest = with_[worker].front();
        with_[worker].erase(with_[worker].begin());
        EXPECT_TRUE(scheduler_.answered(worker, oldest.task));
        answered_.push_back(oldest.text);
        scheduler_.serve(worker);
        return oldest.text;
    }
    std::vector<std::string> answer_all(const std::string& worker, std::size_t count) {
        std::vector<std::string> texts;
        for (; count > 0; --count)
            texts.push_back(answer(worker));
        return texts;
    }
    bool die(const std::string& worker) {
        with_[worker].clear();
        return scheduler_.leave(worker, true);
    }
    std::vector<std::string> end_leases() {
        auto late = scheduler_.end_leases();
        for (const std::string& worker : late)
            with_[worker].clear();
        return late;
    }

    bool send(const std::string& worker, TaskId task, const TaskRequest& request,
              std::optional<Frame> media) override {
        if (unreachable_.contains(worker)) return false;
        EXPECT_EQ(media.has_value(), static_cast<bool>(request.load_media));
        with_[worker].push_back({task, request.text});
        return true;
    }
    void read(const std::string& worker, TaskId task, const TaskRequest& /*request*/,
              bool with_digest) override {
        reads_.push_back({worker, task, with_digest});
    }
    void end(TaskId task, Error why) override {
        EXPECT_TRUE(ended_.emplace(texts_.at(task), why.code).second) << texts_.at(task) << " ended twice";
    }
    std::string digest(const std::string& text) override { return text; }

    Config config_;
    Time now_{};
    std::map<TaskId, std::string> texts_;
    TaskId last_task_ = 0;
    std::map<std::string, std::vector<Sent>> with_;
    std::set<std::string> unreachable_;
    std::vector<Read> reads_;
    std::map<std::string, ErrorCode> ended_;
    std::vector<std::string> answered_;
    Scheduler scheduler_{config_, [this] { return now_; }, *this};
};

}  // namespace bgm::testing
