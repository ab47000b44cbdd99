// A worker that does exactly what the test says, over the real socket.
#pragma once

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workers/process/daemon_link.hpp"

namespace bgm::testing {

class FakeWorker {
 public:
    struct Offer {
        std::vector<std::string> modalities{"text"};
        std::uint32_t credits = 1;
        std::uint32_t batch_max = 1;
        std::vector<std::string> heads{};
        std::vector<std::string> models{};
        std::uint64_t credit_bytes = 0;
    };
    struct Cache {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
    };

    FakeWorker(const std::string& endpoint, const std::string& name, const Offer& offer)
        : FakeWorker(endpoint, name, name, offer) {}
    FakeWorker(const std::string& endpoint, const std::string& name, const std::string& identity,
               const Offer& offer)
        : never_(eventfd(0, EFD_CLOEXEC)) {
        auto connected = DaemonLink::connect(endpoint, identity);
        EXPECT_TRUE(connected.ok());
        link_ = std::move(*connected);
        auto& hello = *hello_.mutable_hello();
        hello.set_name(name);
        for (const std::string& modality : offer.modalities)
            hello.add_modalities(modality);
        hello.set_credits(offer.credits);
        hello.set_batch_max(offer.batch_max);
        hello.set_credit_bytes(offer.credit_bytes);
        hello.set_model("m");
        for (const std::string& head : offer.heads)
            hello.add_heads(head);
        for (const std::string& model : offer.models)
            hello.add_models(model);
        introduce();
    }
    ~FakeWorker() { close(never_); }
    FakeWorker(const FakeWorker&) = delete;
    FakeWorker& operator=(const FakeWorker&) = delete;

    /// Says Hello, once more.
    void introduce(std::uint64_t pid = 0) {
        hello_.mutable_hello()->set_pid(pid);
        link_->send(hello_);
    }
    void beat(std::uint64_t rss_bytes = 1) { beat(rss_bytes, {}); }
    void beat(std::uint64_t rss_bytes, const Cache& cache) {
        v1::FromWorker message;
        message.mutable_heartbeat()->set_rss_bytes(rss_bytes);
        message.mutable_heartbeat()->set_cache_hits(cache.hits);
        message.mutable_heartbeat()->set_cache_misses(cache.misses);
        link_->send(message);
    }

    /// The next message, beating meanwhile.
    std::optional<IncomingTask> next() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (std::chrono::steady_clock::now() < deadline) {
            if (auto message = link_->receive()) return message;
            beat();
            link_->wait(never_, never_, std::chrono::milliseconds(20));
        }
        ADD_FAILURE() << "no message came";
        return std::nullopt;
    }
    /// Says Hello where it is asked who it is, as one that was kept waiting for long.
    v1::Task next_task() {
        while (const auto message = next()) {
            if (!message->message.has_introduce()) return message->message.task();
            introduce();
        }
        return {};
    }
    std::optional<v1::Task> task_or_nothing() {
        const auto message = link_->receive();
        beat();
        return message && message->message.has_task() ? std::optional(message->message.task()) : std::nullopt;
    }
    /// The texts of the next tasks, each answered before the next is waited for.
    std::vector<std::string> answer_all(std::size_t count) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < count; ++i) {
            const v1::Task task = next_task();
            texts.push_back(task.text());
            answer(task);
        }
        return texts;
    }

    /// An honest answer, with the task's own text as its note, so that a mix-up shows.
    static v1::TaskResult honest_answer(const v1::Task& task) {
        v1::TaskResult result;
        result.set_task_id(task.task_id());
        auto& output = *result.add_outputs();
        output.set_modality(task.modality());
        output.set_model("m");
        output.add_embedding(1);
        output.set_quality(1);
        output.add_notes(task.text());
        return result;
    }
    void answer(const v1::Task& task) {
        v1::FromWorker message;
        *message.mutable_result() = honest_answer(task);
        link_->send(message);
    }
    void answer(const v1::Task& task, const v1::Output& output) {
        v1::FromWorker message;
        message.mutable_result()->set_task_id(task.task_id());
        *message.mutable_result()->add_outputs() = output;
        link_->send(message);
    }
    /// Says anything.
    void say(const v1::FromWorker& message) { link_->send(message); }
    void fail(const v1::Task& task, const std::string& code) {
        v1::FromWorker message;
        auto& result = *message.mutable_result();
        result.set_task_id(task.task_id());
        result.set_error_code(code);
        result.set_error_message("said the worker");
        link_->send(message);
    }

 private:
    int never_;
    v1::FromWorker hello_;
    std::unique_ptr<DaemonLink> link_;
};

}  // namespace bgm::testing
