// Questions that others put to a thread which has something of its own to do now and then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include "schemas/mutex.hpp"

namespace bgm {

/// `Answerer`: what the thread hands to each question, and no other thread may touch (its connection).
template <typename Answerer>
class QuestionQueue {
 public:
    using Question = std::function<void(Answerer)>;

    /// Any thread.
    void push(Question question) {
        {
            const MutexLock lock(mutex_);
            questions_.push_back(std::move(question));
        }
        arrived_.notify_one();
    }

    /// Waits for the next one, in the order of push(); nothing where none has come until `due`, or the thread
    /// is to end.
    std::optional<Question> next(const std::stop_token& stop, std::chrono::steady_clock::time_point due) {
        MutexLock lock(mutex_);
        arrived_.wait_until(lock, stop, due, [this]() BGM_REQUIRES(mutex_) { return !questions_.empty(); });
        if (questions_.empty()) return std::nullopt;
        Question question = std::move(questions_.front());
        questions_.pop_front();
        return question;
    }

 private:
    Mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<Question> questions_ BGM_GUARDED_BY(mutex_);
};

}  // namespace bgm
