// Workers, fetcher and recommender as a test plays them: what they are asked lies open, and is answered when
// the test says so. Belongs to the loop's thread.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/fleet/head_set.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm::testing {

class FakeAnalysts {
 public:
    struct Task {
        TaskId id;
        TaskRequest request;
        OnTaskDone done;
    };
    struct Fetch {
        FetchRequest request;
        MediaFetcher::Done done;
    };
    struct Question {
        std::int64_t seq;
        v1::Pick pick;
        Analysts::OnPick on_pick;
    };

    explicit FakeAnalysts(EventLoop& loop) : loop_(loop) {
        v1::Hello hello;
        hello.add_heads(head_file("m@1"));
        heads_ = HeadSet().with(hello).value();
    }

    Analysts hands() {
        return {
            .submit =
                [this](TaskRequest request, OnTaskDone done) {
                    tasks.push_back({++last_id_, std::move(request), std::move(done)});
                    return last_id_;
                },
            .cancel = [this](TaskId id) { cancelled.push_back(id); },
            .ready = [this](Modality modality) { return ready[modality]; },
            .fetch =
                [this](FetchRequest request, MediaFetcher::Done done) {
                    fetches.push_back({std::move(request), std::move(done)});
                },
            .has_catalogue = [this] { return catalogue; },
            .recommend =
                [this](std::int64_t seq, const v1::Post&, DecidedMood decided, Analysts::OnPick on_pick) {
                    questions.push_back({seq, std::move(decided.pick), std::move(on_pick)});
                    if (recommends)
                        loop_.post([this, question = take(questions)] { question.on_pick(question.pick); });
                },
            .drop = [this](std::int64_t seq) { dropped.push_back(seq); }};
    }

    /// The texts of the open tasks, in the order of asking.
    std::vector<std::string> texts() const {
        std::vector<std::string> found;
        for (const Task& task : tasks)
            found.push_back(task.request.text);
        return found;
    }
    /// Takes the open task with this text away: the test has it, and answers it or not.
    std::optional<Task> take(const std::string& text) {
        const auto found = std::ranges::find(tasks, text, [](const Task& task) { return task.request.text; });
        if (found == tasks.end()) return std::nullopt;
        Task task = std::move(*found);
        tasks.erase(found);
        return task;
    }
    template <typename Asked>
    static Asked take(std::vector<Asked>& asked) {
        Asked first = std::move(asked.front());
        asked.erase(asked.begin());
        return first;
    }

    /// What a worker makes of any task.
    TaskAnswer outputs(Modality modality) const {
        v1::Output output;
        output.set_modality(std::string(name(modality)));
        output.set_model("m@1");
        output.set_quality(1);
        output.add_embedding(1);
        output.add_embedding(0);
        return TaskOutputs{.outputs = {output}, .heads = heads_};
    }
    bool answer(const std::string& text) {
        auto task = take(text);
        if (task) task->done(outputs(task->request.modality));
        return task.has_value();
    }
    bool fail(const std::string& text, ErrorCode code) {
        auto task = take(text);
        if (task) task->done(Error{.code = code, .message = "not this one"});
        return task.has_value();
    }

    std::vector<Task> tasks;
    std::vector<TaskId> cancelled;
    std::map<Modality, std::size_t> ready;
    std::vector<Fetch> fetches;
    bool catalogue = true;
    bool recommends = true;  // at once; false: the questions wait for the test
    std::vector<Question> questions;
    std::vector<std::int64_t> dropped;

 private:
    EventLoop& loop_;
    std::shared_ptr<const HeadSet> heads_;
    TaskId last_id_ = 0;
};

}  // namespace bgm::testing
